"""Environments by name: the built-in sandboxes, installed ones, and `planned`.

Further sandboxes are found through the entry point group `callsheet.environments`, whose members
are `Sandbox` objects.
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
from .faults import FaultyEnvironment
from .planned import PlannedEnvironment
from .protocol import Environment, ToolSimulator
from .sandbox import Sandbox
from .sandboxes import BUILT_IN

PLANNED = "planned"


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
    """Names of all sandboxes, in alphabetical order."""
    return sorted({*BUILT_IN, *(p.name for p in entry_points(group="callsheet.environments"))})


@lru_cache(maxsize=256)
def sandbox(name: str) -> Sandbox:
    """The sandbox of that name. Raises `ValueError` with near matches."""
    if name in BUILT_IN:
        module, attribute = BUILT_IN[name].split(":")
        found = getattr(import_module(f".sandboxes.{module}", __package__), attribute)
    else:
        found = next(
            (p.load() for p in entry_points(group="callsheet.environments") if p.name == name),
            None,
        )
    if not isinstance(found, Sandbox):
        known = [*sandbox_names(), PLANNED]
        raise ValueError(f"unknown environment {name!r}{_near(name, known)}")
    return found


def tools_of(name: str) -> tuple[ToolSpec, ...]:
    """The tools of a sandbox; none for `planned`. Raises `ValueError`."""
    if name == PLANNED:
        return ()
    return tuple(tool.spec for tool in sandbox(name).tools.values())


def environment_for(
    name: str,
    *,
    tools: Sequence[str | ToolSpec] = (),
    pool: str | Path | None = None,
    state: Mapping[str, Any] | None = None,
    now: datetime,
    seed: int,
    faults: FaultPlan | None = None,
    simulator: ToolSimulator | None = None,
) -> Environment:
    """An episode's environment. Without `tools`, all of the sandbox (or pool) are on offer.

    Raises `ValueError` for an unknown environment, tool, table or column, each with near matches.
    """
    environment: Environment
    if name == PLANNED:
        if simulator is None:
            raise ValueError("planned tools need a simulator")
        if state:
            raise ValueError("state: planned tools have no tables")
        environment = PlannedEnvironment(specs_for(tools, pool), simulator)
    else:
        environment = sandbox(name).open(_names(name, tools), now=now, seed=seed, state=state)
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


def _names(environment: str, tools: Sequence[str | ToolSpec]) -> list[str]:
    known = sandbox(environment).tools
    for tool in tools:
        if isinstance(tool, ToolSpec):
            raise ValueError(f"{tool.name}: whole tool specs belong to planned environments")
        if tool not in known:
            raise ValueError(f"unknown tool {tool!r} in {environment}{_near(tool, known)}")
    return [str(tool) for tool in tools]


def _near(name: str, known: Iterable[str]) -> str:
    """ "; did you mean …?", or what there is."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=3)
    if close:
        return f"; did you mean {' or '.join(close)}?"
    return f"; there are: {', '.join(names[:20])}" if names else ""
