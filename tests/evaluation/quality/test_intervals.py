"""Bootstrap intervals: what is drawn together, and what they say of differences."""

from __future__ import annotations

from random import Random

import pytest

from callsheet.evaluation.quality.intervals import Clusters, difference_interval, mean_interval
from callsheet.evaluation.quality.sampling import Sample


def clusters(*values: float, scenario: str = "") -> Clusters:
    made = Clusters()
    for value in values:
        made.add([value], scenario)
    return made


def test_a_constant_has_no_width_and_nothing_has_no_interval() -> None:
    found = mean_interval(clusters(3, 3, 3))
    assert found is not None and (found.mean, found.low, found.high) == (3, 3, 3)
    assert mean_interval(Clusters()) is None
    assert difference_interval(Clusters(), clusters(1)) is None


def test_means_weigh_dialogues_by_their_values() -> None:
    made = Clusters()
    made.add([1, 1, 1])
    made.add([5])
    made.add([])
    found = mean_interval(made)
    assert found is not None and found.mean == 2 and found.clusters == 2


def test_dialogues_of_one_scenario_are_drawn_together() -> None:
    chance = Random(1)
    apart, together = Clusters(), Clusters()
    for scenario in range(12):
        level = chance.random()
        for _ in range(20):
            value = level + 0.01 * chance.random()
            apart.add([value])
            together.add([value], f"s{scenario}")
    narrow, wide = mean_interval(apart), mean_interval(together)
    assert narrow is not None and wide is not None
    assert narrow.mean == pytest.approx(wide.mean) and (narrow.clusters, wide.clusters) == (240, 12)
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


def test_one_scenario_alone_is_drawn_by_dialogue() -> None:
    found = mean_interval(clusters(0, 1, 0, 1, 1, scenario="only"))
    assert found is not None and found.clusters == 5 and found.low < found.high


def test_the_interval_covers_as_often_as_it_says() -> None:
    covered = 0
    for trial in range(60):
        chance = Random(f"trial {trial}")
        found = mean_interval(clusters(*(chance.gauss(0.3, 1) for _ in range(40))), seed=trial)
        assert found is not None
        covered += found.low <= 0.3 <= found.high
    assert 49 <= covered <= 60


def test_a_difference_is_later_minus_earlier() -> None:
    found = difference_interval(clusters(1, 1.1, 0.9), clusters(4, 4.1, 3.9))
    assert found is not None and found.mean == pytest.approx(3) and found.excludes_zero()
    same = difference_interval(clusters(0, 1, 2), clusters(0, 1, 2))
    assert same is not None and same.mean == 0 and not same.excludes_zero()


def test_one_dialogue_shows_no_difference() -> None:
    for before, after in (([1], [4]), ([1], [4, 4.1, 3.9]), ([4, 4], [1])):
        found = difference_interval(clusters(*before), clusters(*after))
        assert found is not None and found.clusters == 1 and not found.excludes_zero()


def test_a_sample_is_seeded_spread_and_part_of_a_larger_one() -> None:
    def drawn(size: int, seed: int, of: int = 1_000) -> list[int]:
        sample: Sample[int] = Sample(size, seed)
        for item in range(of):
            sample.add(item)
        return sample.items()

    few = drawn(50, 3)
    assert few == drawn(50, 3) == sorted(few) and len(set(few)) == 50
    assert few != drawn(50, 4) and set(few) <= set(drawn(80, 3))
    assert 300 < sum(few) / 50 < 700
    assert drawn(50, 0, of=20) == list(range(20)) and drawn(0, 0) == []
