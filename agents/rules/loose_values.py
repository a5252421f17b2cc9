"""Content for objects and lists of which the schema says nothing but their name."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from .documentation import singular
from .invention import invent
from .namelike import code, slug
from .vocabulary import POOLS, TEAMS, TITLES
from .words import stem, tokens, word_set
from .world import Record, is_own

_EMPTY = word_set(
    """error errors warning warnings failed failures next previous prev cursor token marker links
    deprecations exception exceptions unprocessed invalid rejected"""
)
"""What there is none of, where all went well."""
_PAGING = word_set("meta metadata paging pagination page pager cursors")
_SCALARS = word_set(
    """id arn name status state date time at count total number type url version key code size
    amount price value description message title email reason format timestamp"""
)
_WORDS = word_set(
    """tags labels keywords scopes permissions roles categories types emails names codes ids values
    languages countries regions formats capabilities features options"""
)
_ITEMS = word_set(
    "value values items data results result records list elements entries rows content"
)


def loose_object(
    name: str, known: Record, entity: str, context: Mapping[str, str], chance: Random
) -> Record:
    """Something for an object called `name`."""
    words = frozenset(tokens(name))
    if words & _EMPTY or not words:
        return {}
    if words & _PAGING:
        return {"count": chance.randint(1, 3)}
    if words & {"tags", "labels", "annotations"}:
        return {"team": chance.choice(TEAMS)}
    if words & {"sku", "plan", "tier"}:
        return {"name": chance.choice(("standard", "basic", "premium"))}
    if tokens(name)[-1] in _SCALARS:
        return {"value": invent({"type": "string"}, name, context, chance)}
    if words & {"properties", "settings", "configuration", "config", "options", "attributes"}:
        return {
            "state": chance.choice(("ready", "active", "succeeded")),
            "revision": chance.randint(1, 9),
        }
    about = _record(" ".join(tokens(name)), context, chance)
    mine = frozenset(entity.split()[-1:])
    if mine & frozenset(stem(w) for w in tokens(name)) or words & _ITEMS:
        for field, value in known.items():
            if isinstance(value, dict | list):
                continue
            own = is_own(field, entity)
            about["id" if own else field] = value
    return about


def loose_list(
    name: str,
    rows: list[Record] | None,
    entity: str,
    context: Mapping[str, str],
    chance: Random,
) -> list[Any]:
    """Something for a list called `name`; `rows`: the records that it is to show, where known."""
    words = frozenset(tokens(name))
    if words & _EMPTY:
        return []
    last = tokens(name)[-1] if tokens(name) else ""
    one = singular(last)
    mine = frozenset(entity.split()[-1:])
    if rows is not None and (words & _ITEMS or stem(one) in mine):
        return [dict(row) for row in rows]
    if last in _WORDS:
        pool = POOLS.get(one)
        made = [chance.choice(pool) if pool else slug(chance) for _ in range(chance.randint(1, 3))]
        return list(dict.fromkeys(made))
    said = entity.split()[-1] if words & _ITEMS and entity else one
    return [_record(said, context, chance) for _ in range(chance.randint(1, 3))]


def _record(said: str, context: Mapping[str, str], chance: Random) -> Record:
    """A record with what nearly every record has."""
    named = invent({"type": "string"}, "title", context, chance)
    titled = chance.random() < 0.5
    return {
        "id": code(said, chance),
        "name": chance.choice(TITLES)
        if titled
        else slug(chance)
        if chance.random() < 0.8
        else named,
        "status": chance.choice(("active", "active", "pending", "completed")),
    }
