"""A YAML 1.2 document as plain values, with the place of each of them.

Only what a scenario can need is read: mappings, lists, text, numbers, truth and null. Timestamps
stay text. Tags, repeated keys, keys that are not text, and documents that grow beyond all measure
by aliases are refused, each with line and column.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
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
_PREFIX = "tag:yaml.org,2002:"


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
    except (YAMLError, YAMLStreamError, RecursionError, ValueError) as error:
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
        if isinstance(node, MappingNode):
            return {key: self.read(value, (*path, key), depth + 1)
                    for key, value in self._entries(node, path)}  # fmt: skip
        if isinstance(node, SequenceNode):
            return [self.read(item, (*path, i), depth + 1) for i, item in enumerate(node.value)]
        assert isinstance(node, ScalarNode)
        return _scalar(node)

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
    kind = str(node.tag).removeprefix(_PREFIX)
    text = node.value
    try:
        if kind in ("str", "timestamp", "value", "merge"):
            return text
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind == "int":
            return _integer(text)
        if kind == "float":
            return _real(text)
    except ValueError:
        raise DocumentProblem(f"{text[:40]!r} is not a number", _place(node)) from None
    raise DocumentProblem(f"the tag {str(node.tag)[:60]!r} is not read here", _place(node))


def _integer(text: str) -> int:
    if text[:2] in ("0o", "0x"):
        return int(text, 0)
    return int(text.replace("_", ""))


def _real(text: str) -> float:
    name = text.lower().lstrip("+-")
    if name in (".inf", ".nan"):
        return math.nan if name == ".nan" else math.copysign(math.inf, -text.startswith("-") or 1)
    return float(text.replace("_", ""))


def _place(node: Node) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
