"""torch's DataLoader and Hugging Face datasets over a mixture."""

import json

import pytest
from mixing_files import ids, mixture

from callsheet.train.mixing import Mixture, index_sources

pytestmark = pytest.mark.train
pytest.importorskip("torch", reason="needs the train extra")
pytest.importorskip("datasets", reason="needs the train extra")

SIZES = {"a": 17, "b": 9, "c": 4}


def prepared(name, record):
    return name, record.trajectory().id


@pytest.mark.parametrize("part", ["train", "evaluation"])
def test_worker_processes_give_the_mixtures_own_order_and_go_on_exactly(tmp_path, part):
    from callsheet.train.mixing.workers import in_workers

    config = mixture(tmp_path, SIZES, buffer=4, evaluation=0.4)
    index = index_sources(config)

    def fresh():
        return Mixture(config, seed=5, workers=2, part=part, index=index)

    order = [prepared(name, record) for name, record in fresh()]
    assert list(in_workers(fresh(), prepared)) == order
    for at in range(0, len(order), 5):
        stopped, again = fresh(), fresh()
        running = in_workers(stopped, prepared)
        begun = [next(running) for _ in range(at)]
        running.close()
        again.restore(json.loads(json.dumps(stopped.state())))
        assert begun + list(in_workers(again, prepared)) == order


def dataset_of(*given, **settings):
    from callsheet.train.mixing.streaming import as_dataset

    return as_dataset(Mixture(*given, **settings))


def dataset_ids(examples):
    return [json.loads(example["trajectory"])["id"] for example in examples]


def test_a_dataset_has_the_mixtures_order_and_its_own_state_is_exact(tmp_path):
    config = mixture(tmp_path, SIZES, buffer=4, draws=60)
    index = index_sources(config)

    def fresh():
        return dataset_of(config, seed=5, index=index)

    order = ids(Mixture(config, seed=5, index=index))
    assert dataset_ids(fresh()) == order
    whole = fresh()
    states = [whole.state_dict(), *(whole.state_dict() for _ in whole)]
    for at in range(0, 60, 7):
        again = fresh()
        again.load_state_dict(json.loads(json.dumps(states[at])))
        assert dataset_ids(again) == order[at:]


def test_a_dataset_is_split_among_nodes_and_workers_without_overlap(tmp_path):
    from datasets.distributed import split_dataset_by_node
    from torch.utils.data import DataLoader

    config = mixture(tmp_path, SIZES)
    whole = dataset_of(config, seed=0, workers=4)
    seen = []
    for rank in range(2):
        node = split_dataset_by_node(whole, rank=rank, world_size=2)
        seen.append(set(dataset_ids(DataLoader(node, batch_size=None, num_workers=2))))
    assert not seen[0] & seen[1]
    assert len(seen[0] | seen[1]) == sum(SIZES.values())
