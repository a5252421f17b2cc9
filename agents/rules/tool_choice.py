"""From what a user says to the tools that it takes: clauses, and for each the tool that fits.

A clause is matched by words (stems weighted by how rare they are among the tools on offer), by
what its verb does to the world, and by the kinds of values in it. Below a threshold there is no
tool, and the assistant says so rather than call the nearest one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .reading import Reading
from .requests import acts_in, clauses, is_request
from .tool_index import CompiledTool, Param, ToolIndex
from .values import chosen, currencies, formula
from .words import stem, tokens

THRESHOLD = 1.1
"""Least score of a tool that is worth calling; a word of a tool's name that no other tool has is
worth about 2 to 5."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A tool to be used, and the words that say with which values."""

    tool: CompiledTool
    text: str
    score: float
    more: str = ""
    """What was said around it, in the same message."""


@lru_cache(maxsize=8192)
def goals_in(index: ToolIndex, reading: Reading) -> tuple[Goal, ...]:
    """What a message asks for, in order; empty where no tool fits."""
    found: list[tuple[CompiledTool, Reading, str, float]] = []
    lead = ""
    for clause in clauses(reading, index.verbs):
        best = _best(index, clause)
        if best is None:
            if not found:
                lead += clause.text + " "
            else:
                tool, first, text, score = found[-1]
                found[-1] = (tool, first, f"{text} {clause.text}", score)
        elif found and found[-1][0] is best[0] and _adds_nothing(best[0], found[-1][1], clause):
            tool, first, text, score = found[-1]
            found[-1] = (tool, first, f"{text} {clause.text}", max(score, best[1]))
        else:
            found.append((best[0], clause, lead + clause.text, best[1]))
            lead = ""
    return tuple(Goal(tool, text.strip(), score, reading.text) for tool, _, text, score in found)


def _adds_nothing(tool: CompiledTool, first: Reading, second: Reading) -> bool:
    """Whether a second clause for the same tool only says again what the first one asks for:
    "How warm is it in the kitchen? Read the temperature."."""
    return not _has_values(second) and (
        _POINTS_BACK.search(second.text) is not None
        or all(_choice(p, second) in (None, _choice(p, first)) for p in tool.params)
    )


def _choice(param: Param, reading: Reading) -> Any:
    return chosen(param.schema["enum"], reading.text) if param.kind == "enum" else None


_POINTS_BACK = re.compile(r"\b(?:it|them|that|this|those|these|one)\b", re.IGNORECASE)


def _has_values(reading: Reading) -> bool:
    return bool(
        reading.quotes or reading.times or reading.amounts or reading.emails or reading.propers
    )


def _best(index: ToolIndex, clause: Reading) -> tuple[CompiledTool, float] | None:
    if not is_request(clause.text, index.verbs):
        return None
    text = clause.unquoted
    words, verb, acts = frozenset(stem(word) for word in tokens(text)), *acts_in(text)
    ranked: list[tuple[float, int, float]] = []
    for i, tool in enumerate(index.tools):
        score = _score(tool, words, verb, acts, clause)
        # A tool for something that the user does not speak of gives way to one for what they do.
        astray = bool(tool.nouns) and not tool.nouns & words
        ranked.append((score - astray, -i, score))
    if not ranked:
        return None
    _, place, score = max(ranked)
    return (index.tools[-place], score) if score >= THRESHOLD else None


_GENERIC = frozenset(
    stem(word)
    for word in tokens(
        "add get set find show list check make look tell know give see do query search create new "
        "book order change update delete remove put take start"
    )
)
"""Verbs that say little about what is meant; what they do counts on its own."""
_SPECIFIC = frozenset({"delete", "update"})


def _score(
    tool: CompiledTool, words: frozenset[str], verb: str, acts: frozenset[str], clause: Reading
) -> float:
    score = 0.0
    for word in sorted(words & tool.weights.keys()):
        score += tool.weights[word] * (0.3 if word in _GENERIC else 1.0)
    matched = score > 0
    score += 1.0 if verb in tool.verbs else 0.0
    score += _act_score(tool, acts)
    score += _value_score(tool, clause)
    if not matched and not (acts & tool.acts & _SPECIFIC) and "formula" not in tool.kinds:
        return 0.0
    return score


def _act_score(tool: CompiledTool, acts: frozenset[str]) -> float:
    if not acts or not tool.acts:
        return 0.0
    if acts & tool.acts:
        return 1.0
    if "delete" in acts or "delete" in tool.acts:
        return -2.0
    if "read" in acts or "read" in tool.acts:
        return -1.5
    return -0.7


def _value_score(tool: CompiledTool, clause: Reading) -> float:
    """Values that the tool takes speak for it, values that it cannot take speak against it."""
    score = 0.0
    takes_times = bool(tool.kinds & {"datetime", "date", "time", "length"})
    if clause.times:
        score += 0.4 if takes_times else -0.3
    if "formula" in tool.kinds:
        score += 3.0 if formula(clause.text) is not None else -0.5
    if "currency" in tool.kinds:
        score += 0.8 * min(2, len(currencies(clause.text)))
    if clause.emails and "email" in tool.kinds:
        score += 0.5
    if any(p.shape is not None and p.shape.search(clause.text) for p in tool.params):
        score += 0.6
    return score


def closest(index: ToolIndex, reading: Reading) -> Sequence[str]:
    """Descriptions of what the tools on offer can do, for an honest refusal."""
    return [tool.description for tool in index.tools[:3]]
