"""Scripted calls whose answers upstream's latest release gave: strict-upstream gives the same."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest
from api_bank_data import FOLDER, needs_data

from callsheet.environments.api_bank import CallRaised, Session, api_bank_data, level_1, level_3
from callsheet.tools.validation import problems

PROBES: list[dict[str, Any]] = (
    [] if FOLDER is None else orjson.loads((FOLDER / "probes.json").read_bytes())
)
RANDOM = {"RegisterUser": "token", "AppointmentRegistration": None}
"""Tools whose output is chance, and under which key it is."""


def answer(session: Session, probe: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"result": session.call(probe["api"], probe["param"])}
    except CallRaised as raised:
        return {"raised": raised.kind, "message": str(raised)}


def drawn(name: str, given: dict[str, Any]) -> str | None:
    """What chance gave, if it gave anything."""
    output = given.get("result", {}).get("output")
    if name not in RANDOM or output is None:
        return None
    key = RANDOM[name]
    return str(output if key is None else output[key])


def renamed(value: Any, names: dict[str, str]) -> Any:
    """`value` with other names for what chance gave."""
    text = orjson.dumps(value).decode()
    for old, new in names.items():
        text = text.replace(f'"{old}"', f'"{new}"')
    return orjson.loads(text)


@needs_data
@pytest.mark.parametrize("probes", PROBES, ids=lambda p: f"{p['session']}-{p['calls'][0]['api']}")
def test_answers_of_upstream(probes: dict[str, Any]) -> None:
    catalog = level_1() if probes["group"] == "level-1/2" else level_3()
    session = Session(catalog, data=api_bank_data(FOLDER), behaviour="strict-upstream")
    ours: dict[str, str] = {}
    for probe in probes["calls"]:
        name = probe["api"]
        expected = {k: v for k, v in probe.items() if k not in ("api", "param")}
        given = answer(session, {"api": name, "param": renamed(probe["param"], ours)})
        if expected.get("raised") == "Hang":
            # Upstream never answers; how long that was waited for is the recorder's own remark.
            assert given["raised"] == "Hang"
            continue
        theirs, mine = drawn(name, expected), drawn(name, given)
        if theirs is not None and mine is not None:
            assert re.sub("[a-z0-9]", "x", mine) == re.sub("[a-z0-9]", "x", theirs)
            ours[theirs] = mine
        back = {value: key for key, value in ours.items()}
        assert renamed(given, back) == expected, probe


@needs_data
@pytest.mark.parametrize("probes", PROBES, ids=lambda p: f"{p['session']}-{p['calls'][0]['api']}")
def test_outputs_are_what_the_tools_declare(probes: dict[str, Any]) -> None:
    catalog = level_1() if probes["group"] == "level-1/2" else level_3()
    session = Session(catalog, data=api_bank_data(FOLDER))
    for probe in probes["calls"]:
        envelope = answer(session, probe).get("result")
        if envelope is not None and envelope["exception"] is None:
            returns = catalog.apis[probe["api"]].returns or {}
            assert problems(returns, envelope["output"]) == []
