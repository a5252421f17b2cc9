"""What came of converting one file, and where it is written down."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import orjson
from pydantic import BaseModel, ConfigDict, Field

from ..whole_file import WholeFile


class Conversion(BaseModel):
    """What came of one file."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    schema_version: int = 1
    file: str
    out: str
    read: int = 0
    converted: int = 0
    trajectories: int = 0
    refused: dict[str, int] = Field(default_factory=dict)
    """Records by the reason for which they were refused."""
    lost: dict[str, int] = Field(default_factory=dict)
    """What could not be held, by kind: in reading and in writing."""
    formats: dict[str, int] = Field(default_factory=dict)
    """Records by the format they were recognized as."""
    why: dict[str, str] = Field(default_factory=dict)
    """Why the first record of each format was taken for that."""
    tools: int | None = None
    """Tools in the pool, where the file holds tools and no conversations."""

    @property
    def refusals(self) -> int:
        """Records that were refused."""
        return sum(self.refused.values())


def beside(out: Path, what: str) -> Path:
    """The file next to `out` for `what` of it: `refused.jsonl` or `report.json`."""
    return out.with_name(f"{out.name}.{what}")


def save_report(report: Conversion, stack: ExitStack) -> None:
    """Write `OUT.report.json`."""
    file = stack.enter_context(WholeFile(beside(Path(report.out), "report.json")))
    file.write(orjson.dumps(report.model_dump(mode="json"), option=orjson.OPT_INDENT_2) + b"\n")
    file.finish()
