"""A call's arguments, filled from the conversation by the parameters' schemas.

Nothing is invented: what the conversation does not say stays missing, and the assistant asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .candidates import Candidates, Taken
from .conversion import converted
from .dialogue import Dialogue
from .labelled import labelled
from .labels import words_of
from .memory import record_about, remembered
from .moments import moments_for
from .named_values import named
from .reading import Reading, Span, read, read_untimed
from .replies import bare_answer, evades
from .requests import is_request
from .tool_choice import Goal
from .tool_index import CompiledTool, Param
from .words import stem, tokens, word_set

_TEXTUAL = frozenset({"content", "topic", "text", "word", "person", "place", "language"})
_ANSWERED = _TEXTUAL | {"credential", "currency", "phone", "number", "length", "enum", "list"}
"""Kinds for which a bare answer can be the value. Nobody answers with a token."""
_SURE = frozenset({"email", "url", "enum", "currency", "formula", "length", "number", "opaque"})
"""Kinds whose values nothing else looks like."""
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
    settled: set[str] = field(default_factory=set)
    """Names of the arguments that went without saying."""
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
    for answer in answers:
        filler.from_labelled_answer(answer)
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
        self._taken = Taken()
        self._has_labelled = False
        self._candidates = Candidates(goal.tool, self._values, self._taken)

    def from_request(self) -> None:
        reading = self._read(self._labelled(self._goal.text, self._tool.params))
        for param in self._missing():
            value = self._settled(param)
            if value is not None and self._put(param, value):
                self._filling.settled.add(param.name)
        record = record_about(self._goal.text, self._dialogue)
        self._values.update(moments_for(self._tool, reading, record, self._values))
        self._named(reading.masked)
        self._quoted(reading)
        params: Sequence[Param] = self._tool.params
        if self._has_labelled:
            # Who says what is what leaves nothing to be guessed from the other words.
            params = [p for p in self._missing() if p.kind in _SURE]
        self._typed(reading, params)

    def _labelled(self, text: str, params: Sequence[Param]) -> str:
        """Take what is introduced by its parameter's label; the text without it."""
        found, rest, introduced = labelled(self._tool, text, params)
        self._has_labelled = self._has_labelled or introduced
        by_name = self._tool.by_name
        for name, value in found.items():
            param = by_name[name]
            if isinstance(value, list) and param.type != "array":
                kept = [v for v in (converted(param, item) for item in value) if v is not None]
                if len(kept) > 1 and not self._filling.several:
                    self._filling.several.append((name, kept))
                value = value[0]
            if all(name != other for other, _ in self._filling.several):
                self._put(param, value)
        return rest

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
            if isinstance(value, str) and param.type in ("integer", "number"):
                value = value if value.replace(".", "", 1).isdigit() else None
            if value is not None:
                if self._put(param, value):
                    self._filling.settled.add(param.name)
            elif param.kind == "place" and re.search(r"\bhere\b", self._goal.text):
                self._put(param, self._dialogue.context.get("location", ""))

    def _settled(self, param: Param) -> Any:
        """What needs no saying: the one value allowed, a fact of the context, or what holds for
        the whole conversation, such as the project, once somebody has said it."""
        only = param.schema.get("enum", ())
        if "const" in param.schema or len(only) == 1:
            return param.schema.get("const", only[0] if only else None)
        told = param.label.casefold().replace(" ", "_")
        if told in self._dialogue.context and told not in ("now", "weekday", "location"):
            return self._dialogue.context[told]
        if lasting(param.label):
            wanted = words_of(param.name)
            for turn in reversed(self._dialogue.turns):
                for made in reversed(turn.made):
                    for name, value in made.arguments.items():
                        if words_of(name) == wanted:
                            return value
        return None

    def from_labelled_answer(self, answer: str) -> None:
        """What the user told by its name comes before whatever results may hold."""
        if not evades(answer):
            self._labelled(answer, self._missing())

    def from_answer(self, answer: str) -> None:
        if not self._missing() or evades(answer):
            return
        reading = self._read(self._labelled(answer, self._missing()))
        record = record_about(self._goal.text, self._dialogue)
        for name, value in moments_for(self._tool, reading, record, self._values).items():
            self._values.setdefault(name, value)
        self._named(reading.masked)
        self._quoted(reading, only=self._missing())
        self._typed(reading, self._missing())
        missing = self._missing()
        if len(missing) == 1 and missing[0].kind in _ANSWERED and not is_request(answer):
            bare = bare_answer(answer)
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
            self._taken.take(value)
        return True

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
        quotes = [q for q in reading.quotes if self._taken.free(q.value)]
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
            for value in self._candidates.of(param, reading):
                if isinstance(value, list) and param.type != "array":
                    kept = [v for v in (converted(param, item) for item in value) if v is not None]
                    if len(kept) > 1 and not self._filling.several:
                        self._filling.several.append((param.name, kept))
                        for item in value:
                            self._taken.take(str(item))
                        break
                    value = value[0]
                if self._put(param, value):
                    break


_LASTING = word_set(
    """subscription account project workspace tenant organization realm region company environment
    resource-group version season"""
)


def lasting(label: str) -> bool:
    """Whether what is called so holds for a whole conversation, once it is said: the project, the
    API version; not the order, which may be another one next time."""
    words = [w.casefold() for w in label.split() if w not in ("ID", "name", "code", "number")]
    return bool(words) and (words[-1] in _LASTING or "-".join(words[-2:]) in _LASTING)


_CONFIGURED = frozenset(
    [
        "api version", "api key", "x api key", "access token", "authorization",
        "client version", "content type", "accept",
    ]
)  # fmt: skip


def configured(label: str) -> bool:
    """Whether deployed assistants are configured with what is called so, rather than told it."""
    return label.casefold() in _CONFIGURED


_QUALIFIERS = frozenset({"old", "new", "current", "previous"})

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
