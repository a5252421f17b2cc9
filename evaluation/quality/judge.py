"""A model's grades for a sample of dialogues: naturalness, coherence, helpfulness, accuracy.

The rubric (`prompts/judge.md`) is this project's own and strict; grades are comparable only among
dialogue sets graded by the same model with the same rubric, whose digests the result holds.
Answers are kept line by line in a file, so that a broken-off grading goes on where it was and a
second report costs nothing. Intervals are bootstrapped over dialogues: they say how far the sample
is from the set, and nothing about how far the judge is from people.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from autogen_core.models import ChatCompletionClient, LLMMessage, SystemMessage, UserMessage
from pydantic import BaseModel, ConfigDict, Field

from ...models.errors import InvalidAnswer, ModelError
from ...models.registry import identity_digest, load
from ...models.structured import ask_structured
from ...trajectories.canonical import digest
from .grades import Grade, GradeFile, Grades
from .intervals import Clusters, Interval, mean_interval

QUALITIES = ("naturalness", "coherence", "helpfulness", "accuracy")
SAMPLE = 200
_MAX_TOKENS = 800
Progress = Callable[[int, int], None]
"""Told how many dialogues are graded, and of how many."""


class Judgement(BaseModel):
    """Grades over a sample, each from 1 to 5."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    model: str
    model_digest: str
    """Over the model's configuration, and its weights where they are in local files."""
    rubric_digest: str
    sampled: int
    graded: int
    """Dialogues with grades; the others' answers did not fit the form, even asked again."""
    seed: int
    """That drew the sample."""
    grades: dict[str, Interval] = Field(default_factory=dict)
    """Mean by quality; empty where nothing was graded."""
    counts: dict[str, list[int]] = Field(default_factory=dict)
    """By quality, how often each of 1, 2, 3, 4, 5 was given."""
    faults: list[tuple[str, str]] = Field(default_factory=list)
    """The judge's words on the dialogues with the lowest grades: id of the dialogue, faults."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A dialogue to be graded."""

    id: str
    scenario: str
    transcript: str


class Judge:
    """A model with the rubric. Keeps one event loop, because a client's connections live in the
    loop in which they were made, and several sets are graded one after another."""

    def __init__(self, client: ChatCompletionClient, name: str, model_digest: str = "") -> None:
        """`name` and `model_digest` go into the key under which answers are kept."""
        self._client = client
        self._runner = asyncio.Runner()
        self.name = name
        self.model_digest = model_digest

    def grade(
        self,
        candidates: Sequence[Candidate],
        path: Path,
        *,
        seed: int = 0,
        concurrency: int = 8,
        on_progress: Progress | None = None,
    ) -> tuple[Judgement, dict[str, Clusters]]:
        """Grades for dialogues; `path` (JSONL) holds the answers there are.

        The second value has the grades by quality, one dialogue each, for comparisons. Raises a
        `ModelError` where the model is not there; what was graded until then stays in `path`.
        """
        kept = GradeFile(path)
        keys = [self._key(one.transcript) for one in candidates]
        found: dict[str, Grades] = {key: kept.known[key] for key in keys if key in kept.known}
        missing = {
            key: one.transcript
            for key, one in zip(keys, candidates, strict=True)
            if key not in found
        }
        self._runner.run(self._ask_all(missing, found, kept, concurrency, on_progress))
        graded = [
            (one, found[key]) for one, key in zip(candidates, keys, strict=True) if key in found
        ]
        return self._judgement(graded, len(keys), seed)

    def close(self) -> None:
        """Close the model's connections; the judge cannot be used afterwards."""
        self._runner.run(self._client.close())
        self._runner.close()

    async def _ask_all(
        self,
        missing: Mapping[str, str],
        found: dict[str, Grades],
        kept: GradeFile,
        concurrency: int,
        on_progress: Progress | None,
    ) -> None:
        """Fill `found` with the grades of what is missing, as they come."""
        gate = asyncio.Semaphore(concurrency)
        done, total = len(found), len(found) + len(missing)

        async def one(key: str, text: str) -> None:
            nonlocal done
            async with gate:
                grades = await self._ask(text)
            if grades is not None:
                found[key] = grades
                kept.append(key, grades)
            done += 1
            if on_progress is not None:
                on_progress(done, total)

        try:
            async with asyncio.TaskGroup() as group:
                for key, text in missing.items():
                    group.create_task(one(key, text))
        except ExceptionGroup as several:
            # The first says it all; the others were asked at the same time and met the same.
            raise several.exceptions[0] from None

    async def _ask(self, text: str) -> Grades | None:
        prompt: list[LLMMessage] = [
            SystemMessage(content=rubric()),
            UserMessage(content=text, source="user"),
        ]
        params = {"temperature": 0, "seed": 0, "max_tokens": _MAX_TOKENS}
        try:
            return await ask_structured(self._client, prompt, Grades, params=params)
        except InvalidAnswer:
            return None
        except ModelError as error:
            if error.kind == "context_overflow":
                return None
            raise

    def _key(self, text: str) -> str:
        return digest([self.name, self.model_digest, rubric_digest(), text])

    def _judgement(
        self, graded: Sequence[tuple[Candidate, Grades]], sampled: int, seed: int
    ) -> tuple[Judgement, dict[str, Clusters]]:
        clusters = {quality: Clusters() for quality in QUALITIES}
        counts = {quality: [0] * 5 for quality in QUALITIES}
        for candidate, grades in graded:
            for quality in QUALITIES:
                grade: Grade = getattr(grades, quality)
                clusters[quality].add([grade], candidate.scenario)
                counts[quality][grade - 1] += 1
        means = {quality: mean_interval(clusters[quality], seed) for quality in QUALITIES}
        worst = sorted(graded, key=lambda one: sum(getattr(one[1], q) for q in QUALITIES))[:5]
        judgement = Judgement(
            model=self.name,
            model_digest=self.model_digest,
            rubric_digest=rubric_digest(),
            sampled=sampled,
            graded=len(graded),
            seed=seed,
            grades={quality: mean for quality, mean in means.items() if mean is not None},
            counts=counts,
            faults=[(one.id, grades.faults[:500]) for one, grades in worst],
        )
        return judgement, clusters


def configured_judge(name: str, search: Sequence[Path] = ()) -> Judge:
    """The model configured as `name`, as a judge. Raises `ModelUnavailable`."""
    return Judge(load(name, search), name, identity_digest(name, search))


def rubric() -> str:
    """The judge's instructions."""
    return files(__package__).joinpath("prompts/judge.md").read_text(encoding="utf-8")


def rubric_digest() -> str:
    return hashlib.blake2b(rubric().encode(), digest_size=16).hexdigest()
