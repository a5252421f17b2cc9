"""A YAML 1.2 document as plain values, with the place of each of them.

Only what a scenario can need is read: mappings, lists, text, numbers, truth and null. Timestamps
stay text. Tags, repeated keys, keys that are not text, numbers that JSON cannot hold, and documents
that grow beyond all measure by aliases are refused, each with line and column.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError, YAMLStreamError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

MAX_BYTES = 4 * 1024 * 1024
MAX_VALUES = 200_000
"""Values in a document with its aliases written out."""
MAX_DEPTH = 64

Path = tuple[str | int, ...]
_UNPLACED = (YAMLError, YAMLStreamError, RecursionError, ValueError, AssertionError, KeyError)
"""What ruamel raises without a place. A `%YAML 1.3` line is an assertion to it, and a missing key
where Python runs without assertions."""
_PREFIX = "tag:yaml.org,2002:"
_MAP, _SEQ = f"{_PREFIX}map", f"{_PREFIX}seq"


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a document, counted from 1."""

    line: int
    column: int


class DocumentProblem(ValueError):
    """The text is not a document that can be read; `place` says where."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.place = place


@dataclass
class Document:
    """A document's value and the places of its parts."""

    value: Any
    places: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    """Where the key of a mapping's entry stands; `places` holds where its value does."""
    padded: dict[Path, str] = field(default_factory=dict)
    """Numbers with zeros in front, as they are written; 0123 is 123 in YAML 1.2."""

    def place(self, path: Path) -> Place:
        """Where `path` stands, or the innermost part of it that the document has."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.places:
                return self.places[path[:length]]
        return Place(1, 1)


def read_document(payload: bytes) -> Document:
    """Read one document. Raises `DocumentProblem`."""
    if len(payload) > MAX_BYTES:
        raise DocumentProblem(f"longer than {MAX_BYTES // 1024 // 1024} MB", Place(1, 1))
    try:
        text = payload.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = payload[: error.start].count(b"\n") + 1
        raise DocumentProblem("not UTF-8 text", Place(line, 1)) from None
    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(1, 1) if mark is None else Place(mark.line + 1, mark.column + 1)
        raise DocumentProblem(f"not YAML: {error.problem or error.context}", place) from None
    except _UNPLACED as error:
        raise DocumentProblem(f"not YAML: {_first_line(error)}", Place(1, 1)) from None
    document = Document(None)
    if node is not None:
        document.value = _Reader(document).read(node, (), 0)
    return document


class _Reader:
    """Turns nodes into values and notes their places."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._count = 0

    def read(self, node: Node, path: Path, depth: int) -> Any:
        self._count += 1
        if self._count > MAX_VALUES or depth > MAX_DEPTH:
            raise DocumentProblem("too large or too deep once its aliases are written out",
                                  _place(node))  # fmt: skip
        self._document.places[path] = _place(node)
        if not isinstance(node, ScalarNode) and str(node.tag) not in (_MAP, _SEQ):
            raise DocumentProblem(_strange(node), _place(node))
        if isinstance(node, MappingNode):
            return {key: self.read(value, (*path, key), depth + 1)
                    for key, value in self._entries(node, path)}  # fmt: skip
        if isinstance(node, SequenceNode):
            return [self.read(item, (*path, i), depth + 1) for i, item in enumerate(node.value)]
        assert isinstance(node, ScalarNode)
        value = _scalar(node)
        if isinstance(value, int | float) and _PADDED.match(node.value):
            self._document.padded[path] = node.value
        return value

    def _entries(self, node: MappingNode, path: Path) -> Iterator[tuple[str, Node]]:
        seen: dict[str, bool] = {}
        for key_node, value in node.value:
            if not isinstance(key_node, ScalarNode):
                raise DocumentProblem("a key is one word, not a list or mapping", _place(key_node))
            key = key_node.value
            if key in seen:
                raise DocumentProblem(f"the key {key!r} stands here twice", _place(key_node))
            seen[key] = True
            self._document.keys[(*path, key)] = _place(key_node)
            yield key, value


def _scalar(node: ScalarNode) -> Any:
    """A scalar by YAML 1.2's core schema. ruamel's own resolver also takes `1_000` and `0b11` for
    numbers, and under a `%YAML 1.1` line `on` for true; here they are text."""
    kind = str(node.tag).removeprefix(_PREFIX)
    text = str(node.value)
    if kind not in _KINDS:
        raise DocumentProblem(_strange(node), _place(node))
    if kind in ("null", "bool", "int", "float"):
        for pattern, convert in _CORE:
            if pattern.fullmatch(text):
                return _bounded(convert, text, node)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise DocumentProblem("half a surrogate pair is no character", _place(node)) from None
    return text


def _bounded(convert: Callable[[str], Any], text: str, node: Node) -> Any:
    try:
        value = convert(text)
    except ValueError:  # CPython reads no integer of more than 4,300 digits
        value = math.inf
    if isinstance(value, float) and not math.isfinite(value):
        raise DocumentProblem(f"{text[:40]} is no number that JSON can hold", _place(node))
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        raise DocumentProblem(f"{text[:40]} is beyond 64 bits; put it in quotes", _place(node))
    return value


_PADDED = re.compile("[-+]?0[0-9]")
_KINDS = frozenset({"str", "null", "bool", "int", "float", "timestamp", "value", "merge"})
_CORE: tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...] = (
    (re.compile("null|Null|NULL|~|"), lambda text: None),
    (re.compile("true|True|TRUE"), lambda text: True),
    (re.compile("false|False|FALSE"), lambda text: False),
    (re.compile("[-+]?[0-9]+"), int),
    (re.compile("0o[0-7]+|0x[0-9a-fA-F]+"), lambda text: int(text, 0)),
    (re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"), float),
    (re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"), lambda text: math.nan),
)


def _place(node: Node) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def _strange(node: Node) -> str:
    return f"the tag {str(node.tag)[:60]!r} is not read here"
