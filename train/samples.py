"""Trajectories as training samples, with an account of everything that did not become one.

Only accepted trajectories, loss only on what the assistant wrote. A sample that is too long loses
whole oldest turns (a user message and all that follows it up to the next), never part of one; if
its last turn alone is too long it is dropped, counted and named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ..trajectories.canonical import digest
from ..trajectories.trajectory import Trajectory
from .augment import AugmentConfig, augmented, joined
from .config import SampleConfig
from .dialogue import Dialogue, dialogues, learnable
from .encoding import IGNORED, Encoded, LabelMissing, encode
from .filters import ScoreFilter, accepted

__all__ = [
    "IGNORED",
    "LabelMissing",
    "NothingToTrain",
    "Sample",
    "SampleReport",
    "build_samples",
    "split_by_turn",
    "without_oldest_turn",
]


class NothingToTrain(ValueError):
    """No sample is left; the message says where they went."""


@dataclass(frozen=True, slots=True)
class Sample:
    id: str
    """The trajectory's id, and which copy and turn of it."""
    encoded: Encoded


class SampleReport(BaseModel):
    """What came in, what is trained on, what was dropped and why."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    trajectories: int = 0
    """Trajectories read."""
    accepted: int = 0
    refused: dict[str, int] = Field(default_factory=dict)
    """Trajectories that the filter refused, by reason."""
    examples_in: int = 0
    """Examples made of the accepted trajectories: copies, and turns where asked."""
    trained: int = 0
    dropped: dict[str, int] = Field(default_factory=dict)
    """Examples that are not trained on, by reason."""
    turns_dropped: int = 0
    """Oldest turns that were taken off examples longer than the maximum."""
    tokens: int = 0
    labelled_tokens: int = 0
    longest: int = 0
    """Tokens of the longest sample."""
    digest: str = ""
    """Over the tokens and labels of all samples, in order."""

    def lines(self) -> list[str]:
        """The account in words, a line each."""
        said = [
            f"trajectories {self.trajectories}, accepted {self.accepted}"
            + _reasons("refused", self.refused),
            f"examples in {self.examples_in}, trained {self.trained}"
            + _reasons("dropped", self.dropped),
            f"tokens {self.tokens}, of them labelled {self.labelled_tokens}, "
            f"longest sample {self.longest}",
        ]
        if self.turns_dropped:
            said.append(f"oldest turns taken off long examples: {self.turns_dropped}")
        return said


def build_samples(
    trajectories: Iterable[Trajectory],
    tokenizer: Any,
    *,
    accept: ScoreFilter | None = None,
    config: SampleConfig | None = None,
    augment: AugmentConfig | None = None,
    seed: int = 0,
    template: str | None = None,
) -> tuple[list[Sample], SampleReport]:
    """Samples in a seeded random order, and the account.

    Equal trajectories, configs and seed give equal samples. `augment` None changes nothing.
    Raises `LabelMissing` where the template would train on less than the assistant's turns, and
    `NothingToTrain` where no sample is left.
    """
    config = config or SampleConfig()
    read = sorted(trajectories, key=lambda trajectory: trajectory.id)
    good, refused = accepted(read, accept or ScoreFilter())
    report = SampleReport(trajectories=len(read), accepted=len(good), refused=refused)
    chance = Random(f"samples {seed}")  # noqa: S311 - a seeded draw, no secret
    sources = [dialogue for trajectory in good for dialogue in dialogues(trajectory)]
    pool = list({tool["function"]["name"]: tool for d in sources for tool in d.tools}.values())
    samples: list[Sample] = []
    for copy, dialogue in _schedule(sources, config, chance):
        if config.limit is not None and len(samples) >= config.limit:
            turns = sum(map(learnable, dialogue.messages))
            report.examples_in += turns if config.per == "turn" else 1
            continue
        varied = dialogue
        if augment is not None:
            varied = joined(dialogue, sources, augment.join, chance)
            varied = augmented(varied, pool, augment, chance)
        for part in split_by_turn(varied) if config.per == "turn" else [varied]:
            sample = _sample(part, tokenizer, config, report, template)
            if sample is not None:
                samples.append(Sample(f"{part.id}#{copy}", sample))
    samples = samples[: config.limit]
    chance.shuffle(samples)
    _account(samples, report)
    if not samples:
        raise NothingToTrain("no sample to train on: " + "; ".join(report.lines()))
    return samples, report


def split_by_turn(dialogue: Dialogue) -> list[Dialogue]:
    """For each assistant turn that is learnt, the dialogue up to it, and that turn alone."""
    turns = [at for at, message in enumerate(dialogue.messages) if learnable(message)]
    learnt = turns if dialogue.learnt is None else turns[len(turns) - dialogue.learnt :]
    return [
        replace(dialogue, id=f"{dialogue.id}@{at}", messages=dialogue.messages[: at + 1], learnt=1)
        for at in learnt
    ]


def without_oldest_turn(
    messages: Sequence[Mapping[str, Any]],
) -> tuple[Mapping[str, Any], ...] | None:
    """The messages less the first user turn; system messages stay. None if it is the only one."""
    users = [at for at, message in enumerate(messages) if message["role"] == "user"]
    if len(users) < 2:
        return None
    system = tuple(m for m in messages[: users[1]] if m["role"] == "system")
    return system + tuple(messages[users[1] :])


def _schedule(
    sources: Sequence[Dialogue], config: SampleConfig, chance: Random
) -> list[tuple[int, Dialogue]]:
    """Every dialogue `copies` times; the scenarios take turns, so that a limit spares each."""
    by_scenario: dict[str, list[tuple[int, Dialogue]]] = defaultdict(list)
    for copy in range(config.copies):
        order = list(sources)
        chance.shuffle(order)
        for dialogue in order:
            by_scenario[dialogue.scenario].append((copy, dialogue))
    names = sorted(by_scenario)
    if config.limit is not None and config.limit < len(names):
        # Not all scenarios have their turn: chance says which, not the alphabet.
        chance.shuffle(names)
    queues = [by_scenario[name] for name in names]
    longest = max((len(queue) for queue in queues), default=0)
    return [queue[at] for at in range(longest) for queue in queues if at < len(queue)]


def _sample(
    dialogue: Dialogue,
    tokenizer: Any,
    config: SampleConfig,
    report: SampleReport,
    template: str | None,
) -> Encoded | None:
    report.examples_in += 1
    messages: Sequence[Mapping[str, Any]] | None = dialogue.messages
    while messages is not None:
        turns = sum(map(learnable, messages))
        if not turns:
            _drop(report, "no assistant turn")
            return None
        encoded = encode(
            tokenizer,
            messages,
            dialogue.tools,
            template=template,
            # Turns that went with the oldest ones cannot be learnt any more.
            learnt=None if dialogue.learnt is None else min(dialogue.learnt, turns),
        )
        if len(encoded.input_ids) <= config.max_length:
            return encoded
        messages = without_oldest_turn(messages)
        report.turns_dropped += messages is not None
    _drop(report, f"last turn longer than {config.max_length} tokens")
    return None


def _drop(report: SampleReport, reason: str) -> None:
    report.dropped[reason] = report.dropped.get(reason, 0) + 1


def _account(samples: Sequence[Sample], report: SampleReport) -> None:
    beyond = report.examples_in - sum(report.dropped.values()) - len(samples)
    if beyond:
        report.dropped["beyond the limit"] = beyond
    report.trained = len(samples)
    report.tokens = sum(len(sample.encoded.input_ids) for sample in samples)
    report.labelled_tokens = sum(sample.encoded.labelled for sample in samples)
    report.longest = max((len(sample.encoded.input_ids) for sample in samples), default=0)
    report.digest = digest([[s.encoded.input_ids, s.encoded.labels] for s in samples])


def _reasons(word: str, counts: Mapping[str, int]) -> str:
    if not counts:
        return f", {word} 0"
    return (
        f", {word} {sum(counts.values())} ("
        + ", ".join(f"{number} {reason}" for reason, number in sorted(counts.items()))
        + ")"
    )
