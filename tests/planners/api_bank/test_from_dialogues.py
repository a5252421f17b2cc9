"""Recorded dialogues become scenarios and scripts."""

from __future__ import annotations

from typing import Any

import pytest
from api_bank_data import FOLDER, needs_data

from callsheet.environments.api_bank import ApiBankData, api_bank_data, level_1
from callsheet.environments.api_bank.recordings import (
    Dialogue,
    Requirement,
    Turn,
    read_dialogues,
    read_requirements,
)
from callsheet.planners.api_bank import (
    Script,
    scenario_of_dialogue,
    scenario_of_requirement,
    script_of_dialogue,
    script_of_requirement,
)
from callsheet.planners.api_bank.annotated import decoded, renamings, substituted
from callsheet.planners.api_bank.goals.keywords import Keywords, SearchFails
from callsheet.planners.api_bank.script import MOST_ROUNDS, ScriptedCall, in_rounds
from callsheet.scenarios.lint import lint


def user(text: str) -> Turn:
    return Turn(role="User", text=text)


def says(text: str) -> Turn:
    return Turn(role="AI", text=text)


def calls(tool: str, output: Any, **arguments: Any) -> Turn:
    envelope = {"api_name": tool, "input": arguments, "output": output, "exception": None}
    return Turn(role="API", api_name=tool, param_dict=arguments, result=envelope)


def dialogue(*turns: Turn, name: str = "Some-level-1-1.jsonl", level: Any = 1) -> Dialogue:
    return Dialogue(name=name, level=level, turns=turns)


def alarm_dialogue(data: ApiBankData) -> Dialogue:
    name, row = next(iter(data.file("Account").items()))
    return dialogue(
        user("An alarm, please."),
        says("Who are you, and when?"),
        user(f"I am {name}, {row['password']}, and it is 2023-05-06 07:00:00."),
        says("Logging in."),
        calls("GetUserToken", {"token": row["token"]}, username=name, password=row["password"]),
        says("Now the alarm."),
        calls("AddAlarm", "success", token=row["token"], time="2023-05-06 07:00:00"),
        says("Done."),
        user("Thanks!"),
        says("Bye."),
    )


def test_lines_become_steps_and_calls_stand_at_the_line_before_them(seed_data: ApiBankData) -> None:
    scenario = scenario_of_dialogue(alarm_dialogue(seed_data))
    assert [step.kind for step in scenario.plan] == ["chitchat", "tool_call", "chitchat"]
    assert scenario.plan[0].request == "An alarm, please."
    assert [(made.name, made.step) for made in scenario.expect.calls] == [
        ("GetUserToken", 1),
        ("AddAlarm", 1),
    ]
    assert scenario.tools == ["GetUserToken", "AddAlarm"]
    assert scenario.user.verbatim and scenario.context.now.year == 2023
    assert scenario.environment == "api_bank"
    assert not scenario_of_dialogue(alarm_dialogue(seed_data), verbatim=False).user.verbatim


def test_what_the_calls_leave_behind_is_expected(seed_data: ApiBankData) -> None:
    scenario = scenario_of_dialogue(alarm_dialogue(seed_data))
    (row,) = scenario.expect.state["alarms"]
    assert row["time"] == "2023-05-06 07:00:00"
    assert "state" in [check.rule for check in scenario.tester.checks]


def test_the_script_has_the_annotated_lines_and_calls_in_their_order(
    seed_data: ApiBankData,
) -> None:
    first, second, third = script_of_dialogue(alarm_dialogue(seed_data)).replies
    assert (first.words, first.rounds) == ("Who are you, and when?", ())
    assert [r.words for r in second.rounds] == ["Logging in.", "Now the alarm."]
    assert [r.calls[0].name for r in second.rounds] == ["GetUserToken", "AddAlarm"]
    assert second.words == "Done." and third.words == "Bye."
    assert all(reply.answer is None for reply in (first, second, third))


def test_arguments_are_coerced_by_the_declared_types(seed_data: ApiBankData) -> None:
    scenario = scenario_of_dialogue(
        dialogue(
            user("Book it."),
            calls(
                "BookHotel",
                "11",
                hotel_name="Nowhere Inn",
                check_in_time="2023-05-06",
                check_out_time="2023-05-08",
                room_count="1",
                adult_count="2",
                child_count="0",
            ),
        )
    )
    (made,) = scenario.expect.calls
    assert [made.arguments[n] for n in ("room_count", "adult_count", "child_count")] == [1, 2, 0]


def test_a_call_that_cannot_work_is_played_and_not_expected(seed_data: ApiBankData) -> None:
    recorded = dialogue(
        user("Switch it."),
        calls("TimedSwitch", "success", gadget="5", time="2023-05-06 07:00:00", on="True"),
    )
    scenario = scenario_of_dialogue(recorded)
    assert scenario.expect.calls == []
    assert "1 of its 1 calls cannot be expected" in scenario.description
    assert "expected_calls" not in [check.rule for check in scenario.tester.checks]
    (reply,) = script_of_dialogue(recorded).replies
    assert reply.rounds[0].calls[0].arguments["gadget"] == "5"


def test_a_call_by_an_id_that_chance_gave_is_not_expected(seed_data: ApiBankData) -> None:
    name, password = "nobody_yet", "secret1"
    scenario = scenario_of_dialogue(
        dialogue(
            user("Register me, then delete me."),
            calls(
                "RegisterUser",
                {"token": "recordedtoken00001"},
                username=name,
                password=password,
                email="a@b.org",
            ),
            calls("DeleteAccount", {"status": "success"}, token="recordedtoken00001"),
        )
    )
    assert [made.name for made in scenario.expect.calls] == ["RegisterUser"]
    (row,) = scenario.expect.state["accounts"]
    assert row == {"username": name, "password": password, "email": "a@b.org"}


def test_odd_dialogues_keep_everything_that_is_said(seed_data: ApiBankData) -> None:
    recorded = dialogue(
        says("Welcome."), user(""), user("Are you there?"), says("Yes."), says("I am.")
    )
    scenario, script = scenario_of_dialogue(recorded), script_of_dialogue(recorded)
    assert len(scenario.plan) == len(script.replies) == 3
    assert all(step.request for step in scenario.plan)
    assert [reply.words for reply in script.replies] == ["Welcome.", "", "Yes. I am."]


def test_a_long_name_is_cut_and_stays_its_own(seed_data: ApiBankData) -> None:
    turns = (user("Hi"), says("Hello"))
    long = [
        scenario_of_dialogue(dialogue(*turns, name=f"{'Tool-' * 30}{i}.jsonl")).name
        for i in range(2)
    ]
    assert long[0] != long[1] and all(len(name) <= 100 for name in long)


def test_a_requirement_is_one_request_with_all_its_calls(seed_data: ApiBankData) -> None:
    occupation, salary = next(iter(seed_data.level_3["GetOccupationSalary"]["salary_info"].items()))
    record = Requirement.model_validate(
        {
            "sample_id": 4,
            "requirement": " What does it pay? ",
            "response": "A lot.",
            "apis": [
                {"api_name": "ToolSearcher", "input": {"keywords": "pay"}, "output": {}},
                {
                    "api_name": "GetOccupationSalary",
                    "input": {"occupation": occupation},
                    "output": {"output": {"salary": salary}},
                },
            ],
        }
    )
    scenario = scenario_of_requirement(record)
    assert scenario.environment == "api_bank_level_3" and scenario.name == "api-bank-level-3-004"
    assert [step.request for step in scenario.plan] == ["What does it pay?"]
    assert [made.name for made in scenario.expect.calls] == ["ToolSearcher", "GetOccupationSalary"]
    (reply,) = script_of_requirement(record).replies
    assert reply.words == "A lot." and len(reply.rounds) == 2


def test_more_calls_than_a_turn_has_rounds_share_rounds_by_tool() -> None:
    made = [("", ScriptedCall("A", {"n": n})) for n in range(6)]
    made += [("", ScriptedCall("B", {"n": n})) for n in range(5)]
    rounds = in_rounds(made)
    assert len(rounds) == MOST_ROUNDS
    flat = [call for r in rounds for call in r.calls]
    assert flat == [call for _, call in made]
    assert all(len({call.name for call in r.calls}) == 1 for r in rounds)
    assert len(in_rounds(made[:4])) == 4


def test_a_record_of_many_tools_is_made_whole_in_the_rounds_of_a_turn() -> None:
    made = [("", ScriptedCall(n, {})) for t in range(10) for n in ("ToolSearcher", f"Tool{t}")]
    for count in (10, 14, 20):
        rounds = in_rounds(made[:count], mixed=True)
        assert len(rounds) <= MOST_ROUNDS
        assert [call for r in rounds for call in r.calls] == [call for _, call in made[:count]]
    # As long as it can, a tool waits for the round after the search for it.
    for one in in_rounds(made[:14], mixed=True):
        assert [c.name == "ToolSearcher" for c in one.calls] in ([True], [False, True], [False])
    # What makes an id up comes before what may need it, and words are kept.
    calls = [("Now.", ScriptedCall("RegisterUser", {})), ("So.", ScriptedCall("AddAlarm", {}))]
    rounds = in_rounds(calls * 6, mixed=True)
    assert len(rounds) <= MOST_ROUNDS
    assert all("RegisterUser" not in [c.name for c in r.calls[:-1]] for r in rounds)
    assert " ".join(r.words for r in rounds) == " ".join(["Now. So."] * 6)


@pytest.mark.parametrize("turns", [(), (says("Good day."),)])
def test_a_dialogue_in_which_the_user_says_nothing(turns: tuple[Turn, ...]) -> None:
    silent = dialogue(*turns)
    assert [step.request for step in scenario_of_dialogue(silent).plan] == ["Hello."]
    (reply,) = script_of_dialogue(silent).replies
    assert (reply.words, reply.rounds) == (" ".join(turn.text for turn in turns), ())


def test_ids_of_a_recording_are_replaced_wherever_they_stand() -> None:
    renamed = dict(renamings({"token": "old", "n": 1}, {"token": "new", "n": 1}))
    assert renamed == {"old": "new"}
    assert dict(renamings("43744231", 90000001)) == {"43744231": "90000001"}
    assert substituted({"old": ["old", {"x": "old"}], "k": 3}, renamed) == {
        "new": ["new", {"x": "new"}],
        "k": 3,
    }


def test_results_are_read_back_as_they_were() -> None:
    assert decoded('{"a":1}') == {"a": 1}
    assert decoded("success") == "success"
    assert decoded("01234567") == "01234567"
    assert decoded("60.0") == 60.0
    assert Script(()).replies == ()


@needs_data
def test_every_recorded_dialogue_is_a_scenario_without_findings() -> None:
    assert FOLDER is not None
    data = api_bank_data(FOLDER)
    scenarios = [
        scenario_of_dialogue(recorded, data=data)
        for level in (1, 2)
        for recorded in read_dialogues(FOLDER, level)  # type: ignore[arg-type]
    ]
    scenarios += [scenario_of_requirement(r, data=data) for r in read_requirements(FOLDER)]
    assert len({scenario.name for scenario in scenarios}) == len(scenarios)
    assert len(scenarios) >= 252
    left_out = [s for s in scenarios if "cannot be expected" in s.description]
    assert len(left_out) <= 0.05 * len(scenarios)


@needs_data
def test_scenarios_of_dialogues_can_be_solved(monkeypatch: pytest.MonkeyPatch) -> None:
    assert FOLDER is not None
    monkeypatch.setenv("CALLSHEET_API_BANK", str(FOLDER))
    try:
        Keywords(level_1(), api_bank_data()).found("alarm")
    except SearchFails as failure:
        pytest.skip(f"the search has no encoder: {failure}")
    scenarios = [scenario_of_dialogue(r) for r in read_dialogues(FOLDER, 1)[::6]]
    scenarios += [scenario_of_dialogue(r) for r in read_dialogues(FOLDER, 2)[::3]]
    scenarios += [scenario_of_requirement(r) for r in read_requirements(FOLDER)[::2]]
    assert [str(finding) for scenario in scenarios for finding in lint(scenario)] == []
    assert sum(scenario.retrieve is not None for scenario in scenarios) > 20
