"""The same said or called twice.

Two turns are the same when their words are, but for small ones and courtesies; a turn that differs
in one name or number is another request. Short phrases ("yes", "thank you") may come back. An
answer may come back where its round's results say it again, and a call in another round, where the
user asked again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from .branch import Branch, Call
from .config import FilterConfig
from .defect import Defect, defect
from .words import STOP, folded, stem, tokens, word_set

_COURTESY = STOP | word_set(
    """please kindly could would okay alright excuse sorry oh ah hmm well hey look thing mind bother
    trouble quick quickly question favor favour help again maybe perhaps actually wondering
    possible done here sure right great"""
)
_CONTENT = {"user": 2, "assistant": 4}
"""Telling words from which on a turn is looked at; shorter ones may come back."""
_USER_WORDS = 5
_ASSISTANT_WORDS = 7


def repeats(branch: Branch, config: FilterConfig) -> Iterator[Defect]:
    """Turns and calls that come twice."""
    yield from _turns(branch, config, "user", _USER_WORDS)
    yield from _turns(branch, config, "assistant", _ASSISTANT_WORDS)
    yield from _calls(branch, config)


def _turns(branch: Branch, config: FilterConfig, role: str, least: int) -> Iterator[Defect]:
    seen: list[_Turn] = []
    for at, message in enumerate(branch.messages):
        if message.role != role or message.tool_calls or not message.content:
            continue
        turn = _Turn.of(at, branch.reading(at).tokens)
        if turn.words < least or len(turn.content) < _CONTENT[role]:
            continue
        for other in seen:
            if turn.same_as(other, config.near_same) and not (
                role == "assistant" and _same_results(branch, other.at, at)
            ):
                yield defect(f"repeated_{role}_turn", message.content, message.id)
                break
        seen.append(turn)
        del seen[:-64]  # A loop shows long before; a long dialogue must not cost its square.


@dataclass(frozen=True, slots=True)
class _Turn:
    at: int
    words: int
    core: tuple[str, ...]
    """Stems of its words in order, without small ones and courtesies."""
    content: frozenset[str]
    exact: frozenset[str]
    """Its words with digits in them."""

    @classmethod
    def of(cls, at: int, words: list[str]) -> _Turn:
        words = words[:2000]
        core = tuple(stem(word) for word in words if word not in _COURTESY)
        exact = frozenset(word for word in words if any(map(str.isdigit, word)))
        return cls(at, len(words), core, frozenset(core), exact)

    def same_as(self, other: _Turn, least: float) -> bool:
        if self.core == other.core:
            return True
        return self.exact == other.exact and _alike(self.content, other.content, least)


def _alike(left: frozenset[str], right: frozenset[str], least: float) -> bool:
    return min(len(left), len(right)) >= 4 and len(left & right) >= least * len(left | right)


def _same_results(branch: Branch, before: int, at: int) -> bool:
    """Whether the same answer is right again: its round made calls, and their results are those of
    the other answer's round or hold all that it tells."""
    here, there = _results(branch, at), _results(branch, before)
    if not here or here <= there:
        return bool(here)
    words = {word for word in branch.reading(at).tokens if len(word) > 2 and word not in STOP}
    exact = {word for word in words if any(map(str.isdigit, word))}
    returned = set(tokens(folded(" ".join(sorted(here)))))
    if exact:
        return len(exact & returned) >= 0.8 * len(exact)
    return len(words & returned) >= 0.6 * len(words)


def _results(branch: Branch, at: int) -> set[str]:
    part = next((r for r in branch.rounds if r.user < at < r.until), None)
    calls = branch.calls_in(part) if part is not None else []
    return {str(call.result)[:4000] for call in calls if call.result_at is not None}


def _calls(branch: Branch, config: FilterConfig) -> Iterator[Defect]:
    for part in branch.rounds:
        times: dict[tuple[str, str, str], int] = {}
        for call in branch.calls_in(part):
            if call.result_at is None:
                continue
            key = (*call_key(call), str(call.result)[:4000])
            times[key] = times.get(key, 0) + 1
            most = config.same_failed_calls if call.failed else config.same_calls
            if times[key] == most:
                detail = f"{call.name} {call.text[:80]}: {most} times with the same result"
                yield defect("repeated_call", detail, call.message)


def call_key(call: Call) -> tuple[str, str]:
    """What two calls have in common that ask for the same."""
    if call.problem:
        return call.name, call.text
    try:
        return call.name, orjson.dumps(call.arguments, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError:
        return call.name, call.text
