"""Arguments as API-Bank's tool manager takes them: by declared type, in the order given.

What a model writes in the benchmark's notation is text. `reference` decodes lists as the first
release did, and takes JSON values as they are; `strict-upstream` leaves lists text and reads every
boolean but the text "True" as false, as the latest release does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import orjson

Behaviour = Literal["reference", "strict-upstream"]


class CallRaised(Exception):
    """An error that leaves upstream's tool manager instead of being an envelope.

    `kind` is the Python class that upstream raises, such as TypeError; the text is its message.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def coerced(
    types: Mapping[str, str], arguments: Mapping[str, Any], behaviour: Behaviour
) -> dict[str, Any]:
    """`arguments` coerced by `types` (name to the benchmark's type).

    Raises `CallRaised` for an unknown name and for text that the type does not take.
    """
    table = _STRICT if behaviour == "strict-upstream" else _REFERENCE
    values = {}
    for name, value in arguments.items():
        kind = types.get(name)
        if kind is None:
            raise CallRaised("AssertionError", f"invalid parameter name. parameter: {name}")
        coerce = table.get(kind)
        values[name] = value if coerce is None else coerce(value)
    return values


def _int(value: Any) -> Any:
    if isinstance(value, str):
        # `isnumeric` also takes digits that int() does not know, such as fractions.
        if not value.isdecimal() or len(value) > 300:
            raise CallRaised("AssertionError", f"invalid parameter type. parameter: {value}")
        return int(value)
    return _number(int, value)


def _float(value: Any) -> Any:
    if isinstance(value, str):
        if not value.replace(".", "", 1).isdecimal():
            raise CallRaised("AssertionError", "invalid parameter type.")
        return float(value)
    return _number(float, value)


def _number(make: Callable[[Any], Any], value: Any) -> Any:
    try:
        return make(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise CallRaised(type(error).__name__, str(error)) from None


def _strict_bool(value: Any) -> bool:
    return bool(value == "True")


def _bool(value: Any) -> bool:
    return value is True or value == "True"


def _decoded(value: Any) -> Any:
    """Text that is a list in Python's or JSON's notation; other text stays what it is."""
    if not isinstance(value, str):
        return _copied(value)
    for text in (value.replace("'", '"'), value):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            continue
    return value


def _copied(value: Any) -> Any:
    """Lists of objects as the tool's own, since tools for scenes tidy them up in place."""
    if isinstance(value, list):
        return [dict(item) if isinstance(item, dict) else item for item in value]
    return value


_STRICT: dict[str, Callable[[Any], Any]] = {
    "int": _int,
    "float": _float,
    "bool": _strict_bool,
    "list": _copied,
}
_REFERENCE: dict[str, Callable[[Any], Any]] = {
    "int": _int,
    "float": _float,
    "bool": _bool,
    "list": _decoded,
    "list(str)": _decoded,
}
