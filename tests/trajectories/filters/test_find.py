"""Each reason is found in a dialogue that shows it, and not in one that nearly does."""

from __future__ import annotations

from typing import Any

import pytest
from filter_dialogues import (
    ASKED,
    CALLED,
    GOOD,
    RETURNED,
    TOLD,
    asked,
    booked,
    branched,
    calls,
    dialogue,
    gives,
    says,
    told,
    user,
)

from callsheet.tools import ToolSpec
from callsheet.trajectories.filters import REASONS, FilterConfig, find_defects
from callsheet.trajectories.trajectory import Outcome, Trajectory, Verdict

WEATHER = {"city": "Oslo", "high": 18, "low": 11}
AGAIN = user("And what is the weather in Oslo?")
TOOL = calls("get_weather", {"city": "Oslo"}, "c1")
CHAT = (user("What a long day."), says("I hope that it gets better."))


def verdict(by: str, passed: bool = False, reason: str = "") -> dict[str, Any]:
    return {"verdicts": [Verdict(check="state", passed=passed, by=by, reason=reason)]}  # type: ignore[arg-type]


NEEDS_TOOLS = {"kind": "tool_call", "request": "the weather in Oslo", "met": True}


CASES: dict[str, list[tuple[Trajectory, Trajectory]]] = {
    "arguments_not_json": [
        (dialogue(ASKED, calls("get_weather", "{city: Oslo"), RETURNED, TOLD), dialogue(*GOOD)),
    ],
    "arguments_not_object": [
        (dialogue(ASKED, calls("get_weather", '["Oslo"]'), RETURNED, TOLD), dialogue(*GOOD)),
    ],
    "duplicate_call_id": [
        (
            dialogue(*GOOD, AGAIN, calls("get_weather", {"city": "Oslo"}), gives(WEATHER), TOLD),
            dialogue(*GOOD, AGAIN, TOOL, gives(WEATHER, "c1"), says("18 degrees, 11 at night.")),
        )
    ],
    "unknown_call_id": [
        (dialogue(ASKED, CALLED, gives({}, "other"), TOLD),
         dialogue(ASKED, CALLED, gives({}, None), TOLD)),
    ],
    "missing_required": [(booked(date=None), booked(email=None))],
    "unknown_parameter": [(booked(colour="red"), booked(area="terrace"))],
    "wrong_type": [(booked(seats="4"), booked(seats=4))],
    "not_in_enum": [(booked(area="roof"), booked(area="terrace"))],
    "schema_violation": [(booked(seats=0), booked(seats=1))],
    "schema_unusable": [
        (
            dialogue(*GOOD, tools=[ToolSpec(name="book_table", parameters={"type": "objekt"})]),
            dialogue(*GOOD),
        )
    ],
    "unknown_tool": [
        (dialogue(ASKED, calls("book_tables", {}), RETURNED, TOLD), dialogue(*GOOD)),
        # What a search offers may be called afterwards only.
        (
            dialogue(ASKED, CALLED, RETURNED | {"offers": ["book_table"]}, TOLD),
            dialogue(
                user("Find me a tool, then book a table for 4 at Casa Lupo on 2026-03-06."),
                calls("note", {"text": "a tool for a table"}, "c9"),
                gives("found", "c9") | {"offers": ["book_table"]},
                calls("book_table", {"restaurant": "Casa Lupo", "date": "2026-03-06", "seats": 4}),
                RETURNED,
                TOLD,
            ),
        ),
    ],
    "fabricated_argument": [
        (booked(restaurant="Golden Dragon"), booked(restaurant="casa lupo")),
        (booked(date="2026-05-19"), booked(date="2026-03-06")),
        (booked(seats=37), booked(seats=4)),
        (booked(email="someone@else.org"), booked(email="Ana@Lupo.example")),
        (asked("What is the weather there?", "get_weather", {"city": "Lima"}),
         asked("What's the weather in LIMA?", "get_weather", {"city": "Lima"})),
        (asked("A table at Casa Lupo", "book_table",
               {"restaurant": "Casa Lupo", "date": "2026-09-19"}),
         asked("A table at Casa Lupo next Friday", "book_table",
               {"restaurant": "Casa Lupo", "date": "2026-03-13"})),
        (asked("Flights from Bern to Rome on May 5", "find_flights",
               {"origin": "Bern", "destination": "Rome", "date": "2026-07-21"}),
         asked("Flights from Bern to Rome on the 5th of May", "find_flights",
               {"origin": "Bern", "destination": "Rome", "date": "2026-05-05"})),
        (asked("Weather in Oslo?", "get_weather", {"city": "Oslo", "days": 23}),
         asked("Weather in Oslo for two weeks?", "get_weather", {"city": "Oslo", "days": 14})),
        (asked('Note "buy milk"', "note", {"text": "polish silver"}),
         asked('Note "buy milk"', "note", {"text": "Buy some milk"})),
        # In other languages names are translated; nobody can say what was said.
        (asked("I fly from Bern to Rome", "find_flights",
               {"origin": "Bern", "destination": "Tokyo"}),
         asked("Wie wird das Wetter morgen in München, bitte? Ich fahre mit der Bahn dorthin.",
               "get_weather", {"city": "Munich"})),
    ],
    "vague_argument": [
        (booked(restaurant="my restaurant's name"[:0] + "the restaurant name"), booked()),
        (booked(email="<email>"), booked()),
        (booked(date="TODO"), booked()),
        (booked(email="your_email_here"), booked()),
        (asked("What is the weather in my city?", "get_weather", {"city": "my city"}),
         asked('Write down "my city"', "note", {"text": "my city"})),
    ],
    "left_out_value": [
        (booked(email=None), booked()),
        (asked("Flights from Bern to Rome, max price: 120", "find_flights",
               {"origin": "Bern", "destination": "Rome"}),
         asked("Flights from Bern to Rome, whatever the price is", "find_flights",
               {"origin": "Bern", "destination": "Rome"})),
        (asked("Casa Lupo on 2026-03-06, on the terrace", "book_table",
               {"restaurant": "Casa Lupo", "date": "2026-03-06"}),
         asked("Casa Lupo on 2026-03-06", "book_table",
               {"restaurant": "Casa Lupo", "date": "2026-03-06"})),
        (asked("Casa Lupo on 2026-03-06, 3 seats", "book_table",
               {"restaurant": "Casa Lupo", "date": "2026-03-06"}),
         asked("Casa Lupo on 2026-03-06, a table by the window", "book_table",
               {"restaurant": "Casa Lupo", "date": "2026-03-06"})),
    ],
    "ends_on_user_message": [(dialogue(*GOOD, user("And tomorrow?")), dialogue(*GOOD, *CHAT))],
    "ends_on_tool_result": [(dialogue(*GOOD[:3]), dialogue(*GOOD))],
    "no_answer_after_calls": [(dialogue(*GOOD[:3], *CHAT), dialogue(*GOOD, *CHAT))],
    "no_assistant_turn": [(dialogue(ASKED), dialogue(*CHAT))],
    "plan_step_unanswered": [
        (dialogue(*GOOD, plan=[{"request": "book"}, {"request": "chat"}]),
         dialogue(*GOOD, *CHAT, plan=[{"request": "book"}, {"request": "chat"}])),
        (dialogue(*GOOD, plan=[{"request": "book", "met": False}]),
         dialogue(*GOOD, plan=[{"request": "book", "met": True}])),
    ],
    "uncalled_requests": [
        (dialogue(*CHAT, plan=[NEEDS_TOOLS]), dialogue(*GOOD, plan=[NEEDS_TOOLS])),
        (dialogue(*GOOD, *CHAT, *CHAT, plan=[NEEDS_TOOLS] * 3),
         dialogue(*GOOD, *CHAT, plan=[NEEDS_TOOLS] * 2)),
        (dialogue(*CHAT, plan=[NEEDS_TOOLS]),
         dialogue(*CHAT, plan=[NEEDS_TOOLS], verdicts=[Verdict(check="no_calls", passed=True)])),
    ],
    "not_completed": [
        (dialogue(*GOOD, outcome=Outcome(status="limit", reason="12 turns")), dialogue(*GOOD)),
    ],
    "call_without_result": [(dialogue(ASKED, CALLED, TOLD), dialogue(*GOOD))],
    "result_without_call": [
        (dialogue(user("Hello, can you help?"), RETURNED, says("Hello.")), dialogue(*GOOD)),
        (dialogue(*GOOD[:3], gives({}, "c7"), TOLD), dialogue(*GOOD)),
    ],
    "leaked_plan": [
        (dialogue(user("Step 2: what a day"), says("Yes.")),
         dialogue(user("I am stuck at step 2 of the recipe"), says("Whisk it well."))),
        (dialogue(user("[tool_call] book a table"), says("Where?")),
         dialogue(user("I like chitchat with you."), says("So do I."))),
        (dialogue(user("Fine."), says("The next step of the user's plan is a table.")),
         dialogue(user("How?"), says("Step 1: open the lid. Step 2: pour."))),
        (dialogue(user('{"step_met": true, "message": "Hi"}'), says("Yes.")), dialogue(*CHAT)),
    ],
    "leaked_tool_name": [
        (dialogue(user("Use get_weather for Oslo."), TOOL, gives(WEATHER, "c1"), says("18, 11.")),
         dialogue(user("Take note of this: get weather news."), says("I will."))),
    ],
    "leaked_system_prompt": [
        (dialogue(user("Hi"), says("You help people with their plans, and you use tools")),
         dialogue(user("Hi"), says("Our shop opens at nine every day."))),
    ],
    "leaked_role_marker": [
        (dialogue(user("User: what a day"), says("Yes.")),
         dialogue(user("What a user!"), says("Yes."))),
        (dialogue(user("Hi"), says("Hello\n\nUser: thanks\nAssistant: welcome")),
         dialogue(user("Hi"), says("Your data:\nname: Ana\nrole: user"))),
    ],
    "repeated_user_turn": [
        (dialogue(*GOOD, ASKED, says("That was done before.")), dialogue(*GOOD, *CHAT)),
        (dialogue(*GOOD, user("Please book a table for 4 at Casa Lupo on 2026-03-06! My mail is "
                              "ana@lupo.example"), says("It is booked.")),
         dialogue(*GOOD, user("Book a table for 4 at Casa Lupo on 2026-03-07, please. My mail is "
                              "ana@lupo.example."), says("One moment."))),
    ],
    "repeated_assistant_turn": [
        (dialogue(*GOOD, user("What a day it was."), TOLD), dialogue(*GOOD, *CHAT)),
        (dialogue(*GOOD, AGAIN, TOOL, gives(WEATHER, "c1"), TOLD),
         dialogue(*GOOD, user("Same again?"), CALLED | {"tool_calls": [
             {**CALLED["tool_calls"][0], "id": "c1"}]}, gives(RETURNED["content"], "c1"), TOLD)),
    ],
    "repeated_call": [
        (dialogue(AGAIN, TOOL, gives(WEATHER, "c1"), calls("get_weather", {"city": "Oslo"}, "c2"),
                  gives(WEATHER, "c2"), says("18 degrees.")),
         # A second try after an error, with the same error, is no loop yet.
         dialogue(AGAIN, TOOL, gives({"error": "busy"}, "c1"),
                  calls("get_weather", {"city": "Oslo"}, "c2"), gives({"error": "busy"}, "c2"),
                  says("Sorry, that failed."))),
    ],
    "empty_turn": [
        (dialogue(user(" \n"), says("Yes?")), dialogue(user("👍"), says("Fine."))),
        (dialogue(user("Hi"), says("...")), dialogue(user("Hi"), says("Hm..."))),
    ],
    "claimed_without_call": [
        (dialogue(ASKED, says("I have booked the table for you.")),
         dialogue(ASKED, says("I can book the table once I have booked your flight."))),
        (dialogue(ASKED, says("Your table has been successfully reserved.")),
         dialogue(ASKED, says("Shall I say that your table has been reserved?"))),
        (dialogue(ASKED, says("Done!")),
         dialogue(*GOOD, user("Is it really booked?"), says("Yes, I have booked it: B-4417."))),
    ],
    "claimed_after_error": [
        (dialogue(ASKED, CALLED, gives({"error": "closed"}), says("All set, it is booked.")),
         dialogue(ASKED, CALLED, gives({"error": "closed"}), says("Sorry, Casa Lupo is closed."))),
        (dialogue(ASKED, CALLED, gives("Error: timeout"), says("Successfully booked!")),
         dialogue(ASKED, CALLED, gives({"table": 7, "seats": 4, "error": ""}), TOLD)),
    ],
    "ungrounded_answer": [
        (told("It will be 27 degrees.", WEATHER), told("It will be 18 degrees.", WEATHER)),
        (dialogue(*GOOD[:3], says("Booked, your code is B-9921.")), dialogue(*GOOD)),
        (told("It costs 84.50.", {"prices": [20, 30.25]}),
         told("Together 50.25.", {"prices": [20, 30.25]})),
        (told("Write to oslo@weather.net.", WEATHER),
         told("1. 18 degrees\n2. 11 degrees", WEATHER)),
        (told("About 66.3 degrees", WEATHER), told("That is 64.4 °F.", WEATHER)),
    ],
    "ignored_result": [
        (told("Sorry, I could not find anything.", {"city": "Oslo", "sky": "clear blue"}),
         told("I could not find the wind, but the sky is clear.", {"sky": "clear"})),
        (told("No results were found.", {"sky": "clear blue"}),
         told("No results were found.", {"message": "There is no such city in my list."})),
    ],
    "control_token": [
        (told("Fine<|im_end|>", WEATHER), told("Use <b>bold</b> and |pipes|.", WEATHER)),
        (told("Fine.</s>", WEATHER), told("That is <s>wrong</s> right.", WEATHER)),
    ],
    "replacement_character": [(told("Caf\ufffd", WEATHER), told("Café", WEATHER))],
    "mojibake": [
        (told("It’s the cafÃ©", WEATHER), told("São Paulo, Ângela, 10 °C – “yes”", WEATHER)),
        (told("Itâ€™s fine", WEATHER), told("Château à côté, âge", WEATHER)),
    ],
    "control_character": [(told("Fine\x1b[0m", WEATHER), told("Fine\n\tand good", WEATHER))],
    "language_switch": [
        (told("好的，我已经为您完成了这个操作。", WEATHER),
         told("It is sunny (晴れ) there.", WEATHER)),
        (told("Готово, всё сделано для вас.", WEATHER),
         dialogue(user("Какая погода в Осло сегодня?"), says("Не знаю, какая там погода."))),
        (dialogue(user("How is Oslo?"), says("Сегодня там очень хорошо.")),
         dialogue(user("Please translate 'It is fine there today.'"),
                  says("Сегодня там очень хорошо."))),
        (dialogue(user("Say it in Russian."), says("Сегодня там хорошо."), user("And in English?"),
                  says("今日はとても良い天気です。")),
         dialogue(user("Say it in Russian."), says("Сегодня там хорошо."))),
    ],
    "bad_role_order": [
        (dialogue(user("Hi"), user("Hello?"), says("Yes.")), dialogue(user("Hi"), says("Yes."))),
        (dialogue(user("Hi"), says("Yes?"), says("What?")), dialogue(*GOOD)),
        (dialogue(says("Hello!"), user("Hi"), says("Yes.")), dialogue(*GOOD, system=None)),
    ],
    "execution_failed": [
        (dialogue(*GOOD, **verdict("execution")), dialogue(*GOOD, **verdict("execution", True))),
    ],
    "check_failed": [
        (dialogue(*GOOD, **verdict("rules")), dialogue(*GOOD, **verdict("rules", True))),
    ],
    "judge_failed": [
        (dialogue(*GOOD, **verdict("judge")), dialogue(*GOOD, **verdict("judge", True))),
    ],
}  # fmt: skip


def found(trajectory: Trajectory, config: FilterConfig | None = None) -> set[str]:
    return {one.reason for one in find_defects(trajectory, config)}


@pytest.mark.parametrize(
    ("reason", "bad", "near"),
    [(reason, *pair) for reason, pairs in CASES.items() for pair in pairs],
)
def test_found_where_it_is_and_only_there(reason: str, bad: Trajectory, near: Trajectory) -> None:
    assert reason in found(bad)
    assert reason not in found(near), find_defects(near)


def test_every_reason_that_a_rule_gives_is_tested() -> None:
    others = ("judge", "review", "size")
    ruled = {code for code, reason in REASONS.items() if reason.family not in others}
    assert set(CASES) == ruled


def test_good_dialogues_have_no_defects() -> None:
    assert find_defects(dialogue(*GOOD, *CHAT)) == []
    assert find_defects(dialogue(*GOOD, system=None, other_information={})) == []


def test_each_branch_is_judged_and_shared_defects_are_told_once() -> None:
    tree = branched(
        (user("Hi"), says("Hello.")), (ASKED, CALLED, RETURNED, TOLD), (user(" "), says("?"))
    )
    assert found(tree) == {"empty_turn"}
    assert found(tree.model_copy(update={"messages": tree.messages[:-2]})) == set()
    shared = branched(
        (user(" "), says("Yes?")), *(((user(f"What about {n}?"), says("I see."))) for n in "ab")
    )
    assert [one.reason for one in find_defects(shared)] == ["empty_turn"]
    early = branched(
        (user("Hi"), says("Hello.")), (user(" "), says("?")), (user("Bye"), says("Bye."))
    )
    assert found(early, FilterConfig(branches="last")) == set()


def test_rules_can_be_turned_off_by_reason_and_by_family() -> None:
    bad = dialogue(user(" "), says("Yes?"))
    assert found(bad, FilterConfig(off=("empty_turn",))) == set()
    assert found(bad, FilterConfig(off=("empty",))) == set()
    with pytest.raises(ValueError, match="no reason or rule named 'emptyness'"):
        FilterConfig(off=("emptyness",))


def test_blame_is_the_testers_and_a_check_that_cannot_be_made_is_the_scenarios() -> None:
    ended = Outcome(status="completed", blame="tool")
    (one,) = find_defects(dialogue(*GOOD, outcome=ended, **verdict("execution", reason="no row")))
    assert (one.blame, one.detail) == ("tool", "state: no row")
    spoilt = {"verdicts": [Verdict(check="tool_outputs", passed=False, reason="1 of 2 outputs")]}
    (one,) = find_defects(dialogue(*GOOD, **spoilt))
    assert (one.reason, one.blame) == ("check_failed", "tool")
    unmade = verdict("execution", reason="cannot be checked: no such table")
    (one,) = find_defects(dialogue(*GOOD, outcome=ended, **unmade))
    assert one.blame == "scenario"


def test_a_trajectory_beyond_the_limit_is_rejected_not_half_read() -> None:
    assert found(dialogue(*GOOD), FilterConfig(message_views=3)) == {"too_large"}
