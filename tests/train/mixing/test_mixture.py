"""Order, shares and proportions of a mixture."""

import json
from itertools import islice

import pytest
from mixing_files import ids, mixture

from callsheet.train.mixing import Mixture, MixtureInvalid, init_device_seed

SIZES = {"a": 40, "b": 23, "c": 7}


def test_the_same_seed_gives_the_same_order_and_another_one_another(tmp_path):
    config = mixture(tmp_path, SIZES, buffer=10)
    first = ids(Mixture(config, seed=1))
    assert first == ids(Mixture(config, seed=1))
    assert first != ids(Mixture(config, seed=2))


def test_the_order_is_the_same_wherever_the_files_lie(tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "y").mkdir()
    here, there = (mixture(tmp_path / name, SIZES) for name in "xy")
    assert ids(Mixture(here, seed=1)) == ids(Mixture(there, seed=1))
    Mixture(there, seed=1).restore(Mixture(here, seed=1).state())


@pytest.mark.parametrize(("world", "workers"), [(1, 1), (3, 1), (1, 2), (2, 3)])
def test_devices_and_workers_share_the_records_out_and_leave_none(tmp_path, world, workers):
    config = mixture(tmp_path, SIZES, buffer=5)
    seen = [
        set(ids(Mixture(config, seed=0, rank=rank, world=world, workers=workers)))
        for rank in range(world)
    ]
    assert sum(map(len, seen)) == len(set.union(*seen)) == sum(SIZES.values())


def test_the_workers_of_a_device_are_disjoint_too(tmp_path):
    whole = Mixture(mixture(tmp_path, SIZES), seed=0, workers=3)
    drawn = [set(whole.draws(worker)) for worker in range(3)]
    assert sum(map(len, drawn)) == len(set.union(*drawn)) == sum(SIZES.values())


def test_all_devices_draw_equally_often(tmp_path):
    config = mixture(tmp_path, SIZES)
    lengths = {len(Mixture(config, seed=0, rank=rank, world=4, workers=2)) for rank in range(4)}
    assert len(lengths) == 1


def test_devices_and_workers_have_seeds_of_their_own():
    seeds = {init_device_seed(s, r, w) for s in range(5) for r in range(8) for w in range(8)}
    assert len(seeds) == 5 * 8 * 8
    assert all(0 <= seed < 2**32 for seed in seeds)
    assert init_device_seed(1, 1) != init_device_seed(2, 0)
    assert init_device_seed(42) == init_device_seed(42, 0, 0)


def test_every_device_sees_the_sources_in_an_order_of_its_own(tmp_path):
    config = mixture(tmp_path, {"a": 200, "b": 200})
    sequences = {
        tuple(name for name, _ in islice(Mixture(config, seed=0, rank=rank, world=4), 50))
        for rank in range(4)
    }
    assert len(sequences) == 4


def test_sources_are_drawn_in_their_proportions(tmp_path):
    weights = {"a": 5, "b": 3, "c": 2}
    config = mixture(tmp_path, {"a": 30, "b": 30, "c": 30}, weights=weights, draws=20_000)
    for seed in range(5):
        fell = Mixture(config, seed=seed)
        for _ in fell.advance():
            pass
        for name, passes in fell.passes().items():
            share = weights[name] / 10
            # A binomial count stays within 4.5 standard deviations all but 7 times in a million.
            bound = 4.5 * (20_000 * share * (1 - share)) ** 0.5
            assert abs(passes * 30 - 20_000 * share) < bound


def test_the_buffer_bounds_how_early_a_record_comes_and_shuffles_within(tmp_path):
    config = mixture(tmp_path, {"a": 500}, buffer=50)
    order = [int(name.split("-")[1]) for name in ids(Mixture(config, seed=0))]
    assert sorted(order) == list(range(500))
    assert all(record < place + 50 for place, record in enumerate(order))
    assert order[:50] != sorted(order[:50])
    displaced = [abs(record - place) for place, record in enumerate(order)]
    assert sum(displaced) / 500 > 20


def test_each_pass_has_another_order(tmp_path):
    drawn = ids(Mixture(mixture(tmp_path, {"a": 50}, draws=150), seed=0))
    passes = [drawn[at : at + 50] for at in (0, 50, 100)]
    assert [sorted(one) for one in passes] == [sorted(passes[0])] * 3
    assert passes[0] != passes[1] != passes[2] != passes[0]


def test_stop_first_repeats_nothing_and_ends_with_the_first_source(tmp_path):
    whole = Mixture(mixture(tmp_path, SIZES, stop="first"), seed=3)
    drawn = ids(whole)
    assert len(drawn) == len(set(drawn)) == len(whole)
    assert max(whole.passes().values()) == 1.0


def test_stop_all_sees_everything_and_says_how_often(tmp_path):
    whole = Mixture(mixture(tmp_path, SIZES, stop="all"), seed=3)
    drawn = ids(whole)
    assert len(set(drawn)) == sum(SIZES.values())
    passes = whole.passes()
    assert min(passes.values()) == 1.0
    for name, size in SIZES.items():
        assert passes[name] == sum(d.startswith(name) for d in drawn) / size


def test_stop_after_a_number_of_draws_over_all_devices(tmp_path):
    config = mixture(tmp_path, SIZES, draws=31)
    assert len(ids(Mixture(config, seed=0))) == 31
    assert [len(ids(Mixture(config, seed=0, rank=r, world=2, workers=3))) for r in (0, 1)] == [
        16,
        16,
    ]


def test_a_source_with_fewer_records_than_readers_goes_to_some_of_them(tmp_path):
    config = mixture(tmp_path, {"a": 30, "b": 2})
    seen = [ids(Mixture(config, seed=0, rank=rank, world=4)) for rank in range(4)]
    assert {name for drawn in seen for name in drawn if name[0] == "b"} == {"b-0", "b-1"}


def test_more_readers_than_records_is_an_error(tmp_path):
    with pytest.raises(MixtureInvalid, match="the largest has 3"):
        Mixture(mixture(tmp_path, {"a": 3}), seed=0, world=2, workers=2)
    with pytest.raises(MixtureInvalid, match="no device 2 of 2"):
        Mixture(mixture(tmp_path, {"a": 3}), seed=0, rank=2, world=2)


def test_a_weight_that_makes_the_end_unreachable_is_an_error(tmp_path):
    config = mixture(tmp_path, {"a": 30, "b": 30}, weights={"b": 1e-12})
    with pytest.raises(MixtureInvalid, match="source 'b': to see it whole takes about 3e"):
        Mixture(config, seed=0)


def test_the_account_is_told_by_source(tmp_path):
    whole = Mixture(mixture(tmp_path, {"a": 4, "b": 2}), seed=0)
    list(whole)
    assert whole.lines()[1].startswith("b: read 2, accepted 2, held out 0, passes ")
    json.dumps(whole.state())
