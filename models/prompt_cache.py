"""What a model has already computed of earlier prompts: keys and values by token prefix.

The prompts of one conversation begin alike, and so do all prompts with the same instructions and
tools. The longest known beginning is taken over; only the rest is computed. For torch tensors,
one sequence each; the least recently used goes first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from itertools import takewhile
from typing import Any

Layers = list[tuple[Any, Any]]
"""For each layer, keys and values: tensors of 1 x heads x tokens x size."""

_WORTH_IT = 16
"""Shorter beginnings are computed again; looking after them costs as much."""


class PromptCache:
    """Keys and values of the latest prompts, up to `capacity` bytes."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._held: OrderedDict[tuple[int, ...], tuple[Layers, int]] = OrderedDict()
        self._bytes = 0

    def longest(self, ids: Sequence[int]) -> tuple[int, Layers]:
        """How many of the first tokens of `ids` are known, and their keys and values.

        Never all of them: the last one must be computed, for what comes next.
        """
        best, found = 0, None
        for known in self._held:
            common = sum(1 for _ in takewhile(_equal, zip(known, ids, strict=False)))
            if common > best:
                best, found = common, known
        best = min(best, len(ids) - 1)
        if found is None or best < _WORTH_IT:
            return 0, []
        self._held.move_to_end(found)
        layers, _ = self._held[found]
        return best, [(keys[:, :, :best], values[:, :, :best]) for keys, values in layers]

    def keep(self, ids: Sequence[int], layers: Layers) -> None:
        """Hold on to a prompt's keys and values; beginnings of it need not be held any more."""
        kept = tuple(ids)
        for known in [known for known in self._held if known == kept[: len(known)]]:
            self._bytes -= self._held.pop(known)[1]
        size = sum(t.element_size() * t.nelement() for pair in layers for t in pair)
        self._held[kept] = (layers, size)
        self._bytes += size
        while self._bytes > self._capacity:
            self._bytes -= self._held.popitem(last=False)[1][1]


def _equal(pair: tuple[int, int]) -> bool:
    return pair[0] == pair[1]
