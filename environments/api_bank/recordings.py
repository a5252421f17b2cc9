"""The benchmark's annotated dialogues and level-3 records, as types.

Read from the user's API-Bank folder, in the layout of this project's documentation or of the
upstream repository. Nothing of them is in the package.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .data import SEED, VARIABLE, ApiBankDataError, read_bytes, read_json

Level = Literal[1, 2, 3]
_DIALOGUES = {
    1: ("level-1-given-desc", "lv1-lv2-samples/level-1-given-desc"),
    2: ("level-2-toolsearcher", "lv1-lv2-samples/level-2-toolsearcher"),
}
_REQUIREMENTS = ("level-3/level-3.json", "test-data/level-3.json")


class NothingRecorded(ApiBankDataError):
    """A folder without dialogues or records of a level, which it may well be."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)


class Turn(_Part):
    """One line of a dialogue: words, or a call with what it gave."""

    role: Literal["User", "AI", "API"]
    text: str = ""
    """What was said; empty for a call."""
    api_name: str = ""
    param_dict: dict[str, Any] = Field(default_factory=dict)
    """Arguments as annotated, before coercion."""
    result: dict[str, Any] = Field(default_factory=dict)
    """The recorded envelope {api_name, input, output, exception}."""


class Dialogue(_Part):
    """One dialogue of level 1 or 2."""

    name: str
    """File name, by which predictions refer to it."""
    level: Literal[1, 2]
    turns: tuple[Turn, ...]

    @property
    def calls(self) -> list[Turn]:
        return [turn for turn in self.turns if turn.role == "API"]


class RecordedCall(_Part):
    """One call of a level-3 record."""

    api_name: str
    input: dict[str, Any] = Field(default_factory=dict)
    """Arguments as annotated, before coercion."""
    output: dict[str, Any]
    """The recorded envelope."""


class Requirement(_Part):
    """One record of level 3: a request in a sentence, and the calls that meet it."""

    sample_id: int
    requirement: str
    response: str
    apis: tuple[RecordedCall, ...]


def read_dialogues(folder: Path, level: Literal[1, 2]) -> list[Dialogue]:
    """The dialogues of a level in the order of their names.

    Raises `NothingRecorded` for a folder without them, and `ApiBankDataError` for a line that is no
    turn.
    """
    for place in _DIALOGUES[level]:
        paths = sorted((folder / place).glob("*.jsonl"))
        if paths:
            return [
                Dialogue(name=path.name, level=level, turns=tuple(_turns(path))) for path in paths
            ]
    raise _nothing(folder, f"dialogues of level {level}")


def read_requirements(folder: Path) -> list[Requirement]:
    """The records of level 3, in order; their number is their `sample_id`.

    Raises `NothingRecorded` for a folder without them, and `ApiBankDataError`.
    """
    found = next((folder / p for p in _REQUIREMENTS if (folder / p).is_file()), None)
    records = [] if found is None else read_json(found)
    if not isinstance(records, list):
        raise ApiBankDataError(f"{found}: no list of records")
    if not records:
        raise _nothing(folder, "records of level 3")
    requirements = []
    for number, record in enumerate(records):
        try:
            requirements.append(Requirement.model_validate({"sample_id": number, **record}))
        except (ValidationError, TypeError) as error:
            raise ApiBankDataError(f"{found}: record {number}: {_first(error)}") from None
    return requirements


def _nothing(folder: Path, what: str) -> NothingRecorded:
    where = "the built-in data have" if folder == SEED else f"{folder} has"
    return NothingRecorded(
        f"{where} no {what}; give an API-Bank folder that has them by --data or {VARIABLE}, "
        "or choose other levels"
    )


def _turns(path: Path) -> Iterator[Turn]:
    for number, line in enumerate(read_bytes(path).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            yield Turn.model_validate(orjson.loads(line))
        except (ValidationError, orjson.JSONDecodeError) as error:
            raise ApiBankDataError(f"{path}:{number}: no turn: {_first(error)}") from None


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        detail = error.errors()[0]
        return f"{'.'.join(str(p) for p in detail['loc'])}: {detail['msg']}"
    return str(error).splitlines()[0]
