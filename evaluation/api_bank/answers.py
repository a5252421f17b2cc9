"""What models answered, one JSON line a sample, kept as it was said.

Answers are read again whenever they are scored, so that a file serves every protocol that asked
the same. A file of text answers is one of published predictions too ({file, id, pred}).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import orjson
from autogen_core import FunctionCall
from autogen_core.models import CreateResult, RequestUsage
from pydantic import BaseModel, ConfigDict

from ...trajectories.whole_file import write_whole
from ..kept_lines import kept_lines

MAX_KEPT = 100_000
"""Characters of an answer that are kept."""


class FunctionAnswer(BaseModel):
    """A call of the interface, as the model wrote it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    arguments: str


class Answer(BaseModel):
    """One model's answer to one sample."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    file: str
    id: int
    prompt_digest: str
    """Over all that the model saw."""
    pred: str = ""
    """What it wrote."""
    calls: tuple[FunctionAnswer, ...] | None = None
    """The calls that it made through the interface; None where it wrote."""
    problem: str | None = None
    """Why there is no usable answer, such as `invalid_answer`."""
    cut: bool = False
    """It broke off at the token limit."""
    seconds: float = 0.0

    @property
    def key(self) -> tuple[str, int]:
        return self.file, self.id

    def result(self) -> CreateResult:
        """The answer as a client gave it; no words where there was none."""
        content: str | list[FunctionCall] = self.pred
        if self.calls is not None:
            content = [
                FunctionCall(id=f"call_{at}", name=call.name, arguments=call.arguments)
                for at, call in enumerate(self.calls)
            ]
        return CreateResult(
            finish_reason="length" if self.cut else "stop",
            content=content,
            usage=RequestUsage(prompt_tokens=0, completion_tokens=0),
            cached=False,
        )


def read_answers(path: Path) -> list[Answer]:
    """The answers of a file, without a torn last line; none where there is no file.

    Raises `ValueError` for a line that is no answer, and names it.
    """
    return kept_lines(path, Answer, "answer")


def write_answers(path: Path, answers: Iterable[Answer]) -> None:
    """Write the file anew, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, (_line(answer) for answer in answers))


def append_answer(path: Path, answer: Answer) -> None:
    with path.open("ab") as file:
        file.write(_line(answer))


def _line(answer: Answer) -> bytes:
    return orjson.dumps(answer.model_dump(mode="json", exclude_defaults=True)) + b"\n"
