"""Values that a text introduces by what their parameters are called: "with the vault ID VI-4821".

Reads labels as `labels` makes them, the longest first, each place once. What stands behind a label
is taken only if its parameter can be it: a number for a number, a choice for an enumeration, a
quotation, code or address for a text. A label without a value behind it gives nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from .reading import BLANK
from .tool_index import CompiledTool, Param, type_of
from .words import word_set

_LINK = re.compile(
    r"\s*(?:(?:is|are|was|=|:|should be|set to|would be|being|called|named|equal to"
    r"|must be|of)\s+|[:=]\s*)?(?:the\s+(?=\"))?",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“]([^\"“”]{0,2000})[\"”]")
_TOKEN = re.compile(r"[^\s\"“”,;()]+")
_NUMBER = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[-+]?\d+(?:\.\d+)?")
_JOINT = re.compile(r"\s*(?:,\s*and|,|and|or|&)\s+", re.IGNORECASE)
_PAIR = re.compile(r"\s*([A-Za-z_@$][\w.@$-]*(?: [A-Za-z_][\w-]*){0,3}?)\s*(?:=|:)\s*")
_YES = word_set("on yes true enabled active allowed")
_NO = word_set("off no false disabled inactive")
_PROSE = word_set(
    """and or the a an of for in on at to with from by as is are was please too also then instead
    now first me my it that this which who where when what if but so not be will can you i we has
    have"""
)
_MOST = 12
"""Values of a list that are read."""


def labelled(
    tool: CompiledTool, text: str, params: Sequence[Param]
) -> tuple[dict[str, Any], str, bool]:
    """Values by parameter name for `params`; a list for a parameter that is none means that
    several were named. Then the text with what was read blanked out, and whether any of it was
    introduced in so many words ("the volume 30", not "volume 30")."""
    found: dict[str, Any] = {}
    introduced = False
    covered = text
    quoted = [m.span() for m in _QUOTED.finditer(text)]
    low = text.casefold().replace("_", " ").replace("-", " ")
    for param in sorted(tool.params, key=lambda p: -len(p.label)):
        if param.label.casefold().replace("-", " ") not in low:
            continue
        for match in _pattern(param.label).finditer(covered):
            if any(a < match.start() < b for a, b in quoted):
                continue
            value, end = _value_at(param, text, match.end(), bool(match.group("plural")))
            if end < 0:
                continue
            covered = covered[: match.start()] + BLANK * (end - match.start()) + covered[end:]
            if param in params and param.name not in found:
                found[param.name] = value
                introduced = introduced or text[: match.start()].lower().endswith("the ")
            break
    return found, covered, introduced


@lru_cache(maxsize=16_384)
def _pattern(label: str) -> re.Pattern[str]:
    words = re.escape(label).replace(r"\ ", r"[ _-]")
    return re.compile(rf"(?<![\w\x00-]){words}(?P<plural>(?:e?s)?)(?![\w-])", re.I)


def _value_at(param: Param, text: str, at: int, plural: bool) -> tuple[Any, int]:
    """The value behind a label that ends at `at`, and where it ends; -1 where there is none."""
    link = _LINK.match(text, at)
    start = link.end() if link is not None else at
    linked = start > at and text[at:start].strip() != ""
    if start == at and not linked:
        return None, -1
    kind = param.type
    if kind == "array":
        return _list_at(param.schema.get("items", {}), text, start)
    if kind == "object":
        return _object_at(param.schema, text, start)
    if plural:
        values, end = _list_at(param.schema, text, start)
        if end >= 0 and len(values) > 1:
            return values, end
    return _scalar_at(param.schema, text, start, linked, param)


def _scalar_at(
    schema: Mapping[str, Any], text: str, start: int, linked: bool, param: Param | None = None
) -> tuple[Any, int]:
    if schema.get("enum"):
        return _choice_at(schema["enum"], text, start)
    kind = type_of(schema)
    if kind in ("number", "integer"):
        number = _NUMBER.match(text, start)
        if number is None or text[number.end() : number.end() + 1].isalpha():
            return None, -1
        value = float(number.group().replace(",", ""))
        if kind == "integer" and not value.is_integer():
            return None, -1
        return (int(value) if value.is_integer() else value), number.end()
    if kind == "boolean":
        token = _TOKEN.match(text, start)
        word = token.group().rstrip(".!?").lower() if token is not None else ""
        if token is not None and word in _YES | _NO:
            return word in _YES, start + len(word)
        return None, -1
    return _text_at(text, start, linked, param)


def _text_at(text: str, start: int, linked: bool, param: Param | None) -> tuple[Any, int]:
    quote = _QUOTED.match(text, start)
    if quote is not None:
        return quote.group(1), quote.end()
    if param is not None and param.kind in ("datetime", "date", "time"):
        return _moment_at(text, start, param)
    token = _TOKEN.match(text, start)
    if token is None:
        return None, -1
    word = token.group().rstrip(".!?:")
    if re.search(r"[\d_@/.-]", word):
        return word, start + len(word)
    name = _NAME.match(text, start)
    if name is not None and name.group().split()[0].lower() not in _PROSE:
        return name.group(), name.end()
    if linked and word and word.lower() not in _PROSE and _ENDS.match(text, start + len(word)):
        return word, start + len(word)
    return None, -1


_NAME = re.compile(r"[A-Z][\w'’]*(?: [A-Z][\w'’]*)*")
_ENDS = re.compile(r"\s*(?:[.,;:!?)\x00]|$|\s(?:and|or|with|for|please|then)\b)")
"""What may stand behind a single word that is a value."""


def _moment_at(text: str, start: int, param: Param) -> tuple[Any, int]:
    """A date or time as it stands where it has the parameter's form; else said in words."""
    token = _TOKEN.match(text, start)
    if token is None:
        return None, -1
    for end in (start + 19, start + len(token.group().rstrip(".!?"))):
        piece = text[start:end].strip()
        if re.fullmatch(
            r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?Z?)?|\d\d:\d\d(?::\d\d)?", piece
        ):
            return piece, start + len(piece)
    if re.match(r"\d+(?![\w-])|\d[\w:.-]*", text[start:]):
        word = token.group().rstrip(".!?")
        return word, start + len(word)
    return None, -1


def _choice_at(values: Sequence[Any], text: str, start: int) -> tuple[Any, int]:
    quote = _QUOTED.match(text, start)
    said = quote.group(1) if quote is not None else text[start : start + 200]
    best: tuple[Any, int] = (None, -1)
    longest = 0
    for value in values:
        form = str(value)
        if not form or len(form) <= longest or not said.lower().startswith(form.lower()):
            continue
        if quote is not None and len(form) != len(said):
            continue
        if quote is None and said[len(form) : len(form) + 1].isalnum():
            continue
        end = quote.end() if quote is not None else start + len(form)
        best, longest = (value, end), len(form)
    return best


def _list_at(items: Mapping[str, Any], text: str, start: int) -> tuple[list[Any], int]:
    found: list[Any] = []
    end = -1
    at = start
    while len(found) < _MOST:
        value, stop = (
            _object_at(items, text, at)
            if type_of(items) == "object"
            else _scalar_at(items, text, at, False)
        )
        if stop < 0:
            break
        found.append(value)
        end = stop
        joint = _JOINT.match(text, stop)
        if joint is None:
            break
        at = joint.end()
    return (found, end) if found else ([], -1)


def _object_at(schema: Mapping[str, Any], text: str, start: int) -> tuple[Any, int]:
    """`name = value` pairs, in parentheses."""
    if text[start : start + 1] != "(":
        return None, -1
    at = start + 1
    made: dict[str, Any] = {}
    properties = schema.get("properties", {})
    names = {str(n).lower(): n for n in properties} | {_spaced(n): n for n in properties}
    while len(made) < _MOST:
        pair = _PAIR.match(text, at)
        if pair is None:
            break
        said = pair.group(1).strip()
        name = names.get(said.lower(), names.get(_spaced(said), said))
        value, stop = _inner_at(properties.get(name, {}), text, pair.end())
        if stop < 0:
            return None, -1
        made[name] = value
        comma = re.match(r"\s*,\s*(?:and\s+)?", text[stop:])
        at = stop + (comma.end() if comma is not None else 0)
        if comma is None:
            break
    if text[at : at + 1] != ")" or not made:
        return None, -1
    return made, at + 1


def _inner_at(schema: Mapping[str, Any], text: str, at: int) -> tuple[Any, int]:
    kind = type_of(schema) if schema else ""
    if kind == "object":
        return _object_at(schema, text, at)
    if kind == "array":
        return _list_at(schema.get("items", {}), text, at)
    if kind:
        return _scalar_at(schema, text, at, True)
    number = _NUMBER.match(text, at)
    if number is not None and not re.match(r"[\w-]", text[number.end() : number.end() + 1]):
        return _scalar_at({"type": "number"}, text, at, True)
    return _text_at(text, at, True, None)


def _spaced(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", str(name)).lower())
