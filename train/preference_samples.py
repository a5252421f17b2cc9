"""Preference pairs as tokens: two branches of a trajectory, with labels where they differ.

Both begin with what they share, which is the prompt and has no labels. After it, only what the
assistant said in each branch is compared; users' words and tools' results in a branch are read, not
compared. A pair that is too long loses whole oldest turns or steps of what is shared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from ..trajectories.canonical import digest
from ..trajectories.trajectory import Message, Preference, Trajectory
from .chat_format import ChatFormat, TemplateRefuses
from .config import SampleConfig
from .dialogue import Dialogue, Saying, learnable, said, staged, unlearnable
from .encoding import Encoded, encode
from .samples import NothingToTrain, SampleReport
from .shortening import Messages, longest, shortened
from .turn_spans import LabelMissing

_PAIR_LOST = "no turn of the assistant in a branch"


@dataclass(frozen=True, slots=True)
class Pair:
    id: str
    chosen: Encoded
    rejected: Encoded


class _Unfit(ValueError):
    """A pair that cannot be trained on; says why."""


def build_pairs(
    trajectories: Iterable[Trajectory],
    tokenizer: Any,
    *,
    config: SampleConfig,
    seed: int,
    written: ChatFormat,
) -> tuple[list[Pair], SampleReport]:
    """Pairs in a seeded random order, at most `config.limit`, and the account.

    Raises `NothingToTrain` where no pair is left.
    """
    report = SampleReport(template=list(written.notes))
    saying = Saying(apart=written.own, thoughts=config.thoughts == "say")
    pairs: list[Pair] = []
    for trajectory in trajectories:
        report.trajectories += 1
        report.accepted += bool(trajectory.preferences)
        for number, preference in enumerate(trajectory.preferences):
            report.examples_in += 1
            try:
                sides = _Sides(trajectory, preference, saying)
                chosen, rejected = sides.encoded(tokenizer, config, written, report)
            except _Unfit as unfit:
                report.drop(str(unfit))
            except TemplateRefuses as refusal:
                report.drop(f"the template refuses it: {refusal}")
            except LabelMissing:
                report.drop("not all of a turn would be compared")
            else:
                pairs.append(Pair(f"{trajectory.id}#{number}", chosen, rejected))
    unpaired = report.trajectories - report.accepted
    if unpaired:
        report.refused["no preferences"] = unpaired
    Random(f"pairs {seed}").shuffle(pairs)  # noqa: S311 - a seeded draw, no secret
    if config.limit is not None and len(pairs) > config.limit:
        report.dropped["beyond the limit"] = len(pairs) - config.limit
        pairs = pairs[: config.limit]
    _account(pairs, report)
    if not pairs:
        raise NothingToTrain("no pair to train on: " + "; ".join(report.lines()))
    return pairs, report


class _Sides:
    """What two branches share, and what each has after it."""

    def __init__(self, trajectory: Trajectory, preference: Preference, saying: Saying) -> None:
        chosen, rejected = trajectory.path(preference.chosen), trajectory.path(preference.rejected)
        shared = 0
        while shared < min(len(chosen), len(rejected)) and chosen[shared] is rejected[shared]:
            shared += 1
        self._shared = [part for message in chosen[:shared] for part in said(message, saying)]
        self._rest = [self._after(branch[shared:], saying) for branch in (chosen, rejected)]
        if self._rest[0] == self._rest[1]:
            raise _Unfit("both branches say the same")
        if not all(any(map(learnable, rest)) for rest in self._rest):
            raise _Unfit(_PAIR_LOST)
        self._tools = [
            self._last(trajectory, leaf, saying).tools
            for leaf in (preference.chosen, preference.rejected)
        ]
        # What is rejected may be broken: it is not to be said again.
        broken = unlearnable(self._rest[0], self._tools[0])
        if broken is not None:
            raise _Unfit(broken)

    @staticmethod
    def _after(messages: Sequence[Message], saying: Saying) -> list[dict[str, Any]]:
        return [part for message in messages for part in said(message, saying)]

    @staticmethod
    def _last(trajectory: Trajectory, leaf: int, saying: Saying) -> Dialogue:
        """With all tools that were on offer in the end."""
        stages = list(staged(trajectory, leaf, trajectory.id, saying))
        if not stages:
            raise _Unfit(_PAIR_LOST)
        return stages[-1]

    def encoded(
        self, tokenizer: Any, config: SampleConfig, written: ChatFormat, report: SampleReport
    ) -> tuple[Encoded, Encoded]:
        """Both branches, with as much of what is shared as there is room for. Raises `_Unfit`."""

        def made(shared: Messages) -> tuple[Encoded, Encoded] | None:
            chosen, rejected = (
                encode(
                    tokenizer,
                    [*shared, *rest],
                    tools,
                    written=written,
                    learnt=sum(map(learnable, rest)),
                )
                for rest, tools in zip(self._rest, self._tools, strict=True)
            )
            length = max(len(chosen.input_ids), len(rejected.input_ids))
            return (chosen, rejected) if length <= config.max_length else None

        ways = shortened(self._shared, config.shorten)
        sides, dropped = longest(ways, made)
        report.turns_dropped += min(dropped, len(ways) - 1)
        if sides is None:
            raise _Unfit(f"longer than {config.max_length} tokens")
        return sides


def _account(pairs: Sequence[Pair], report: SampleReport) -> None:
    sides = [side for pair in pairs for side in (pair.chosen, pair.rejected)]
    report.trained = len(pairs)
    report.tokens = sum(len(side.input_ids) for side in sides)
    report.labelled_tokens = sum(side.labelled for side in sides)
    report.longest = max((len(side.input_ids) for side in sides), default=0)
    report.digest = digest([[side.input_ids, side.labels] for side in sides])
