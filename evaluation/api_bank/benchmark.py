"""One level of the benchmark with its data, and its calls scored under a protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ...environments.api_bank import ApiBankData, Catalog, level_1, level_3
from ...environments.api_bank.environment import tool_specs
from ...environments.api_bank.recordings import read_dialogues, read_requirements
from ...tools import ToolSpec
from .annotations import GoldCall, Key, Source, every_call, published_calls
from .call_score import CallScore
from .corrected import score_corrected
from .paper import score_published, score_published_records
from .predictions import Prediction
from .reading import Protocol, gold_prediction
from .samples import (
    CallSample,
    Level,
    ResponseSample,
    call_samples,
    corrected_samples,
    response_samples,
)


@dataclass(frozen=True)
class Benchmark:
    """The dialogues or records of a level."""

    level: Level
    data: ApiBankData
    sources: Sequence[Source]
    available: int
    """How many the data have; `sources` may be a part of them."""

    @property
    def catalog(self) -> Catalog:
        return level_3() if self.level == 3 else level_1()

    @cached_property
    def specs(self) -> dict[str, ToolSpec]:
        """The level's tools by name, in the words of the first release."""
        return tool_specs(self.catalog, self.data, "reference")

    def call_samples(self, protocol: Protocol) -> list[CallSample]:
        """What a model is asked for under a protocol that asks for single calls."""
        choose = call_samples if protocol == "paper" else corrected_samples
        return [sample for source in self.sources for sample in choose(source)]

    def response_samples(self) -> list[ResponseSample]:
        return [sample for source in self.sources for sample in response_samples(source)]

    def calls(self, protocol: Protocol) -> list[GoldCall]:
        """The annotated calls that are counted, in order."""
        choose = published_calls if protocol == "paper" else every_call
        return [gold for source in self.sources for gold in choose(source)]

    def gold(self, protocol: Protocol) -> dict[Key, Prediction]:
        """The annotated calls as predictions."""
        return {gold.key: gold_prediction(gold, protocol) for gold in self.calls(protocol)}

    def scores(self, protocol: Protocol, predictions: Mapping[Key, Prediction]) -> list[CallScore]:
        """Every counted call; `protocol` is paper or corrected."""
        if protocol == "paper":
            play = score_published_records if self.level == 3 else score_published
            return play(self.calls(protocol), predictions, self.data)
        return [
            score
            for source in self.sources
            for score in score_corrected(self.catalog, every_call(source), predictions, self.data)
        ]


def read_benchmark(data: ApiBankData, level: Level, limit: int | None = None) -> Benchmark:
    """A level's dialogues or records; with `limit` at most so many, spread evenly.

    Raises `ApiBankDataError` for a folder without them.
    """
    sources: Sequence[Source]
    sources = read_requirements(data.folder) if level == 3 else read_dialogues(data.folder, level)
    available = len(sources)
    if limit is not None and limit < available:
        sources = [sources[at * available // limit] for at in range(limit)]
    return Benchmark(level, data, sources, available)
