"""Recorded lines are recognised in what is generated."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from api_bank_data import FOLDER, needs_data

from callsheet.environments.api_bank import ApiBankData, ApiBankDataError, api_bank_data
from callsheet.pipelines.api_bank_scenarios import goal_scenarios
from callsheet.planners.api_bank import RecordedLines, generate, recorded_lines
from callsheet.planners.api_bank.leak import user_lines, words_of
from callsheet.scenarios import Scenario

LINES = RecordedLines(
    ["Could you wake me at seven, please?", "Yes.", "I have lost the little grey cat of my aunt."]
)


@pytest.mark.parametrize(
    "line",
    [
        "could you wake me at seven please",
        "Could you WAKE me, at seven, please!",
        "Well, I have lost the little grey cat of my uncle.",
        '"I have lost the little grey cat of" somebody',
    ],
)
def test_a_recorded_line_is_recognised(line: str) -> None:
    found = LINES.leak(line)
    assert found is not None and found.line == line


@pytest.mark.parametrize(
    "line",
    ["Yes.", "yes", "Could you wake me at eight, please?", "I lost the grey cat", "", "…",
     "little grey cat of my aunt"],
)  # fmt: skip
def test_other_lines_and_single_words_are_nobodys(line: str) -> None:
    assert LINES.leak(line) is None


def test_a_date_is_one_word() -> None:
    assert words_of("On 2023-04-10, at 10:30!") == ("on", "2023-04-10", "at", "10:30")


def test_the_plan_and_the_answers_are_looked_at(seed_data: ApiBankData) -> None:
    scenario = next(s for s in generate(40, abilities=["call"]) if s.user.knows)
    lines = user_lines(scenario)
    assert len(lines) > len(scenario.plan)
    for line in lines:
        if len(words_of(line)) >= 3:
            assert RecordedLines([line]).leaks(scenario)
    assert RecordedLines([]).leaks(scenario) == []


def write_dialogue(folder: Path, *lines: str) -> None:
    place = folder / "level-1-given-desc"
    place.mkdir(parents=True, exist_ok=True)
    turns = [orjson.dumps({"role": "User", "text": line}) for line in lines]
    turns.append(orjson.dumps({"role": "AI", "text": "Could you wake me at seven, please?"}))
    (place / "One-level-1-1.jsonl").write_bytes(b"\n".join(turns))


def test_only_what_the_users_say_is_recorded(tmp_path: Path) -> None:
    write_dialogue(tmp_path, "Tell me about the moon.")
    lines = recorded_lines(tmp_path)
    assert len(lines) == 1
    assert lines.leak("tell me about the moon") and not lines.leak(
        "Could you wake me at seven, please?"
    )
    assert len(recorded_lines(tmp_path / "nothing")) == 0


def test_lines_that_cannot_be_read_are_not_passed_over(tmp_path: Path) -> None:
    write_dialogue(tmp_path, "Tell me about the moon.")
    (tmp_path / "level-1-given-desc" / "Two-level-1-1.jsonl").write_text("{")
    with pytest.raises(ApiBankDataError, match=r"Two-level-1-1\.jsonl:1"):
        recorded_lines(tmp_path)


def test_goals_with_recorded_lines_are_replaced(seed_data: ApiBankData, tmp_path: Path) -> None:
    first = goal_scenarios(seed_data, [1], count=20)
    spoilt: Scenario = first[3]
    write_dialogue(tmp_path, *user_lines(spoilt))
    again = goal_scenarios(seed_data, [1], count=20, recorded=tmp_path)
    assert len(again) == 20 and spoilt not in again
    assert again[:3] == first[:3] and again[3] == first[4]


@needs_data
def test_no_goal_says_a_recorded_line(monkeypatch: pytest.MonkeyPatch) -> None:
    assert FOLDER is not None
    monkeypatch.setenv("CALLSHEET_API_BANK", str(FOLDER))
    lines = recorded_lines(FOLDER)
    assert len(lines) > 300
    made = generate(400, seed=11, abilities=["call"])
    # By chance alone hardly any does, and the pipeline leaves these out.
    assert sum(bool(lines.leaks(scenario)) for scenario in made) <= 8
    clean = goal_scenarios(api_bank_data(FOLDER), [1], count=400, seed=11)
    assert not any(lines.leaks(scenario) for scenario in clean)
