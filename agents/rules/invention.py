"""Made-up values that fit a JSON Schema and look like what their name says.

Covers the keywords that tools' schemas use: type, enum, const, default, examples, format, bounds,
lengths, anyOf/oneOf/allOf (first branch, merged) and local $ref. A `pattern` is not solved.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from .namelike import by_last_word, slug
from .vocabulary import COUNTRY_CODES, POOLS, TITLES
from .words import spoken, tokens, word_set

_NAMES = ("Mara Lindt", "Jonas Weber", "Aiko Tanaka", "Samuel Osei", "Elena Rossi", "Priya Nair")
_PLACES = ("Zurich", "Lisbon", "Toronto", "Nairobi", "Osaka", "Bergen")
_STREETS = ("12 Harbour Street", "3 Mill Lane", "48 Station Road", "7 Garden Row")
_TITLES = ("Weekly review", "Project outline", "Quarterly plan", "Team lunch", "Open questions")
_TEXTS = (
    "Everything went as planned.",
    "Two points are still open.",
    "The details follow next week.",
    "Well received by everyone so far.",
)
_PERSONAL = word_set(
    "first last full display user person author contact customer owner employee patient guest"
    " doctor"
)
_PAST = word_set("created updated modified changed started finished completed expires")
_CONDITIONS = ("sunny", "cloudy", "light rain", "windy")
_CURRENCIES = ("EUR", "USD", "CHF", "GBP")
_COMPANIES = ("Northwind Ltd", "Alpenrail AG", "Bluefin Foods", "Cobalt Systems")

_RANGES: dict[str, tuple[float, float]] = {
    "temperature": (-5, 32), "humidity": (30, 95), "rating": (3, 5), "score": (50, 99),
    "price": (8, 400), "cost": (8, 400), "amount": (10, 900), "balance": (100, 5000),
    "fare": (20, 600), "fee": (1, 40), "total": (10, 900), "rate": (0.5, 1.6),
    "duration": (10, 180), "minutes": (5, 120), "hours": (1, 12), "distance": (1, 900),
    "count": (1, 9), "quantity": (1, 9), "year": (2020, 2027), "age": (18, 80),
    "latitude": (-60, 60), "longitude": (-120, 120), "percent": (1, 99), "calories": (80, 900),
}  # fmt: skip


def _without(schema: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != name}


def resolve(schema: Any, root: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with a local `$ref` followed and the first branch of a choice merged in."""
    for _ in range(16):
        if not isinstance(schema, dict):
            return {}
        if "$ref" in schema:
            target: Any = root
            for part in str(schema["$ref"]).removeprefix("#").strip("/").split("/"):
                target = target.get(part, {}) if part and isinstance(target, dict) else target
            schema = {**(target if isinstance(target, dict) else {}), **_without(schema, "$ref")}
            continue
        choice = next((k for k in ("anyOf", "oneOf", "allOf") if schema.get(k)), None)
        if choice is None:
            break
        schema = {**_without(schema, choice), **schema[choice][0]}
    resolved: dict[str, Any] = schema
    if isinstance(resolved.get("type"), list):
        kinds = [k for k in resolved["type"] if k != "null"] or ["null"]
        resolved = {**resolved, "type": kinds[0]}
    return resolved


def invent(schema: Mapping[str, Any], name: str, context: Mapping[str, str], chance: Random) -> Any:
    """A scalar for a resolved schema. `context["now"]`: "YYYY-MM-DD HH:MM:SS"."""
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return _fortunate(schema["enum"], chance)
    if "default" in schema:
        return schema["default"]
    if schema.get("examples"):
        return chance.choice(list(schema["examples"]))
    kind = schema.get("type", "string")
    if kind == "boolean":
        return True
    if kind == "null":
        return None
    if kind in ("integer", "number"):
        return _number(schema, name, kind == "integer", chance)
    text = _text(schema, name, context, chance)
    low, high = int(schema.get("minLength", 0)), schema.get("maxLength")
    text = text.ljust(low, "x")
    return text if high is None else text[: int(high)]


def _fortunate(values: list[Any], chance: Random) -> Any:
    """One of an enumeration; a call that went through has no status of failure."""
    good = [v for v in values if str(v).lower() not in ("failed", "failure", "error", "rejected")]
    for best in ("success", "ok", "confirmed", "succeeded"):
        if best in good:
            return best
    return chance.choice(good or values)


def _number(schema: Mapping[str, Any], name: str, whole: bool, chance: Random) -> int | float:
    low, high = next((_RANGES[p] for p in reversed(tokens(name)) if p in _RANGES), (1.0, 100.0))
    low = float(schema.get("minimum", schema.get("exclusiveMinimum", low)))
    high = float(schema.get("maximum", schema.get("exclusiveMaximum", max(high, low + 1))))
    step = schema.get("multipleOf")
    if whole or (isinstance(step, int) and step > 0):
        by = int(step or 1)
        first = -(-int(low) // by) + ("exclusiveMinimum" in schema)
        last = int(high) // by - ("exclusiveMaximum" in schema)
        return chance.randint(first, max(first, last)) * by
    value = round(low + (high - low) * (0.1 + 0.8 * chance.random()), 2)
    return min(max(value, low), high)


def _text(schema: Mapping[str, Any], name: str, context: Mapping[str, str], chance: Random) -> str:
    form = schema.get("format")
    parts = tokens(name)
    words = frozenset(parts)
    if form in ("date-time", "date", "time") or words & {"date", "time", "at", "day", "until"}:
        return _moment(str(form or ""), words, str(schema.get("description", "")), context, chance)
    if form == "email" or "email" in words:
        return f"{chance.choice(_NAMES).split()[0].lower()}@example.com"
    if form in ("uri", "url") or words & {"url", "link", "website"}:
        return f"https://example.com/{chance.randrange(16**6):06x}"
    if form == "uuid":
        digits = f"{chance.getrandbits(128):032x}"
        cut = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
        return "-".join(cut)
    if parts and parts[-1] in ("id", "code", "reference", "number", "key", "token"):
        prefix = "".join(p[0] for p in parts[:-1]).upper() or "N"
        return f"{prefix}-{chance.randrange(1000, 10000)}"
    if parts[-2:] == ("country", "code"):
        return chance.choice(COUNTRY_CODES)
    if parts[-1:] and parts[-1] in ("lat", "lon", "latitude", "longitude"):
        return f"{chance.uniform(-60, 60):.4f}"
    if parts[-1:] == ("name",) and not words & _PERSONAL:
        kind = parts[-2] if len(parts) > 1 else ""
        if kind in POOLS:
            return chance.choice(POOLS[kind])
        return chance.choice(TITLES) if chance.random() < 0.4 else slug(chance)
    pool = _pool(words) if parts[-1:] != ("country",) else None
    if pool is None and parts and parts[-1] in POOLS:
        pool = POOLS[parts[-1]]
    if pool is None and parts[-1:] and parts[-1] in _PAST:
        return _moment("date-time", words, "", context, chance)
    if pool is None and parts[-1:] in (("type",), ("kind",), ("tier",), ("class",), ("mode",)):
        return chance.choice(("standard", "basic", "extended"))
    return chance.choice(pool) if pool is not None else by_last_word(parts, spoken(name), chance)


def _pool(words: frozenset[str]) -> tuple[str, ...] | None:
    """Examples for what a name's words say; None where they say nothing known."""
    pools: tuple[tuple[set[str], tuple[str, ...]], ...] = (
        ({"phone", "telephone", "mobile"}, ("+41 44 555 01 23", "+1 555 0142", "+44 20 5550 117")),
        ({"address", "street"}, _STREETS),
        ({"city", "place", "location", "destination", "origin", "country", "venue"}, _PLACES),
        ({"currency"}, _CURRENCIES),
        ({"condition", "conditions", "weather", "forecast"}, _CONDITIONS),
        ({"company", "airline", "provider", "carrier", "brand", "hotel"}, _COMPANIES),
        ({"title", "subject", "topic", "event", "headline"}, _TITLES),
        ({"status", "state", "result"}, ("success",)),
        (
            {"text", "body", "content", "description", "summary", "comment", "message", "note"}
            | {"review", "meaning", "definition", "explanation", "answer"},
            _TEXTS,
        ),
        ({"author", "doctor", "person", "attendee", "user", "owner", "contact", "name"}, _NAMES),
    )
    return next((pool for marks, pool in pools if words & marks), None)


def _moment(
    form: str,
    words: frozenset[str],
    description: str,
    context: Mapping[str, str],
    chance: Random,
) -> str:
    try:
        now = datetime.fromisoformat(context["now"])
    except ValueError:
        now = datetime(2026, 3, 2, 9)
    moment = now.replace(minute=0, second=0) + timedelta(hours=chance.randint(3, 200))
    if form == "date" or (not form and "date" in words and "time" not in words):
        return moment.strftime("%Y-%m-%d")
    if form == "time":
        return moment.strftime("%H:%M:%S")
    if form == "date-time":
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return moment.strftime("%Y-%m-%d %H:%M:%S")
