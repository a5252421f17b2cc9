"""Exactly the pairs above the threshold: none missed, none made up."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

np = pytest.importorskip("numpy", reason="needs the graph extra")

from callsheet.planners.tool_graph import similarity_join  # noqa: E402
from callsheet.planners.tool_graph.similarity_join import similar_pairs  # noqa: E402


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def clustered(count: int, dimensions: int, seed: int, spread: float = 0.35) -> np.ndarray:
    """Vectors in clusters, as the strings of APIs are."""
    chance = np.random.default_rng(seed)
    centres = chance.normal(size=(max(1, count // 8), dimensions))
    noise = chance.normal(size=(count, dimensions)) * spread
    return unit(centres[chance.integers(0, len(centres), count)] + noise)


def by_hand(vectors: np.ndarray, threshold: float) -> set[tuple[int, int]]:
    """In double precision, one pair at a time."""
    wide = vectors.astype(np.float64)
    products = wide @ wide.T
    return {
        (a, b)
        for a, b in zip(*np.nonzero(products > threshold), strict=True)
        if a < b and math.fsum(wide[a] * wide[b]) > threshold
    }


@settings(max_examples=30, deadline=None)
@given(
    count=st.integers(0, 90),
    dimensions=st.integers(1, 40),
    keep=st.integers(1, 50),
    threshold=st.floats(0.3, 0.99),
    seed=st.integers(0, 10_000),
)
def test_it_finds_what_a_full_product_finds(
    count: int, dimensions: int, keep: int, threshold: float, seed: int
) -> None:
    vectors = clustered(count, dimensions, seed) if count else np.empty((0, dimensions), np.float32)
    pairs = similar_pairs(vectors, threshold, keep=keep)
    found = set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))
    assert len(found) == len(pairs)
    assert found == by_hand(vectors, threshold)


def test_it_works_over_several_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(similarity_join, "_ROWS", 16)
    monkeypatch.setattr(similarity_join, "_COLUMNS", 48)
    monkeypatch.setattr(similarity_join, "_AT_ONCE", 7)
    vectors = clustered(333, 24, 1)
    pairs = similar_pairs(vectors, 0.82, keep=5)
    found = set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))
    assert found == by_hand(vectors, 0.82)
    assert len(found) > 100
    for a, b, cosine in zip(pairs.first, pairs.second, pairs.cosine, strict=True):
        assert cosine == pytest.approx(float(vectors[a] @ vectors[b]), abs=1e-6)


def test_pairs_at_the_threshold_are_decided_in_double_precision() -> None:
    # Angles a hair on either side of the threshold, closer than single precision tells.
    threshold = 0.82
    angle = math.acos(threshold)
    turned = [angle + step * 1e-8 for step in range(-40, 41)]
    rows = np.array([[1.0, 0.0], *([math.cos(a), math.sin(a)] for a in turned)])
    vectors = rows.astype(np.float32)
    pairs = similar_pairs(vectors, threshold)
    found = {b for a, b in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True) if a == 0}
    want = {
        at for at in range(1, len(vectors)) if float(vectors[at, 0].astype(np.float64)) > threshold
    }
    assert found == want
    assert 0 < len(want) < len(turned)


def test_equal_rows_are_a_pair() -> None:
    vectors = unit(np.ones((3, 4)))
    pairs = similar_pairs(vectors, 0.9)
    assert sorted(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)) == [
        (0, 1),
        (0, 2),
        (1, 2),
    ]
