"""What a model gave for one sample, read or not, and files of such answers.

Published predictions are JSON lines {file, id, pred} for levels 1 and 2 and
{pred, sample_id, api_id, output} for level 3, where `pred` is the model's text, a call in the
benchmark's notation or words. Level 3 numbers a record's response as its last call: there a line
is for the call where its `output`, the annotated answer, is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import orjson

Failure = Literal["no_api_call", "failed_parse_api_call"]
_CALL = "API-Request:"


class PredictionsUnreadable(ValueError):
    """A file of predictions that cannot be used; names the line."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """A model's answer to one sample: a call, or why there is none."""

    said: str = ""
    """What it wrote, or its call in the benchmark's notation."""
    name: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    failure: Failure | None = None
    detail: str = ""
    """Why there is none, for people."""


MISSING = Prediction(failure="no_api_call", detail="no prediction")
"""Stands for a sample without a prediction, which stays in every denominator."""


def read_texts(path: Path, *, words: bool = False) -> dict[tuple[str, int], str]:
    """The texts of a file of published predictions, by file and id, or record and call. The last
    of several for a sample counts, since runs that were stopped are gone on with. `words`: those
    for responses are wanted, so that lines for calls of level 3 are left out; without it, they go
    before others of the same number.

    Raises `PredictionsUnreadable`, and `OSError` where the file cannot be read.
    """
    texts: dict[tuple[str, int], str] = {}
    calls: set[tuple[str, int]] = set()
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise PredictionsUnreadable(f"{path}:{number}: no JSON: {error}") from None
        key = _key(record) if isinstance(record, dict) else None
        if key is None:
            raise PredictionsUnreadable(
                f"{path}:{number}: no prediction: file, id and pred are needed, "
                "or sample_id, api_id and pred"
            )
        for_call = _is_for_call(record)
        if for_call if words else key in calls and not for_call:
            continue
        if for_call:
            calls.add(key)
        text = record["pred"]
        texts[key] = text if isinstance(text, str) else ""
    return texts


def _is_for_call(record: Mapping[str, Any]) -> bool:
    """Whether a line of level 3 says that a call is its answer."""
    wanted = record.get("output")
    return "file" not in record and isinstance(wanted, str) and wanted.lstrip().startswith(_CALL)


def _key(record: Mapping[str, Any]) -> tuple[str, int] | None:
    if "pred" not in record:
        return None
    for source, number in (("file", "id"), ("sample_id", "api_id")):
        given = record.get(source), record.get(number)
        if isinstance(given[0], str | int) and isinstance(given[1], int):
            return str(given[0]), given[1]
    return None
