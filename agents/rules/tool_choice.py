"""From what a user says to the tools that it takes: clauses, and for each the tool that fits.

A clause is matched by words (stems weighted by how rare they are among the tools on offer), by
what its verb does to the world, and by the kinds of values in it. Below a threshold there is no
tool, and the assistant says so rather than call the nearest one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from .reading import Reading
from .requests import acts_in, clauses, is_request
from .tool_index import CompiledTool, ToolIndex
from .user_phrasing import MANNERS, TIES
from .values import chosen, currencies, formula, languages, mentioned
from .words import act_of, stem, tokens

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
        if clause.text in MANNERS or TIES.fullmatch(clause.text) is not None:
            continue
        best = _best(index, clause)
        if best is None:
            if not found:
                lead += clause.text + " "
            else:
                tool, first, text, score = found[-1]
                found[-1] = (tool, first, f"{text} {clause.text}", score)
        elif found and found[-1][0] is best[0] and _continues(best[0], found[-1][1], clause):
            tool, first, text, score = found[-1]
            found[-1] = (tool, first, f"{text} {clause.text}", max(score, best[1]))
        else:
            found.append((best[0], clause, lead + clause.text, best[1]))
            lead = ""
    return tuple(Goal(tool, text.strip(), score, reading.text) for tool, _, text, score in found)


def _continues(tool: CompiledTool, first: Reading, second: Reading) -> bool:
    """Whether a second clause for the same tool speaks of the same call: it names nothing, or
    only things of another kind than the first. ("How warm is it in the kitchen? Read the
    temperature.", "I want that job, J-734. Apply with lea@example.net.")"""
    for param in tool.params:
        if param.kind == "enum":
            ours, theirs = (chosen(param.schema["enum"], r.text) for r in (first, second))
            if ours is not None and theirs is not None and ours != theirs:
                return False
    return not _value_kinds(first) & _value_kinds(second)


def _value_kinds(reading: Reading) -> frozenset[str]:
    found = {
        "quote": reading.quotes,
        "time": reading.times,
        "amount": reading.amounts,
        "email": reading.emails,
        "name": reading.propers,
    }
    return frozenset(kind for kind, values in found.items() if values)


@lru_cache(maxsize=8192)
def goal_of_statement(index: ToolIndex, reading: Reading) -> Goal | None:
    """The tool that a message without a request may be about: "My weight today is 71 kilograms."
    It takes more words in common than a request does."""
    best = _ranked(index, reading)
    if best is None or best[1] < _SURE:
        return None
    return Goal(best[0], reading.text, best[1], reading.text)


def _best(index: ToolIndex, clause: Reading) -> tuple[CompiledTool, float] | None:
    if not is_request(clause.text, index.verbs):
        return None
    best = _ranked(index, clause)
    return best if best is not None and best[1] >= THRESHOLD else None


def _ranked(index: ToolIndex, clause: Reading) -> tuple[CompiledTool, float] | None:
    text = _POLITENESS.sub(" ", clause.unquoted)
    words, verb, acts = frozenset(stem(word) for word in tokens(text)), *acts_in(text)
    ranked: list[tuple[float, int, float]] = []
    for i, tool in enumerate(index.tools):
        score = _score(tool, words, verb, acts, clause)
        # A tool for something that the user does not speak of gives way to one for what they do.
        astray = bool(tool.nouns) and not tool.nouns & words
        ranked.append((score - 0.5 * astray, -i, score))
    if not ranked:
        return None
    _, place, score = max(ranked)
    return index.tools[-place], score


_SURE = 2.0
"""Least score of a tool that a statement is about."""

_GENERIC = frozenset(
    stem(word)
    for word in tokens(
        "add get set find show list check make look tell know give see do query search create new "
        "book order change update delete remove put take start"
    )
)
"""Verbs that say little about what is meant; what they do counts on its own."""
_READING = frozenset({"read", "compute"})
_SPECIFIC = frozenset({"delete", "update"})


def _score(
    tool: CompiledTool, words: frozenset[str], verb: str, acts: frozenset[str], clause: Reading
) -> float:
    score = 0.0
    for word in sorted(words & tool.weights.keys()):
        score += tool.weights[word] * (0.3 if word in _GENERIC else 0.6 if act_of(word) else 1.0)
    matched = score > 0
    valued = _value_score(tool, clause)
    score += 1.5 if verb in tool.verbs else 0.0
    score += _act_score(tool, acts)
    score += valued
    if not matched and not (acts & tool.acts & _SPECIFIC) and valued < 1.0:
        return 0.0
    return score


def _act_score(tool: CompiledTool, acts: frozenset[str]) -> float:
    if not acts or not tool.acts:
        return 0.0
    if acts & tool.acts:
        return 1.0
    if acts <= _READING and tool.acts & _READING:
        return 0.3
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
    if "language" in tool.kinds and languages(clause.unquoted):
        score += 1.5
    if clause.emails and "email" in tool.kinds:
        score += 0.5
    if any(p.shape is not None and p.shape.search(clause.text) for p in tool.params):
        score += 0.6
    if _HAVE.search(clause.text) and "read" in tool.acts:
        score += 1.2 if any(p.kind == "topic" for p in tool.required) else 0.0
    if "person" in tool.kinds and _BY.search(clause.text):
        score += 1.4
    for param in tool.required:
        if param.kind == "enum" and mentioned(param.schema["enum"], clause.text):
            score += 0.5
    return score + _fit(tool, clause)


_POLITENESS = re.compile(r"\bso kind as\b|\bhere is one more thing on my mind\b", re.IGNORECASE)
"""Words that are not about what is wanted."""
_BY = re.compile(r"\bby [A-Z]")
_HAVE = re.compile(
    r"\b(?:do|have) you (?:have|sell|stock|carry|got|any)\b|\b(?:got|is there) any", re.I
)
"""What asks a shop, a library or a menu for something by its name."""


def _fit(tool: CompiledTool, clause: Reading) -> float:
    """A little for each required value of a plain kind that is there, off for each that is not."""
    there = {
        "number": bool(clause.amounts),
        "length": bool(clause.amounts) or any(w.seconds is not None for w in clause.times),
        "email": bool(clause.emails),
        "content": bool(clause.quotes),
    }
    for kind in ("datetime", "date", "time"):
        there[kind] = bool(clause.times)
    return sum(0.2 if there[p.kind] else -0.2 for p in tool.required if p.kind in there)
