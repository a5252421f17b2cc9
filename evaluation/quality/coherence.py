"""How well each request goes with what came before it (ToolFlow, section 4.3 and table 2).

Premise: the previous round's request and response. Hypothesis: the current user request. SS is
100 × the mean cosine of their vectors, by an encoder that the report names; EnR is the share of
pairs in which an NLI model finds that the premise entails the hypothesis.

Pairs are handled in batches: memory is one batch and two numbers a dialogue.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from ...models.embedding import Encoder
from .entailment import Entailment
from .intervals import Clusters, Interval, mean_interval
from .sampling import Sample

_BATCH = 1024
_Pairs = Sequence[tuple[str, str]]
_Placed = tuple[int, str, tuple[str, str]]
"""A pair with the number and the scenario of its dialogue."""


class Coherence(BaseModel):
    """SS and EnR over all pairs."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    pairs: int
    """In the data set."""
    measured: int
    """Those that SS and EnR are over: all, or as many as the limit."""
    encoder: str
    """Name of the encoder."""
    encoder_digest: str
    similarity: Interval | None
    """SS, from -100 to 100; None without a pair."""
    nli: str | None = None
    """The NLI model that was named; None: EnR was not measured."""
    nli_label: str | None = None
    """The label, as the model calls it, that was counted."""
    entailment: Interval | None = None
    """EnR, as a share from 0 to 1; None where it was not measured."""


class CoherenceMeter:
    """Takes the pairs of dialogues one after another."""

    def __init__(
        self,
        encoder: Encoder,
        nli: Entailment | None = None,
        limit: int | None = None,
        seed: int = 0,
    ) -> None:
        """`limit`: at most so many pairs are measured, drawn by `seed`; slow models need it."""
        self._encoder = encoder
        self._nli = nli
        self._seed = seed
        self._drawn = None if limit is None else Sample[_Placed](limit, seed)
        self._waiting: list[tuple[str, _Pairs]] = []
        """Scenario and pairs of each dialogue."""
        self._waiting_pairs = 0
        self._dialogues = 0
        self.pairs = 0
        self.similarities = Clusters()
        """Cosines × 100 by dialogue."""
        self.entailments = Clusters()
        """1 for each pair that is entailed, by dialogue."""

    def add(self, pairs: Iterable[tuple[str, str]], scenario: str = "") -> None:
        """The pairs of one dialogue; intervals draw those of one scenario together.

        Raises `ModelUnavailable` where a model cannot be loaded.
        """
        listed = list(pairs)
        self._dialogues += 1
        self.pairs += len(listed)
        if self._drawn is None:
            self._put(scenario, listed)
            return
        for pair in listed:
            self._drawn.add((self._dialogues, scenario, pair))

    def result(self) -> Coherence:
        """The figures over all pairs; nothing can be added afterwards."""
        if self._drawn is not None:
            by_dialogue: dict[int, tuple[str, list[tuple[str, str]]]] = {}
            for dialogue, scenario, pair in self._drawn.items():
                by_dialogue.setdefault(dialogue, (scenario, []))[1].append(pair)
            for scenario, pairs in by_dialogue.values():
                self._put(scenario, pairs)
        self._measure()
        return Coherence(
            pairs=self.pairs,
            measured=self.similarities.values,
            encoder=self._encoder.name,
            encoder_digest=self._encoder.digest,
            similarity=mean_interval(self.similarities, self._seed),
            nli=self._nli.name if self._nli is not None else None,
            nli_label=self._nli.label if self._nli is not None else None,
            entailment=mean_interval(self.entailments, self._seed),
        )

    def _put(self, scenario: str, pairs: _Pairs) -> None:
        self._waiting.append((scenario, pairs))
        self._waiting_pairs += len(pairs)
        if self._waiting_pairs >= _BATCH:
            self._measure()

    def _measure(self) -> None:
        flat = [pair for _, pairs in self._waiting for pair in pairs]
        if not flat:
            return
        cosines = iter(_cosines(self._encoder, flat))
        for scenario, pairs in self._waiting:
            self.similarities.add([next(cosines) for _ in pairs], scenario)
        if self._nli is not None:
            found = iter(self._nli.entailed(flat))
            for scenario, pairs in self._waiting:
                self.entailments.add([float(next(found)) for _ in pairs], scenario)
        self._waiting, self._waiting_pairs = [], 0


def _cosines(encoder: Encoder, pairs: list[tuple[str, str]]) -> list[float]:
    """Cosines × 100, clipped to what a cosine can be."""
    # "Thanks!" comes often; each text is encoded once.
    texts = list(dict.fromkeys(text for pair in pairs for text in pair))
    places = {text: place for place, text in enumerate(texts)}
    vectors = encoder.encode(texts)
    return [
        100.0
        * max(-1.0, min(1.0, _product(vectors[places[a]], vectors[places[b]], encoder.sparse)))
        for a, b in pairs
    ]


def _product(first: Any, second: Any, sparse: bool) -> float:
    if sparse:
        return float(sum(value * second.get(key, 0.0) for key, value in first.items()))
    # In double precision: the sum of 256 rounded squares is 1 to the seventh digit otherwise.
    return float(first.astype("f8") @ second.astype("f8"))
