"""Environments by name: the built-in sandboxes, API-Bank, installed ones, and `planned`.

Further ones are found through the entry point group `callsheet.environments`, whose members are
`Sandbox` objects or other `EnvironmentSource`s. Names such as `openapi:pets` are for what runs
outside; see `callsheet.environments.external`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol

from ..tools import ToolSpec
from ..tools.pool import load_pool
from .external import is_external
from .faults import FaultyEnvironment
from .planned import PlannedEnvironment
from .protocol import Environment, ToolSimulator
from .retrieval import RetrievalEnvironment, RetrievePlan
from .sandboxes import BUILT_IN
from .source import EnvironmentSource, specs_of

PLANNED = "planned"
_API_BANK = {
    "api_bank": "API_BANK",
    "api_bank:strict-upstream": "API_BANK_STRICT",
    "api_bank_level_3": "API_BANK_LEVEL_3",
    "api_bank_level_3:strict-upstream": "API_BANK_LEVEL_3_STRICT",
}
_PACKAGED = {name: f"sandboxes.{where}" for name, where in BUILT_IN.items()} | {
    name: f"api_bank.environment:{attribute}" for name, attribute in _API_BANK.items()
}
"""`module:attribute` within this room; each is imported when it is first asked for."""


class FaultPlan(Protocol):
    """What a scenario says of faults."""

    @property
    def timeout(self) -> float: ...
    @property
    def unavailable(self) -> float: ...
    @property
    def at(self) -> list[int]: ...
    @property
    def seed(self) -> int: ...


def sandbox_names() -> list[str]:
    """Names of all environments but `planned`, in alphabetical order."""
    return sorted({*_PACKAGED, *(p.name for p in entry_points(group="callsheet.environments"))})


@lru_cache(maxsize=256)
def sandbox(name: str) -> EnvironmentSource:
    """What is behind the environment of that name. Raises `ValueError` with near matches."""
    found: EnvironmentSource | None
    if name in _PACKAGED:
        module, attribute = _PACKAGED[name].split(":")
        found = getattr(import_module(f".{module}", __package__), attribute)
    else:
        found = next(
            (p.load() for p in entry_points(group="callsheet.environments") if p.name == name),
            None,
        )
    if not callable(getattr(found, "open", None)):
        known = [*sandbox_names(), PLANNED]
        raise ValueError(f"unknown environment {name!r}{_near(name, known)}")
    assert found is not None
    return found


def source_named(name: str) -> EnvironmentSource:
    """What is behind any environment's name but `planned`. Raises `ValueError`."""
    if is_external(name):
        # HTTP and its kin are imported where they are wanted.
        from .external.sources import external_source

        return external_source(name)
    return sandbox(name)


def tools_of(name: str) -> tuple[ToolSpec, ...]:
    """The tools of an environment; none for `planned`. Raises `ValueError`."""
    if name == PLANNED:
        return ()
    return tuple(specs_of(source_named(name)).values())


def environment_for(
    name: str,
    *,
    tools: Sequence[str | ToolSpec] = (),
    pool: str | Path | None = None,
    state: Mapping[str, Any] | None = None,
    now: datetime,
    seed: int,
    faults: FaultPlan | None = None,
    retrieve: RetrievePlan | None = None,
    simulator: ToolSimulator | None = None,
    source: EnvironmentSource | None = None,
) -> Environment:
    """An episode's environment. Without `tools`, all of the sandbox (or pool) are on offer; with
    `retrieve`, these are what a search can find. `source` stands in for the one of that name.

    Raises `ValueError` for an unknown environment, tool, table, column or encoder, each with near
    matches, and `ModelUnavailable` for an encoder that is not installed.
    """
    environment: Environment
    if name == PLANNED:
        if simulator is None:
            raise ValueError("planned tools need a simulator")
        if state:
            raise ValueError("state: planned tools have no tables")
        environment = PlannedEnvironment(specs_for(tools, pool), simulator)
    else:
        source = source or source_named(name)
        names = _names(source, tools)
        if names and retrieve is not None and retrieve.tool in source.tools:
            names = list(dict.fromkeys([*names, retrieve.tool]))
        environment = source.open(names, now=now, seed=seed, state=state)
    if retrieve is not None:
        environment = RetrievalEnvironment(environment, retrieve)
    if faults is not None and (faults.timeout or faults.unavailable or faults.at):
        environment = FaultyEnvironment(
            environment,
            timeout=faults.timeout,
            unavailable=faults.unavailable,
            at=faults.at,
            seed=seed ^ faults.seed,
        )
    return environment


def specs_for(tools: Sequence[str | ToolSpec], pool: str | Path | None) -> list[ToolSpec]:
    """The planned tools of a scenario. Raises `ValueError` for a name that the pool lacks."""
    known = {} if pool is None else {spec.name: spec for spec in load_pool(Path(pool))}
    if not tools:
        return list(known.values())
    found = []
    for tool in tools:
        if isinstance(tool, ToolSpec):
            found.append(tool)
        elif tool in known:
            found.append(known[tool])
        else:
            raise ValueError(f"unknown tool {tool!r}{_near(tool, known)}")
    return found


def _names(source: EnvironmentSource, tools: Sequence[str | ToolSpec]) -> list[str]:
    known = source.tools
    for tool in tools:
        if isinstance(tool, ToolSpec):
            raise ValueError(f"{tool.name}: whole tool specs belong to planned environments")
        if tool not in known:
            raise ValueError(f"unknown tool {tool!r} in {source.name}{_near(tool, known)}")
    return [str(tool) for tool in tools]


def _near(name: str, known: Iterable[str]) -> str:
    """ "; did you mean …?", or what there is."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=3)
    if close:
        return f"; did you mean {' or '.join(close)}?"
    return f"; there are: {', '.join(names[:20])}" if names else ""
