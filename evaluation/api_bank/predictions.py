"""What a model gave for one sample, read or not, and files of such answers.

Published predictions are JSON lines {file, id, pred} for levels 1 and 2 and
{pred, sample_id, api_id} for level 3, where `pred` is the model's text in the benchmark's notation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import orjson

Failure = Literal["no_api_call", "failed_parse_api_call"]


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


def read_texts(path: Path) -> dict[tuple[str, int], str]:
    """The texts of a file of published predictions, by file and id, or record and call. The last
    of several for a sample counts, since runs that were stopped are gone on with.

    Raises `PredictionsUnreadable`, and `OSError` where the file cannot be read.
    """
    texts: dict[tuple[str, int], str] = {}
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
        text = record["pred"]
        texts[key] = text if isinstance(text, str) else ""
    return texts


def _key(record: Mapping[str, Any]) -> tuple[str, int] | None:
    if "pred" not in record:
        return None
    for source, number in (("file", "id"), ("sample_id", "api_id")):
        given = record.get(source), record.get(number)
        if isinstance(given[0], str | int) and isinstance(given[1], int):
            return str(given[0]), given[1]
    return None
