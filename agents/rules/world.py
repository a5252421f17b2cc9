"""What earlier calls of a dialogue left behind: the records that a simulated world consists of.

What was created is there, with what it was created with; what was read is there as it was read;
what was changed is changed, and what was deleted is gone. Records belong to a kind of thing, which
is read off the tools' names: "add_berth", "list_berths" and "get_berth" are about berths.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from .words import act_of, stem, tokens, word_set

Record = dict[str, Any]

WRITES = ("create", "update", "delete", "send")
_NOISE = word_set("all by id ids v1 v2 v3 api list get single details detail info new using for of")
_MOST = 200
"""Records that are kept of one kind; a list that is longer is cut."""


@lru_cache(maxsize=20_000)
def act_and_entity(name: str) -> tuple[str, str]:
    """What a tool does, by the verb in its name, and to what: "BookHotelRoom" is
    ("create", "hotel room")."""
    parts = tokens(name)
    if name[:5] in ("put__", "patch") and parts[:1] in (("put",), ("patch",)):
        return "update", _entity(parts[1:])
    for i, part in enumerate(parts):
        acts = act_of(part)
        if acts and (i == 0 or part not in ("order", "schedule", "book", "message", "text")):
            act = next(a for a in (*WRITES, "compute", "read") if a in acts)
            if "read" in acts and part in ("get", "find", "search", "check", "show", "list"):
                act = "read"
            return act, _entity((*parts[:i], *parts[i + 1 :]))
    return "read", _entity(parts)


def _entity(parts: tuple[str, ...]) -> str:
    said = [p for p in parts if p not in _NOISE and not p.isdigit()] or list(parts)
    return " ".join(stem(p) for p in said)


def is_key(name: str) -> bool:
    """Whether a field names one thing among others."""
    return tokens(name)[-1:] in _KEYS


_KEYS = tuple(
    (word,)
    for word in ("id", "number", "code", "key", "reference", "sid", "gid", "uuid", "arn", "slug")
)


class World:
    """Records by kind of thing."""

    def __init__(self, calls: Iterable[dict[str, Any]]) -> None:
        """`calls`: those that went well, in order, as {"name", "arguments", "output"}."""
        self._records: dict[str, list[Record]] = {}
        self._created: set[str] = set()
        self._listed: set[str] = set()
        self._gone: list[tuple[str, Record]] = []
        for call in calls:
            self._apply(call["name"], call["arguments"], call["output"])

    def _apply(self, name: str, arguments: Record, output: Any) -> None:
        act, entity = act_and_entity(name)
        if act == "create":
            echoed = output if isinstance(output, dict) else {}
            inner = [v for v in echoed.values() if isinstance(v, dict) and _own_id(v, entity)]
            kept = {**arguments, **(inner[0] if len(inner) == 1 else {}), **echoed}
            self._records.setdefault(entity, []).append(kept)
            self._created.add(entity)
        elif act == "update":
            rows = self.matching(entity, arguments, changed=True)
            for row in rows[:1]:
                row.update(arguments)
            if not rows and isinstance(output, dict):
                self._records.setdefault(entity, []).append({**output, **arguments})
        elif act == "delete":
            self._gone.append((entity, arguments))
            for row in self.matching(entity, arguments)[:1]:
                self.of(entity).remove(row)
        else:
            self._see(entity, arguments, output)

    def _see(self, entity: str, arguments: Record, output: Any) -> None:
        """What was read is there from now on."""
        for record, listed in _seen(output):
            if listed:
                self._listed.add(entity)
            if not _own_id(record, entity) and listed:
                continue
            row = record if listed else {**arguments, **record}
            rows = self._records.setdefault(entity, [])
            if len(rows) < _MOST and not any(_same(row, other, entity) for other in rows):
                rows.append(dict(row))

    def created(self, entity: str) -> bool:
        """Whether anything of this kind was created in the dialogue."""
        return any(name in self._created for name in self._names(entity))

    def has(self, entity: str, output: Any) -> bool:
        """Whether there is a thing with the id that an output holds."""
        mine = _own_id(output, entity) if isinstance(output, dict) else None
        return mine is not None and any(_own_id(row, entity) == mine for row in self.of(entity))

    def was_listed(self, entity: str) -> bool:
        """Whether a list of this kind was given: what was not in it does not exist."""
        return any(name in self._listed for name in self._names(entity))

    def deleted(self, entity: str, arguments: Record) -> bool:
        """Whether the ids among the arguments name something that was deleted."""
        ids = {n: v for n, v in arguments.items() if is_key(n)} or arguments
        return bool(ids) and any(
            alike(entity, name) and all(gone.get(n) == v for n, v in ids.items())
            for name, gone in self._gone
        )

    def of(self, entity: str) -> list[Record]:
        """The records of a kind, in the order in which they came to be known."""
        names = self._names(entity)
        if len(names) > 1:
            # Kinds that turn out to be one are kept as one, so that a row is removed for good.
            first = self._records[names[0]]
            for other in names[1:]:
                first.extend(self._records.pop(other))
                for marks in (self._created, self._listed):
                    if other in marks:
                        marks.discard(other)
                        marks.add(names[0])
        return self._records.get(names[0], []) if names else []

    def _names(self, entity: str) -> list[str]:
        """Names under which the kind's records are kept: "meeting" also finds "project meeting"."""
        return [n for n in self._records if alike(n, entity)]

    def matching(self, entity: str, arguments: Record, changed: bool = False) -> list[Record]:
        """Records that agree with every argument whose name they have; their own id alone decides.
        `changed`: what is no name or id among the arguments is what they are to be."""
        rows = self.of(entity)
        names = [n for n in arguments if is_key(n) or tokens(n)[-1:] == ("name",)]
        own = [n for n in arguments if is_own(n, entity) and any(_has(r, n, entity) for r in rows)]
        names = own or (names if changed else []) or list(arguments)
        return [r for r in rows if all(_agrees(r, n, arguments[n], entity) for n in names)]


def field_of(record: Record, name: str, entity: str) -> tuple[bool, Any]:
    """Whether a record says what `name` is, and what: "petId" is a pet's "id", and "id" its own."""
    if name in record:
        return True, record[name]
    wanted = tokens(name)
    thing = frozenset(entity.split())
    for other, value in record.items():
        said = tokens(other)
        if said == wanted:
            return True, value
        longer, shorter = (said, wanted) if len(said) > len(wanted) else (wanted, said)
        if shorter and longer[-len(shorter) :] == shorter and len(longer) > len(shorter):
            owner = frozenset(stem(p) for p in longer[: -len(shorter)])
            if shorter[-1] in ("id", "name", "key", "number", "code", "sid") and owner <= thing:
                return True, value
    return False, None


def alike(one: str, other: str) -> bool:
    """Whether two names are of one kind of thing: the same head, and no more apart than that one
    says more than the other."""
    if one == other:
        return True
    a, b = one.split(), other.split()
    return bool(a and b) and a[-1] == b[-1] and (set(a) <= set(b) or set(b) <= set(a))


def _seen(output: Any) -> Iterator[tuple[Record, bool]]:
    """Records in an output, and whether they stood in a list."""
    if isinstance(output, list):
        yield from ((item, True) for item in output[:_MOST] if isinstance(item, dict))
    elif isinstance(output, dict):
        lists = [v for v in output.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
        if len(lists) == 1:
            yield from ((item, True) for item in lists[0][:_MOST] if isinstance(item, dict))
        elif not lists:
            yield output, False


def is_own(name: str, entity: str) -> bool:
    """Whether an argument is the thing's own id, and not its parent's."""
    parts = tokens(name)
    owner = frozenset(stem(p) for p in parts[:-1])
    return is_key(name) and owner <= frozenset(entity.split()[-2:])


def _has(row: Record, name: str, entity: str) -> bool:
    return field_of(row, name, entity)[0]


def _own_id(record: Record, entity: str) -> Any:
    for name, value in record.items():
        if is_own(name, entity) and isinstance(value, str | int) and not isinstance(value, bool):
            return value
    return None


def _same(one: Record, other: Record, entity: str) -> bool:
    mine = _own_id(one, entity)
    return mine == _own_id(other, entity) if mine is not None else one == other


def _agrees(row: Record, name: str, value: Any, entity: str) -> bool:
    if is_own(name, entity):
        has, mine = field_of(row, name, entity)
    else:
        has, mine = name in row, row.get(name)
    if not has:
        return not is_own(name, entity) or row.get("id") == value
    if isinstance(mine, str) and isinstance(value, str):
        if is_key(name):
            return value.casefold() == mine.casefold()
        return value.casefold() in mine.casefold() or mine.casefold() in value.casefold()
    return bool(mine == value)
