"""Agreement: textbook values, what cannot be said, and labels of every kind."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.evaluation.agreement import (
    accuracy,
    agreement,
    agreement_lines,
    kappa,
    pearson,
)
from callsheet.trajectories.trajectory import Trajectory


def rated(rating: float | None, label: Any = None, **more: Any) -> Trajectory:
    information = {} if label is None else {"judged": {"response": label}}
    return Trajectory(
        id="t", scenario="s", environment="e", rater_score=rating,
        rate_model=None if rating is None else "m", other_information=information, **more,
    )  # fmt: skip


def test_cohens_kappa_as_in_the_textbook() -> None:
    pairs = [(1.0, 1.0)] * 20 + [(1.0, 0.0)] * 5 + [(0.0, 1.0)] * 10 + [(0.0, 0.0)] * 15
    assert accuracy(pairs) == 0.7
    assert kappa(pairs) == pytest.approx(0.4)
    phi = (20 * 15 - 5 * 10) / math.sqrt(25 * 25 * 30 * 20)
    assert pearson(pairs) == pytest.approx(phi)


def test_quadratic_weights_forgive_neighbours() -> None:
    near = [(float(n), float(n)) for n in range(6)] + [(4.0, 5.0)]
    far = [(float(n), float(n)) for n in range(6)] + [(0.0, 5.0)]
    close, wide = kappa(near), kappa(far)
    assert close is not None and wide is not None and close > 0.9 > wide


def test_saying_the_commonest_label_always_is_no_agreement() -> None:
    found = agreement([rated(5, "Yes")] * 9 + [rated(5, "No")], "judged.response")
    assert found.accuracy.value == found.commonest == 0.9
    assert found.kappa.value == 0 and found.pearson.value is None
    assert "undefined" in "\n".join(agreement_lines(found))


def test_words_numbers_and_what_is_left_out() -> None:
    ones = [rated(5, "Yes"), rated(1, "no"), rated(None, "Yes"), rated(5, "Uncertain"), rated(3)]
    found = agreement(ones, "judged.response")
    assert (found.compared, found.unrated, found.unlabelled) == (2, 1, 2)
    assert found.kappa.value == 1 and found.table == {"no": {"1": 1}, "yes": {"5": 1}}
    numbers = agreement([rated(5, "4.6"), rated(2, 2), rated(1, 0)], "judged.response")
    assert numbers.accuracy.value == pytest.approx(2 / 3)
    assert agreement([rated(4, score=1.0), rated(1, score=0.0)], "score").pearson.value == 1


@pytest.mark.parametrize(
    ("trajectories", "why"),
    [
        ([rated(5)], "no trajectory has both"),
        ([rated(5, "maybe not")], "neither a number nor yes or no"),
        ([rated(5, "nan")], "neither a number"),
        ([rated(5, "yes"), rated(5, 3)], "words here and numbers there"),
    ],
)
def test_labels_that_cannot_be_compared(trajectories: list[Trajectory], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        agreement(trajectories, "judged.response")


PAIRS = st.lists(st.tuples(*[st.integers(0, 5).map(float)] * 2), min_size=1, max_size=40)


@given(PAIRS)
def test_figures_stay_in_their_ranges(pairs: list[tuple[float, float]]) -> None:
    ours, theirs = kappa(pairs), pearson(pairs)
    assert ours is None or ours <= 1
    assert theirs is None or -1 <= theirs <= 1
    turned = [(b, a) for a, b in pairs]
    assert kappa(turned) == pytest.approx(ours) if ours is not None else kappa(turned) is None
    if all(a == b for a, b in pairs) and ours is not None:
        assert ours == 1


@settings(max_examples=8)
@given(PAIRS, st.integers(0, 3))
def test_an_interval_holds_its_seed(pairs: list[tuple[float, float]], seed: int) -> None:
    trajectories = [rated(a, b) for a, b in pairs][:6]
    first = agreement(trajectories, "judged.response", seed=seed)
    assert first == agreement(trajectories, "judged.response", seed=seed)
    assert first.accuracy.low is not None and first.accuracy.high is not None
    assert first.accuracy.low <= first.accuracy.high
