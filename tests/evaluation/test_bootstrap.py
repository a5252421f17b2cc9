import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.evaluation.bootstrap import paired_gain
from callsheet.evaluation.report import CallResult


def results(correct: list[tuple[str, bool]]) -> list[CallResult]:
    return [
        CallResult(
            id=f"{scenario}/{at}",
            scenario=scenario,
            prompt_digest=str(at),
            expected={},
            got=None,
            correct=right,
            name_correct=right,
            arguments_correct=right,
            reason="correct" if right else "no call",
        )
        for at, (scenario, right) in enumerate(correct)
    ]


def test_the_gain_of_a_sure_winner_has_no_width():
    before = results([(f"s{i}", False) for i in range(10)])
    after = results([(f"s{i}", True) for i in range(10)])
    gain = paired_gain(before, after, resamples=200)
    assert (gain.low, gain.mean, gain.high) == (1.0, 1.0, 1.0)
    assert gain.points() == "+100.0 points (95 % interval +100.0 to +100.0)"


def test_equal_models_gain_nothing_and_seeds_decide():
    one = results([(f"s{i % 4}", i % 3 == 0) for i in range(24)])
    assert paired_gain(one, one, resamples=100).mean == 0
    other = results([(f"s{i % 4}", i % 2 == 0) for i in range(24)])
    assert paired_gain(one, other, seed=1) == paired_gain(one, other, seed=1)


def test_calls_of_one_scenario_move_together():
    spread = [(f"s{i}", i < 20) for i in range(40)]
    lumped = [(f"s{i // 10}", i < 20) for i in range(40)]
    apart = paired_gain(results([(s, False) for s, _ in spread]), results(spread))
    together = paired_gain(results([(s, False) for s, _ in lumped]), results(lumped))
    assert apart.mean == together.mean == 0.5
    assert together.high - together.low > 1.5 * (apart.high - apart.low)


def test_the_interval_agrees_with_the_normal_approximation():
    before = results([(f"s{i}", False) for i in range(200)])
    after = results([(f"s{i}", i % 4 == 0) for i in range(200)])
    gain = paired_gain(before, after)
    half = 1.96 * (0.25 * 0.75 / 200) ** 0.5
    assert gain.low == pytest.approx(0.25 - half, abs=0.012)
    assert gain.high == pytest.approx(0.25 + half, abs=0.012)


def test_other_items_cannot_be_compared():
    with pytest.raises(ValueError, match="same items"):
        paired_gain(results([("a", True)]), results([("a", True), ("b", True)]))
    with pytest.raises(ValueError, match="same items"):
        paired_gain([], [])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.booleans()), min_size=1))
def test_the_mean_lies_in_its_interval(rows):
    before = results([(f"s{s}", b) for s, b, _ in rows])
    after = results([(f"s{s}", a) for s, _, a in rows])
    gain = paired_gain(before, after, resamples=300)
    assert -1 <= gain.low <= gain.high <= 1
    assert gain.mean == pytest.approx(sum(a - b for _, b, a in rows) / len(rows))
