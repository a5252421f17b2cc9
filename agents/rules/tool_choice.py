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

from .reading import BLANK, Reading, read
from .tool_index import CompiledTool, ToolIndex
from .user_phrasing import IMPERATIVES
from .values import currencies, formula
from .words import act_of, stem, tokens, word_set

THRESHOLD = 1.1
"""Least score of a tool that is worth calling; a word of a tool's name that no other tool has is
worth about 2 to 5."""

_LEAD = re.compile(
    r"^(?:[\s,\"'\x00]|\b(?:so|and|also|then|please|kindly|hey|hi|hello|okay|ok|right|well|now"
    r"|oh|just"
    r"|next|first|finally|afterwards|after that|by the way|excuse me|good day|if i may|ah|yes"
    r"|can|could|would|will|may|might|you|i|i'd|i’d|we|be|so kind as|need|want|like|ask|have"
    r"|grateful|if|love|appreciate it|to|should|let's|us|go ahead|help me|the next thing|is|it|no"
    r"|trouble|not|too much|you know what|i would|for me|me|maybe|perhaps|possible|my)\b)+",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\?\s*$|\b(?:can|could|would|will) you\b|\bplease\b|\bkindly\b|\bi(?:'d| would) like\b"
    r"|\bi need\b|\bi want\b|\blet's\b|\btell me\b|\bgrateful\b|\bmay i ask\b|\bhelp me\b",
    re.IGNORECASE,
)
_OPENER = re.compile(
    r"^(?:\W*\b(?:hey|hi|hello|okay|ok|so|right|well|now|oh|and|also|then|good day|excuse me"
    r"|if i may|please|by the way)\b[\s,]*)+",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"^\W*(?:what|which|when|where|who|whose|how|is|are|do|does|did|will|am|was|were|has|have"
    r"|any)\b",
    re.IGNORECASE,
)
_OPINION = re.compile(
    r"\b(?:isn't|aren't|don't you|do you (?:like|think|ever|enjoy|feel|believe|prefer|also)"
    r"|how are you|how do you"
    r"|how's your|are you (?:a|an|ok|human|real|tired|always|happy)|right\?$|who are you"
    r"|have you ever"
    r"|what do you think|your favou?rite|can you believe|would you believe|why (?:is|are|do"
    r"|does))\b",
    re.IGNORECASE,
)
_BREAK = re.compile(
    r"(?<=[.!?;])\s+|\n+|,?\s+(?:and then|and also|and|then|plus|as well as|but)\s+"
    r"(?=(?:please\s+|also\s+|then\s+|can you\s+|could you\s+|i(?:'d"
    r"| would) like (?:you )?to\s+)*([A-Za-z']+))"
)
_WH = word_set("what which when where who how what's")
_SENTENCE_END = ".!?;\n"


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
    found: list[tuple[CompiledTool, str, float]] = []
    lead = ""
    for clause in _clauses(reading):
        best = _best(index, clause)
        if best is not None:
            found.append((best[0], lead + clause.text, best[1]))
            lead = ""
        elif found:
            tool, text, score = found[-1]
            found[-1] = (tool, f"{text} {clause.text}", score)
        else:
            lead += clause.text + " "
    return tuple(Goal(tool, text.strip(), score, reading.text) for tool, text, score in found)


def is_request(text: str) -> bool:
    """Whether the user wants something, be it possible or not."""
    if _OPINION.search(text):
        return False
    for sentence in re.split(r"(?<=[.!?])\s+", text):
        sentence = _OPENER.sub("", sentence)
        if _ASKS.search(sentence) or _QUESTION.search(sentence):
            return True
        first = tokens(_LEAD.sub("", sentence))[:1]
        if first and first[0] in IMPERATIVES:
            return True
    return False


def _clauses(reading: Reading) -> list[Reading]:
    """The message cut where a new request may begin; never inside a quotation."""
    text = reading.text
    covered = text
    for quote in reading.quotes:
        width = quote.end - quote.start
        covered = covered[: quote.start] + "q" * width + covered[quote.end :]
    start = 0
    pieces: list[str] = []
    for match in _BREAK.finditer(covered):
        word = match.group(1)
        if word is None or _begins_request(word.lower()):
            pieces.append(text[start : match.start()].strip())
            start = match.end()
    pieces.append(text[start:].strip())
    return [read(piece, reading.now) for piece in pieces if piece]


def _begins_request(word: str) -> bool:
    return word in IMPERATIVES or word in _WH


def _best(index: ToolIndex, clause: Reading) -> tuple[CompiledTool, float] | None:
    if not is_request(clause.text):
        return None
    words, acts = _words(clause)
    ranked = [(_score(tool, words, acts, clause), -i) for i, tool in enumerate(index.tools)]
    if not ranked:
        return None
    score, place = max(ranked)
    return (index.tools[-place], score) if score >= THRESHOLD else None


def _words(clause: Reading) -> tuple[frozenset[str], frozenset[str]]:
    """Stems outside quotations and times, and what the leading verb means."""
    text = clause.masked
    for quote in clause.quotes:
        text = text[: quote.start] + BLANK * (quote.end - quote.start) + text[quote.end :]
    rest = _LEAD.sub("", text)
    first = tokens(rest)[:1]
    acts = act_of(first[0]) if first else frozenset()
    if not acts and _QUESTION.search(text):
        acts = frozenset({"read", "compute"})
    return frozenset(stem(word) for word in tokens(text)), acts


_GENERIC = word_set(
    """add get set find show list check make look tell know give see do query search create new
    book order change update delete remove put take start"""
)
"""Verbs that say little about what is meant; what they do counts on its own."""
_SPECIFIC = frozenset({"delete", "update"})


def _score(
    tool: CompiledTool, words: frozenset[str], acts: frozenset[str], clause: Reading
) -> float:
    score = 0.0
    for word in sorted(words & tool.weights.keys()):
        score += tool.weights[word] * (0.3 if word in _GENERIC else 1.0)
    matched = score > 0
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
    if acts & _SPECIFIC or tool.acts & _SPECIFIC:
        return -2.0
    return -1.0


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
    return score


def closest(index: ToolIndex, reading: Reading) -> Sequence[str]:
    """Descriptions of what the tools on offer can do, for an honest refusal."""
    return [tool.description for tool in index.tools[:3]]
