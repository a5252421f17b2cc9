"""Scenarios: what people author. The schema, the loader, the linter and a library of files.
Loading never generates. Imports environments and everything below."""

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
