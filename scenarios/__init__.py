"""Scenarios: what people author. The schema, the loader, variations by seed, the linter (in
`lint`) and files: `library/` to run and learn from, `training/` and `heldout/` for the student
(nothing of one is in the other), `pools/` of tools that are simulated. Loading never generates.
Imports environments and everything below."""

from .loader import (
    Problem,
    ScenarioError,
    json_schema,
    library,
    load_scenario,
    load_scenarios,
    render,
    scenario_files,
    variations,
)
from .schema import Scenario

__all__ = [
    "Problem",
    "Scenario",
    "ScenarioError",
    "json_schema",
    "library",
    "load_scenario",
    "load_scenarios",
    "render",
    "scenario_files",
    "variations",
]
