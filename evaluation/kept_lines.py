"""Answers that were kept line by line while a model was asked, read by whoever goes on."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import orjson
from pydantic import BaseModel, ValidationError

Line = TypeVar("Line", bound=BaseModel)


def kept_lines(path: Path, kind: type[Line], what: str) -> list[Line]:
    """The models of a JSONL file, without a torn last line; none where there is no file.

    Raises `ValueError` for a line that is none, in one line.
    """
    if not path.exists():
        return []
    found = []
    for number, line in enumerate(path.read_bytes().rpartition(b"\n")[0].splitlines(), start=1):
        try:
            found.append(kind.model_validate(orjson.loads(line)))
        except (ValidationError, orjson.JSONDecodeError):
            raise ValueError(
                f"{path}:{number}: no {what}; remove the line or the file, and it is asked for anew"
            ) from None
    return found
