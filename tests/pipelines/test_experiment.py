"""Arms that differ in their dataset alone are trained, asked the same, and compared."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML
from tiny_model import tiny_training

from callsheet.agents.rules import RulesClient
from callsheet.pipelines.experiment import (
    ExperimentConfig,
    ExperimentInvalid,
    experiment,
    load_experiment_config,
)
from callsheet.pipelines.journey import PACKAGE, JourneyConfig, evaluated, items_of
from callsheet.scenarios import load_scenarios
from callsheet.simulation.engine import simulate
from callsheet.simulation.run_directory import RunConfig

HELDOUT = [str(p) for p in sorted((PACKAGE / "scenarios" / "heldout").glob("city-*.yaml"))[:2]]


def run(folder: Path, scenario: str, repeat: int) -> Path:
    simulate(load_scenarios([scenario]), RunConfig(repeat=repeat), folder)
    return folder


def test_a_dataset_without_trajectories_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    for path, said in (
        (tmp_path / "none", "no trajectories"),
        (tmp_path / "empty.jsonl", "has no"),
    ):
        config = ExperimentConfig(datasets={"arm": path}, heldout=tuple(HELDOUT))
        with pytest.raises(ExperimentInvalid, match=said):
            experiment(config, tmp_path / "out")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: x", "datasets"),
        ("datasets: {}", "datasets"),
        ("a: [", "line"),
        ("", "datasets"),
        ("datasets: {a: a}\nbases: [runs/a/model, runs/b/model]", "several are called 'model'"),
        ("datasets: {a: a}\nbases: [smollm2, smollm2]", "several are called 'smollm2'"),
        ("datasets: {a: a}\nbases: [models/data]", "no base can be called 'data'"),
        ("datasets: {a: a}\nbases: [.]", "no base can be called ''"),
        ("datasets: {a: a}\nseeds: [1, 2, 1]", "1 is given twice"),
    ],
)
def test_a_wrong_config_is_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "e.yaml"
    path.write_text(text)
    with pytest.raises(ExperimentInvalid, match=said) as error:
        load_experiment_config(path)
    assert "\n" not in str(error.value)


def test_another_constraint_loads_the_model_and_asks_again(tmp_path: Path) -> None:
    journey = JourneyConfig(heldout=HELDOUT, calls=2)
    items = items_of(journey, ())
    loaded: list[str] = []

    def loads(constraint: str) -> int:
        def make() -> RulesClient:
            loaded.append(constraint)
            return RulesClient("assistant")

        config = journey.model_copy(update={"constraint": constraint})
        evaluated("rules", "rules", make, items, tmp_path, config, lambda *told: None)
        return len(loaded)

    assert [loads(one) for one in ("required", "required", "auto", "auto")] == [1, 1, 2, 2]


@pytest.mark.train
@pytest.mark.slow
def test_arms_are_compared_and_an_experiment_goes_on(tmp_path: Path) -> None:
    training = tiny_training(tmp_path)
    run(tmp_path / "one", "single-call", 4)
    run(tmp_path / "two", "chained-calls", 3)
    yaml = YAML()
    yaml.dump(training.model_dump(mode="json"), tmp_path / "tiny.yaml")
    (tmp_path / "e.yaml").write_text(
        f"name: small\ndatasets: {{first: one, second: two}}\nbases: [{training.base}]\n"
        f"seeds: [1, 2]\ntrain: tiny.yaml\ncalls: 2\nheldout: {HELDOUT}\n"
    )
    config = load_experiment_config(tmp_path / "e.yaml")
    told: list[str] = []

    def say(stage: str, done: int, total: int, line: str) -> None:
        told.append(stage)

    report = experiment(config, tmp_path / "out", on_progress=say)
    assert report.dialogues == {"first": 3, "second": 3}
    assert [(s.dataset, s.seed) for s in report.students] == [
        ("first", 1),
        ("second", 1),
        ("first", 2),
        ("second", 2),
    ]
    assert all(s.report.calls == 2 for s in report.students)
    assert [s.over_first is None for s in report.students] == [True, False, True, False]
    assert "| base | first | 3 | 2 |" in report.markdown()
    assert any(stage == "train" for stage in told)
    told.clear()
    assert experiment(config, tmp_path / "out", on_progress=say) == report
    assert not any(stage.startswith(("train", "evaluate")) for stage in told)
