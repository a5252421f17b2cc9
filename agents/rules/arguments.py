"""A call's arguments, filled from the conversation by the parameters' schemas.

Nothing is invented: what the conversation does not say stays missing, and the assistant asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .dialogue import Dialogue
from .memory import record_about, remembered
from .moments import moments_for
from .reading import Amount, Reading, Span, read, read_untimed
from .requests import is_request
from .text_values import (
    bare_numbers,
    codes,
    contents,
    leads,
    named,
    persons,
    places,
    residues,
    run_of,
    terms,
    things,
)
from .tool_choice import Goal
from .tool_index import CompiledTool, Param, type_of
from .values import chosen, currencies, formula, languages, listed, mentioned
from .words import stem, tokens

_TEXTUAL = frozenset({"content", "topic", "text", "word", "person", "place", "language"})
_ANSWERED = _TEXTUAL | {"credential", "currency", "phone", "number", "length", "enum", "list"}
"""Kinds for which a bare answer can be the value. Nobody answers with a token."""
_ORDER = ("credential", "opaque", "email", "url", "formula", "enum", "currency", "boolean", "list",
          "length", "number", "phone", "language", "word", "person", "place", "content", "topic",
          "text")  # fmt: skip
"""Kinds that can be told for sure come first: what they take is no longer free for others."""


@dataclass
class Filling:
    """The arguments of a goal as far as they are known."""

    tool: CompiledTool
    arguments: dict[str, Any] = field(default_factory=dict)
    missing: list[Param] = field(default_factory=list)
    several: list[tuple[str, list[Any]]] = field(default_factory=list)
    """A parameter for which the user named more than one value: one call for each."""

    def calls(self) -> Iterator[dict[str, Any]]:
        """The arguments of each call that the goal takes."""
        if not self.several:
            yield self._in_order(self.arguments)
            return
        name, values = self.several[0]
        for value in values:
            yield self._in_order({**self.arguments, name: value})

    def _in_order(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return {p.name: arguments[p.name] for p in self.tool.params if p.name in arguments}


def fill(goal: Goal, dialogue: Dialogue, answers: Sequence[str]) -> Filling:
    """What the conversation gives for a goal. `answers`: what the user replied to questions."""
    filler = _Filler(goal, dialogue)
    filler.from_request()
    filler.from_memory()
    for answer in answers:
        filler.from_answer(answer)
    return filler.finish()


class _Filler:
    def __init__(self, goal: Goal, dialogue: Dialogue) -> None:
        self._tool = goal.tool
        self._goal = goal
        self._dialogue = dialogue
        self._filling = Filling(goal.tool)
        self._values = self._filling.arguments
        self._used: list[str] = []
        """Texts that are taken; a value is given to one parameter only."""
        names = [w for p in goal.tool.params for w in p.parts]
        self._qualifiers = frozenset(w for w in names if w in ("old", "new", "current", "previous"))

    def from_request(self) -> None:
        reading = self._read(self._goal.text)
        record = record_about(self._goal.text, self._dialogue)
        self._values.update(moments_for(self._tool, reading, record))
        self._named(reading.masked)
        self._quoted(reading)
        self._typed(reading, self._tool.params)

    def _read(self, text: str) -> Reading:
        """The text taken apart; where no parameter takes a time, "to 19" is a number."""
        timed = self._tool.kinds & {"datetime", "date", "time", "length"}
        return read(text, self._dialogue.now) if timed else read_untimed(text, self._dialogue.now)

    def from_memory(self) -> None:
        for param in self._missing():
            if param.kind == "credential":
                for turn in reversed(self._dialogue.turns):
                    value = named(param, turn.said, siblings=_QUALIFIERS)
                    if value is not None and self._put(param, value):
                        break
                continue
            value = remembered(param, self._tool, self._goal.text, self._dialogue)
            if value is not None:
                self._put(param, value)
            elif param.kind == "place" and re.search(r"\bhere\b", self._goal.text):
                self._put(param, self._dialogue.context.get("location", ""))

    def from_answer(self, answer: str) -> None:
        if not self._missing() or evades(answer):
            return
        reading = self._read(answer)
        record = record_about(self._goal.text, self._dialogue)
        for name, value in moments_for(self._tool, reading, record, self._values).items():
            self._values.setdefault(name, value)
        self._named(reading.masked)
        self._quoted(reading, only=self._missing())
        self._typed(reading, self._missing())
        missing = self._missing()
        if len(missing) == 1 and missing[0].kind in _ANSWERED and not is_request(answer):
            bare = _bare(answer)
            if bare and len(bare.split()) <= 12:
                self._put(missing[0], bare)

    def finish(self) -> Filling:
        self._filling.missing = self._missing()
        return self._filling

    def _missing(self) -> list[Param]:
        several = [name for name, _ in self._filling.several]
        return [
            p for p in self._tool.required if p.name not in self._values and p.name not in several
        ]

    def _put(self, param: Param, value: Any) -> bool:
        """Set a value if it fits the parameter's schema, after the conversion that it wants."""
        made = converted(param, value)
        if made is None:
            return False
        self._values[param.name] = made
        if isinstance(value, str):
            self._used.append(value)
        return True

    def _free(self, value: str) -> bool:
        return bool(value) and all(value.casefold() != other.casefold() for other in self._used)

    def _named(self, text: str) -> None:
        for param in self._tool.params:
            if param.name in self._values or param.kind in ("datetime", "date", "time", "boolean"):
                continue
            if param.kind == "list" and text.count('"') > 2:
                continue
            value = named(param, text, siblings=_QUALIFIERS, rivals=self._rivals(param))
            if value is not None:
                self._put(param, self._cut(value))

    def _rivals(self, param: Param) -> tuple[str, ...]:
        """Longer names that end as this parameter's does."""
        return tuple(p.spoken for p in self._tool.params if p is not param)

    def _cut(self, value: str) -> str:
        """A value without the next parameter's name: "Oslo and date" is "Oslo"."""
        head, joint, tail = value.rpartition(" and ")
        if joint and any(p.spoken == tail.lower() for p in self._tool.params):
            return head
        return value

    def _quoted(self, reading: Reading, only: Sequence[Param] | None = None) -> None:
        """Quotations go to the parameters that the words before them speak of, else in order."""
        open_params = [
            p
            for p in (self._tool.params if only is None else only)
            if p.name not in self._values and p.kind in _TEXTUAL
        ]
        quotes = [q for q in reading.quotes if self._free(q.value)]
        for quote in list(quotes):
            before = frozenset(stem(t) for t in tokens(reading.text[: quote.start])[-3:])
            fitting = [p for p in open_params if p.stems & before or _says(p, before)]
            if fitting:
                self._take_quote(quote, fitting[0], open_params, quotes)
        for quote in list(quotes):
            ranked = sorted(open_params, key=_wish_for_quotes)
            ranked = [p for p in ranked if p.required] + [p for p in ranked if not p.required]
            if ranked:
                self._take_quote(quote, ranked[0], open_params, quotes)

    def _take_quote(
        self, quote: Span, param: Param, open_params: list[Param], quotes: list[Span]
    ) -> None:
        if self._put(param, quote.value):
            open_params.remove(param)
            quotes.remove(quote)

    def _typed(self, reading: Reading, params: Sequence[Param]) -> None:
        ranked = sorted((p for p in params if p.kind in _ORDER), key=lambda p: _ORDER.index(p.kind))
        for param in ranked:
            if param.name in self._values:
                continue
            for value in self._candidates(param, reading):
                if isinstance(value, list) and param.type != "array":
                    kept = [v for v in (converted(param, item) for item in value) if v is not None]
                    if len(kept) > 1 and not self._filling.several:
                        self._filling.several.append((param.name, kept))
                        self._used.extend(str(v) for v in value)
                        break
                    value = value[0]
                if self._put(param, value):
                    break

    def _candidates(self, param: Param, reading: Reading) -> Iterator[Any]:
        kind = param.kind
        if kind == "opaque":
            if not param.parts & _SECRET:
                found_codes = codes(param, reading, self._tool.nouns)
                yield from (code for code in found_codes if self._free(code))
                if param.required and (param.shape is None or param.pattern is not None):
                    yield from (n for n in bare_numbers(reading) if self._free(n))
        elif kind == "email":
            yield from (e.value for e in reading.emails if self._free(e.value))
        elif kind == "url":
            yield from (u.value for u in reading.urls if self._free(u.value))
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
        value = chosen(values, reading.text)
        if value is not None:
            yield value

    def _words(self, param: Param, reading: Reading) -> Iterator[Any]:
        kind = param.kind
        if kind == "person":
            yield from self._run([s for s in persons(reading) if self._free(s.value)], reading)
            if param.required:
                yield from (s.value for s in reading.openings if self._free(s.value))
        elif kind == "place":
            yield from self._place(param, reading)
        elif kind == "word":
            yield from (t for t in terms(reading) if self._free(t))
            left = residues(param, self._tool, reading, self._used)
            yield from (value for _, value in left if " " not in value)
        elif kind == "language":
            yield from (name for name in languages(reading.unquoted) if self._free(name))
            yield from (s.value for s in reading.propers if self._free(s.value))
        elif kind == "content":
            yield from (c for c in contents(reading) if self._free(c))
        if kind in ("content", "topic", "text"):
            yield from self._thing(param, reading)

    def _thing(self, param: Param, reading: Reading) -> Iterator[str]:
        nouns = self._tool.nouns | frozenset({"meet", "meeting", "reminder"})
        if not param.required:
            nouns = nouns | param.stems
            yield from (
                t for t in things(param, reading, nouns) if self._free(t) and _said_as(t, reading)
            )
            return
        names = [s.value for s in reading.propers if self._plausible(s.value)]
        left = residues(param, self._tool, reading, self._used)
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
        if not thing or any(other.casefold() in low for other in self._used if other):
            return False
        return thing.isupper() or any(
            stem(word) not in self._tool.weights for word in tokens(thing)
        )

    def _place(self, param: Param, reading: Reading) -> Iterator[Any]:
        found = [value for value in places(param, reading) if self._free(value)]
        if not found:
            return
        if not param.required:
            behind = rf"\b(?:in|at|near|from|to)\s+(?:the\s+)?{re.escape(found[0])}"
            if found[0] != "Online" and not re.search(behind, reading.text):
                return
        spans = [s for s in reading.propers if self._free(s.value)]
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
            yield from (c for c in (*others, *(c for _, c in found)) if self._free(c))

    def _list(self, param: Param, reading: Reading) -> Iterator[Any]:
        items = param.schema.get("items", {})
        if type_of(items) in ("number", "integer"):
            numbers = [_plain(a.value) for a in self._amounts(reading)]
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
                yield [q.value for q in reading.quotes if self._free(q.value)]
            run = next(
                self._run([s for s in persons(reading) if self._free(s.value)], reading), None
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
            if self._free(_said(a)) and reading.text[a.start : a.end] not in self._used
        ]

    def _number(self, param: Param, reading: Reading) -> Iterator[Any]:
        amounts = self._amounts(reading)
        rivals = [
            p for p in self._tool.params
            if p.kind in ("number", "length") and p is not param and p.name not in self._values
        ]  # fmt: skip
        fitting = [a for a in self._free_amounts(reading) if _near(param, a, reading)]
        for amount in fitting:
            self._used.append(_said(amount))
            yield _plain(amount.value)
        for amount in amounts:
            if not any(_near(rival, amount, reading) for rival in rivals):
                self._used.append(_said(amount))
                yield _plain(amount.value)


_QUALIFIERS = frozenset({"old", "new", "current", "previous"})

_SECRET = frozenset({"token", "session", "cookie"})
"""Ids that only a tool can give."""

_MARKS: dict[str, frozenset[str]] = {
    "content": frozenset(
        stem(w) for w in ["to", "say", "saying", "remind", "text", "message", "that", "note"]
    ),
    "topic": frozenset(
        stem(w)
        for w in ["about", "called", "named", "titled", "for", "the", "search", "find", "topic"]
    ),
    "word": frozenset(stem(w) for w in ["word", "define", "of", "mean", "does", "term"]),
    "person": frozenset(
        stem(w) for w in ["with", "for", "of", "contact", "name", "named", "called"]
    ),
    "place": frozenset(stem(w) for w in ["in", "at"]),
}


def _says(param: Param, before: frozenset[str]) -> bool:
    return bool(_MARKS.get(param.kind, frozenset()) & before)


def _wish_for_quotes(param: Param) -> int:
    order = ("topic", "content", "word", "text", "person", "place", "language")
    return order.index(param.kind)


def _said_as(value: str, reading: Reading) -> bool:
    """Whether a thing is introduced as such, not only the object of the sentence."""
    lead = r"(?:about|called|named|titled|regarding|concerning|for)\s+(?:the\s+|a\s+|my\s+)?"
    return re.search(lead + re.escape(value), reading.text, re.IGNORECASE) is not None


def _said(amount: Amount) -> str:
    return f"#{amount.start}"


def _plain(value: float) -> int | float:
    return int(value) if value.is_integer() else value


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
            yield _plain(when.seconds / unit)


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


_ANSWER_LEAD = re.compile(
    r"^\W*(?:(?:it'?s|it is|that'?s|that is|sure|yes|ok|okay|well|of course|make it|let's say"
    r"|use|the|my|in|at|for|to|on"
    r"|take)\b[\s,:]*)+",
    re.IGNORECASE,
)


_EVADES = re.compile(
    r"\b(?:i don'?t|i do not|i can'?t|i cannot|no idea|not sure|i have no"
    r"|unknown)\b",
    re.IGNORECASE,
)


def evades(answer: str) -> bool:
    """Whether a reply says that there is no answer."""
    return _EVADES.search(answer) is not None


def _bare(answer: str) -> str:
    """An answer without the words around it: "It's at the office, thanks." is "office"."""
    text = re.sub(r"[\s,.!]*\b(?:please|thanks|thank you)\b.*$", "", answer, flags=re.IGNORECASE)
    text = _ANSWER_LEAD.sub("", text).strip().rstrip(".!")
    head, _, tail = text.rpartition(" is ")
    return (tail if head else text).strip().strip("\"'“”")


def converted(param: Param, value: Any) -> Any:
    """The value in the parameter's type, if it fits its schema; else None."""
    kind = param.type
    if kind in ("integer", "number"):
        value = _as_number(value, kind)
        low, high = param.schema.get("minimum"), param.schema.get("maximum")
        if (
            value is None
            or (low is not None and value < low)
            or (high is not None and value > high)
        ):
            return None
        return value
    if kind == "boolean":
        if isinstance(value, str):
            return {"yes": True, "true": True, "no": False, "false": False}.get(value.lower())
        return value if isinstance(value, bool) else None
    if kind == "array":
        return value if isinstance(value, list) else listed(str(value))
    if kind == "object":
        return value if isinstance(value, dict) else None
    if "enum" in param.schema:
        return value if value in param.schema["enum"] else chosen(param.schema["enum"], str(value))
    text = str(value).strip()
    if param.kind == "currency":
        found = currencies(text)
        text = found[0][1] if found else text
    if not text or (param.pattern is not None and param.pattern.search(text) is None):
        return None
    return text


def _as_number(value: Any, kind: str) -> int | float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        found = re.search(r"-?\d+(?:\.\d+)?", value.replace(",", ""))
        if found is None:
            return None
        value = float(found.group())
    if not isinstance(value, int | float):
        return None
    if kind == "integer":
        return int(value) if float(value).is_integer() else None
    return _plain(float(value))
