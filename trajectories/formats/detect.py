"""Which format a record is of, and why; which formats there are is `FORMATS`."""

from __future__ import annotations

from typing import Any

from . import FORMATS
from .format import Format


def detect(record: Any, likely: Format | None = None) -> tuple[Format, str] | None:
    """The format that recognizes `record`, and why it does; None where none does. `likely` is tried
    first: as no two formats claim one record, the result is the same."""
    for format in (likely, *FORMATS.values()) if likely else FORMATS.values():
        why = format.recognize(record)
        if why:
            return format, why
    return None


def chosen(name: str) -> Format:
    """The format of that name. Raises `ValueError` that names those there are."""
    if name not in FORMATS:
        raise ValueError(f"there is no format {name!r}; formats are {', '.join(FORMATS)}")
    return FORMATS[name]


def known_record(value: Any) -> bool:
    """Whether some format recognizes `value`."""
    return detect(value) is not None
