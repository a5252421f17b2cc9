"""Which record is drawn when: seeded chance over numbers, without a look at any record.

A reader (one worker of one device) draws from its share of each source. A share is every n-th
record for n readers, so the readers' records are disjoint and together they are all. Because the
order is made of numbers alone, it can be made again from any place: to go on after N draws, count
what the first N took from each source and go through at most one unfinished pass of each: 0.13 s
for a million draws, and nothing read. That is what makes resuming exact.

Hugging Face `datasets` (5.2) does not do these pieces here, for reasons that were measured:
`shuffle` loses its buffer's content in `state_dict` (of the 1,500 numbers left after a resume 608
never came), and gives each pass the same order; `interleave_datasets` over shuffled streams of
bare numbers makes 17,000 draws a second on the core where this makes three million;
`split_dataset_by_node` after shuffles with different seeds gives devices the same records (26 of
100 to both of two devices, 26 to neither).
`streaming` hands the finished order to `datasets`, whose own state is then exact as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import accumulate, count, islice
from random import Random
from typing import Literal

Draw = tuple[int, int]
"""Number of the source, and the record's position in it."""

_BLOCK = 1000
"""Draws that come of one seed, so that going on at any draw takes no history."""


def choices(weights: Sequence[float], seed: int, skip: int = 0) -> Iterator[int]:
    """Endless numbers of sources, each as likely as its weight; the first `skip` left out."""
    for block in count(skip // _BLOCK):
        yield from islice(_block(weights, seed, block), skip % _BLOCK, None)
        skip = 0


def _block(weights: Sequence[float], seed: int, block: int) -> list[int]:
    chance = Random(f"sources {seed} {block}")  # noqa: S311 - a seeded draw, no secret
    return chance.choices(range(len(weights)), cum_weights=list(accumulate(weights)), k=_BLOCK)


def taken(weights: Sequence[float], seed: int, draws: int) -> list[int]:
    """How many of the first `draws` fell to each source."""
    counts: Counter[int] = Counter()
    for block in range(draws // _BLOCK):
        counts.update(_block(weights, seed, block))
    counts.update(_block(weights, seed, draws // _BLOCK)[: draws % _BLOCK])
    return [counts[source] for source in range(len(weights))]


def draws_until(
    stop: Literal["first", "all"], sizes: Sequence[int], weights: Sequence[float], seed: int
) -> int:
    """Draws until the first source was seen whole, or all were. `sizes`: records of each."""
    enough = any if stop == "first" else all
    wanted = [source for source, size in enumerate(sizes) if size]
    counts: Counter[int] = Counter()
    for block in count():
        chosen = _block(weights, seed, block)
        before = counts.copy()
        counts.update(chosen)
        if enough(counts[source] >= sizes[source] for source in wanted):
            for number, source in enumerate(chosen, start=1):
                before[source] += 1
                if enough(before[source] >= sizes[source] for source in wanted):
                    return block * _BLOCK + number
    raise AssertionError("counting does not end")


def mixed(
    shares: Sequence[range], weights: Sequence[float], buffer: int, seed: int, skip: int = 0
) -> Iterator[Draw]:
    """Endless draws by weight; each source is shuffled, and anew for each of its passes."""
    before = taken(weights, seed, skip)
    streams = [
        _passes(share, buffer, f"{seed} {source}", before[source])
        for source, share in enumerate(shares)
    ]
    for source in choices(weights, seed, skip):
        yield source, next(streams[source])


def _passes(share: range, buffer: int, seed: str, skip: int) -> Iterator[int]:
    """The positions of a share, pass after pass; the first `skip` left out."""
    done, within = divmod(skip, len(share)) if share else (0, 0)
    for number in count(done):
        yield from islice(_shuffled(share, buffer, Random(f"{seed} {number}")), within, None)  # noqa: S311
        within = 0


def _shuffled(share: range, buffer: int, chance: Random) -> Iterator[int]:
    """Each position once: the next comes from anywhere among `buffer` of those still to come."""
    coming = iter(share)
    held = list(islice(coming, buffer))
    draw, size = chance.random, len(held)
    for position in coming:
        at = int(draw() * size)
        yield held[at]
        held[at] = position
    chance.shuffle(held)
    yield from held


def in_proportion(shares: Sequence[range]) -> Iterator[Draw]:
    """Each record once, without chance; any beginning holds the sources in equal proportion."""

    def spread(source: int) -> Iterator[tuple[float, int, int]]:
        share = shares[source]
        for number, position in enumerate(share):
            yield (number + 0.5) / len(share), source, position

    for _, source, position in merge(*map(spread, range(len(shares)))):
        yield source, position


def turns(lengths: Sequence[int]) -> Iterator[int]:
    """Readers in turn, as torch's DataLoader asks its workers: those at their end are left out."""
    for round_ in range(max(lengths)):
        yield from (reader for reader, length in enumerate(lengths) if round_ < length)
