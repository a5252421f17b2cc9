"""Samples of a mixture, made while it is trained on: memory holds a block of them.

A block of draws becomes samples as a file of trajectories does (variations, limits and packing are
within a block), then the next block is drawn. When the mixture is at its end it begins again, in
another order. Equal files, config and seed give the same rows in the same order, so a training
that goes on makes the rows again that it has seen and leaves them out; that costs tokenizing, no
training. Each process draws its own share.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import count, islice
from math import ceil
from typing import Literal

from ..trajectories.canonical import digest
from ..trajectories.trajectory import Trajectory
from .fitting import Setting
from .mixing import Mixture, MixtureConfig, index_sources
from .mixing.index import SourceIndex
from .packing import Columns, Fill, arranged
from .samples import SampleReport, build_samples

BLOCK = 256
"""Trajectories that are made into samples together, where so many are trained on."""


def drawn(
    config: MixtureConfig,
    seed: int,
    part: Literal["train", "evaluation"],
    index: Sequence[SourceIndex] | None = None,
) -> Iterator[Trajectory]:
    """One part of a mixture from beginning to end, as a single process draws it."""
    mixture = Mixture(config, seed=seed, part=part, index=index)
    return (record.trajectory() for _, record in mixture)


class MixedSamples:
    """The rows of one process, and what became of what was drawn."""

    def __init__(self, setting: Setting) -> None:
        """Raises `MixtureInvalid` where a source is missing or leaves nothing."""
        assert setting.config.mixture is not None
        self._setting = setting
        self._config = setting.config.mixture
        self._index = index_sources(self._config)
        self._now = self._mixture(0)
        self._drawn = max(1, int(len(self._now) * setting.config.epochs))
        self.report = SampleReport(template=list(setting.written.notes))

    def __getstate__(self) -> dict[str, str]:
        """For `datasets`, which names a stream by a hash of all that makes it; a terminal, which is
        told of progress, has none."""
        return {"digest": self.digest()}

    def _mixture(self, round_: int) -> Mixture:
        here = self._setting.here
        return Mixture(
            self._config,
            seed=self._setting.config.seed + round_,
            rank=here.rank,
            world=here.world,
            index=self._index,
        )

    def digest(self) -> str:
        """Of all that decides what is drawn: sources' content, weights, seed, processes."""
        told = dict(self._now.state()["of"])
        return digest({key: value for key, value in told.items() if key != "rank"})

    @cached_property
    def steps(self) -> int:
        """Optimizer steps: as configured, or as many as the rows of the epochs' draws make.

        A draw makes a row, or several (branches, tools that are found on the way, turns that the
        template wants apart), or none, and several make one packed row: the draws are written as
        tokens once more, before training, to count what they make. Raises `NothingToTrain`.
        """
        if self._setting.config.max_steps:
            return self._setting.config.max_steps
        self._setting.say("samples", 0, 0, f"counting the rows that {self._drawn} draws make")
        rows, left = 0.0, self._drawn
        for place, _, block in self._blocks():
            made = len(self._columns_of(block, place)[0]["input_ids"])
            rows += made * min(1.0, left / len(block))
            left -= len(block)
            if left <= 0:
                break
        return self._setting.here.most(ceil(rows / self._batch()))

    def _batch(self) -> int:
        """Rows of an optimizer step on this process."""
        return self._setting.config.batch_size * self._setting.config.accumulate

    def held_out(self) -> Iterator[Trajectory] | None:
        """Trajectories of the mixture's other part; None where it holds nothing out."""
        if not self._config.evaluation:
            return None
        part = drawn(self._config, self._setting.config.seed, "evaluation", self._index)
        # As many again, for those that make no sample.
        return islice(part, 2 * self._setting.config.held_out.limit)

    def rows(self) -> Iterator[dict[str, list[int]]]:
        """Rows without end. Raises `NothingToTrain` where a block makes none."""
        _reset(self.report, SampleReport(template=self.report.template))
        for place, mixture, block in self._blocks():
            self._now = mixture
            columns, report = self._columns_of(block, place)
            _add(self.report, report, self._setting.config.samples.max_length)
            for values in zip(*columns.values(), strict=True):
                yield dict(zip(columns, values, strict=True))

    def _blocks(self) -> Iterator[tuple[str, Mixture, list[Trajectory]]]:
        """Blocks without end: each one's place, what it is drawn from, and its trajectories."""
        wanted = self._setting.config.max_steps
        size = min(BLOCK, wanted * self._batch() if wanted else self._drawn)
        for round_ in count():
            mixture = self._mixture(round_)
            draws = (record.trajectory() for _, record in mixture)
            for number in count():
                block = list(islice(draws, size))
                if not block:
                    break
                yield f"{round_} {number}", mixture, block

    def _columns_of(self, block: list[Trajectory], place: str) -> tuple[Columns, SampleReport]:
        config = self._setting.config
        samples, report = build_samples(
            block,
            self._setting.tokenizer,
            accept=None,
            config=config.samples,
            augment=config.augment,
            seed=f"{config.seed} {self._setting.here.rank} {place}",
            written=self._setting.written,
        )
        columns, report.packing = arranged([one.encoded for one in samples], config.samples)
        return columns, report

    def lines(self) -> list[str]:
        """What the sources gave, a line each; a block is drawn before it is trained on."""
        return self._now.lines()


def _reset(report: SampleReport, fresh: SampleReport) -> None:
    for name in SampleReport.model_fields:
        setattr(report, name, getattr(fresh, name))


def _add(report: SampleReport, block: SampleReport, length: int) -> None:
    """Count a block's account in."""
    for name in ("trajectories", "accepted", "examples_in", "trained", "turns_dropped", "split"):
        setattr(report, name, getattr(report, name) + getattr(block, name))
    for reason, number in block.dropped.items():
        report.dropped[reason] = report.dropped.get(reason, 0) + number
    report.tokens += block.tokens
    report.labelled_tokens += block.labelled_tokens
    report.longest = max(report.longest, block.longest)
    report.digest = digest([report.digest, block.digest])
    if block.packing:
        rows = block.packing.rows + (report.packing.rows if report.packing else 0)
        share = round(report.tokens / (rows * length), 4)
        report.packing = Fill(rows=rows, samples=report.trained, share=share)
