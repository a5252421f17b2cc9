"""A project over the nursery of `loopback_api`: its document, `callsheet.toml` and scenarios."""

from __future__ import annotations

from pathlib import Path

import orjson
from loopback_api import DOCUMENT

GARDEN = """
name: garden
environment: openapi:nursery
plan:
  - tool_call: add a plant with the name "rose" and the colour red
  - chitchat: spring is coming
  - tool_call: list the red plants
tester:
  checks: [plan_completed, calls_valid, {called: add_plant}, {called: list_plants}]
expect:
  calls:
    - {name: add_plant, arguments: {name: rose, colour: red}}
    - {name: list_plants, arguments: {colour: red}}
"""
SLOW = """
name: slow
environment: openapi:nursery
plan:
  - tool_call: add a plant with the name "tulip" and the colour white
  - tool_call: add a plant with the name "slow" and the colour red
  - tool_call: list the red plants
"""


def nursery_project(folder: Path, server: str, *, more: str = "", **scenarios: str) -> Path:
    """Write it into `folder`; `more` is added to the API's table of the project file."""
    (folder / "apis").mkdir()
    (folder / "apis" / "nursery.json").write_bytes(orjson.dumps(DOCUMENT))
    (folder / "callsheet.toml").write_text(
        f'[openapi.nursery]\ndocument = "apis/nursery.json"\nserver = "{server}"\n{more}\n'
    )
    (folder / "scenarios").mkdir()
    for name, text in (scenarios or {"garden": GARDEN}).items():
        (folder / "scenarios" / f"{name}.yaml").write_text(text)
    return folder
