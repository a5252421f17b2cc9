"""The tool's rules: a plausible output that fits the returns schema, in a world that holds.

What was created in the dialogue can be read back, listed, changed and deleted; the same question
gets the same answer until something changes. All else is invented from the schema by the seed. A
call that is to be refused is, for a reason that the real tool could have.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from random import Random
from typing import Any

import orjson
from autogen_core.models import LLMMessage

from ...tools.validation import SchemaUnusable, problems
from .clean_schema import cleaned
from .documentation import singular
from .invention import invent, resolve
from .loose_values import loose_list, loose_object
from .words import act_of, tokens
from .world import WRITES, Record, World, act_and_entity, alike, field_of, is_key, is_own


def simulate(
    brief: dict[str, Any], messages: Sequence[LLMMessage], chance: Random
) -> dict[str, Any]:
    """{"output": …} or {"error": …} for a `ToolBrief`."""
    name, arguments = brief["tool"]["name"], brief["arguments"]
    act, entity = act_and_entity(name)
    calls: list[dict[str, Any]] = [call for call in brief["world"] if not _failed(call["output"])]
    if act not in WRITES:
        same = _asked_before(name, arguments, entity, calls)
        if same is not None:
            return {"output": same["output"]}
    world = World(calls)
    record: Record | None = None
    rows: list[Record] = []
    if act != "create":
        rows = world.matching(entity, arguments, changed=act == "update")
        if not rows and world.deleted(entity, arguments):
            return {"error": f"There is no {_thing(name)} with {_said(arguments)} any more."}
        if not rows and world.was_listed(entity) and _is_unlisted(entity, arguments):
            return {"error": f"There is no {_thing(name)} with {_said(arguments)}."}
        record = rows[0] if rows else None
    if brief.get("refuse"):
        return {"error": _trouble(act, name, arguments, record, chance)}
    if act == "update" and record is not None:
        record = {**record, **arguments}
    returns = _returns(orjson.dumps(brief["returns"] or _default_returns(name)))
    known = {**(record or {}), **arguments} if act != "read" else {**arguments, **(record or {})}
    context = {"now": str(brief["context"].get("now", "2026-03-02 09:00:00"))}
    # Of what was there before, there may be more than was seen.
    searched = act == "read" and (world.created(entity) or bool(rows and world.was_listed(entity)))
    for _ in range(_NEW_IDS):
        made = _Output(returns, known, rows if searched else None, entity, context, chance)
        output = made.value()
        if act != "create" or not world.has(entity, output):
            break
    return {"output": output}


_NEW_IDS = 8
"""Draws until a thing that is created has an id of its own."""


def _is_unlisted(entity: str, arguments: Record) -> bool:
    """Whether a thing that stood in no list so far does not exist: lists are rarely whole, and so
    one in four. Drawn by what it is called, so that it stays so."""
    own = {n: v for n, v in arguments.items() if is_own(n, entity)}
    return bool(own) and Random(f"unlisted {entity} {own}").random() < 0.25  # noqa: S311


def _trouble(act: str, name: str, arguments: Record, record: Record | None, chance: Random) -> str:
    """What the tool refuses with."""
    thing = _thing(name)
    ids = [n for n in arguments if is_key(n)]
    reasons = [
        "Rate limit exceeded, please try again in a few seconds.",
        f"You do not have permission to access this {thing}.",
        "The service is temporarily unavailable, please try again.",
    ]
    if act != "create" and ids and record is None:
        reasons += [f"There is no {thing} with {_said(arguments)}."] * 3
    if act == "create":
        reasons += [f"A {thing} with these values already exists.",
                    f"The limit for this kind of {thing} has been reached."]  # fmt: skip
    if act in ("update", "delete"):
        reasons.append(f"The {thing} is locked by another operation in progress.")
    return chance.choice(reasons)


@lru_cache(maxsize=512)
def _returns(schema: bytes) -> dict[str, Any]:
    """What a tool says it returns, once for all its calls."""
    return cleaned(orjson.loads(schema))


_STATUS = {"type": "string", "enum": ["success"]}


def _default_returns(name: str) -> dict[str, Any]:
    """What a tool gives that does not say what it returns."""
    first = tokens(name)[:1]
    if first and "read" in act_of(first[0]):
        fields: dict[str, Any] = {"id": {"type": "string"}, "name": {"type": "string"}}
        return {"type": "object", "properties": {**fields, "status": {"type": "string"}}}
    return {"type": "object", "properties": {"status": _STATUS}, "required": ["status"]}


def _thing(name: str) -> str:
    parts = [p for p in tokens(name) if not act_of(p) and not p.isdigit() and len(p) > 1]
    said = [singular(p) for p in parts if p not in ("id", "by", "or", "v1", "v2", "api")]
    return " ".join(said[-3:]) or "record"


def _said(arguments: Record) -> str:
    named = (f"{' '.join(tokens(n))} {v}" for n, v in arguments.items() if is_key(n))
    return ", ".join(named) or "these values"


def _failed(output: Any) -> bool:
    return isinstance(output, dict) and "error" in output and len(output) == 1


def _asked_before(
    name: str, arguments: Record, entity: str, calls: Sequence[dict[str, Any]]
) -> dict[str, Any] | None:
    """The same call, where nothing of its kind was written since."""
    for call in calls[::-1]:
        if call["name"] == name and call["arguments"] == arguments:
            return call
        act, other = act_and_entity(call["name"])
        if act in WRITES and alike(other, entity):
            return None
    return None


class _Output:
    """One output: known values by name, found records as lists, and the rest made up."""

    def __init__(
        self,
        schema: dict[str, Any],
        known: Record,
        rows: list[Record] | None,
        entity: str,
        context: dict[str, str],
        chance: Random,
    ) -> None:
        self._root = schema
        self._known = known
        self._rows = rows
        self._entity = entity
        self._context = context
        self._chance = chance

    def value(self) -> Any:
        return self._value(self._root, "", self._known, 0)

    def _value(self, schema: dict[str, Any], name: str, known: Record, depth: int) -> Any:
        schema = resolve(schema, self._root)
        kind = schema.get("type")
        if kind == "object" or "properties" in schema:
            return self._object(schema, name, known, depth)
        if kind == "array":
            return self._array(schema, name, known, depth)
        has, value = field_of(known, name, self._entity)
        if has and _fits(schema, value):
            return value
        return invent(schema, name, self._context, self._chance)

    def _object(self, schema: dict[str, Any], name: str, known: Record, depth: int) -> Record:
        properties = schema.get("properties", {})
        given = known.get(name)
        if isinstance(given, dict) and given and _fits(schema, given):
            return given
        if not properties or depth > 6:
            made = loose_object(name, known, self._entity, self._context, self._chance)
            return made if not schema.get("required") and _fits(schema, made) else {}
        made = {n: self._value(sub, n, known, depth + 1) for n, sub in properties.items()}
        lists = [v for v in made.values() if isinstance(v, list)]
        for field, value in made.items():
            counted = len(lists) == 1 and tokens(field)[-1:] in (("count",), ("total",))
            whole = isinstance(value, int) and field not in known
            if counted and whole and _fits(properties[field], len(lists[0])):
                made[field] = len(lists[0])
        return made

    def _array(self, schema: dict[str, Any], name: str, known: Record, depth: int) -> list[Any]:
        value = known.get(name)
        if isinstance(value, list) and value and _fits(schema, value):
            return value
        items = schema.get("items")
        low = int(schema.get("minItems", 0))
        most = int(schema.get("maxItems", 3))
        if not items:
            rows = self._rows if depth < 2 else None
            loose = loose_list(name, rows, self._entity, self._context, self._chance)
            return loose[: schema.get("maxItems")] if len(loose) >= low else ["value"] * low
        if self._rows is not None:
            rows = self._rows[: schema.get("maxItems")]
            if len(rows) >= low:
                return [self._value(items, name, row, depth + 1) for row in rows]
        count = max(low, min(most, self._chance.randint(1, 3)))
        # Items of an invented list repeat only what the caller asked for, not the caller's ids.
        shared = {n: v for n, v in self._known.items() if not is_key(n)} if depth else {}
        shared = shared or {n: v for n, v in self._known.items() if not is_key(n)}
        return [self._value(items, singular(name), shared, depth + 1) for _ in range(count)]


def _fits(schema: dict[str, Any], value: Any) -> bool:
    try:
        return not problems(schema, value)
    except SchemaUnusable:
        return False  # such as a reference to the root, which only the whole schema resolves
