"""A seeded sample of a stream, without knowing how long it will be.

Each item has a rank that is drawn from the seed and its place; the lowest ranks stay. The sample
of k is part of the sample of more, so that a larger one reuses what was paid for the smaller.
"""

from __future__ import annotations

import hashlib
import heapq
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Sample(Generic[Item]):
    """Keeps `size` items of all that are added."""

    def __init__(self, size: int, seed: int) -> None:
        self._size = size
        self._seed = seed
        self._added = 0
        self._heap: list[tuple[int, int, Item]] = []

    def add(self, item: Item) -> None:
        place, self._added = self._added, self._added + 1
        mark = hashlib.blake2b(f"{self._seed}/{place}".encode(), digest_size=8).digest()
        # Negative, because the heap gives up its smallest; places differ, so items never compare.
        entry = (-int.from_bytes(mark), place, item)
        if len(self._heap) < self._size:
            heapq.heappush(self._heap, entry)
        elif self._heap and entry > self._heap[0]:
            heapq.heapreplace(self._heap, entry)

    def items(self) -> list[Item]:
        """The sample in the order in which it was added."""
        return [item for _, _, item in sorted(self._heap, key=lambda entry: entry[1])]
