"""How many steps a mixture's epochs are, whatever its samples make of a draw."""

from itertools import islice

import pytest
from mixing_files import mixture
from tiny_model import byte_tokenizer

from callsheet.train import mixed_samples
from callsheet.train.chat_format import own_format
from callsheet.train.config import TrainConfig
from callsheet.train.fitting import Setting
from callsheet.train.mixed_samples import MixedSamples
from callsheet.train.processes import Processes

pytestmark = pytest.mark.train
pytest.importorskip("transformers", reason="needs the train extra")

TRAJECTORIES = 10
PER_TURN = {"per": "turn", "max_length": 4000}
"""Each of the trajectories has four turns of the assistant."""
PACKED = {"packing": True, "max_length": 4000}


def samples_of(folder, samples, **changes) -> MixedSamples:
    config = TrainConfig.model_validate(
        {
            "mixture": mixture(folder, {"a": TRAJECTORIES}),
            "samples": samples,
            "augment": None,
            "batch_size": 1,
            "accumulate": 1,
        }
        | changes
    )
    here = Processes()
    setting = Setting(config, folder, byte_tokenizer(), own_format(), here, lambda *_: None)
    return MixedSamples(setting)


@pytest.mark.parametrize(
    ("samples", "rows"),
    [
        ({"max_length": 4000}, TRAJECTORIES),
        ({"max_length": 4000, "copies": 3}, 3 * TRAJECTORIES),
        (PER_TURN, 4 * TRAJECTORIES),
        (PACKED, None),
    ],
)
@pytest.mark.parametrize("block", [256, 4])
def test_an_epoch_of_steps_sees_every_trajectory_once(tmp_path, monkeypatch, samples, rows, block):
    monkeypatch.setattr(mixed_samples, "BLOCK", block)
    mixed = samples_of(tmp_path, samples)
    if rows is not None:
        assert mixed.steps == rows
    seen = list(islice(mixed.rows(), mixed.steps))
    assert mixed.report.trajectories == TRAJECTORIES
    assert rows is not None or len(seen) < TRAJECTORIES
    twice = samples_of(tmp_path, samples, epochs=2)
    list(islice(twice.rows(), twice.steps))
    assert twice.report.trajectories == 2 * TRAJECTORIES


def test_part_of_an_epoch_is_part_of_its_rows(tmp_path, monkeypatch):
    assert samples_of(tmp_path, PER_TURN, epochs=0.5).steps == 20
    assert samples_of(tmp_path, PER_TURN, epochs=1.5).steps == 60
    monkeypatch.setattr(mixed_samples, "BLOCK", 4)
    assert samples_of(tmp_path, PER_TURN, epochs=1.5).steps == 60
    # The last step is a whole one.
    assert samples_of(tmp_path, PER_TURN, epochs=1.5, accumulate=7).steps == 9


def test_steps_that_are_configured_are_not_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(mixed_samples, "build_samples", None)
    assert samples_of(tmp_path, PER_TURN, max_steps=3).steps == 3
    assert samples_of(tmp_path, {"max_length": 4000}, epochs=2.2).steps == 22
