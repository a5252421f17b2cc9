"""How many rows of a table have given values: what an expected state asks of a world."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from .protocol import Environment


def rows_with(environment: Environment, table: str, row: Mapping[str, Any]) -> int:
    """The number of rows in `table` with these values; null matches null.

    Raises `ValueError` for a table or column that does not exist.
    """
    terms = [f"{_name(column)} is {_literal(value)}" for column, value in row.items()]
    sql = f"select count(*) from {_name(table)} where {' and '.join(['true', *terms])}"  # noqa: S608
    return int(environment.query(sql)[0][0])


def _name(name: str) -> str:
    """An identifier in backticks: a name in double quotes that no column has is text to SQLite."""
    return "`" + name.replace("`", "``") + "`"


def _literal(value: Any) -> str:
    """A JSON value as SQLite's literal; lists and objects are stored as JSON text."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int | float):
        return repr(value)
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return "'" + text.replace("'", "''") + "'"
