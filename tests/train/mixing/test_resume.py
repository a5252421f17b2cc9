"""Going on exactly: at every record, with several sources, passes, workers and devices."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mixing_files import ids, mixture, write

from callsheet.train.mixing import Mixture, MixtureInvalid, StateMismatch, index_sources
from callsheet.train.mixing.order import choices, draws_until, mixed, taken, turns

SIZES = {"a": 30, "b": 16, "c": 9}


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("part", ["train", "evaluation"])
@pytest.mark.parametrize("rank", [0, 1])
def test_going_on_at_every_record_gives_the_uninterrupted_order(tmp_path, workers, part, rank):
    config = mixture(tmp_path, SIZES, buffer=4, weights={"a": 3}, evaluation=0.4)
    index = index_sources(config)

    def fresh():
        return Mixture(config, seed=5, rank=rank, world=2, workers=workers, part=part, index=index)

    whole, states, passes = fresh(), [], []
    order = []
    states.append(whole.state())
    passes.append(whole.passes())
    for name, record in whole:
        order.append((name, record.trajectory().id))
        states.append(json.loads(json.dumps(whole.state())))
        passes.append(whole.passes())
    assert len(order) == len(whole) > 4
    for at, state in enumerate(states):
        again = fresh()
        again.restore(state)
        assert again.passes() == passes[at]
        assert [(name, record.trajectory().id) for name, record in again] == order[at:]
        assert again.state() == states[-1]


def test_going_on_over_many_passes_and_blocks_of_draws(tmp_path):
    config = mixture(tmp_path, SIZES, buffer=6, draws=3500)
    index = index_sources(config)
    whole = Mixture(config, seed=1, workers=2, index=index)
    order = [draw for _, draw in whole.advance()]
    assert min(whole.passes().values()) > 30
    for at in (0, 1, 999, 1000, 1001, 1999, 2000, 2001, 3499, 3500):
        again = Mixture(config, seed=1, workers=2, index=index)
        again.restore(whole.state() | {"drawn": at})
        assert [draw for _, draw in again.advance()] == order[at:]
        assert again.passes() == whole.passes()


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=4),
    buffer=st.integers(1, 30),
    seed=st.integers(0, 2**32 - 1),
    skip=st.integers(0, 2500),
)
def test_skipping_draws_is_as_drawing_them(sizes, buffer, seed, skip):
    shares = [range(1, 1 + 2 * size, 2) for size in sizes]
    weights = [float(1 + place) for place in range(len(sizes))]
    whole = mixed(shares, weights, buffer, seed)
    drawn = [next(whole) for _ in range(skip)]
    rest = mixed(shares, weights, buffer, seed, skip)
    assert [next(rest) for _ in range(50)] == [next(whole) for _ in range(50)]
    fell = [source for source, _ in drawn]
    assert taken(weights, seed, skip) == [fell.count(source) for source in range(len(sizes))]


@given(st.lists(st.integers(1, 30), min_size=1, max_size=4), st.integers(0, 99))
def test_the_end_is_where_the_first_or_the_last_source_is_whole(sizes, seed):
    weights = [1.0] * len(sizes)
    for stop, enough in (("first", any), ("all", all)):
        end = draws_until(stop, sizes, weights, seed)
        for draws, whole in ((end, True), (end - 1, False)):
            fell = taken(weights, seed, draws)
            assert enough(n >= size for n, size in zip(fell, sizes, strict=True)) is whole


def test_choices_go_on_from_anywhere():
    whole = choices([1, 2], 0)
    drawn = [next(whole) for _ in range(2100)]
    for at in (1, 500, 1000, 1999, 2000):
        rest = choices([1, 2], 0, at)
        assert [next(rest) for _ in range(100)] == drawn[at : at + 100]


def test_readers_at_their_end_are_left_out_of_the_turns():
    assert list(turns([2, 0, 3])) == [0, 2, 0, 2, 2]


def test_a_changed_file_is_refused_when_going_on(tmp_path):
    config = mixture(tmp_path, SIZES)
    state = Mixture(config, seed=0).state()
    write(tmp_path / "b.jsonl", 16, prefix="changed")
    with pytest.raises(StateMismatch, match="another content of 'b';"):
        Mixture(config, seed=0).restore(state)


def test_a_file_that_changes_under_a_mixture_is_refused(tmp_path):
    config = mixture(tmp_path, SIZES)
    whole = Mixture(config, seed=0)
    write(tmp_path / "a.jsonl", 18)
    with pytest.raises(MixtureInvalid, match=r"source 'a': .* was changed after it was read"):
        ids(whole)
    (tmp_path / "a.jsonl").unlink()
    with pytest.raises(MixtureInvalid, match=r"source 'a': .*no such file"):
        ids(whole)


@pytest.mark.parametrize(
    ("changes", "settings", "named"),
    [
        ({"seed": 1}, {}, "seed"),
        ({"rank": 1}, {}, "rank"),
        ({"world": 3}, {}, "number of devices"),
        ({"workers": 2}, {}, "number of workers"),
        ({}, {"buffer": 7}, "config"),
        ({}, {"weights": {"a": 2}}, "config"),
    ],
)
def test_the_state_of_another_mixture_is_refused_by_what_differs(
    tmp_path, changes, settings, named
):
    given_ = {"seed": 0, "world": 2}
    state = Mixture(mixture(tmp_path, SIZES), **given_).state()
    other = Mixture(mixture(tmp_path, SIZES, **settings), **(given_ | changes))
    with pytest.raises(StateMismatch, match=f"another {named};"):
        other.restore(state)


@pytest.mark.parametrize("drawn", [-1, 10**9, None, "3"])
def test_a_state_that_counts_nonsense_is_refused(tmp_path, drawn):
    whole = Mixture(mixture(tmp_path, SIZES), seed=0)
    with pytest.raises(StateMismatch, match="counts"):
        whole.restore(whole.state() | {"drawn": drawn})
