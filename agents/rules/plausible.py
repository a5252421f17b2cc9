"""Values that a person might give for a parameter: realistic by its name, description and schema.

For what callers say, as `invention` is for what tools return. A value always fits type, enum,
bounds and lengths; a `pattern` is met where one of the forms tried here meets it, else there is no
value. Never the words of the schema itself: an example in a description is nobody's own value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from . import vocabulary
from .invention import resolve
from .namelike import CODES, by_last_word, code, slug, uuid
from .tool_index import type_of
from .vocabulary import POOLS, RANGES, SLUG_TAILS
from .words import tokens, word_set

_FRACTIONAL = word_set(
    "amount price cost rate latitude longitude fee total balance weight score ratio percentage"
)
_COUNTED = word_set(
    "maximum minimum count limit size bytes results length timeout quantity offset index duration"
    " port"
)
_DEEPEST = 3
"""Levels of objects and lists that are filled."""
_TEMPLATE = re.compile(r"[a-z][A-Za-z]+/[{\[*<][^\s`'\",;]*(?:/[^\s`'\",;]+)*")
_SLOT = re.compile(r"\{[^{}/]*\}|\[[^\[\]/]*\]|<[^<>/]*>|\*+")
_NAMED = word_set("name slug identifier alias")
_TIMES = word_set("date time datetime timestamp day when since until before after at on start end")


class NoValue(ValueError):
    """Nothing that a person would say fits the schema."""


def plausible(
    schema: Mapping[str, Any],
    said: str,
    now: datetime,
    chance: Random,
    *,
    location: str | None = None,
    root: Mapping[str, Any] | None = None,
    depth: int = 0,
) -> Any:
    """A value for a parameter that is called `said`. Raises `NoValue`."""
    form = resolve(schema, root or schema)
    if "const" in form:
        return form["const"]
    if form.get("enum"):
        good = [v for v in form["enum"] if _sayable(v)]
        if not good:
            raise NoValue(f"{said}: no choice that can be said")
        return chance.choice(good[:12])
    kind = type_of(form)
    if kind == "boolean":
        return chance.random() < 0.75
    if kind in ("integer", "number"):
        return _number(form, said, kind == "integer", now, chance)
    if kind in ("array", "object"):
        if depth >= _DEEPEST:
            raise NoValue(f"{said}: too deep to be said")
        make = _list if kind == "array" else _object
        return make(form, said, now, chance, location, root or schema, depth)
    return _text(form, said, now, chance, location)


def _sayable(value: Any) -> bool:
    """Whether anybody would ask for it: a choice that means "nothing chosen" is none."""
    if not isinstance(value, str):
        return value is not None
    return 0 < len(value) <= 60 and '"' not in value and not frozenset(tokens(value)) & _NOTHING


_NOTHING = word_set("none null undefined unspecified unknown invalid default unset nil na")


def _number(
    form: Mapping[str, Any], said: str, whole: bool, now: datetime, chance: Random
) -> int | float:
    words = tokens(said)
    low, high = next((RANGES[w] for w in reversed(words) if w in RANGES), (1.0, 60.0))
    if "timestamp" in words or "epoch" in words or "unix" in words:
        moment = now - timedelta(hours=chance.randint(24, 800))
        return int(moment.timestamp())
    if "id" in words or "ids" in words:
        low, high = 1000.0, 99999.0
    bottom = form.get("minimum", form.get("exclusiveMinimum"))
    top = form.get("maximum", form.get("exclusiveMaximum"))
    if isinstance(bottom, int | float) and not isinstance(bottom, bool):
        low, high = max(low, bottom), max(high, bottom + 10)
    if isinstance(top, int | float) and not isinstance(top, bool):
        high, low = min(high, top), min(low, top)
    step = form.get("multipleOf")
    by = step if isinstance(step, int) and step > 0 else 1
    if whole or by > 1:
        first, last = -(-int(low) // by), int(high) // by
        first += "exclusiveMinimum" in form and first * by <= low
        last -= "exclusiveMaximum" in form and last * by >= high
        if last < first:
            raise NoValue(f"{said}: no whole number fits")
        return chance.randint(first, last) * by
    value = round(low + (high - low) * (0.1 + 0.8 * chance.random()), 2)
    if not frozenset(words) & _FRACTIONAL and low < round(value) < high:
        return round(value)
    return min(max(value, low), high)


def _list(
    form: Mapping[str, Any],
    said: str,
    now: datetime,
    chance: Random,
    location: str | None,
    root: Mapping[str, Any],
    depth: int,
) -> list[Any]:
    items = resolve(form.get("items"), root)
    one = _one_of(said)
    low = int(form.get("minItems", 1) or 1)
    count = max(low, min(int(form.get("maxItems", 2)), chance.choice((1, 2, 2, 3))))
    if type_of(items) in ("array",) or count > 8:
        raise NoValue(f"{said}: too long to be said")
    made: list[Any] = []
    for _ in range(count * 3):
        value = plausible(items, one, now, chance, location=location, root=root, depth=depth + 1)
        if value not in made:
            made.append(value)
        if len(made) == count:
            break
    if len(made) < low:
        raise NoValue(f"{said}: too few different values")
    return made


def _object(
    form: Mapping[str, Any],
    said: str,
    now: datetime,
    chance: Random,
    location: str | None,
    root: Mapping[str, Any],
    depth: int,
) -> dict[str, Any]:
    properties = form.get("properties")
    if not properties:
        return _open_object(said, now, chance)
    required = [n for n in form.get("required", ()) if n in properties]
    if len(required) > 6:
        raise NoValue(f"{said}: too much to be said")
    others = [n for n, s in properties.items() if n not in required and _plain(s, root)]
    names = required or others[: chance.choice((1, 2))]
    made = {}
    for name in names:
        spoken = " ".join(tokens(name)) or name
        made[name] = plausible(
            properties[name], spoken, now, chance, location=location, root=root, depth=depth + 1
        )
    if not made:
        return _open_object(said, now, chance)
    return made


def _plain(schema: Any, root: Mapping[str, Any]) -> bool:
    form = resolve(schema, root)
    return type_of(form) in ("string", "integer", "number", "boolean") and not form.get("readOnly")


def _open_object(said: str, now: datetime, chance: Random) -> dict[str, Any]:
    """Something for an object of which the schema says nothing."""
    words = frozenset(tokens(said))
    if words & CODES:
        return {"id": code(said, chance)}
    if words & _NAMED:
        return {"name": slug(chance)}
    if words & {"tags", "labels", "metadata", "annotations"}:
        return {chance.choice(("team", "stage", "owner")): chance.choice(vocabulary.TEAMS)}
    if words & {"filter", "filters", "query", "criteria"}:
        return {"status": chance.choice(("active", "open", "pending"))}
    if words & {"sku"}:
        return {"name": chance.choice(("standard", "basic", "premium"))}
    if words & {"amount", "price", "cost", "total"}:
        return {"value": chance.randint(10, 900), "currency": chance.choice(("EUR", "USD", "GBP"))}
    if words & {"date", "time", "datetime", "timestamp"}:
        return {"date": (now + timedelta(days=chance.randint(1, 40))).strftime("%Y-%m-%d")}
    return {"name": slug(chance), **({"size": chance.randint(1, 9)} if "size" in words else {})}


def _text(
    form: Mapping[str, Any], said: str, now: datetime, chance: Random, location: str | None
) -> str:
    description = str(form.get("description", ""))[:400]
    for attempt in range(6):
        text = _candidate(form, said, description, now, chance, location, attempt)
        low, high = int(form.get("minLength", 0) or 0), form.get("maxLength")
        if len(text) < low:
            text = _lengthened(text, low, chance)
        if isinstance(high, int) and len(text) > high:
            text = code(said, chance)[:high].strip("-") if high < 12 else text[:high].rstrip()
        if _matches(form.get("pattern"), text) and len(text) >= low and text:
            return text
    raise NoValue(f"{said}: nothing found that fits")


def _lengthened(text: str, low: int, chance: Random) -> str:
    if low > 120:
        raise NoValue("too long to be said")
    while len(text) < low:
        text += f"{chance.getrandbits(32):08x}"
    return text[: max(low, 1)]


def _matches(pattern: Any, text: str) -> bool:
    if not isinstance(pattern, str):
        return True
    if len(pattern) > 200 or re.search(r"[*+}]\s*\)\s*[*+{]", pattern):
        return False  # nested repetition could run for ever
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return True


def _candidate(
    form: Mapping[str, Any],
    said: str,
    description: str,
    now: datetime,
    chance: Random,
    location: str | None,
    attempt: int,
) -> str:
    if attempt >= 3 and "pattern" in form:
        return _simple_form(attempt, chance)
    words = tokens(said)
    kind = form.get("format")
    moment = _moment(kind, words, description, now, chance)
    if moment is not None:
        return moment
    if kind in ("uuid", "guid") or re.search(r"\b(?:uu|gu)id\b", description[:120], re.I):
        return uuid(chance)
    if kind in ("uri", "url"):
        return f"https://{slug(chance)}.example.org/{chance.choice(SLUG_TAILS)}"
    if kind in ("byte", "binary"):
        raise NoValue(f"{said}: nobody says a file aloud")
    template = _TEMPLATE.search(description)
    if template is not None and len(template.group()) < 120:
        return _SLOT.sub(lambda _: slug(chance), template.group().rstrip(".)`"))
    if kind == "email" or "email" in words or "mail" in words:
        first = chance.choice(vocabulary.FIRST_NAMES).lower()
        return f"{first}.{chance.choice(vocabulary.LAST_NAMES).lower()}@example.org"
    if words[-1:] in (("city",), ("town",)) and location and chance.random() < 0.4:
        return location
    if "ip" in words:
        return by_last_word(words, said, chance)
    telling = words[:-1] if len(words) > 1 and words[-1] in ("name", "code") else words
    pool = POOLS.get(telling[-1]) if telling else None
    if pool is not None and not (words[-1] == "code" and telling != words and len(pool[0]) > 3):
        return chance.choice(pool)
    if form.get("type") == "string" and frozenset(words) & _COUNTED and "name" not in words:
        return str(_number({}, said, True, now, chance))
    return by_last_word(words, said, chance)


def _moment(
    kind: Any, words: tuple[str, ...], description: str, now: datetime, chance: Random
) -> str | None:
    """A date or a time, as the schema wants it written."""
    if kind not in ("date-time", "date", "time") and not (
        words[-1:] and words[-1] in _TIMES and not frozenset(words) & {"zone", "id", "name"}
    ):
        return None
    day = now.replace(minute=chance.choice((0, 15, 30, 45)), second=0, microsecond=0)
    ahead = not re.search(r"\b(?:since|after|from|created|past|history|birth|begin)", description)
    days = chance.randint(1, 45) * (1 if ahead else -1)
    day = day.replace(hour=chance.randint(8, 18)) + timedelta(days=days)
    if "birth" in words:
        day = day.replace(year=day.year - chance.randint(20, 60))
    low = description.casefold()
    if kind == "time" or ("time" in words and re.search(r"\bhh:mm(?!.*yyyy)", low)):
        return day.strftime("%H:%M:%S" if kind == "time" or "hh:mm:ss" in low else "%H:%M")
    if kind == "date-time" or "rfc3339" in low or "iso 8601" in low or "iso8601" in low:
        return day.strftime("%Y-%m-%dT%H:%M:%SZ")
    if kind == "date" or "time" not in words or "yyyy-mm-dd" in low:
        return day.strftime("%Y-%m-%d")
    return day.strftime("%Y-%m-%d %H:%M:%S")


def _simple_form(attempt: int, chance: Random) -> str:
    """The plainest forms that patterns ask for."""
    digits = str(chance.randrange(10**11, 10**12))
    return (digits, chance.choice(vocabulary.FIRST_NAMES).lower(), digits[:4])[attempt - 3]


def _one_of(said: str) -> str:
    head, _, last = said.rpartition(" ")
    low = last[:-1] if last.endswith("s") and not last.endswith("ss") else last
    return f"{head} {low}".strip()
