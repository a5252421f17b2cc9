"""The mixture: records of several sources in a seeded order that can be gone on with exactly.

    for name, record in Mixture(config, seed=0):
        train_on(record.trajectory())

Promises: equal files, config and seed give the same order, on any machine; the devices' and
workers' records are disjoint and together all there are; no user query stands in both parts, also
across sources; `state` is a few numbers, and a mixture that is given it goes on with exactly the
record that would have come next. Every worker draws equally often, so that no device waits for
records while others still train (AgentOhana, Zhang et al. 2024, section 2.4.2).

Not covered: sources that grow while they are read (a changed file is refused), and proportions in
tokens; a weight counts trajectories.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from ...trajectories.canonical import digest
from .config import MixtureConfig
from .files import Record, SourceFiles
from .index import (
    MixtureInvalid,
    Part,
    SourceCounts,
    SourceIndex,
    index_sources,
)
from .order import Draw, draws_until, in_proportion, mixed, taken, turns
from .seeds import init_device_seed

_MOST_DRAWS = 1_000_000_000
"""Draws that `stop` may lead to, as expected; beyond it the weights are likelier a mistake."""


class StateMismatch(ValueError):
    """A saved state belongs to another mixture, or to files that were changed since."""


class Mixture:
    """The records that one device trains on, or is evaluated on, in order.

    Iterating goes on where the state stands, and ends for good at the end; one iteration at a
    time. With `workers`, the device's records come from so many readers in turn: here, or, in the
    same order, from as many processes (see `in_workers`).
    """

    def __init__(
        self,
        config: MixtureConfig,
        *,
        seed: int,
        rank: int = 0,
        world: int = 1,
        workers: int = 1,
        part: Part = "train",
        index: Sequence[SourceIndex] | None = None,
    ) -> None:
        """`rank` of `world` devices; `workers` of this device.

        `part`: train draws by weight, over and over as `stop` says. evaluation holds each held-out
        record once, and no chance. `index`: from `index_sources`, where the files are not to be
        read for each part again. Raises `MixtureInvalid`, which names the source.
        """
        if not (0 <= rank < world and workers >= 1):
            raise MixtureInvalid(f"there is no device {rank} of {world} with {workers} workers")
        self.config = config
        self.seed = seed
        self.rank = rank
        self.world = world
        self.workers = workers
        self.part = part
        self._index = index_sources(config) if index is None else index
        self._names = [source.name for source in self._index]
        sizes = [len(source.places[part]) for source in self._index]
        self._check(sizes)
        readers = world * workers
        self._shares = [[range(r, size, readers) for size in sizes] for r in range(readers)]
        self._lengths = self._draws_of_workers()
        self._drawn = 0
        self._taken = [0] * len(sizes)

    def __len__(self) -> int:
        """Records of this device from the beginning to the end, whatever the state."""
        return sum(self._lengths)

    def __iter__(self) -> Iterator[tuple[str, Record]]:
        """The source's name and the record, for each that is still to come."""
        with self.files() as files:
            for _, (source, position) in self.advance():
                yield self._names[source], files.record(source, position)

    def advance(self) -> Iterator[tuple[int, Draw]]:
        """Move the state from draw to draw: the worker whose turn it is, and what it draws."""
        done = self._done()
        draws = [self._order(worker, done[worker]) for worker in range(self.workers)]
        for worker in islice(turns(self._lengths), self._drawn, None):
            draw = next(draws[worker])
            self._drawn += 1
            self._taken[draw[0]] += 1
            yield worker, draw

    def draws(self, worker: int) -> Iterator[Draw]:
        """What one worker has still to draw; the state stays as it is."""
        done = self._done()[worker]
        return islice(self._order(worker, done), self._lengths[worker] - done)

    def turn(self) -> int:
        """The worker that has the next record."""
        return next(islice(turns(self._lengths), self._drawn, None), 0)

    def files(self) -> SourceFiles:
        """Where draws become records."""
        return SourceFiles(self._index, self.part)

    def name(self, source: int) -> str:
        return self._names[source]

    def state(self) -> dict[str, Any]:
        """How far this device is, and of what, as JSON values."""
        return {"drawn": self._drawn, "of": self._identity()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where `state` was taken. Raises `StateMismatch`, which names what differs."""
        mine, theirs = self._identity(), state.get("of", {})
        changed = [key for key in {**mine, **theirs} if mine.get(key) != theirs.get(key)]
        if changed:
            raise StateMismatch(
                f"the saved state of the mixture is of another {' and another '.join(changed)}; "
                "restore what was changed, or start anew"
            )
        drawn = state.get("drawn")
        if not isinstance(drawn, int) or not 0 <= drawn <= len(self):
            raise StateMismatch(f"the saved state of the mixture counts {drawn!r} draws")
        self._drawn = drawn
        done = self._done()
        by_worker = [self._taken_by(worker, done[worker]) for worker in range(self.workers)]
        self._taken = [sum(counts) for counts in zip(*by_worker, strict=True)]

    def passes(self) -> dict[str, float]:
        """How often each source was gone through on this device until now, by name."""
        own = self._shares[self.rank * self.workers :][: self.workers]
        sizes = [sum(len(shares[source]) for shares in own) for source in range(len(self._names))]
        return {
            name: count / size if size else 0.0
            for name, count, size in zip(self._names, self._taken, sizes, strict=True)
        }

    def counts(self) -> dict[str, SourceCounts]:
        """What was read, accepted, refused and held out, by source, over all devices."""
        return {source.name: source.counts for source in self._index}

    def lines(self) -> list[str]:
        """The account in words, a line for each source."""
        passes = self.passes()
        said = []
        for name, counts in self.counts().items():
            why = "; ".join(f"{count} {reason}" for reason, count in counts.refused.items())
            said.append(
                f"{name}: read {counts.read}, accepted {counts.accepted}"
                + (f" (refused: {why})" if why else "")
                + f", held out {counts.held_out}, passes {passes[name]:.2f}"
            )
        return said

    def _done(self) -> Counter[int]:
        """How many records each worker has drawn."""
        return Counter(islice(turns(self._lengths), self._drawn))

    def _identity(self) -> dict[str, Any]:
        """All that the order depends on, by the words in which a difference is told."""
        told = self.config.model_dump(mode="json", exclude={"sources": {"__all__": {"path"}}})
        return {
            "schema version": 1,
            "config": digest(told),
            "seed": self.seed,
            "number of devices": self.world,
            "rank": self.rank,
            "number of workers": self.workers,
            "part": self.part,
            **{f"content of {source.name!r}": source.digest for source in self._index},
        }

    def _check(self, sizes: Sequence[int]) -> None:
        if self.part == "evaluation":
            if not any(sizes):
                raise MixtureInvalid(
                    "no trajectory is held out for evaluation: "
                    f"raise evaluation, which is {self.config.evaluation:g}"
                )
            return
        for name, size in zip(self._names, sizes, strict=True):
            if not size:
                raise MixtureInvalid(
                    f"source {name!r}: all that its filter leaves is held out for evaluation; "
                    "lower evaluation, or add trajectories with other queries"
                )
        if max(sizes) < self.world * self.workers:
            raise MixtureInvalid(
                f"{self.world} devices with {self.workers} workers each, and no source has a "
                f"trajectory for each of them: the largest has {max(sizes)}"
            )

    def _draws_of_workers(self) -> list[int]:
        """How many records each worker of this device draws."""
        own = range(self.rank * self.workers, (self.rank + 1) * self.workers)
        if self.part == "evaluation":
            return [sum(map(len, self._shares[reader])) for reader in own]
        if self.config.draws is not None:
            device = -(-self.config.draws // self.world)
            return [len(range(worker, device, self.workers)) for worker in range(self.workers)]
        self._check_draws()
        # The same for every reader: as long as the longest needs, or as the shortest can.
        needed = [
            draws_until(
                self.config.stop,
                [len(share) for share in shares],
                self._weights(shares),
                init_device_seed(self.seed, *divmod(reader, self.workers)),
            )
            for reader, shares in enumerate(self._shares)
        ]
        return [min(needed) if self.config.stop == "first" else max(needed)] * self.workers

    def _check_draws(self) -> None:
        if self.config.stop == "first":
            return
        total = sum(source.weight for source in self.config.sources)
        for source, index in zip(self.config.sources, self._index, strict=True):
            draws = len(index.places["train"]) * total / source.weight
            if draws > _MOST_DRAWS:
                raise MixtureInvalid(
                    f"source {source.name!r}: to see it whole takes about {draws:.2g} draws at "
                    "its weight; raise the weight, or set draws"
                )

    def _weights(self, shares: Sequence[range]) -> list[float]:
        """Of a reader: nothing can be drawn from a source that has fewer records than readers."""
        weights = [source.weight for source in self.config.sources]
        return [weight if share else 0.0 for weight, share in zip(weights, shares, strict=True)]

    def _order(self, worker: int, skip: int) -> Iterator[Draw]:
        shares = self._shares[self.rank * self.workers + worker]
        if self.part == "evaluation":
            return islice(in_proportion(shares), skip, None)
        seed = init_device_seed(self.seed, self.rank, worker)
        return mixed(shares, self._weights(shares), self.config.buffer, seed, skip)

    def _taken_by(self, worker: int, draws: int) -> list[int]:
        """How many of a worker's first draws fell to each source."""
        shares = self._shares[self.rank * self.workers + worker]
        if self.part == "evaluation":
            fell = Counter(source for source, _ in islice(in_proportion(shares), draws))
            return [fell[source] for source in range(len(shares))]
        seed = init_device_seed(self.seed, self.rank, worker)
        return taken(self._weights(shares), seed, draws)
