"""YAML files that configure something: read safely, checked against a model, one line if wrong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

Config = TypeVar("Config", bound=BaseModel)


def read_config(
    path: Path,
    model: type[Config],
    error: type[ValueError],
    changes: Mapping[str, Any] | None = None,
) -> Config:
    """What `path` says, with `changes` over its top keys.

    Raises `error` with a line that names the file and the place: missing, no YAML 1.2, no mapping,
    or a key or value that `model` refuses.
    """
    try:
        value = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except OSError as failure:
        raise error(f"{path}: {(failure.strerror or str(failure)).lower()}") from None
    except UnicodeDecodeError:
        raise error(f"{path}: not text in UTF-8") from None
    except (YAMLError, AssertionError, KeyError, RecursionError) as failure:
        # A `%YAML 1.3` line is an assertion to ruamel.
        raise error(f"{path}: {_place(failure)}") from None
    if value is not None and not isinstance(value, dict):
        raise error(f"{path}: a mapping of keys is wanted, not {type(value).__name__}")
    try:
        return model.model_validate({**(value or {}), **(changes or {})})
    except ValidationError as failure:
        first = failure.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise error(f"{path}: {where}: {first['msg']}") from None


def _place(failure: Exception) -> str:
    """Where YAML stopped making sense, and why, in one line."""
    mark = getattr(failure, "problem_mark", None)
    if isinstance(failure, MarkedYAMLError) and mark is not None:
        return f"line {mark.line + 1}, column {mark.column + 1}: {failure.problem}"
    return next(iter(str(failure).splitlines()), type(failure).__name__)
