"""Several samples in one row, so that a batch is words and not padding.

A row's positions start again with each sample, and attention stays within it (see `trainer.py`);
the loss of a row is that of its samples.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from .config import SampleConfig
from .encoding import IGNORED, Encoded

Row = list[Encoded]


class Fill(BaseModel):
    """How full the rows are."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    rows: int = 0
    samples: int = 0
    share: float = 0.0
    """Tokens of samples among all that the rows could hold, 0 to 1."""

    def line(self) -> str:
        return f"packed {self.samples} samples into {self.rows} rows, {100 * self.share:.1f} % full"


def packed(samples: Sequence[Encoded], length: int) -> list[Row]:
    """Rows of up to `length` tokens, in the order of their first samples.

    Each sample, the longest first, goes into the fullest row that has room for it (best fit
    decreasing), so equal samples give equal rows.
    """
    rows: list[list[int]] = []
    room: list[tuple[int, int]] = []
    order = sorted(range(len(samples)), key=lambda at: (-len(samples[at].input_ids), at))
    for at in order:
        needed = len(samples[at].input_ids)
        place = bisect_left(room, (needed, -1))
        left, row = room.pop(place) if place < len(room) else (length, len(rows))
        if row == len(rows):
            rows.append([])
        rows[row].append(at)
        insort(room, (left - needed, row))
    return [[samples[at] for at in sorted(row)] for row in sorted(rows, key=min)]


def fill_of(rows: Sequence[Row], length: int) -> Fill:
    tokens = sum(len(sample.input_ids) for row in rows for sample in row)
    share = tokens / (len(rows) * length) if rows else 0.0
    return Fill(rows=len(rows), samples=sum(map(len, rows)), share=round(share, 4))


Columns = dict[str, list[list[int]]]
"""Rows as trainers take them: tokens and labels, and each token's place in its sample."""


def columns(rows: Sequence[Row], *, positions: bool) -> Columns:
    """`positions`: for rows of several samples.

    A sample's first token has no label: it would be predicted from the sample before it.
    """
    found: Columns = {
        "input_ids": [[token for one in row for token in one.input_ids] for row in rows],
        "labels": [[label for one in row for label in (IGNORED, *one.labels[1:])] for row in rows],
    }
    if positions:
        places = [[at for one in row for at in range(len(one.input_ids))] for row in rows]
        found["position_ids"] = places
    return found


def arranged(samples: Sequence[Encoded], config: SampleConfig) -> tuple[Columns, Fill | None]:
    """The samples in rows, packed where the config says so, and how full those are."""
    if not config.packing:
        return columns([[sample] for sample in samples], positions=False), None
    rows = packed(samples, config.max_length)
    return columns(rows, positions=True), fill_of(rows, config.max_length)
