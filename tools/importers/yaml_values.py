"""A YAML 1.2 document as plain values, fast enough for tens of megabytes, and safe.

Read from the parser's events, by libyaml where PyYAML is installed (20 MB a second; YAML 1.1 are
only its *values*, which are not used) and else by ruamel.yaml (under 1 MB a second).
Values follow YAML 1.2's core schema: `no`, `on`, `12:30` and dates stay text, and so does `0123`,
which is somebody's code more often than a number. Keys are always text (`200:` is "200"). The merge
key `<<` is honoured, because API documents use it. Aliases share one value in memory; a document
that would grow beyond all measure with its aliases written out is refused. Tags are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .keywords import clean_text

MAX_VALUES = 20_000_000
"""Values in a document with its aliases written out."""
MAX_DEPTH = 500

_READ_TWICE = 4_000_000
"""Characters up to which a text that the fast parser refuses is given to the slow one."""

_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_BASED = re.compile(r"0(o[0-7]{1,21}|x[0-9a-fA-F]{1,16})")
_WORDS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


class NotYaml(ValueError):
    """The text is no YAML that can be taken; the message says where and why, in one line."""


def read_yaml(text: str) -> tuple[Any, list[str]]:
    """The document's value, and the keys that stand twice in one mapping ("line 3: name"); the
    first is kept. Raises `NotYaml`."""
    try:
        return _read(_by_libyaml(text))
    except ImportError:
        return _read(_by_ruamel(text))
    except NotYaml:
        # libyaml refuses a little that YAML 1.2 allows, such as `[:a]`; the slow parser decides.
        if len(text) > _READ_TWICE:
            raise
        return _read(_by_ruamel(text))


def _read(events: Iterator[Any]) -> tuple[Any, list[str]]:
    builder = _Builder()
    try:
        for event in events:
            builder.take(event)
    except _errors() as error:
        raise NotYaml(f"not YAML: {' '.join(str(error).split())[:300]}") from None
    return builder.value, builder.twice


def _by_libyaml(text: str) -> Iterator[Any]:
    # The parser alone: it has no constructors, so that no tag can ever make an object.
    from yaml.cyaml import CParser

    parser = CParser(text)
    while parser.check_event():
        yield parser.get_event()


def _by_ruamel(text: str) -> Iterator[Any]:
    from ruamel.yaml import YAML

    yield from YAML(typ="safe", pure=True).parse(text)


def _errors() -> tuple[type[Exception], ...]:
    from ruamel.yaml.error import YAMLError, YAMLStreamError

    known: tuple[type[Exception], ...] = (YAMLError, YAMLStreamError, RecursionError)
    try:
        from yaml.error import YAMLError as LibYamlError
    except ImportError:
        return known
    return (*known, LibYamlError)


_NO_KEY = object()


class _Open:
    """A mapping or list that has begun and not ended."""

    __slots__ = ("anchor", "key", "merged", "value", "weight")

    def __init__(self, value: Any, anchor: str | None) -> None:
        self.value = value
        self.anchor = anchor
        self.key: Any = _NO_KEY
        self.merged: list[Any] = []
        self.weight = 1


class _Builder:
    """Builds values from events; recursion-free, so that depth is a matter of its own limit."""

    def __init__(self) -> None:
        self.value: Any = None
        self.twice: list[str] = []
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._documents = 0

    def take(self, event: Any) -> None:
        kind = type(event).__name__
        if kind == "ScalarEvent":
            self._scalar(event)
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            if len(self._stack) >= MAX_DEPTH:
                raise NotYaml(f"{_line(event)}: deeper than {MAX_DEPTH} levels")
            self._stack.append(_Open({} if kind[0] == "M" else [], event.anchor))
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            done = self._stack.pop()
            self._merge(done)
            self._add(done.value, done.weight, done.anchor, event)
        elif kind == "AliasEvent":
            if event.anchor not in self._anchors:
                raise NotYaml(f"{_line(event)}: *{event.anchor} stands inside or before what it "
                              "means")  # fmt: skip
            value, weight = self._anchors[event.anchor]
            self._add(value, weight, None, event)
        elif kind == "DocumentStartEvent":
            self._documents += 1
            if self._documents > 1:
                raise NotYaml(f"{_line(event)}: a second document begins; give one a file")

    def _scalar(self, event: Any) -> None:
        text = event.value if event.value.isascii() else clean_text(event.value)
        place = self._stack[-1] if self._stack else None
        if place is not None and place.key is _NO_KEY and isinstance(place.value, dict):
            if event.anchor:
                self._anchors[event.anchor] = (text, 1)
            self._key(place, text, event)
            return
        value = plain_value(text) if event.implicit[0] else text
        self._add(value, 1, event.anchor, event)

    def _add(self, value: Any, weight: int, anchor: str | None, event: Any) -> None:
        if anchor:
            self._anchors[anchor] = (value, weight)
        if not self._stack:
            self.value = value
            return
        place = self._stack[-1]
        place.weight += weight
        if place.weight > MAX_VALUES:
            raise NotYaml(f"{_line(event)}: too large once its aliases are written out")
        if isinstance(place.value, list):
            place.value.append(value)
        elif place.key is _NO_KEY:
            if not isinstance(value, str):
                raise NotYaml(f"{_line(event)}: a key is one word, not a list or mapping")
            self._key(place, value, event)
        else:
            self._put(place, value)

    def _key(self, place: _Open, text: str, event: Any) -> None:
        if text in place.value:
            self.twice.append(f"{_line(event)}: {text[:100]}")
            place.key = None  # its value is read, and dropped
        elif text == "<<" and getattr(event, "style", None) in (None, ""):
            place.key = place.merged
        else:
            place.key = text

    @staticmethod
    def _put(place: _Open, value: Any) -> None:
        key, place.key = place.key, _NO_KEY
        if key is place.merged:
            place.merged += value if isinstance(value, list) else [value]
        elif key is not None:
            place.value[key] = value

    @staticmethod
    def _merge(done: _Open) -> None:
        for base in done.merged:
            if isinstance(base, dict):
                for name, value in base.items():
                    done.value.setdefault(name, value)


def plain_value(text: str) -> Any:
    """What an unquoted scalar means in YAML 1.2's core schema; see above for `0123`."""
    if text in _WORDS:
        return _WORDS[text]
    first = text[0]
    if not (first in "+-." or first.isdigit()) or len(text) > 40:
        return text
    if _NUMBER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if abs(number) < float("inf") else text
    if _BASED.fullmatch(text):
        return int(text[2:], 8 if text[1] == "o" else 16)
    return text


def _line(event: Any) -> str:
    return f"line {event.start_mark.line + 1}"
