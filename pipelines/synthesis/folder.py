"""A synthesis on disk.

    synthesis.json      the config, and digests of what the outcome depends on
    pool.jsonl          the tools, as they were when it began
    graph.npz           the tool graph, where tools are drawn by it
    batches/00000/      run/ (see `simulation.run_directory`), accepted.jsonl, rejected.jsonl,
                        unplanned.jsonl and, written last, batch.json; where models plan,
                        plans.jsonl and what they have spent on it, planning.json
    accepted.jsonl      the wanted number of dialogues, in the order of their numbers
    rejected.jsonl      the others, each with the reasons
    result.json         the counts; written last

A file is written beside its place and then moved there, so that it is whole or absent.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...simulation.run_directory import RunError
from ...trajectories.whole_file import write_whole
from .config import SynthesisConfig


class BatchResult(BaseModel):
    """What became of one batch; `batch.json`."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    number: int
    dialogues: int = 0
    """Planned for the batch."""
    accepted: int = 0
    rejected: int = 0
    unplanned: int = 0
    """For which no plan could be made."""
    reasons: dict[str, int] = Field(default_factory=dict)
    """Rejected dialogues by reason; a dialogue may have several."""
    blames: dict[str, int] = Field(default_factory=dict)
    """Rejected dialogues by who was at fault."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None
    """Of planning and playing, as the tokens are; None where no model has a price."""


class SynthesisResult(BaseModel):
    """What became of all; `result.json`."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    schema_version: int = 1
    name: str
    accepted: int
    played: int
    """Dialogues of the batches that these come from."""
    rejected: int
    unplanned: int
    reasons: dict[str, int]
    blames: dict[str, int]
    prompt_tokens: int
    completion_tokens: int
    cost: float | None

    @classmethod
    def of(cls, name: str, accepted: int, batches: Iterable[BatchResult]) -> SynthesisResult:
        """The sum over `batches`."""
        listed = list(batches)
        return cls(
            name=name,
            accepted=accepted,
            played=sum(one.dialogues - one.unplanned for one in listed),
            rejected=sum(one.rejected for one in listed),
            unplanned=sum(one.unplanned for one in listed),
            reasons=_sum(one.reasons for one in listed),
            blames=_sum(one.blames for one in listed),
            prompt_tokens=sum(one.prompt_tokens for one in listed),
            completion_tokens=sum(one.completion_tokens for one in listed),
            cost=total_cost(one.cost for one in listed),
        )


class Manifest(BaseModel):
    """The content of synthesis.json."""

    model_config = ConfigDict(extra="forbid")

    schema_version: int = 1
    config: SynthesisConfig
    digests: dict[str, str]


class SynthesisFolder:
    """Paths of a synthesis, and its small files."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def pool(self) -> Path:
        return self.path / "pool.jsonl"

    @property
    def graph(self) -> Path:
        return self.path / "graph.npz"

    @property
    def accepted(self) -> Path:
        return self.path / "accepted.jsonl"

    @property
    def rejected(self) -> Path:
        return self.path / "rejected.jsonl"

    def batch(self, number: int) -> Path:
        return self.path / "batches" / f"{number:05d}"

    def begun(self) -> bool:
        """Whether there is a synthesis in the folder."""
        return (self.path / "synthesis.json").exists()

    def manifest(self) -> Manifest:
        """Raises `RunError` where synthesis.json is missing or is not one."""
        path = self.path / "synthesis.json"
        try:
            return Manifest.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            raise RunError(f"{self.path}: not a synthesis (it has no synthesis.json)") from None
        except ValidationError as error:
            raise RunError(f"{path}: {error.errors()[0]['msg']}") from None

    def write_manifest(self, manifest: Manifest) -> None:
        write_text(self.path / "synthesis.json", manifest.model_dump_json(indent=2))

    def finished(self) -> Iterator[BatchResult]:
        """The batches that are done, by number."""
        for path in sorted((self.path / "batches").glob("[0-9]*/batch.json")):
            yield BatchResult.model_validate_json(path.read_bytes())

    def result(self) -> SynthesisResult | None:
        """The counts where the synthesis is done."""
        path = self.path / "result.json"
        if not path.exists():
            return None
        return SynthesisResult.model_validate_json(path.read_bytes())


def write_text(path: Path, text: str) -> None:
    """Write all of the file or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, [text.encode(), b"\n"])


def file_digest(path: Path) -> str:
    """Hex BLAKE2b-128 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def total_cost(costs: Iterable[float | None]) -> float | None:
    """The sum of the known ones; None where there is none."""
    known = [cost for cost in costs if cost is not None]
    return sum(known) if known else None


def _sum(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))
