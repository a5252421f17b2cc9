"""Generated goals: they work, cover every tool, are the same for the same seed, and vary."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from random import Random

import pytest
from api_bank_data import FOLDER, needs_data
from hypothesis import given
from hypothesis import strategies as st

from callsheet.environments import ToolCall, environment_for
from callsheet.environments.api_bank import ApiBankData, api_bank_data, level_1, level_3
from callsheet.planners.api_bank import cast_annotated, generate, script_of
from callsheet.planners.api_bank.goals import ABILITIES, DOMAINS, covered_tools
from callsheet.planners.api_bank.goals.compose import LOGIN_TOOL
from callsheet.planners.api_bank.goals.draw import Draw, NothingToDraw, draw_account
from callsheet.planners.api_bank.goals.keywords import KEYWORDS, Keywords, SearchFails
from callsheet.planners.api_bank.goals.spoken import (
    say_date,
    say_moment,
    written_date,
    written_moment,
)
from callsheet.planners.api_bank.goals.task import TASKS, Facts, Task
from callsheet.planners.api_bank.goals.wording import filled, framed, slots_of
from callsheet.planners.api_bank.offer import SEARCH
from callsheet.planners.api_bank.questions import answer, question
from callsheet.planners.api_bank.script import MadeCall
from callsheet.planners.api_bank.telling import in_words, tell
from callsheet.scenarios import Scenario
from callsheet.scenarios.lint import lint
from callsheet.simulation import RunConfig, simulate

MONDAY = date(2023, 4, 10)


def failures(scenario: Scenario) -> list[str]:
    """What of a scenario's own solution does not work."""
    environment = environment_for(
        scenario.environment,
        tools=scenario.tools,
        state=scenario.state,
        now=scenario.context.now,
        seed=99,
    )
    failed = []
    for number, made in enumerate(scenario.expect.calls):
        outcome = asyncio.run(
            environment.call(ToolCall(f"c{number}", number, made.name, made.arguments))
        )
        if not outcome.ok:
            failed.append(f"{scenario.name}: {made.name}: {outcome.error}")
    return failed


@pytest.mark.usefixtures("search_by_name")
class TestWithTheBuiltInData:
    @pytest.fixture(autouse=True)
    def data(self, seed_data: ApiBankData) -> None: ...

    def test_every_solution_works_and_nothing_is_found_fault_with(self) -> None:
        scenarios = generate(240, seed=5)
        assert [line for s in scenarios for line in failures(s)] == []
        assert [str(finding) for s in scenarios for finding in lint(s)] == []

    def test_every_tool_is_reached(self) -> None:
        covered = covered_tools(generate(900, seed=3))
        assert set(level_1().apis) | set(level_3().apis) <= covered

    def test_every_domain_has_every_ability(self) -> None:
        for domain in DOMAINS:
            for scenario in generate(6, seed=1, domains=[domain]):
                assert set(scenario.tags) & set(DOMAINS) == {domain}
            kinds = Counter(s.tags[2] for s in generate(6, seed=1, domains=[domain]))
            assert kinds == dict.fromkeys(ABILITIES, 2)

    def test_the_same_seed_gives_the_same_and_a_longer_list_begins_with_it(self) -> None:
        few, more = generate(12, seed=7), generate(30, seed=7)
        assert more[:12] == few
        assert generate(12, seed=8) != few
        assert len({scenario.name for scenario in more}) == 30

    def test_tools_that_are_left_out_are_nowhere(self) -> None:
        excluded = {"AddAlarm", "QueryStock", "SendEmail", "Geocoding"}
        for scenario in generate(200, seed=2, exclude_tools=excluded):
            offered = {str(tool) for tool in scenario.tools}
            assert not excluded & (offered | covered_tools([scenario]))

    def test_only_the_tools_that_are_wanted(self) -> None:
        wanted = {"AddAlarm", "DeleteAlarm"}
        covered = covered_tools(generate(30, seed=2, abilities=["call"], tools=wanted))
        assert covered == wanted | {LOGIN_TOOL}

    def test_what_cannot_be_made_is_refused(self) -> None:
        with pytest.raises(ValueError, match="no tool 'Nonsense'"):
            generate(1, exclude_tools=["Nonsense"])
        with pytest.raises(ValueError, match="needs ToolSearcher"):
            generate(1, abilities=["retrieve"], exclude_tools=[SEARCH])
        with pytest.raises(ValueError, match="no goal"):
            generate(1, tools=["CheckToken"], exclude_tools=["CheckToken"])

    def test_a_search_comes_before_every_tool_but_the_login(self) -> None:
        for scenario in generate(60, seed=4, abilities=["retrieve", "plan"]):
            found: set[str] = set()
            last = ""
            for made in scenario.expect.calls:
                if made.name not in (SEARCH, LOGIN_TOOL):
                    assert made.name in found or last in (SEARCH, LOGIN_TOOL), scenario.name
                    found.add(made.name)
                last = made.name

    def test_planned_goals_take_several_tools(self) -> None:
        for scenario in generate(60, seed=4, abilities=["plan"]):
            names = covered_tools([scenario]) - {SEARCH, LOGIN_TOOL}
            requests = [step for step in scenario.plan if step.kind == "tool_call"]
            assert len(names) > 1 or len(requests) > 1, scenario.name

    def test_facts_are_told_once_at_once_or_when_asked(self) -> None:
        scenarios = generate(200, seed=6, abilities=["call"])
        asked = [s for s in scenarios if s.user.knows]
        assert 0.2 < len(asked) / len(scenarios) < 0.9
        for scenario in asked:
            said = " ".join(step.request for step in scenario.plan)
            answers = [r.answer for r in script_of(scenario).replies if r.answer]
            assert answers
            for value in scenario.user.knows.values():
                assert any(str(value) in text for text in (*answers, said)), scenario.name

    def test_the_gold_plays_all_of_them_to_the_end(self, tmp_path: Path) -> None:
        scenarios, clients = cast_annotated((s, script_of(s)) for s in generate(150, seed=9))
        progress = simulate(scenarios, RunConfig(), tmp_path / "run", clients=clients)
        assert progress.accepted == progress.total == 150

    def test_the_words_of_a_script_vary_with_its_seed(self) -> None:
        (scenario,) = generate(1, seed=1, abilities=["plan"])
        words = {
            tuple(r.words for r in script_of(scenario, seed).replies[-1].rounds)
            for seed in range(8)
        }
        assert len(words) > 1

    def test_a_search_that_does_not_work_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object) -> None:
            raise RuntimeError("no encoder here")

        monkeypatch.setattr(
            "callsheet.environments.api_bank.search.ToolSearcher.of", classmethod(broken)
        )
        with pytest.raises(SearchFails, match="no encoder here"):
            generate(1, abilities=["retrieve"])


def drawn(task: Task, data: ApiBankData, seed: int) -> Facts | None:
    chance = Random(seed)
    account, _ = draw_account(chance, data)
    try:
        return task.draw(Draw(chance, data, datetime(2023, 3, 13, 9), account))
    except NothingToDraw:
        return None


@pytest.mark.parametrize("name", sorted(TASKS))
def test_every_wording_can_be_filled_and_one_says_everything(
    name: str, seed_data: ApiBankData
) -> None:
    task = TASKS[name]
    facts: Facts | None = next(f for f in (drawn(task, seed_data, s) for s in range(20)) if f)
    while facts is not None:
        wordings = facts.wordings or (*task.does, *task.says)
        catalog = level_3() if task.level == 3 else level_1()
        logs_in = any("token" in catalog.apis[tool].inputs for tool in task.tools)
        slots = set(facts.said) | ({"username", "password"} if logs_in else set())
        said = dict.fromkeys(slots, "x") | facts.said
        for wording in wordings:
            assert slots_of(wording) <= slots, wording
            assert "{" not in filled(wording, dict.fromkeys(said, "x"))
        # Whatever else is in the dialogue, some wording leaves nothing to be asked for.
        assert any(set(facts.said) <= slots_of(wording) for wording in wordings)
        assert len(set(wordings)) == len(wordings)
        facts = facts.then


def test_there_are_many_ways_to_ask_for_every_tool() -> None:
    ways: Counter[str] = Counter()
    for task in TASKS.values():
        for tool in task.tools:
            ways[tool] += len(task.does) + len(task.says)
    few = {tool: count for tool, count in ways.items() if count < 8 and tool != "ForgotPassword"}
    assert few == {}
    assert set(ways) >= (set(level_1().apis) | set(level_3().apis)) - {SEARCH}


def test_there_are_keywords_for_every_tool_of_the_first_levels() -> None:
    assert set(KEYWORDS) == set(level_1().apis) - {SEARCH}
    assert all(len(set(words)) == len(words) >= 2 for words in KEYWORDS.values())


@given(st.integers(), st.dates(date(2023, 1, 1), date(2024, 12, 31)))
def test_a_date_is_said_so_that_it_can_be_told_which(seed: int, day: date) -> None:
    said = say_date(day, MONDAY, Random(seed))
    assert said.exact == day.isoformat()
    ahead = (day - MONDAY).days
    if not any(c.isdigit() for c in said.bare):
        assert 0 <= ahead < 7
    elif day.year != MONDAY.year:
        assert str(day.year) in said.bare


@given(st.integers(), st.datetimes(datetime(2023, 1, 1), datetime(2024, 12, 31)))
def test_a_moment_is_exact_to_the_minute(seed: int, at: datetime) -> None:
    at = at.replace(second=0, microsecond=0)
    said = say_moment(at, MONDAY, Random(seed))
    assert datetime.fromisoformat(said.exact) == at
    assert f"{at.minute:02}" in said.bare or at.minute == 0


def test_dates_are_written_out() -> None:
    assert written_date("2023-04-01") == "April 1st, 2023"
    assert written_moment("2023-04-12 00:05:00") == "April 12th, 2023 at 12:05 AM"
    assert written_moment("2023-11-23 15:30:00") == "November 23rd, 2023 at 3:30 PM"


def test_a_command_for_the_user_is_never_the_users_own_wish() -> None:
    for seed in range(200):
        said = framed("tell me a story", Random(seed), first=False)
        assert "want to tell me" not in said and "like to tell me" not in said
        assert "tell me a story" in said.lower()


def test_questions_name_what_is_missing_and_answers_tell_it() -> None:
    for seed in range(30):
        chance = Random(seed)
        assert "patient" in question(["patient_name", "date"], chance)
        assert "password" in question(["username", "password"], chance)
        told = answer({"username": "kim", "password": "x7"}, chance)
        assert "kim" in told and "x7" in told
        assert "Room 5" in answer({"location": "Room 5"}, chance)
        told = answer({"location": "Room 5", "time": "noon"}, chance)
        assert "Room 5" in told and "noon" in told


def test_results_are_told_in_words() -> None:
    chance = Random(0)
    assert "42" in tell([MadeCall("Calculator", {"formula": "6*7"}, 42.0)], chance)
    assert "failed badly" in tell(
        [MadeCall("AddAlarm", {}, {"error": "failed badly"}, False)], chance
    )
    login = MadeCall("GetUserToken", {"username": "a", "password": "b"}, {"token": "tok1"})
    alarm = MadeCall("AddAlarm", {"token": "tok1", "time": "2023-04-01 07:00:00"}, "success")
    assert "tok1" not in tell([login, alarm], chance)
    assert "tok1" in tell([login], chance)
    assert tell([], chance)
    assert tell([MadeCall("NewTool", {}, [])], chance).endswith(("nothing.", "."))


@given(st.recursive(st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))  # fmt: skip
def test_any_result_can_be_told(value: object) -> None:
    assert isinstance(in_words(value), str)
    assert tell([MadeCall("Wiki", {"keyword": "k"}, value)], Random(1))


@needs_data
@pytest.mark.usefixtures("search_by_name")
def test_goals_work_with_the_benchmarks_own_data(monkeypatch: pytest.MonkeyPatch) -> None:
    assert FOLDER is not None
    monkeypatch.setenv("CALLSHEET_API_BANK", str(FOLDER))
    scenarios = generate(300, seed=1)
    assert [line for s in scenarios for line in failures(s)] == []
    assert set(level_1().apis) | set(level_3().apis) <= covered_tools(generate(900, seed=1))


@needs_data
def test_keywords_find_every_tool_with_the_benchmarks_own_data() -> None:
    assert FOLDER is not None
    data = api_bank_data(FOLDER)
    for catalog in (level_1(), level_3()):
        keywords = Keywords(catalog, data)
        try:
            keywords.found("alarm")
        except SearchFails as failure:
            pytest.skip(f"the search has no encoder: {failure}")
        for tool in catalog.apis:
            if tool != SEARCH:
                assert keywords.for_tool(tool, Random(0)), tool
