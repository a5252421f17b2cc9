"""From reviews to training data: whose word is followed, in which form, and the account of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from program import callsheet, one_line
from review_entries import dialogue_of, entry, written

from callsheet.evaluation.reviews import (
    ReviewFolder,
    items_of,
    report_lines,
    review_report,
    reviewed,
    standings,
)
from callsheet.train.filters import ScoreFilter
from callsheet.train.mixing import MixtureConfig, SourceConfig, index_sources
from callsheet.trajectories.filters import ReviewConditions, defects_of, sort_trajectories
from callsheet.trajectories.reading import read_trajectories
from callsheet.trajectories.trajectory import Trajectory, Verdict

ONE = dialogue_of(0)
EDIT = {"edits": [{"message": 4, "content": "Booked: B-4417."}]}


def outcome(*said: dict[str, Any], **conditions: Any) -> str:
    """`accepted`, `edited`, or the reason against."""
    entries = [entry(ONE, f"r{at}", at=float(at), **one) for at, one in enumerate(said)]
    form, wrong = reviewed(entries, ReviewConditions(**conditions))(ONE)
    return wrong[0].reason if wrong else "edited" if form.main != ONE.main else "accepted"


YES, NO, MEND = (
    {"decision": "accept"},
    {"decision": "reject"},
    {"decision": "edit", "revision": EDIT},
)


def good(overall: int) -> dict[str, Any]:
    return {**YES, "ratings": {"overall": overall}}


@pytest.mark.parametrize(
    ("said", "conditions", "expected"),
    [
        ([], {}, "review_missing"),
        ([YES], {}, "accepted"),
        ([YES], {"reviewers": 2}, "review_missing"),
        ([YES, NO], {}, "review_rejected"),
        ([YES, YES, NO], {}, "accepted"),
        ([YES, YES, NO], {"accepted_by": "all"}, "review_rejected"),
        ([YES, YES, NO], {"accepts": 3}, "review_rejected"),
        ([YES, MEND, NO], {}, "edited"),
        ([MEND, NO], {}, "review_rejected"),
        ([good(4), good(3)], {"mean": 3.5}, "accepted"),
        ([good(4), good(2)], {"mean": 3.5}, "review_rated_low"),
        ([YES], {"mean": 3.5}, "review_rated_low"),
        ([{**MEND, "ratings": {"overall": 1}}], {"mean": 3.5}, "edited"),
    ],
)
def test_conditions(said: list[dict[str, Any]], conditions: dict[str, Any], expected: str) -> None:
    assert outcome(*said, **conditions) == expected


def test_the_last_word_counts_and_the_last_edit() -> None:
    other = {"edits": [{"message": 4, "content": "It is booked."}]}
    said = [
        entry(ONE, "anna", at=1, **MEND),
        entry(ONE, "berta", at=3, decision="edit", revision=other),
        entry(ONE, "carla", decision="reject"),
        entry(ONE, "carla", decision="accept"),
    ]
    form, wrong = reviewed(said, ReviewConditions(accepted_by="all"))(ONE)
    assert not wrong and form.path()[-1].content == "It is booked."
    assert form.other_information["reviews"] == {"anna": "edit", "berta": "edit", "carla": "accept"}
    assert form.preferences[0].by == "review: berta"
    assert form.score is None and form.review_score is None
    rated, _ = reviewed([entry(ONE, **good(4)), entry(ONE, "b", **good(1))],
                        ReviewConditions(accepted_by="majority"))(ONE)  # fmt: skip
    assert rated.review_score == 2.5 and rated.score == 1.0


def test_a_changed_dialogue_has_no_reviews_and_a_rated_copy_has() -> None:
    decide = reviewed([entry(ONE), entry(dialogue_of(1), "b")], ReviewConditions())
    changed = ONE.model_copy(update={"tools": ONE.tools[:1]})
    _, wrong = decide(changed)
    assert wrong[0].detail == "0 of 1 reviewers; 1 reviews are of another form of it"
    rated = ONE.model_copy(update={"rater_score": 3.0, "rate_model": "m", "score": 0.5})
    assert not decide(rated)[1]


def test_files_are_sorted_by_what_people_said(tmp_path: Path) -> None:
    path = written(tmp_path / "t.jsonl", [dialogue_of(n) for n in range(4)])
    said = [entry(dialogue_of(0)), entry(dialogue_of(1), **NO), entry(dialogue_of(2), **MEND)]
    # Rules would reject it; people decide instead.
    report = sort_trajectories(
        [path], tmp_path / "good.jsonl", tmp_path / "bad.jsonl",
        reviewed=reviewed(said, ReviewConditions()),
    )  # fmt: skip
    assert report.by_reason == {"review_missing": 1, "review_rejected": 1}
    good, bad = (list(read_trajectories(tmp_path / f"{n}.jsonl")) for n in ("good", "bad"))
    assert [one.id[:6] for one in good] == ["000000", "000002"]
    assert good[1].path()[-1].content == "Booked: B-4417."
    assert good[1].path(good[1].preferences[0].rejected) == dialogue_of(2).path()
    assert [defects_of(one)[0].reason for one in bad] == ["review_rejected", "review_missing"]


def three(tmp_path: Path) -> tuple[Path, list[Trajectory]]:
    """Six dialogues that three people rated, with a rater's and a judge's opinions."""
    judge = Verdict(check="judge", passed=True, by="judge")
    found = [
        dialogue_of(n, rater_score=float(n), score=n / 5, verdicts=[judge] * (n > 2))
        for n in range(6)
    ]
    folder = ReviewFolder(tmp_path / "runs" / "reviews")
    for n, one in enumerate(found):
        for at, who in enumerate(("anna", "berta", "carla")):
            overall = min(5, max(0, n + (at - 1) * (n % 2)))
            folder.append(entry(one, who, decision="accept" if overall > 2 else "reject",
                                ratings={"overall": overall}))  # fmt: skip
    return written(tmp_path / "runs" / "rated.jsonl", found), found


def test_the_report_is_over_blind_reviews(tmp_path: Path) -> None:
    path, found = three(tmp_path)
    folder = ReviewFolder(path.parent / "reviews")
    items = items_of(path, "rated.jsonl")
    before = review_report(items, standings(folder.entries()))
    folder.append(entry(found[0], "anna", kind="reveal"))
    folder.append(entry(found[0], "anna", decision="accept", ratings={"overall": 5}))
    folder.append(entry(dialogue_of(9), "anna"))
    assert review_report(items, standings(folder.entries())) == before
    assert before.reviewed == before.items == 6 and set(before.reviews) == {
        "anna",
        "berta",
        "carla",
    }
    overall = next(scale for scale in before.scales if scale.name == "overall")
    assert len(overall.pairs) == 3 and all(both.items == 6 for both in overall.pairs)
    assert overall.alpha.low is not None and overall.alpha.low <= (overall.alpha.value or 0)
    machines = {one.name: one for one in before.machines}
    assert set(machines) == {"score", "judge", "rater"} and machines["judge"].items == 3
    assert machines["rater"].pearson.value and machines["rater"].pearson.value > 0.95
    assert machines["judge"].pearson.value is None
    assert before.disputed[0].decisions == 2
    assert review_report(items, standings(folder.entries()), seen_by="dora").disputed == []
    assert any("alpha" in line for line in report_lines(before))


@pytest.mark.slow
def test_the_commands(tmp_path: Path) -> None:
    three(tmp_path)
    ended = callsheet(tmp_path, "agree", "runs/rated.jsonl", "--reviews", "runs/reviews")
    assert ended.returncode == 0 and "rater against people: 6 items" in ended.stdout, ended.stderr
    (tmp_path / "all.yaml").write_text("review: {accepted_by: all, reviewers: 3, mean: 3.5}\n")
    sorted_ = callsheet(
        tmp_path, "filter", "runs/rated.jsonl", "--accepted", "good.jsonl", "--rejected",
        "bad.jsonl", "--reviewed", "runs/reviews", "--config", "all.yaml",
    )  # fmt: skip
    assert sorted_.returncode == 0, sorted_.stderr
    good = list(read_trajectories(tmp_path / "good.jsonl"))
    assert [one.id[:6] for one in good] == ["000004", "000005"]
    assert [one.review_score for one in good] == [4.0, pytest.approx(14 / 3)]
    mixed = MixtureConfig(
        sources=[SourceConfig(name="own", path=tmp_path / "good.jsonl",
                              accept=ScoreFilter(field="review_score", at_least=4.5))],
        evaluation=0,
    )  # fmt: skip
    (index,) = index_sources(mixed)
    assert index.counts.accepted == 1 and index.counts.refused == {
        "review_score below 4.5 (of 5)": 1
    }
    human = callsheet(tmp_path, "agree", "good.jsonl", "--label", "review_score")
    assert human.returncode == 0 and "Pearson" in human.stdout
    assert "--reviews" in callsheet(tmp_path, "agree", "good.jsonl").stderr
    missing = callsheet(tmp_path, "agree", "good.jsonl", "--reviews", "nowhere")
    assert missing.returncode == 3 and "no folder of reviews" in one_line(missing)
