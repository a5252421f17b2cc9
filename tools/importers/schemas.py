"""Schemas of documents as JSON Schema 2020-12: self-contained, and bounded in depth and size.

Local references are written out, breadth first, so that a schema too large to keep loses its depths
and not its last properties; a schema that holds itself is cut where it comes round again. What is
cut accepts anything of its type. `allOf` is merged; `oneOf` becomes `anyOf`, because documents
rarely mean that only one may fit, and a cut branch fits everything. `not`, conditions and the like
are left out. All of that only widens a schema, and all of it is counted.

Nothing is fetched: a reference to another document stays open, and is reported.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs

from .draft import one_line
from .keywords import clean_text, nullable, own_keywords
from .references import Resolve, Unresolved

_PARTS = 64
"""Schemas merged by one `allOf`, counting nested ones."""
_WIDER = frozenset(("not", "if", "then", "else", "dependentSchemas", "dependencies", "contains",
          "unevaluatedProperties", "unevaluatedItems", "propertyNames", "$dynamicRef"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a schema is kept."""

    depth: int
    """Levels of properties, items and alternatives."""
    nodes: int
    """Schemas in all."""
    text: int
    """Characters of descriptions in all."""
    description: int = 1000
    """Characters of one description."""


PARAMETERS = Limits(depth=7, nodes=800, text=120_000)
RETURNS = Limits(depth=5, nodes=300, text=30_000)


@dataclass(slots=True)
class Converted:
    """A schema that can be used, and what was done to it."""

    schema: dict[str, Any]
    left_out: Counter[str] = field(default_factory=Counter)
    unresolved: list[tuple[str, str]] = field(default_factory=list)
    """(kind, reason) of references that lead nowhere; each accepts anything."""


def convert(
    schema: Any, resolve: Resolve, limits: Limits = PARAMETERS, *, drop: str | None = None
) -> Converted:
    """`schema` as a self-contained one. `drop` names a flag (`readOnly`) whose properties go."""
    walk = _Walk(resolve, limits, drop)
    result = Converted(walk.run(schema), walk.left_out, walk.unresolved)
    try:
        jsonschema_rs.Draft202012Validator(result.schema, retriever=_refuse)
    except (ValueError, TypeError, RecursionError) as error:
        result.schema = {}
        result.unresolved.append(("unusable-schema", one_line(error)))
    return result


def merged(schema: Any, resolve: Resolve) -> dict[str, Any]:
    """`schema` itself with its references and `allOf` written into it, its properties not. Raises
    `Unresolved`."""
    walk = _Walk(resolve, PARAMETERS, None)
    result = walk._merged(schema, frozenset())[0] if isinstance(schema, dict) else {}
    if walk.unresolved:
        raise Unresolved(*walk.unresolved[0])
    return result


def required_names(schema: Mapping[str, Any]) -> list[str]:
    """Names of the required properties, also where draft 3 says it at the property."""
    given = schema.get("required")
    names = [name for name in given if isinstance(name, str)] if isinstance(given, list) else []
    group = schema.get("properties")
    if isinstance(group, dict):
        names += [name for name, raw in group.items()
                  if isinstance(raw, dict) and raw.get("required") is True
                  and isinstance(name, str)]  # fmt: skip
    return list(dict.fromkeys(clean_text(name) for name in names))


def _refuse(uri: str) -> Any:
    raise ValueError(f"refers to {uri}, and nothing is fetched")


Trail = frozenset[str]
_Job = tuple[Any, dict[str, Any], int, Trail]


class _Walk:
    def __init__(self, resolve: Resolve, limits: Limits, drop: str | None) -> None:
        self._resolve = resolve
        self._limits = limits
        self._drop = drop
        self._nodes = 1
        self._text = limits.text
        self._jobs: deque[_Job] = deque()
        self.left_out: Counter[str] = Counter()
        self.unresolved: list[tuple[str, str]] = []

    def run(self, schema: Any) -> dict[str, Any]:
        root: dict[str, Any] = {}
        self._jobs.append((schema, root, 0, frozenset()))
        while self._jobs:
            self._node(*self._jobs.popleft())
        return root

    def _node(self, raw: Any, target: dict[str, Any], depth: int, trail: Trail) -> None:
        if isinstance(raw, bool):
            if not raw:
                target["not"] = {}
            return
        if not isinstance(raw, dict):
            self.left_out["schema that is no object"] += raw is not None
            return
        merged, trail, round_again = self._merged(raw, trail)
        target.update(own_keywords(merged, self.left_out))
        self._describe(merged, target)
        if not _WIDER.isdisjoint(merged):
            self.left_out["condition or negation"] += 1
        children = list(self._children(merged))
        if round_again:
            self.left_out["part that holds itself"] += 1
        elif children and depth >= self._limits.depth:
            self.left_out["part that lies too deep"] += 1
        else:
            self._descend(merged, target, children, depth, trail)

    def _descend(
        self,
        merged: Mapping[str, Any],
        target: dict[str, Any],
        children: list[tuple[str, str, Any]],
        depth: int,
        trail: Trail,
    ) -> None:
        room = max(0, self._limits.nodes - self._nodes)
        if len(children) > room:
            self.left_out["part beyond the size that is kept"] += len(children) - room
        whole = len(children) <= room
        self._nodes += min(room, len(children))
        for keyword, name, raw in children[:room]:
            child: dict[str, Any] = {}
            if keyword in ("properties", "patternProperties"):
                target.setdefault(keyword, {})[name] = child
            elif keyword in ("items", "additionalProperties"):
                target[keyword] = child
            elif whole:
                target.setdefault(keyword, []).append(child)
            else:
                continue  # alternatives are kept all together, or they would forbid
            self._jobs.append((raw, child, depth + 1, trail))
        if whole and merged.get("additionalProperties") is False:
            target["additionalProperties"] = False
        names = target.get("properties", {})
        required = [name for name in required_names(merged) if name in names]
        if required:
            target["required"] = required
        if target.get("anyOf") and nullable(merged):
            target["anyOf"].append({"type": "null"})

    def _children(self, merged: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
        for keyword in ("properties", "patternProperties"):
            group = merged.get(keyword)
            if isinstance(group, dict):
                for name, raw in group.items():
                    if not isinstance(name, str) or (
                        keyword == "patternProperties" and not _a_pattern(name)
                    ):
                        self.left_out["property whose name is no text"] += 1
                    elif self._drop and isinstance(raw, dict) and raw.get(self._drop) is True:
                        self.left_out[f"{self._drop} property"] += 1
                    else:
                        yield keyword, clean_text(name), raw
            elif group is not None:
                self.left_out["properties that are no object"] += 1
        items = merged.get("items")
        if isinstance(items, dict | bool):
            yield "items", "", items
        else:
            group = items if isinstance(items, list) else merged.get("prefixItems")
            yield from (("prefixItems", "", raw) for raw in group or [] if isinstance(group, list))
        if isinstance(merged.get("additionalProperties"), dict):
            yield "additionalProperties", "", merged["additionalProperties"]
        for keyword in ("anyOf", "oneOf"):
            group = merged.get(keyword)
            if isinstance(group, list):
                yield from (("anyOf", "", raw) for raw in group)

    def _merged(self, raw: dict[str, Any], trail: Trail) -> tuple[dict[str, Any], Trail, bool]:
        """`raw` with its references and `allOf` parts written into it, what it itself says first;
        whether one of them is already being written out further up."""
        if "$ref" not in raw and "allOf" not in raw:
            return raw, trail, False
        merged: dict[str, Any] = {}
        # What `raw` itself refers to is what it is; a part of its allOf is what it has besides.
        waiting: deque[tuple[Any, bool]] = deque([(raw, True)])
        seen: set[str] = set()
        round_again = False
        for _ in range(_PARTS):
            if not waiting:
                break
            part, is_itself = waiting.popleft()
            if not isinstance(part, dict):
                continue
            self._merge(merged, part)
            if isinstance(part.get("allOf"), list):
                waiting.extend((each, False) for each in part["allOf"][:_PARTS])
            reference = part.get("$ref")
            if not isinstance(reference, str) or reference in seen:
                continue
            seen.add(reference)
            found = self._found(reference)
            if reference in trail:
                round_again = round_again or is_itself
                # A base that lists its kinds: of it a kind needs the properties, not the list.
                found = {k: v for k, v in found.items() if k not in ("anyOf", "oneOf")} if (
                    isinstance(found, dict)) else None  # fmt: skip
            waiting.appendleft((found, is_itself))
        self.left_out["part beyond the size that is kept"] += len(waiting)
        return merged, trail | seen, round_again

    def _merge(self, merged: dict[str, Any], part: Mapping[str, Any]) -> None:
        for word, value in part.items():
            if word in ("$ref", "allOf"):
                continue
            if word == "required" and isinstance(value, list):
                merged["required"] = [*required_names(merged), *value]
            elif word == "properties" and isinstance(value, dict):
                known = merged.get("properties")
                known = dict(known) if isinstance(known, dict) else {}
                for name, schema in value.items():
                    known[name] = {"allOf": [known[name], schema]} if name in known else schema
                merged["properties"] = known
            elif word == "anyOf" or word == "oneOf":
                # Of several groups of alternatives the first is kept; the others would only narrow.
                if "anyOf" not in merged and "oneOf" not in merged:
                    merged[word] = value
                else:
                    self.left_out["group of alternatives beside another"] += 1
            else:
                merged.setdefault(word, value)

    def _found(self, reference: str) -> Any:
        try:
            return self._resolve(reference)
        except Unresolved as problem:
            self.unresolved.append((problem.kind, str(problem)))
            return None

    def _describe(self, merged: Mapping[str, Any], target: dict[str, Any]) -> None:
        text = merged.get("description")
        if not isinstance(text, str) or not text.strip():
            return
        text = clean_text(text.strip())
        limit = min(self._limits.description, self._text)
        if len(text) > limit:
            self.left_out["end of a long description"] += 1
            text = text[: max(0, limit - 3)].rstrip() + "..." if limit > 20 else ""
        self._text -= len(text)
        if text:
            target["description"] = text


def _a_pattern(text: str) -> bool:
    return "pattern" in own_keywords({"pattern": text}, Counter())


def summary(what: str, left_out: Mapping[str, int]) -> list[tuple[str, str]]:
    """(kind, reason) for each sort of thing that was left out of `what`."""
    return [
        (word.replace(" ", "-"), f"{what}: left out {count} × {word}")
        for word, count in left_out.items()
        if count
    ]
