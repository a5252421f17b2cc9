"""Tool pools on disk: a JSON list of tool specs, or one spec a line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from .spec import ToolSpec


class PoolError(ValueError):
    """A pool cannot be read; the message names the file, the place and what is wrong."""


def load_pool(path: Path) -> list[ToolSpec]:
    """The specs of a `.json` list or a `.jsonl` file. Raises `PoolError`, also for a name that
    stands twice."""
    specs: dict[str, ToolSpec] = {}
    for where, record in _records(path):
        try:
            spec = ToolSpec.model_validate(record)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise PoolError(f"{path}: {where}: {place}: {first['msg']}") from None
        if spec.name in specs:
            raise PoolError(f"{path}: {where}: the tool {spec.name} stands there twice")
        specs[spec.name] = spec
    return list(specs.values())


def save_pool(path: Path, specs: Iterable[ToolSpec]) -> None:
    """Write specs one a line (`.jsonl`) or as one list."""
    records = [spec.model_dump(mode="json", exclude_defaults=True) for spec in specs]
    if path.suffix == ".jsonl":
        path.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in records))
    else:
        path.write_bytes(orjson.dumps(records, option=orjson.OPT_INDENT_2) + b"\n")


def _records(path: Path) -> Iterable[tuple[str, Any]]:
    try:
        payload = path.read_bytes()
    except OSError as error:
        raise PoolError(f"{path}: cannot be read: {error.strerror}") from None
    if path.suffix == ".jsonl":
        for number, line in enumerate(payload.splitlines(), 1):
            if line.strip():
                yield f"line {number}", _decoded(path, f"line {number}", line)
        return
    records = _decoded(path, "the file", payload)
    if not isinstance(records, list):
        raise PoolError(f"{path}: a pool is a list of tool specs")
    for number, record in enumerate(records, 1):
        yield f"tool {number}", record


def _decoded(path: Path, where: str, text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise PoolError(f"{path}: {where}: not JSON ({error})") from None
