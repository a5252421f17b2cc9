"""The student's journey on a tiny random model: every stage real, none of them long."""

import os
from pathlib import Path

import pytest
from tiny_model import tiny_training

from callsheet.evaluation.report import read_results
from callsheet.pipelines.journey import PACKAGE, JourneyConfig, ToolsOverlap, items_of, spread

HELDOUT = [str(p) for p in sorted((PACKAGE / "scenarios" / "heldout").glob("city-*.yaml"))[:3]]
JOURNEY = JourneyConfig(
    training=["single-call", "chained-calls"],
    heldout=HELDOUT,
    repeat=3,
    calls=4,
    concurrency=4,
    episodes=2,
)


def test_held_out_tools_must_be_others():
    items = items_of(JOURNEY, ["GetWeather"])
    assert len(items) == 4
    name = items[0].tools[0].name
    with pytest.raises(ToolsOverlap, match=name):
        items_of(JOURNEY, [name])


def test_a_limit_takes_a_call_of_every_scenario_first():
    items = items_of(JOURNEY.model_copy(update={"calls": None}), [])
    chosen = spread(items, 3)
    assert len({item.scenario.name for item in chosen}) == 3
    assert [item.position for item in chosen] == [0, 0, 0]
    assert spread(items, None) == items == spread(items, len(items))


@pytest.mark.train
@pytest.mark.slow
def test_the_demo_is_small_and_says_so(tmp_path):
    from callsheet.pipelines.demo import CALLS, demo

    journey = JOURNEY.model_copy(update={"calls": 2, "ceiling": False, "episodes": 0})
    report = demo(tmp_path / "out", journey=journey, training=tiny_training(tmp_path))
    assert report.before.calls == report.after.calls == 2 <= CALLS <= 25
    assert "Illustrative" in report.markdown()
    assert all(Path(path).exists() for path in report.paths.values())


@pytest.mark.train
@pytest.mark.slow
def test_the_journey_ends_in_a_report_and_goes_on_where_it_was(tmp_path):
    from callsheet.pipelines.student import student

    training = tiny_training(tmp_path)
    told: list[str] = []
    out = tmp_path / "out"

    def say(stage: str, done: int, total: int, line: str) -> None:
        told.append(stage)

    report = student(out, journey=JOURNEY, training=training, on_progress=say)
    assert [r.model for r in report.reports] == ["base", "student", "rules"]
    assert {r.calls for r in report.reports} == {4}
    assert len({r.items_digest for r in report.reports}) == 1
    assert report.gain.low <= report.gain.mean <= report.gain.high
    assert report.training.steps == 2
    assert [(e.model, e.episodes) for e in report.episodes] == [
        ("base", 2),
        ("student", 2),
        ("rules", 2),
    ]
    for path in report.paths.values():
        assert (out / path).exists()
    assert "| student | 4 |" in (out / "report.md").read_text()
    (answers,) = (out / "evaluate").glob("student-*.jsonl")
    answers.write_bytes(b"".join(answers.read_bytes().splitlines(True)[:3]))
    told.clear()
    again = student(out, journey=JOURNEY, training=training, on_progress=say)
    assert again.gain == report.gain and again.training == report.training
    assert "train" not in told and told.count("evaluate student") == 2
    assert len(read_results(answers)) == 4
    told.clear()
    (adapter,) = (out / report.paths["adapter"]).glob("*.safetensors")
    os.utime(adapter, ns=(1, 1))  # as if it were trained anew
    student(out, journey=JOURNEY, training=training, on_progress=say)
    assert told.count("evaluate student") == 5 and "play student" in told
    assert not {"evaluate base", "play base"} & set(told)
