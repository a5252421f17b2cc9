"""The tool's rules: a plausible output that fits the returns schema, in a world that holds.

What was created in the dialogue can be read back, changed and deleted; the same question gets the
same answer until something changes. All else is invented from the schema by the seed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random
from typing import Any

from autogen_core.models import LLMMessage

from ...tools.validation import SchemaUnusable, problems
from .invention import invent, resolve
from .words import act_of, stem, tokens

Record = dict[str, Any]

_WRITES = ("create", "update", "delete", "send")


def simulate(
    brief: dict[str, Any], messages: Sequence[LLMMessage], chance: Random
) -> dict[str, Any]:
    """{"output": …} or {"error": …} for a `ToolBrief`."""
    name, arguments = brief["tool"]["name"], brief["arguments"]
    act, entity = act_and_entity(name)
    world: list[dict[str, Any]] = [call for call in brief["world"] if not _failed(call["output"])]
    if act not in _WRITES:
        same = _asked_before(name, arguments, entity, world)
        if same is not None:
            return {"output": same["output"]}
    store = _Store(world)
    record: Record | None = None
    rows: list[Record] = []
    if act != "create":
        rows = store.matching(entity, arguments)
        if not rows and store.deleted(entity, arguments):
            return {"error": f"There is no {_thing(name)} with {_said(arguments)} any more."}
        record = rows[0] if rows else None
    if act == "update" and record is not None:
        record = {**record, **arguments}
    returns = brief["returns"] or _DEFAULT_RETURNS
    known = {**(record or {}), **arguments} if act != "read" else {**arguments, **(record or {})}
    context = {"now": str(brief["context"].get("now", "2026-03-02 09:00:00"))}
    searched = act == "read" and store.knows(entity)
    output = _Output(returns, known, rows if searched else None, context, chance).value()
    return {"output": output}


def act_and_entity(name: str) -> tuple[str, str]:
    """What a tool does, by the verb in its name, and to what: "BookHotelRoom" is
    ("create", "hotel room")."""
    parts = tokens(name)
    for i, part in enumerate(parts):
        acts = act_of(part)
        if acts and (i == 0 or part not in ("order", "schedule", "book", "message", "text")):
            act = next(a for a in (*_WRITES, "compute", "read") if a in acts)
            if "read" in acts and part in ("get", "find", "search", "check", "show", "list"):
                act = "read"
            return act, " ".join(stem(p) for p in (*parts[:i], *parts[i + 1 :]))
    return "read", " ".join(stem(p) for p in parts)


_DEFAULT_RETURNS = {
    "type": "object",
    "properties": {"status": {"type": "string", "enum": ["success"]}},
    "required": ["status"],
}


class _Store:
    """What earlier calls of the dialogue left behind, by entity."""

    def __init__(self, world: Iterable[dict[str, Any]]) -> None:
        self._records: dict[str, list[Record]] = {}
        self._known: dict[str, bool] = {}
        self._gone: list[tuple[str, Record]] = []
        for call in world:
            self._apply(call)

    def _apply(self, call: dict[str, Any]) -> None:
        act, entity = act_and_entity(call["name"])
        arguments, output = call["arguments"], call["output"]
        if act == "create":
            echoed = output if isinstance(output, dict) else {}
            self._records.setdefault(entity, []).append({**arguments, **echoed})
            self._known[entity] = True
        elif act == "update":
            for row in self.matching(entity, arguments)[:1]:
                row.update(arguments)
        elif act == "delete":
            self._gone.append((entity, arguments))
            for row in self.matching(entity, arguments)[:1]:
                self.of(entity).remove(row)

    def knows(self, entity: str) -> bool:
        """Whether anything of this kind was created in the dialogue."""
        return any(self._known.get(name, False) for name in self._names(entity))

    def deleted(self, entity: str, arguments: Record) -> bool:
        """Whether the ids among the arguments name something that was deleted."""
        ids = {n: v for n, v in arguments.items() if _is_id(n)}
        wanted = frozenset(entity.split())
        return bool(ids) and any(
            wanted & frozenset(name.split()) and all(gone.get(n) == v for n, v in ids.items())
            for name, gone in self._gone
        )

    def of(self, entity: str) -> list[Record]:
        names = self._names(entity)
        return self._records.get(names[0], []) if names else []

    def _names(self, entity: str) -> list[str]:
        """Names under which the entity's records are kept: "meeting" also finds "meetings all"."""
        wanted = frozenset(entity.split())
        return [n for n in self._records if n == entity or (wanted & frozenset(n.split()))]

    def matching(self, entity: str, arguments: Record) -> list[Record]:
        """Records that agree with every argument whose name they have; an id alone decides."""
        rows = self.of(entity)
        ids = [n for n in arguments if _is_id(n) and any(n in row or "id" in row for row in rows)]
        names = ids or list(arguments)
        return [row for row in rows if all(_agrees(row, n, arguments[n]) for n in names)]


def _agrees(row: Record, name: str, value: Any) -> bool:
    if name not in row:
        return not _is_id(name) or row.get("id") == value
    mine = row[name]
    if isinstance(mine, str) and isinstance(value, str):
        return value.casefold() in mine.casefold() or mine.casefold() in value.casefold()
    return bool(mine == value)


def _is_id(name: str) -> bool:
    return tokens(name)[-1:] in (("id",), ("number",), ("code",), ("key",), ("reference",))


def _thing(name: str) -> str:
    return " ".join(p for p in tokens(name) if not act_of(p)) or "record"


def _said(arguments: Record) -> str:
    return ", ".join(f"{n} {v}" for n, v in arguments.items() if _is_id(n)) or "these values"


def _failed(output: Any) -> bool:
    return isinstance(output, dict) and "error" in output and len(output) == 1


def _asked_before(
    name: str, arguments: Record, entity: str, world: Sequence[dict[str, Any]]
) -> dict[str, Any] | None:
    """The same call, where nothing of its kind was written since."""
    for call in world[::-1]:
        if call["name"] == name and call["arguments"] == arguments:
            return call
        act, other = act_and_entity(call["name"])
        if act in _WRITES and (frozenset(other.split()) & frozenset(entity.split())):
            return None
    return None


class _Output:
    """One output: known values by name, found records as lists, and the rest made up."""

    def __init__(
        self,
        schema: dict[str, Any],
        known: Record,
        rows: list[Record] | None,
        context: dict[str, str],
        chance: Random,
    ) -> None:
        self._root = schema
        self._known = known
        self._rows = rows
        self._context = context
        self._chance = chance

    def value(self) -> Any:
        return self._value(self._root, "", self._known)

    def _value(self, schema: dict[str, Any], name: str, known: Record) -> Any:
        schema = resolve(schema, self._root)
        kind = schema.get("type")
        if kind == "object" or "properties" in schema:
            return self._object(schema, known)
        if kind == "array":
            return self._array(schema, name)
        value = known.get(name)
        if name in known and _fits(schema, value):
            return value
        return invent(schema, name, self._context, self._chance)

    def _object(self, schema: dict[str, Any], known: Record) -> Record:
        made: Record = {}
        for name, sub in schema.get("properties", {}).items():
            made[name] = self._value(sub, name, known)
        lists = [v for v in made.values() if isinstance(v, list)]
        for name, value in made.items():
            counted = len(lists) == 1 and tokens(name)[-1:] in (("count",), ("total",))
            whole = isinstance(value, int) and name not in known
            if counted and whole and _fits(schema["properties"][name], len(lists[0])):
                made[name] = len(lists[0])
        return made

    def _array(self, schema: dict[str, Any], name: str) -> list[Any]:
        value = self._known.get(name)
        if isinstance(value, list) and value and _fits(schema, value):
            return value
        items = schema.get("items", {"type": "string"})
        low = int(schema.get("minItems", 0))
        if self._rows is not None:
            rows = self._rows[: schema.get("maxItems")]
            if len(rows) >= low:
                return [self._value(items, name, row) for row in rows]
        count = max(low, min(int(schema.get("maxItems", 3)), self._chance.randint(1, 3)))
        # Items of an invented list repeat only what the caller asked for, not the caller's ids.
        known = {n: v for n, v in self._known.items() if not _is_id(n)}
        return [self._value(items, _singular(name), known) for _ in range(count)]


def _singular(name: str) -> str:
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


def _fits(schema: dict[str, Any], value: Any) -> bool:
    try:
        return not problems(schema, value)
    except SchemaUnusable:
        return False  # such as a reference to the root, which only the whole schema resolves
