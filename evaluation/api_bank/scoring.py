"""One predicted call against the annotated one: right, or which kind of error.

The order is the benchmark's: is there a call, can it be read, has it the right name, does it reach
its tool, does the tool refuse, does the tool's checker find another output or another input. The
call is really made in the session that is given, and changes its state. Who brings the session
into the right state is the protocol (`paper.py`, `corrected.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...environments.api_bank import LEVEL_3, Behaviour, CallRaised, Session
from ...environments.api_bank.search import SEARCH, split_keywords
from .annotations import GoldCall
from .checkers import Comparison, Mode, Part, compare
from .rules import found_tool
from .taxonomy import ErrorKind, kind_of_raised


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a call is right, and if not, why."""

    kind: ErrorKind | None
    """None: it is right."""
    differs: tuple[Part, ...] = ()
    """The parts of the envelope in which the checker finds a difference."""
    detail: str = ""
    """One line for people; empty where there is nothing to add."""

    @property
    def correct(self) -> bool:
        return self.kind is None


def score_call(
    session: Session,
    name: str,
    arguments: Mapping[str, Any],
    gold: GoldCall,
    *,
    mode: Mode,
    behaviour: Behaviour,
    any_name: bool = False,
) -> Verdict:
    """Make the call in `session` and judge it.

    `behaviour` is the session's. `any_name`: a call of another tool is made too and left to the
    annotated tool's checker, as upstream does in level 3. There, keywords are taken apart before
    capitals first.
    """
    if name != gold.name and not any_name:
        return Verdict("api_name_mismatch", ("api_name",), f"{name} in place of {gold.name}")
    arguments = as_searched(session, name, arguments)
    try:
        envelope = session.call(name, arguments)
    except CallRaised as raised:
        kind = kind_of_raised(session.catalog, name, arguments, behaviour)
        if name != gold.name:
            kind = "api_name_mismatch"
        return Verdict(kind, (), str(raised))
    found = compare(session.catalog, gold.name, envelope, gold.envelope, mode)
    if found.equal:
        return Verdict(None)
    return Verdict(*_why(name, gold, envelope, found))


def as_searched(session: Session, name: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """The arguments as the benchmark's evaluator hands them on: level 3's keywords, which are
    mostly names of tools, in words."""
    keywords = arguments.get("keywords")
    if name != SEARCH or session.catalog is not LEVEL_3 or not isinstance(keywords, str):
        return arguments
    return {**arguments, "keywords": split_keywords(keywords)}


def _why(
    name: str, gold: GoldCall, envelope: Mapping[str, Any], found: Comparison
) -> tuple[ErrorKind, tuple[Part, ...], str]:
    differs = found.differs
    if name != gold.name:
        return "api_name_mismatch", differs, f"{name} in place of {gold.name}"
    if envelope["exception"] is not None:
        return "has_exception", differs, envelope["exception"]
    if found.crashed is not None:
        return "key_error", differs, f"the checker ends with {found.crashed}"
    if name == SEARCH:
        ours, theirs = (found_tool(e.get("output")) for e in (envelope, gold.envelope))
        if ours != theirs:
            return "failed_retrieval", differs, f"{ours} found in place of {theirs}"
    if "output" in differs or "exception" in differs:
        return "output_mismatch", differs, ""
    return "input_mismatch", differs, ""
