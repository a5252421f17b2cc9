"""Whether a value fits a JSON Schema, and in plain words why not.

Validators are compiled once per process by the schema's digest (jsonschema-rs, Draft 2020-12).
Nothing is ever fetched: a reference to another document makes the schema unusable. The value is
never changed, and nothing is coerced.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jsonschema_rs
import orjson

from .spec import ToolSpec

_SHOWN = 6
"""Problems reported for one value; more would bury the first ones."""


class SchemaUnusable(ValueError):
    """A JSON Schema that cannot be compiled; the message says why, in one line."""


def _refuse(uri: str) -> Any:
    raise SchemaUnusable(f"the schema refers to {uri}, and nothing is fetched")


def problems(schema: Mapping[str, Any] | bool, value: Any) -> list[str]:
    """What is wrong with `value`, one line each, "where: what"; empty where it fits.

    Raises `SchemaUnusable`.
    """
    validator = _validator(schema)
    try:
        if validator.is_valid(value):
            return []
        errors = [_line(error) for error, _ in zip(validator.iter_errors(value), range(_SHOWN),
                                                    strict=False)]  # fmt: skip
    except (ValueError, TypeError, RecursionError, OverflowError) as error:
        return [f"not a value that JSON can hold: {_one_line(error)}"]
    return errors or ["does not fit the schema"]


def violations(schema: Mapping[str, Any] | bool, value: Any) -> list[tuple[str, str]]:
    """The same as `problems`, each with the keyword that was violated before it ("required",
    "type", "enum", ...; "" for a value that JSON cannot hold). Raises `SchemaUnusable`.
    """
    validator = _validator(schema)
    try:
        if validator.is_valid(value):
            return []
        errors = zip(validator.iter_errors(value), range(_SHOWN), strict=False)
        found = [(str(getattr(error.kind, "name", "")), _line(error)) for error, _ in errors]
    except (ValueError, TypeError, RecursionError, OverflowError) as error:
        return [("", f"not a value that JSON can hold: {_one_line(error)}")]
    return found or [("", "does not fit the schema")]


def check_schema(schema: Mapping[str, Any] | bool) -> None:
    """Raises `SchemaUnusable` where `schema` cannot be used."""
    _validator(schema)


def check_arguments(spec: ToolSpec, arguments: Any) -> list[str]:
    """Problems of a call's arguments."""
    return problems(spec.parameters, arguments)


def check_output(spec: ToolSpec, output: Any) -> list[str]:
    """Problems of a tool's output; none where the tool does not say what it returns."""
    return [] if spec.returns is None else problems(spec.returns, output)


_by_identity: dict[int, tuple[Any, jsonschema_rs.Draft202012Validator]] = {}


def _validator(schema: Mapping[str, Any] | bool) -> jsonschema_rs.Draft202012Validator:
    # The same schema object comes again and again; its bytes need not be made each time.
    known = _by_identity.get(id(schema))
    if known is not None and known[0] is schema:
        return known[1]
    try:
        text = orjson.dumps(schema, option=orjson.OPT_SORT_KEYS)
    except TypeError as error:
        raise SchemaUnusable(f"the schema is not JSON: {_one_line(error)}") from None
    validator = _compiled(text)
    if len(_by_identity) > 4096:
        _by_identity.clear()
    _by_identity[id(schema)] = (schema, validator)
    return validator


@lru_cache(maxsize=4096)
def _compiled(text: bytes) -> jsonschema_rs.Draft202012Validator:
    try:
        return jsonschema_rs.Draft202012Validator(orjson.loads(text), retriever=_refuse)
    except (ValueError, RecursionError) as error:
        raise SchemaUnusable(f"the schema cannot be used: {_one_line(error)}") from None


def _line(error: Any) -> str:
    where = "/".join(str(part) for part in error.instance_path)
    message = _one_line(error.message)
    return f"{where}: {message}" if where else message


def _one_line(error: object) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 300 else text[:297] + "..."
