"""A judge's answer, and the file in which answers are kept.

One answer a line, appended as it comes. A torn last line, left by a killed process, is cut off; a
line that is no answer is passed over, since it costs one question and not the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

Grade = Literal[1, 2, 3, 4, 5]


class Grades(BaseModel):
    """What a judge says of one dialogue; the form it has to answer in."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="grades")

    # First, because a model that names the faults before it grades, grades by them.
    faults: str = Field(max_length=2_000)
    naturalness: Grade
    coherence: Grade
    helpfulness: Grade
    accuracy: Grade


class _Line(BaseModel):
    key: str
    grades: Grades


class GradeFile:
    """Answers by key: a digest of judge, rubric and transcript."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.known: dict[str, Grades] = {}
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            return
        content = path.read_bytes()
        whole = content.rpartition(b"\n")[0]
        if len(whole) + bool(whole) != len(content):
            with path.open("r+b") as file:
                file.truncate(len(whole) + bool(whole))
        for line in whole.splitlines():
            try:
                read = _Line.model_validate_json(line)
            except ValidationError:
                continue
            self.known[read.key] = read.grades

    def append(self, key: str, grades: Grades) -> None:
        """Keep one answer; it is in the file system when this returns."""
        line = {"key": key, "grades": grades.model_dump(mode="json")}
        with self._path.open("ab") as file:
            file.write(orjson.dumps(line) + b"\n")
        self.known[key] = grades
