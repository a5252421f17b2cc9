"""Whole reports and comparisons: empty and small input, determinism, the program itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conversations import trajectory, two_turns
from fake_endpoint import FakeEndpoint
from program import callsheet, new_project, one_line, use_endpoint
from scripted_model import Scripted

from callsheet.evaluation.quality import (
    QualityReport,
    Settings,
    compare,
    instruments,
    quality_report,
    write_comparison,
    write_report,
)
from callsheet.evaluation.quality.comparison import Comparison, distinct_names
from callsheet.evaluation.quality.comparison_text import comparison_markdown
from callsheet.evaluation.quality.judge import QUALITIES, Judge
from callsheet.tools import save_pool
from callsheet.trajectories.trajectory import Trajectory

LEXICAL = Settings(encoder="lexical")


def run_of(folder: Path, *trajectories: Trajectory) -> Path:
    folder.mkdir(parents=True)
    lines = [one.model_dump_json() + "\n" for one in trajectories]
    (folder / "trajectories.jsonl").write_text("".join(lines))
    return folder


def several(count: int, words: str = "") -> list[Trajectory]:
    made = []
    for number in range(count):
        chat = two_turns()
        chat[5]["content"] += f" Shelf {number % 3} {words}"
        made.append(trajectory(f"e{number}", messages=chat))
    return made


def test_an_empty_set_has_a_report_and_a_page(tmp_path: Path) -> None:
    run = run_of(tmp_path / "empty")
    report = quality_report([run], instruments(LEXICAL), tmp_path / "out")
    _, page = write_report(report, tmp_path / "out")
    assert report.figures.size.dialogues == 0 and report.figures.coherence.similarity is None
    assert report.figures.diversity.distinct_3 is None and "0 dialogues" in page.read_text()


@pytest.mark.parametrize("messages", [[{"role": "user", "content": "Hi"}], two_turns()[:3], []])
def test_dialogues_of_one_turn_or_none_have_no_pair(
    tmp_path: Path, messages: list[dict[str, object]]
) -> None:
    one = trajectory().model_copy(update={"messages": []})
    run = run_of(tmp_path / "short", trajectory(messages=messages) if messages else one)
    report = quality_report([run], instruments(LEXICAL), tmp_path / "out")
    assert report.figures.size.dialogues == 1 and report.figures.coherence.pairs == 0
    write_report(report, tmp_path / "out")


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", *several(9))
    written = []
    for name in ("a", "b"):
        report = quality_report([run], instruments(LEXICAL), tmp_path / name)
        written.append([path.read_bytes() for path in write_report(report, tmp_path / name)])
    assert written[0] == written[1]
    assert QualityReport.model_validate_json(written[0][0]).schema_version == 1


def test_several_sources_are_one_set(tmp_path: Path) -> None:
    runs = [run_of(tmp_path / name, *several(2)) for name in "ab"]
    report = quality_report(runs, instruments(LEXICAL), tmp_path)
    assert report.figures.size.dialogues == 4 and report.figures.name == "a, b"


def test_peoples_dialogues_go_through_the_same_rubric(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", *several(3))
    human = tmp_path / "people.jsonl"
    human.write_text(json.dumps({"messages": two_turns()}) + "\n")
    low, high = ({"faults": "", **dict.fromkeys(QUALITIES, grade)} for grade in (2, 5))
    judge = Judge(Scripted(low, low, low, high), "j")
    report = quality_report([run], instruments(LEXICAL, judge), tmp_path / "out", human=human)
    assert report.figures.judgement is not None and report.human is not None
    assert report.human.judgement is not None
    assert report.figures.judgement.grades["accuracy"].mean == 2
    assert report.human.judgement.grades["accuracy"].mean == 5


def test_runs_are_compared_with_the_first(tmp_path: Path) -> None:
    one, other = several(30), several(30, "reminder plants water lamps")
    runs = [run_of(tmp_path / "arm" / "plain", *one), run_of(tmp_path / "arm" / "words", *other)]
    found = compare(runs, instruments(LEXICAL), [tmp_path, tmp_path])
    assert [run.name for run in found.runs] == ["plain", "words"] and not found.notes
    [difference] = found.differences
    assert difference.similarity is not None and difference.similarity.excludes_zero()
    assert difference.similarity.mean > 0
    record, markdown, page = write_comparison(found, tmp_path / "out")
    assert Comparison.model_validate_json(record.read_text()) == found
    assert "| words |" in markdown.read_text() and "words" in page.read_text()


def test_a_comparison_says_where_it_is_unfair(tmp_path: Path) -> None:
    runs = [run_of(tmp_path / "a", *several(2)), run_of(tmp_path / "b", *several(3)),
            run_of(tmp_path / "c", *several(2))]  # fmt: skip
    found = compare(runs, instruments(LEXICAL), [tmp_path] * 3)
    assert "different numbers of dialogues" in found.notes[0]
    assert "exactly the same content" in found.notes[1]
    with pytest.raises(ValueError, match="at least two"):
        compare(runs[:1], instruments(LEXICAL), [tmp_path])


def test_names_of_runs_are_as_short_as_tells_them_apart(tmp_path: Path) -> None:
    runs = [tmp_path / "x" / "1", tmp_path / "y" / "1"]
    for run in runs:
        run.mkdir(parents=True)
    assert distinct_names(runs) == ["x/1", "y/1"]
    assert distinct_names([runs[0], runs[0]]) == [f"{runs[0]} (1)", f"{runs[0]} (2)"]


def test_names_of_runs_cannot_break_the_markdown(tmp_path: Path) -> None:
    runs = [run_of(tmp_path / "a", *several(2)), run_of(tmp_path / "b", *several(2))]
    found = compare(runs, instruments(LEXICAL), [tmp_path] * 2, names=["a|b\n# c", "<b>"])
    written = comparison_markdown(found)
    assert r"| a\|b \# c |" in written and r"\<b\>" in written


def test_the_program_reports_and_compares(tmp_path: Path) -> None:
    run_of(tmp_path / "one", *several(4))
    run_of(tmp_path / "two", *several(4, "more"))
    save_pool(tmp_path / "pool.json", trajectory().tools)
    ended = callsheet(tmp_path, "report", "one", "--encoder", "lexical", "--pool", "pool.json")
    assert ended.returncode == 0, ended.stderr
    report = json.loads((tmp_path / "one" / "report" / "report.json").read_text())
    assert report["coverage"]["pool_called_share"] == 1
    assert (tmp_path / "one" / "report" / "report.html").is_file()
    ended = callsheet(tmp_path, "compare", "one", "two", "--encoder", "lexical", "-o", "both")
    assert ended.returncode == 0, ended.stderr
    assert "| two |" in ended.stdout and (tmp_path / "both" / "compare.html").is_file()


def test_what_is_wrong_is_one_line(tmp_path: Path) -> None:
    ended = callsheet(tmp_path, "report", "nowhere", "--encoder", "lexical")
    assert ended.returncode == 3 and "no run" in one_line(ended)
    run_of(tmp_path / "one", *several(1))
    ended = callsheet(tmp_path, "report", "one", "--encoder", "lexical", "--judge", "unheard-of")
    assert ended.returncode == 4 and "unheard-of" in one_line(ended)
    ended = callsheet(tmp_path, "compare", "one")
    assert ended.returncode == 2 and "at least two" in one_line(ended)


def test_a_configured_model_judges_over_its_endpoint_and_is_asked_once(tmp_path: Path) -> None:
    project = new_project(tmp_path)
    run_of(project / "one", *several(5))
    grades = {"faults": "none found", **dict.fromkeys(QUALITIES, 4)}
    options = ("--encoder", "lexical", "--judge", "remote", "--judge-sample", "3")
    with FakeEndpoint(lambda request: {"content": json.dumps(grades)}) as endpoint:
        use_endpoint(project, endpoint.url)
        ended = callsheet(project, "report", "one", "--human", "one", *options)
        assert ended.returncode == 0, ended.stderr
        asked = len(endpoint.requests)
        callsheet(project, "report", "one", "--human", "one", *options)
        assert 0 < asked == len(endpoint.requests) <= 3
    assert "accuracy 4.00 [4.00, 4.00]" in ended.stdout
    report = json.loads((project / "one" / "report" / "report.json").read_text())
    assert report["human"]["judgement"] == report["figures"]["judgement"]
    assert report["figures"]["judgement"]["sampled"] == 3
