"""What is known of earlier prompts. Needs no torch: any array will do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from callsheet.models.prompt_cache import PromptCache

BYTES = 2 * 2 * 4  # of one token in `layers`: two layers, keys and values, a float each


class Tensor(np.ndarray[Any, Any]):
    """As much of torch's interface as the cache uses."""

    def element_size(self) -> int:
        return self.itemsize

    def nelement(self) -> int:
        return self.size


def layers(ids: list[int]) -> list[tuple[Any, Any]]:
    row = np.array(ids, dtype=np.float32).reshape(1, 1, -1, 1)
    return [(row.view(Tensor), (-row).view(Tensor)), ((row + 0.5).view(Tensor), row.view(Tensor))]


def known(cache: PromptCache, ids: list[int]) -> int:
    count, found = cache.longest(ids)
    for (keys, values), (wanted_keys, wanted_values) in zip(
        found, layers(ids[:count]) if found else [], strict=True
    ):
        assert keys.tolist() == wanted_keys.tolist() and values.tolist() == wanted_values.tolist()
    return count


def test_the_longest_known_beginning_is_found() -> None:
    cache = PromptCache(1 << 20)
    shared = list(range(40))
    cache.keep([*shared, 91], layers([*shared, 91]))
    cache.keep([*shared, 1, 2, 3, 92], layers([*shared, 1, 2, 3, 92]))
    assert known(cache, [*shared, 1, 2, 3, 4, 5]) == 43
    assert known(cache, [*shared, 91, 5]) == 41
    assert known(cache, [7, *shared]) == 0


def test_the_last_token_is_always_computed() -> None:
    cache = PromptCache(1 << 20)
    ids = list(range(30))
    cache.keep(ids, layers(ids))
    assert known(cache, ids) == 29
    assert known(cache, ids[:20]) == 19


def test_short_beginnings_are_not_worth_it() -> None:
    cache = PromptCache(1 << 20)
    cache.keep(list(range(10)), layers(list(range(10))))
    assert known(cache, [*range(10), 50]) == 0


@pytest.mark.parametrize("room", [2, 3])
def test_the_least_recently_used_goes_first(room: int) -> None:
    cache = PromptCache(room * 20 * BYTES)
    prompts = [[start, *range(100, 119)] for start in range(4)]
    for ids in prompts[:room]:
        cache.keep(ids, layers(ids))
    assert known(cache, [*prompts[0], 5]) == 20
    cache.keep(prompts[3], layers(prompts[3]))
    assert known(cache, [*prompts[1], 5]) == 0
    assert known(cache, [*prompts[0], 5]) == known(cache, [*prompts[3], 5]) == 20


def test_a_beginning_of_a_longer_prompt_is_not_held_twice() -> None:
    cache = PromptCache(50 * BYTES)
    for length in (20, 30, 50):
        ids = list(range(length))
        cache.keep(ids, layers(ids))
    assert known(cache, [*range(50), 1]) == 50


def test_without_room_nothing_is_held() -> None:
    cache = PromptCache(0)
    cache.keep(list(range(30)), layers(list(range(30))))
    assert known(cache, list(range(30))) == 0
