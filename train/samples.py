"""Trajectories as training samples, with an account of everything that did not become one.

Only accepted trajectories, loss only on what the assistant wrote. A sample that is too long loses
whole oldest turns or steps (`shortening.py`), never part of one; if its last one alone is too long
it is dropped, counted and named. So are single conversations that the chat template cannot write;
where they are more than the others, the template is wrong and training does not start.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ..trajectories.canonical import digest
from ..trajectories.trajectory import Trajectory
from .augment import AugmentConfig, augmented, joined
from .chat_format import ChatFormat, TemplateRefuses, own_format
from .config import SampleConfig
from .dialogue import Dialogue, Saying, dialogues, learnable, unlearnable
from .encoding import IGNORED, Encoded, encode
from .filters import ScoreFilter, accepted
from .packing import Fill
from .shortening import Messages, longest, shortened
from .turn_spans import LabelMissing, TurnsUnstable
from .values import whole_words

__all__ = [
    "IGNORED",
    "LabelMissing",
    "NothingToTrain",
    "Sample",
    "SampleReport",
    "build_samples",
    "split_by_turn",
]


_WHOLE = ScoreFilter()
"""The filter where nothing else is said: whole successes."""


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
    """Oldest turns, or steps, that were taken off examples longer than the maximum."""
    split: int = 0
    """Conversations that became one example a turn, because the template writes earlier turns
    otherwise than later ones."""
    template: list[str] = Field(default_factory=list)
    """What was patched of the chat template."""
    packing: Fill | None = None
    tokens: int = 0
    labelled_tokens: int = 0
    longest: int = 0
    """Tokens of the longest sample."""
    digest: str = ""
    """Over the tokens and labels of all samples, in order."""

    def drop(self, reason: str, examples: int = 1) -> None:
        """Count examples that are not trained on."""
        self.dropped[reason] = self.dropped.get(reason, 0) + examples

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
        if self.split:
            said.append(f"conversations learnt turn by turn, as the template wants: {self.split}")
        if self.packing:
            said.append(self.packing.line())
        return said + self.template


def build_samples(
    trajectories: Iterable[Trajectory],
    tokenizer: Any,
    *,
    accept: ScoreFilter | None = _WHOLE,
    config: SampleConfig | None = None,
    augment: AugmentConfig | None = None,
    seed: int | str = 0,
    written: ChatFormat | None = None,
) -> tuple[list[Sample], SampleReport]:
    """Samples in a seeded random order, and the account.

    Equal trajectories, configs and seed give equal samples. `accept` None takes all, `augment`
    None changes nothing; `written`: the chat format, by default the project's.
    Raises `LabelMissing` where the template would train on less than the assistant's turns, and
    `NothingToTrain` where no sample is left.
    """
    config = config or SampleConfig()
    written = written or own_format()
    read = sorted(trajectories, key=lambda trajectory: trajectory.id)
    good, refused = accepted(read, accept)
    report = SampleReport(trajectories=len(read), accepted=len(good), refused=refused)
    report.template = list(written.notes)
    chance = Random(f"samples {seed}")  # noqa: S311 - a seeded draw, no secret
    saying = Saying(apart=written.own, thoughts=config.thoughts == "say")
    sources: list[Dialogue] = []
    for dialogue in (one for trajectory in good for one in dialogues(trajectory, saying)):
        reason = unlearnable(dialogue.messages, dialogue.tools)
        if reason is None:
            sources.append(dialogue)
        else:
            made = config.copies * _examples(dialogue, config)
            report.examples_in += made
            report.drop(reason, made)
    words = whole_words(tokenizer) if augment is not None else ()
    pool = list({tool["function"]["name"]: tool for d in sources for tool in d.tools}.values())
    maker = _Maker(tokenizer, config, report, written)
    samples: list[Sample] = []
    for copy, dialogue in _schedule(sources, config, chance):
        if config.limit is not None and len(samples) >= config.limit:
            report.examples_in += _examples(dialogue, config)
            continue
        varied = dialogue
        if augment is not None:
            varied = joined(dialogue, sources, augment.join, chance)
            varied = augmented(varied, pool, augment, chance, words)
        samples += [Sample(f"{part.id}#{copy}", made) for part, made in maker.samples(varied)]
    samples = samples[: config.limit]
    chance.shuffle(samples)
    _account(samples, report)
    maker.check(len(samples))
    if not samples:
        raise NothingToTrain("no sample to train on: " + "; ".join(report.lines()))
    return samples, report


def _examples(dialogue: Dialogue, config: SampleConfig) -> int:
    """How many examples are made of the dialogue, each time."""
    return sum(map(learnable, dialogue.messages)) if config.per == "turn" else 1


class _Maker:
    """Makes samples of dialogues and keeps the account of those that cannot be made."""

    def __init__(
        self, tokenizer: Any, config: SampleConfig, report: SampleReport, written: ChatFormat
    ) -> None:
        self._tokenizer = tokenizer
        self._config = config
        self._report = report
        self._written = written
        self._unlabelled: list[LabelMissing] = []

    def samples(self, dialogue: Dialogue) -> Iterator[tuple[Dialogue, Encoded]]:
        if self._config.per == "turn":
            yield from self._apart(dialogue)
            return
        try:
            made = self._sample(dialogue)
        except TurnsUnstable:
            self._report.split += 1
            yield from self._apart(dialogue)
            return
        if made is not None:
            yield dialogue, made

    def check(self, samples: int) -> None:
        """Raise `LabelMissing` where more examples than not would not be learnt as they stand."""
        if len(self._unlabelled) > samples:
            raise self._unlabelled[0]

    def _apart(self, dialogue: Dialogue) -> Iterator[tuple[Dialogue, Encoded]]:
        for part in split_by_turn(dialogue):
            made = self._sample(part)
            if made is not None:
                yield part, made

    def _sample(self, dialogue: Dialogue) -> Encoded | None:
        encoded: Encoded | None = None
        try:
            encoded, reason = self._fitting(dialogue)
        except TemplateRefuses as refusal:
            reason = f"the template refuses it: {refusal}"
        except LabelMissing as missing:
            if isinstance(missing, TurnsUnstable) and dialogue.learnt != 1:
                raise
            self._unlabelled.append(missing)
            reason = "not all of a turn would be learnt"
        self._report.examples_in += 1
        if encoded is None:
            self._report.drop(reason)
        return encoded

    def _fitting(self, dialogue: Dialogue) -> tuple[Encoded | None, str]:
        """The sample, without as many oldest turns as make it fit; or why there is none."""

        def made(messages: Messages) -> Encoded | None:
            turns = sum(map(learnable, messages))
            encoded = encode(
                self._tokenizer,
                messages,
                dialogue.tools,
                written=self._written,
                # Turns that went with the oldest ones cannot be learnt any more.
                learnt=None if dialogue.learnt is None else min(dialogue.learnt, turns),
            )
            return encoded if len(encoded.input_ids) <= self._config.max_length else None

        ways = shortened(dialogue.messages, self._config.shorten)
        learning = [messages for messages in ways if any(map(learnable, messages))]
        encoded, dropped = longest(learning, made)
        self._report.turns_dropped += min(dropped, len(ways) - 1)
        if encoded is not None:
            return encoded, ""
        if len(learning) < len(ways):
            return None, "no assistant turn"
        last = self._config.shorten.removesuffix("s")
        return None, f"last {last} longer than {self._config.max_length} tokens"


def split_by_turn(dialogue: Dialogue) -> list[Dialogue]:
    """For each assistant turn that is learnt, the dialogue up to it, and that turn alone."""
    turns = [at for at, message in enumerate(dialogue.messages) if learnable(message)]
    learnt = turns if dialogue.learnt is None else turns[len(turns) - dialogue.learnt :]
    return [
        replace(dialogue, id=f"{dialogue.id}@{at}", messages=dialogue.messages[: at + 1], learnt=1)
        for at in learnt
    ]


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
