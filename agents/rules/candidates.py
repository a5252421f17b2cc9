"""Candidates for one parameter's value in a text, the likeliest first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .conversion import plain
from .reading import Amount, Reading, Span
from .residues import residues
from .text_values import (
    bare_numbers,
    codes,
    contents,
    leads,
    persons,
    places,
    run_of,
    terms,
    things,
)
from .tool_index import CompiledTool, Param, type_of
from .values import chosen, currencies, formula, languages, listed, mentioned
from .words import stem, tokens


class Taken:
    """What has been given to a parameter already: a value is given to one only."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def take(self, value: str) -> None:
        self.texts.append(value)

    def free(self, value: str) -> bool:
        """Whether there is a value, and nobody has it yet."""
        return bool(value) and all(value.casefold() != other.casefold() for other in self.texts)


class Candidates:
    """Finds candidates for the parameters of one tool."""

    def __init__(self, tool: CompiledTool, values: Mapping[str, Any], taken: Taken) -> None:
        """`values`: the arguments so far, by name; both may grow meanwhile."""
        self._tool = tool
        self._values = values
        self._taken = taken

    def of(self, param: Param, reading: Reading) -> Iterator[Any]:
        """Values not yet converted to the parameter's type. A list for a parameter that is none
        means that several were named."""
        kind = param.kind
        if kind == "opaque":
            if not param.parts & _SECRET:
                found_codes = codes(param, reading, self._tool.nouns)
                yield from (code for code in found_codes if self._taken.free(code))
                if param.required and (param.shape is None or param.pattern is not None):
                    yield from (n for n in bare_numbers(reading) if self._taken.free(n))
        elif kind == "email":
            yield from (e.value for e in reading.emails if self._taken.free(e.value))
        elif kind == "url":
            yield from (u.value for u in reading.urls if self._taken.free(u.value))
        elif kind == "formula":
            found = formula(reading.text)
            if found is not None:
                yield found
        elif kind == "enum":
            yield from self._enum(param, reading)
        elif kind == "currency":
            yield from self._currency(param, reading)
        elif kind == "list":
            yield from self._list(param, reading)
        elif kind == "boolean":
            yield from _boolean(param, reading)
        elif kind == "length":
            yield from _length(param, reading)
            yield from self._number(param, reading)
        elif kind == "number":
            yield from self._number(param, reading)
        else:
            yield from self._words(param, reading)

    def _enum(self, param: Param, reading: Reading) -> Iterator[Any]:
        """The value that the text names; of two parameters with the same values, each gets the
        one behind its preposition, or the one whose turn it is."""
        values = param.schema["enum"]
        twins = [p for p in self._tool.params if p.schema.get("enum") == values]
        if len(twins) > 1:
            named_values = mentioned(values, reading.text)
            behind = re.compile(rf"\b(?:{'|'.join(leads(param))})\s+(?:the\s+|unit\s+)?$")
            for at, value in named_values:
                if behind.search(reading.text[:at].lower()):
                    yield value
            place = twins.index(param)
            if place < len(named_values):
                yield named_values[place][1]
            return
        for at, value in mentioned(values, reading.text):
            if any(stem(word) in param.stems for word in tokens(reading.text[:at])[-2:]):
                yield value
        value = chosen(values, reading.text)
        if value is not None:
            yield value

    def _words(self, param: Param, reading: Reading) -> Iterator[Any]:
        kind = param.kind
        if kind == "person":
            yield from self._run(
                [s for s in persons(reading) if self._taken.free(s.value)], reading
            )
            if param.required:
                yield from (s.value for s in reading.openings if self._taken.free(s.value))
        elif kind == "place":
            yield from self._place(param, reading)
        elif kind == "word":
            yield from (t for t in terms(reading) if self._taken.free(t))
            left = residues(param, self._tool, reading, self._taken.texts)
            yield from (value for _, value in left if " " not in value)
        elif kind == "language":
            yield from (name for name in languages(reading.unquoted) if self._taken.free(name))
            yield from (s.value for s in reading.propers if self._taken.free(s.value))
        elif kind == "content":
            yield from (c for c in contents(reading) if self._taken.free(c))
        if kind in ("content", "topic", "text"):
            yield from self._thing(param, reading)

    def _thing(self, param: Param, reading: Reading) -> Iterator[str]:
        nouns = self._tool.nouns | frozenset({"meet", "meeting", "reminder"})
        if not param.required:
            nouns = nouns | param.stems
            yield from (
                t
                for t in things(param, reading, nouns)
                if self._taken.free(t) and _said_as(t, reading)
            )
            return
        names = [s.value for s in reading.propers if self._plausible(s.value)]
        left = residues(param, self._tool, reading, self._taken.texts)
        if param.kind == "text":
            yield from (value for rank, value in left if rank == 0)
            yield from names
            yield from (value for rank, value in left if rank == 1)
        yield from (t for t in things(param, reading, nouns) if self._plausible(t))
        yield from names
        yield from (value for _, value in left)

    def _plausible(self, thing: str) -> bool:
        """Whether the object of a sentence can be a value: it says more than the tool's own
        documentation does."""
        low = thing.casefold()
        if not thing or any(other.casefold() in low for other in self._taken.texts if other):
            return False
        return thing.isupper() or any(
            stem(word) not in self._tool.weights for word in tokens(thing)
        )

    def _place(self, param: Param, reading: Reading) -> Iterator[Any]:
        found = [value for value in places(param, reading) if self._taken.free(value)]
        if not found:
            return
        if not param.required:
            behind = rf"\b(?:in|at|near|from|to)\s+(?:the\s+)?{re.escape(found[0])}"
            if found[0] != "Online" and not re.search(behind, reading.text):
                return
        spans = [s for s in reading.propers if self._taken.free(s.value)]
        run = run_of([s for s in spans if s.start >= reading.text.find(found[0])], reading.text)
        values = [s.value for s in run]
        if len(values) > 1 and values[0] == found[0]:
            yield values
        yield from found

    def _run(self, spans: list[Span], reading: Reading) -> Iterator[Any]:
        if not spans:
            return
        run = run_of([s for s in spans if s.start >= spans[0].start], reading.text)
        if len(run) > 1:
            yield [s.value for s in run]
        yield from (s.value for s in spans)

    def _currency(self, param: Param, reading: Reading) -> Iterator[Any]:
        found = list(currencies(reading.text))
        amounts = [a.end for a in reading.amounts] + [a.start for a in reading.amounts]
        beside = [code for at, code in found if any(abs(at - end) <= 4 for end in amounts)]
        if len(found) == 2 and len(beside) == 1:
            # "How many dollars are 80 euros": what has a number is what is given away.
            found.sort(key=lambda item: item[1] != beside[0])
        behind = [
            code
            for at, code in found
            if tokens(reading.text[:at])[-1:] in (("to",), ("into",), ("in",))
            or re.search(r"\b(?:to|into|in) (?:the )?(?:\w+ )?$", reading.text[:at])
        ]
        others = [code for _, code in found if code not in behind]
        is_target = bool(param.parts & {"target", "to", "destination", "into", "quote"})
        if is_target:
            rest = behind or [c for _, c in found[1:]]
            if len(rest) > 1:
                yield rest
            yield from rest
        else:
            yield from (c for c in (*others, *(c for _, c in found)) if self._taken.free(c))

    def _list(self, param: Param, reading: Reading) -> Iterator[Any]:
        items = param.schema.get("items", {})
        if type_of(items) in ("number", "integer"):
            numbers = [plain(a.value) for a in self._amounts(reading)]
            if numbers:
                yield numbers
        elif items.get("enum"):
            said = [v for v in items["enum"] if chosen([v], reading.text) is not None]
            if said:
                yield said
        elif items.get("format") == "email" or param.parts & {"email", "emails"}:
            if reading.emails:
                yield [e.value for e in reading.emails]
        else:
            if len(reading.quotes) > 0:
                yield [q.value for q in reading.quotes if self._taken.free(q.value)]
            run = next(
                self._run([s for s in persons(reading) if self._taken.free(s.value)], reading), None
            )
            if run is not None:
                yield run if isinstance(run, list) else [run]
            for name in sorted(param.parts):
                match = re.search(rf"\b{re.escape(name)}\b:?\s+([^.;!?]+)", reading.text)
                if match is not None:
                    yield listed(match.group(1))

    def _amounts(self, reading: Reading) -> list[Amount]:
        """Numbers that are free and no part of a name such as "Room 4"."""
        names = [s for s in reading.propers if not reading.starts_sentence(s.start)]
        return [
            a
            for a in self._free_amounts(reading)
            if not any(s.start < a.start < s.end for s in names)
        ]

    def _free_amounts(self, reading: Reading) -> list[Amount]:
        return [
            a
            for a in reading.amounts
            if self._taken.free(_said(a)) and reading.text[a.start : a.end] not in self._taken.texts
        ]

    def _number(self, param: Param, reading: Reading) -> Iterator[Any]:
        amounts = self._amounts(reading)
        rivals = [
            p for p in self._tool.params
            if p.kind in ("number", "length") and p is not param and p.name not in self._values
        ]  # fmt: skip
        fitting = [a for a in self._free_amounts(reading) if _near(param, a, reading)]
        for amount in fitting:
            self._taken.take(_said(amount))
            yield plain(amount.value)
        for amount in amounts:
            if not any(_near(rival, amount, reading) for rival in rivals):
                self._taken.take(_said(amount))
                yield plain(amount.value)


_SECRET = frozenset({"token", "session", "cookie"})
"""Ids that only a tool can give."""


def _said_as(value: str, reading: Reading) -> bool:
    """Whether a thing is introduced as such, not only the object of the sentence."""
    lead = r"(?:about|called|named|titled|regarding|concerning|for)\s+(?:the\s+|a\s+|my\s+)?"
    return re.search(lead + re.escape(value), reading.text, re.IGNORECASE) is not None


def _said(amount: Amount) -> str:
    return f"#{amount.start}"


def _near(param: Param, amount: Amount, reading: Reading) -> bool:
    """Whether the words beside a number speak of the parameter."""
    before = frozenset(stem(w) for w in tokens(reading.text[: amount.start])[-2:])
    unit = stem(amount.unit) if amount.unit else ""
    return bool(before & param.stems) or unit in param.stems | param.described


_OPPOSITES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "on": (frozenset({"on"}), frozenset({"off"})),
    "open": (frozenset({"open", "opened"}), frozenset({"close", "closed", "shut"})),
    "locked": (frozenset({"lock", "locked"}), frozenset({"unlock", "unlocked", "open"})),
    "enabled": (frozenset({"enable", "enabled", "on"}), frozenset({"disable", "disabled", "off"})),
    "active": (frozenset({"activate", "active"}), frozenset({"deactivate", "inactive", "pause"})),
    "public": (frozenset({"public"}), frozenset({"private"})),
    "muted": (frozenset({"mute", "muted"}), frozenset({"unmute", "unmuted"})),
}
"""Words for yes and for no, by what a parameter is called; the no is looked for first."""
_UNIT_SECONDS = {"second": 1, "seconds": 1, "minute": 60, "minutes": 60, "hour": 3600,
                 "hours": 3600, "day": 86400, "days": 86400, "nights": 86400, "night": 86400,
                 "week": 604800, "weeks": 604800}  # fmt: skip


def _length(param: Param, reading: Reading) -> Iterator[int | float]:
    """Lengths in the parameter's unit: named by it or its description, else minutes."""
    words = (*tokens(param.name), *tokens(str(param.schema.get("description", ""))))
    unit = next((_UNIT_SECONDS[w] for w in words if w in _UNIT_SECONDS), 60)
    for when in reading.times:
        if when.seconds is not None:
            yield plain(when.seconds / unit)


def _boolean(param: Param, reading: Reading) -> Iterator[bool]:
    said = frozenset(stem(t) for t in tokens(reading.text))
    words = frozenset(tokens(reading.text))
    for name in sorted(param.parts & _OPPOSITES.keys()):
        if words & _OPPOSITES[name][1]:
            yield False
        elif words & _OPPOSITES[name][0]:
            yield True
    if param.stems and param.stems <= said:
        negated = re.search(r"\b(?:no|not|without|don't|do not)\b", reading.text, re.IGNORECASE)
        yield negated is None
