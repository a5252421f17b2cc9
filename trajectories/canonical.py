"""Canonical JSON: the one byte form in which records are compared, digested and stored.

Text from models and tools is made encodable here before it is recorded: lone surrogates are
escaped, integers beyond 64 bits, times and decimal numbers become strings, non-finite numbers are
refused. What was changed is returned, so that the record can flag it.
"""

from __future__ import annotations

import hashlib
import math
from datetime import date, time
from decimal import Decimal
from typing import Any

import orjson

_OPTIONS = orjson.OPT_SORT_KEYS
_OUR_TIMES = orjson.OPT_PASSTHROUGH_DATETIME
"""Times are no JSON; orjson would write them in its own way, and let them stay in the value."""


class NotEncodable(ValueError):
    """A value that no JSON document can hold, such as NaN; says where it stands."""


def canonical(value: Any) -> bytes:
    """`value` as JSON with sorted keys and no spaces.

    Raises `TypeError` for what JSON cannot hold; run `encodable` first on untrusted values.
    """
    return orjson.dumps(value, option=_OPTIONS)


def digest(value: Any) -> str:
    """Hex BLAKE2b-128 of `canonical(value)`: 32 characters."""
    return hashlib.blake2b(orjson.dumps(value, option=_OPTIONS), digest_size=16).hexdigest()


def encodable(value: Any) -> tuple[Any, list[str]]:
    """`value` in a form that `canonical` accepts, and the JSON pointers of what was altered.

    Raises `NotEncodable` for non-finite numbers and for types that JSON does not have.
    """
    try:
        # Almost always the value is fine already, and one C call says so. orjson writes NaN as
        # null without complaint, so that case is looked for in the result, not trusted to it.
        text = orjson.dumps(value, option=_OUR_TIMES)
        if b"null" not in text:
            return value, []
    except TypeError:
        pass
    altered: list[str] = []
    return _mend(value, "", altered), altered


def _mend(value: Any, where: str, altered: list[str]) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            altered.append(where or "/")
            return value.encode("utf-8", "backslashreplace").decode("utf-8")
        return value
    if isinstance(value, int):
        if -(2**63) <= value < 2**64:
            return value
        altered.append(where or "/")
        # CPython refuses to print integers of more than 4,300 digits; hexadecimal has no limit.
        return str(value) if value.bit_length() < 14_000 else hex(value)
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        raise NotEncodable(f"{where or '/'}: {value!r} is not a number that JSON can hold")
    if isinstance(value, dict):
        mended: dict[str, Any] = {}
        for key, item in value.items():
            name = _mend(key if isinstance(key, str) else str(key), f"{where}/<key>", altered)
            mended[name] = _mend(item, f"{where}/{name}", altered)
        return mended
    if isinstance(value, (date, time, Decimal)):  # a datetime is a date
        altered.append(where or "/")
        return str(value) if isinstance(value, Decimal) else value.isoformat()
    if isinstance(value, (list, tuple)):
        return [_mend(item, f"{where}/{i}", altered) for i, item in enumerate(value)]
    raise NotEncodable(f"{where or '/'}: a {type(value).__name__} is not a JSON value")


def text_of(content: Any) -> str:
    """A tool's output as a model reads it: text as it is, all else as canonical JSON."""
    return content if isinstance(content, str) else canonical(content).decode()
