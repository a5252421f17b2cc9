from callsheet.train.metrics import (
    HeldOutMetrics,
    StepMetrics,
    append_metrics,
    cut_metrics,
    read_held_out,
    read_metrics,
)


def test_a_torn_line_and_later_steps_go_when_training_resumes(tmp_path):
    path = tmp_path / "metrics.jsonl"
    for step in (1, 2, 3):
        append_metrics(path, StepMetrics(step=step, loss=1 / step, seconds=step))
    with path.open("ab") as file:
        file.write(b'{"step": 4, "lo')
    assert [m.step for m in read_metrics(path)] == [1, 2, 3]
    assert [m.step for m in cut_metrics(path, 2)] == [1, 2]
    append_metrics(path, StepMetrics(step=3, loss=0.1, seconds=9))
    assert [(m.step, m.seconds) for m in read_metrics(path)] == [(1, 1), (2, 2), (3, 9)]


def test_a_training_that_begins_anew_measures_before_its_first_step_once(tmp_path):
    path = tmp_path / "metrics.jsonl"
    first = HeldOutMetrics(step=0, held_out_loss=5.0, seconds=1)
    append_metrics(path, first)
    append_metrics(path, StepMetrics(step=1, loss=4.0, seconds=2))
    assert cut_metrics(path, 1) and read_held_out(path) == [first]
    assert cut_metrics(path, 0) == [] and read_held_out(path) == []
