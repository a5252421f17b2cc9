"""Which format a record is of, and why; which formats there are is `FORMATS`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import FORMATS
from .format import Format
from .plain_shape import plain


@dataclass(frozen=True, slots=True)
class Found:
    """What a record is."""

    format: Format
    why: str
    record: Any
    """The record in the shape that the format reads."""


def find(record: Any) -> Found | None:
    """The first format that recognizes `record`, as it stands or else in its plain shape; None
    where none does. All are tried in the one order, so no record is read by what stood before."""
    for shaped in (record, plain(record)):
        for format in FORMATS.values() if shaped is not None else ():
            why = format.recognize(shaped)
            if why:
                return Found(format, why, shaped)
    return None


def shaped_for(format: Format, record: Any) -> Any:
    """`record` as it stands, or in its plain shape where `format` recognizes it in that alone."""
    shaped = None if format.recognize(record) else plain(record)
    return shaped if shaped is not None and format.recognize(shaped) else record


def chosen(name: str) -> Format:
    """The format of that name. Raises `ValueError` that names those there are."""
    if name not in FORMATS:
        raise ValueError(f"there is no format {name!r}; formats are {', '.join(FORMATS)}")
    return FORMATS[name]


def known_record(value: Any) -> bool:
    """Whether some format recognizes `value`."""
    return find(value) is not None
