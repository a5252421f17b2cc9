"""The judge: what it reads, in which form it answers, and going on where it was."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conversations import trajectory, two_turns
from scripted_model import Scripted

from callsheet.evaluation.quality.grades import Grades
from callsheet.evaluation.quality.judge import (
    QUALITIES,
    Candidate,
    Judge,
    configured_judge,
    rubric,
)
from callsheet.evaluation.quality.rounds import dialogue_of
from callsheet.evaluation.quality.transcript import LONGEST, transcript
from callsheet.models.errors import EndpointError
from callsheet.models.structured import response_format, schema_of
from callsheet.tools import ToolSpec
from callsheet.trajectories.trajectory import Trajectory, line_of

CANDIDATES = [Candidate(f"d{i}", f"s{i}", f'{{"dialogue": "{i}"}}') for i in range(4)]


def answer(*grades: int) -> dict[str, Any]:
    return {"faults": "none found", **dict(zip(QUALITIES, grades, strict=True))}


class Breaking(Scripted):
    """Is not there any more once its answers are spent."""

    async def create(self, *arguments: Any, **more: Any) -> Any:
        if not self.answers:
            raise EndpointError("cannot reach it")
        return await super().create(*arguments, **more)


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "report" / "judge.jsonl"


def test_grades_become_means_counts_and_intervals(path: Path) -> None:
    client = Scripted(answer(1, 5, 3, 4), answer(2, 5, 3, 4), answer(3, 5, 3, 4),
                      answer(4, 5, 3, 2))  # fmt: skip
    found, clusters = Judge(client, "j").grade(CANDIDATES, path, concurrency=1)
    assert (found.sampled, found.graded) == (4, 4)
    assert {q: found.grades[q].mean for q in QUALITIES} == {
        "naturalness": 2.5, "coherence": 5, "helpfulness": 3, "accuracy": 3.5,
    }  # fmt: skip
    assert found.counts["naturalness"] == [1, 1, 1, 1, 0] and len(clusters["accuracy"]) == 4
    assert found.grades["naturalness"].low < 2.5 < found.grades["naturalness"].high
    assert found.faults[0][0] == "d0"
    system, asked = client.prompts[0]
    assert system.content == rubric() and asked.content == CANDIDATES[0].transcript


def test_a_broken_off_grading_goes_on_and_a_second_one_asks_nothing(path: Path) -> None:
    with pytest.raises(EndpointError):
        Judge(Breaking(answer(3, 3, 3, 3), answer(4, 4, 4, 4)), "j").grade(
            CANDIDATES, path, concurrency=1
        )
    assert len(path.read_bytes().splitlines()) == 2
    with path.open("ab") as file:
        file.write(b'{"key": "torn')
    client = Breaking(answer(2, 2, 2, 2), answer(1, 1, 1, 1))
    found, _ = Judge(client, "j").grade(CANDIDATES, path)
    assert found.graded == 4 and len(client.prompts) == 2
    again, _ = Judge(Breaking(), "j").grade(CANDIDATES, path)
    assert again == found


def test_another_judge_asks_again(path: Path) -> None:
    Judge(Scripted(answer(1, 1, 1, 1)), "one").grade(CANDIDATES[:1], path)
    other = Scripted(answer(5, 5, 5, 5), answer(4, 4, 4, 4))
    found, _ = Judge(other, "two").grade(CANDIDATES[:1], path)
    assert found.grades["accuracy"].mean == 5
    changed, _ = Judge(other, "two", "other settings").grade(CANDIDATES[:1], path)
    assert changed.grades["accuracy"].mean == 4


def test_an_answer_that_does_not_fit_leaves_its_dialogue_ungraded(path: Path) -> None:
    client = Scripted(
        answer(6, 3, 3, 3), "7 of 5", answer(3, 3, 3, 3), answer(2, 2, 2, 2), answer(1, 1, 1, 1)
    )
    found, _ = Judge(client, "j").grade(CANDIDATES, path, concurrency=1)
    assert (found.sampled, found.graded) == (4, 3)
    assert "cannot be used" in str(client.prompts[1][-1].content)


def test_nothing_graded_is_no_grade(path: Path) -> None:
    found, _ = Judge(Scripted("no", "no"), "j").grade(CANDIDATES[:1], path)
    assert found.graded == 0 and found.grades == {}


def test_equal_dialogues_are_asked_about_once(path: Path) -> None:
    client = Scripted(answer(3, 3, 3, 3))
    twice = [CANDIDATES[0], Candidate("copy", "s", CANDIDATES[0].transcript)]
    assert Judge(client, "j").grade(twice, path)[0].graded == 2


def test_one_judge_grades_several_sets(path: Path) -> None:
    judge = Judge(Scripted(answer(3, 3, 3, 3), answer(3, 3, 3, 3)), "j")
    judge.grade(CANDIDATES[:1], path)
    judge.grade(CANDIDATES[1:2], path)
    judge.close()


def test_the_form_can_be_enforced_while_decoding() -> None:
    wanted = response_format(schema_of(Grades))["json_schema"]
    assert wanted["strict"] and next(iter(wanted["schema"]["properties"])) == "faults"


def test_the_judge_sees_tools_and_calls_but_no_system_message() -> None:
    seen = json.loads(transcript(dialogue_of(trajectory(messages=two_turns()))))
    assert [t["name"] for t in seen["tools"]] == ["AddReminder", "query_stock"]
    assert [m["role"] for m in seen["dialogue"]][:3] == ["user", "assistant", "tool"]
    assert seen["dialogue"][1]["calls"][0]["name"] == "AddReminder"


@pytest.mark.parametrize(
    ("messages", "length", "tools"), [(3, 90_000, 2), (900, 900, 80), (1, 5, 500)]
)
def test_a_transcript_never_grows_past_its_limit(messages: int, length: int, tools: int) -> None:
    long = Trajectory(
        id="l", scenario="s", environment="e",
        tools=[ToolSpec(name=f"t{i}", description="d" * 900) for i in range(tools)],
        messages=line_of([{"role": "user", "content": "é" * length}] * messages),
    )  # fmt: skip
    assert len(transcript(dialogue_of(long))) <= LONGEST


def test_a_judge_whose_weights_are_trained_anew_is_another(tmp_path: Path) -> None:
    record = tmp_path / "answers.jsonl"
    record.write_text("")
    (tmp_path / "j.yaml").write_text(f"provider: replay\nconfig: {{path: '{record}'}}\n")

    def model_digest() -> str:
        judge = configured_judge("j", [tmp_path])
        judge.close()
        return judge.model_digest

    first = model_digest()
    assert model_digest() == first
    os.utime(record, ns=(1, 1))  # as if it were made anew
    assert model_digest() != first
