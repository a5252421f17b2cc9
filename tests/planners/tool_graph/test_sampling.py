"""Subsets: always whole, always different tools, along the edges while there are any."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

np = pytest.importorskip("numpy", reason="needs the graph extra")

from callsheet.planners.tool_graph import ALIKE, FED, FEEDS, ToolGraph, sampler  # noqa: E402
from callsheet.planners.tool_graph.sampling import By  # noqa: E402


def graph(size: int, edges: dict[tuple[int, int], int]) -> ToolGraph:
    """`edges`: bits from a smaller to a larger number."""
    turned = {ALIKE: ALIKE, FEEDS: FED, FED: FEEDS}
    rows: list[dict[int, int]] = [{} for _ in range(size)]
    for (a, b), bit in edges.items():
        rows[a][b], rows[b][a] = bit, turned[bit]
    starts = np.cumsum([0, *(len(row) for row in rows)]).astype(np.int64)
    order = [(other, row[other]) for row in rows for other in sorted(row)]
    return ToolGraph(
        names=tuple(f"t{n}" for n in range(size)),
        starts=starts,
        neighbours=np.array([other for other, _ in order], np.int32),
        kinds=np.array([kind for _, kind in order], np.uint8),
        parameters=((),) * size,
        returns=((),) * size,
        similar=(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32)),
        threshold=0.82,
        hubs=0,
    )


@settings(max_examples=60, deadline=None)
@given(
    size=st.integers(1, 12),
    wanted=st.integers(0, 12),
    seed=st.integers(0, 10_000),
    by=st.sampled_from(["graph", "chain", "random"]),
    data=st.data(),
)
def test_every_sampler_ends_with_different_tools(
    size: int, wanted: int, seed: int, by: By, data: st.DataObject
) -> None:
    possible = [(a, b) for a in range(size) for b in range(a + 1, size)]
    chosen = data.draw(st.lists(st.sampled_from(possible), unique=True)) if possible else []
    draw = sampler(graph(size, dict.fromkeys(chosen, ALIKE)), by)
    if wanted > size:
        with pytest.raises(ValueError, match="cannot be drawn"):
            draw(Random(seed), wanted)
        return
    tools = draw(Random(seed), wanted)
    assert len(tools) == len(set(tools)) == wanted
    assert all(0 <= tool < size for tool in tools)
    assert tools == draw(Random(seed), wanted)


def test_the_walk_goes_on_from_the_tool_added_last() -> None:
    ring = graph(6, {(n, n + 1): ALIKE for n in range(5)} | {(0, 5): ALIKE})
    draw = sampler(ring)
    for seed in range(50):
        tools = draw(Random(seed), 4)
        assert all(abs(a - b) in (1, 5) for a, b in pairwise(tools))


def test_a_neighbour_is_uniform_also_where_most_are_taken() -> None:
    star = graph(40, {(0, n): ALIKE for n in range(1, 40)})
    draw, seen = sampler(star), Counter[int]()
    for seed in range(3000):
        tools = draw(Random(seed), 39)
        seen[next(iter(set(range(40)) - set(tools)))] += 1
    leaves = [seen[n] for n in range(1, 40)]
    assert seen[0] == 0
    assert min(leaves) > 30
    assert max(leaves) < 150


def test_where_the_last_is_stuck_an_earlier_one_goes_on() -> None:
    # 1 - 0 - 2: from a leaf the walk returns to the middle.
    path = graph(3, {(0, 1): ALIKE, (0, 2): ALIKE})
    assert all(sampler(path)(Random(seed), 3)[:2].count(0) == 1 for seed in range(20))


def test_a_used_up_component_is_left_for_another() -> None:
    parts = graph(5, {(0, 1): ALIKE, (2, 3): ALIKE})
    for seed in range(30):
        tools = sampler(parts)(Random(seed), 5)
        for pair in ((0, 1), (2, 3)):
            places = sorted(tools.index(tool) for tool in pair)
            assert places[1] - places[0] == 1


def test_a_chain_follows_outputs_into_parameters() -> None:
    line = graph(4, {(0, 1): FEEDS, (1, 2): FEEDS, (2, 3): FEEDS, (0, 3): ALIKE})
    draw = sampler(line, "chain")
    chains = [draw(Random(seed), 4) for seed in range(100)]
    begun_at_the_top = [chain for chain in chains if chain[0] == 0]
    assert begun_at_the_top
    assert all(chain == [0, 1, 2, 3] for chain in begun_at_the_top)
