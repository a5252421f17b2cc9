"""What stops a training, each with one clear line and without spoiling what was there."""

import math

import pytest
from conversations import trajectory
from tiny_model import tiny_training

from callsheet.cli.errors import code_of
from callsheet.train import fitting
from callsheet.train.config import TrainConfig
from callsheet.train.fitting import BaseUnusable, TrainingDiverged
from callsheet.train.metrics import read_held_out, read_metrics
from callsheet.train.processes import Processes
from callsheet.train.run_folder import TrainingMismatch, locked
from callsheet.train.sft import train
from callsheet.trajectories.log import LogBusy

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def config(tmp_path_factory) -> TrainConfig:
    return tiny_training(tmp_path_factory.mktemp("tiny"))


def changed(config: TrainConfig, **changes: object) -> TrainConfig:
    return TrainConfig.model_validate(config.model_dump() | changes)


def one_line(error: BaseException, *named: str) -> bool:
    return "\n" not in str(error) and all(name in str(error) for name in named)


def test_a_loss_that_is_no_number_ends_the_training(config, tmp_path):
    wild = changed(
        config, learning_rate=1e30, warmup_steps=1, schedule="constant", max_steps=9, save_every=1
    )
    with pytest.raises(TrainingDiverged, match=r"step \d: the .* is nan") as raised:
        train(wild, [trajectory()], tmp_path)
    assert one_line(raised.value, "learning_rate", "1e+30") and code_of(raised.value) == 3
    metrics = read_metrics(tmp_path / "metrics.jsonl")
    assert metrics and all(math.isfinite(one.loss) for one in metrics)
    last = max(int(path.name[11:]) for path in (tmp_path / "checkpoints").glob("checkpoint-*"))
    assert last == metrics[-1].step
    assert not (tmp_path / "train.json").exists()


@pytest.mark.parametrize("figure", ["loss", "grad_norm", "eval_loss"])
def test_no_figure_that_is_no_number_is_written(config, tmp_path, figure):
    setting = fitting.Setting(config, tmp_path, None, None, Processes(), print)  # type: ignore[arg-type]
    hooks = fitting._Record(setting, tmp_path, 0).hooks()
    logged = {"loss": 1.0, "grad_norm": 1.0, "eval_loss": 1.0} | {figure: math.inf}
    with pytest.raises(TrainingDiverged, match=r"step 4: the .* is inf"):
        if figure == "eval_loss":
            hooks.on_held_out(4, logged)
        else:
            hooks.on_step(4, 9, logged)
    written = tmp_path / "metrics.jsonl"
    assert read_metrics(written) == [] and read_held_out(written) == []


def test_two_processes_do_not_train_in_one_folder(config, tmp_path):
    with locked(tmp_path), pytest.raises(LogBusy, match="another process is training") as raised:
        train(config, [trajectory()], tmp_path)
    assert one_line(raised.value, str(tmp_path)) and code_of(raised.value) == 7
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_a_missing_base_is_named(config, tmp_path):
    for base in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(BaseUnusable, match="there is no base checkpoint here") as raised:
            train(changed(config, base=str(base)), [trajectory()], tmp_path / "out")
        assert one_line(raised.value, str(base), "smollm2") and code_of(raised.value) == 3
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(BaseUnusable, match="tokenizer cannot be read") as raised:
        train(changed(config, base=str(tmp_path)), [trajectory()], tmp_path / "out")
    assert one_line(raised.value, str(tmp_path))


def test_a_training_is_not_gone_on_with_in_another_number_of_processes(
    config, tmp_path, monkeypatch
):
    train(config, [trajectory()], tmp_path)
    begun = (tmp_path / "started.json").read_bytes()
    assert b"processes" not in begun
    monkeypatch.setattr(fitting, "processes", lambda _: Processes(0, 2))
    with pytest.raises(TrainingMismatch, match="another number of processes") as raised:
        train(config, [trajectory()], tmp_path)
    assert one_line(raised.value, str(tmp_path))
    (tmp_path / "started.json").write_bytes(begun[:-1] + b',"number of processes":"2"}')
    monkeypatch.setattr(fitting, "processes", lambda _: Processes(0, 1))
    with pytest.raises(TrainingMismatch, match="another number of processes"):
        train(config, [trajectory()], tmp_path)
