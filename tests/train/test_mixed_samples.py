"""How many steps a mixture's epochs are, whatever its samples make of a draw."""

from itertools import islice

import pytest
from conversations import trajectory, two_turns
from mixing_files import mixture, write
from tiny_model import byte_tokenizer

from callsheet.train import mixed_samples
from callsheet.train.chat_format import own_format
from callsheet.train.config import TrainConfig
from callsheet.train.fitting import Setting
from callsheet.train.mixed_samples import MixedSamples
from callsheet.train.processes import Processes
from callsheet.trajectories.trajectory import line_of

pytestmark = pytest.mark.train
pytest.importorskip("transformers", reason="needs the train extra")

TRAJECTORIES = 10
PLAIN = {"max_length": 4000}
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
        (PLAIN, TRAJECTORIES),
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


@pytest.mark.parametrize("block", [256, 4])
def test_an_epoch_sees_every_branch_of_every_draw(tmp_path, monkeypatch, block):
    monkeypatch.setattr(mixed_samples, "BLOCK", block)
    messages = trajectory().messages
    other = messages[-1].model_copy(update={"id": len(messages), "content": "Only 3."})
    branched = write(tmp_path / "b.jsonl", TRAJECTORIES, messages=[*messages, other])
    source = {"name": "b", "path": branched}
    mixed = samples_of(tmp_path, PLAIN, mixture=mixture(tmp_path, {}, sources=[source]))
    assert mixed.steps == 2 * TRAJECTORIES
    rows = list(islice(mixed.rows(), mixed.steps))
    assert mixed.report.trajectories == TRAJECTORIES
    said = [byte_tokenizer().decode(row["input_ids"]) for row in rows]
    assert sum("Only 3." in text for text in said) == TRAJECTORIES


def test_an_epoch_is_no_longer_than_its_rows_and_leaves_none_over(tmp_path):
    unusable = write(
        tmp_path / "b.jsonl",
        TRAJECTORIES,
        messages=lambda at: line_of(two_turns() if at < 7 else two_turns()[:2]),
    )
    config = mixture(tmp_path, {}, sources=[{"name": "b", "path": unusable}])
    assert samples_of(tmp_path, PLAIN, mixture=config).steps == 7
    assert samples_of(tmp_path, PLAIN, mixture=config, batch_size=2).steps == 4
