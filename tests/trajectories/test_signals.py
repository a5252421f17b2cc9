"""Signals: each flaw is counted, a good run has none, and no form of actions is missed."""

from __future__ import annotations

import time
from typing import Any

import pytest
from filter_dialogues import GOOD, SYSTEM, calls, dialogue, gives, says, user
from hypothesis import given
from hypothesis import strategies as st

from callsheet.trajectories.signals import Signals, signals_of
from callsheet.trajectories.trajectory import Outcome, Trajectory, line_of

LOST = {"error": "no such booking"}


def counted(*turns: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The signals that are set."""
    found = signals_of(dialogue(*turns, **more)).model_dump(exclude={"notes"})
    return {name: count for name, count in found.items() if count}


def weather(city: str = "Oslo", **more: Any) -> dict[str, Any]:
    return calls("get_weather", {"city": city, **more})


def acting(*turns: str, first: str = "Find the lamp.") -> Trajectory:
    """An agent that acts in plain text; its environment answers as the user."""
    said = [{"role": ("assistant", "user")[i % 2], "content": t} for i, t in enumerate(turns)]
    return Trajectory(
        id="t", scenario="rooms", environment="rooms", messages=line_of([user(first), *said])
    )


def test_a_good_run_has_none() -> None:
    signals = signals_of(dialogue(*GOOD))
    assert signals == Signals(actions=1) and signals.flawless


@pytest.mark.parametrize(
    "call",
    [
        calls("sell_table", {"restaurant": "x"}),
        calls("get_weather", {"days": 2}),
        calls("get_weather", {"city": 7}),
        calls("get_weather", "{city: Oslo"),
        calls("get_weather", "[1]"),
    ],
)
def test_calls_that_cannot_be_made_are_invalid(call: dict[str, Any]) -> None:
    worked = counted(user("Weather?"), call, gives("sunny"), says("Sunny."))
    assert worked == {"actions": 1, "invalid_actions": 1}
    failed = counted(user("Weather?"), call, gives(LOST), says("Sunny."))
    assert failed == {**worked, "unrecovered_errors": 1}


def test_where_no_tools_are_declared_none_is_unknown() -> None:
    turns = (user("Weather?"), calls("anything", {"x": 1}), gives("sunny"), says("Sunny."))
    assert counted(*turns, tools=[]) == {"actions": 1}


@pytest.mark.parametrize(
    ("seen", "signal"),
    [
        ("Nothing happens.", "invalid_actions"),
        ("Invalid Action. Choose from look, go.", "invalid_actions"),
        ("bash: foo: command not found", "invalid_actions"),
        ("Status Code: 405. Response: method", "failed_actions"),
        (
            '{"error": "", "response": "{\'message\': \\"Endpoint \'/a\' does not exist\\"}"}',
            "failed_actions",
        ),
        ('{"message": "ok", "errors": []}', ""),
        ("ls: /nowhere: No such file or directory", "failed_actions"),
        ("1054 (42S22): Unknown column 'a'", "failed_actions"),
        ("Error: it is closed", "failed_actions"),
        ("On the shelf you see an error message mug.", ""),
        ("A page about code 404 and how to invalidate actions", ""),
    ],
)
def test_observations_of_actions_in_text_are_read(seen: str, signal: str) -> None:
    found = signals_of(acting("Thought: look\nAction: look[shelf]", seen, "It is not there."))
    assert found.actions == 1
    set_ = {n for n in ("invalid_actions", "failed_actions") if getattr(found, n)}
    assert set_ <= {signal} and (not signal or set_ == {signal})


def test_an_error_that_was_made_good() -> None:
    turns = (weather(), gives(LOST), weather(days=2), gives("sunny"), says("Sunny."))
    assert counted(user("Weather?"), *turns) == {"actions": 2, "failed_actions": 1}


def test_another_way_makes_good_too_but_not_what_was_there_before() -> None:
    note = calls("note", {"text": "a"})
    other_way = (user("Go"), weather(), gives(LOST), note, gives("ok"), says("Done."))
    assert "unrecovered_errors" not in counted(*other_way)
    before = (user("Go"), note, gives("ok"), weather(), gives(LOST))
    again = calls("note", {"text": "b"})
    assert counted(*before, again, gives("ok"), says("x"))["unrecovered_errors"] == 1


def test_the_next_request_makes_nothing_good() -> None:
    turns = (user("A?"), weather(), gives(LOST), says("No."), user("B?"), weather(), gives("ok"))
    assert counted(*turns, says("Yes."))["unrecovered_errors"] == 1


def test_repetition_and_circles() -> None:
    once = (weather(), gives("sunny"))
    there_and_back = (*once, weather("Rome"), gives("rain"))
    assert counted(user("?"), *once, *once, says("So.")) == {"actions": 2, "repeated_actions": 1}
    found = counted(user("?"), *there_and_back, *there_and_back, *there_and_back, says("So."))
    assert (found["repeated_actions"], found["looped_actions"]) == (4, 4)


def test_another_result_is_no_repetition() -> None:
    turns = (weather(), gives("cloud"), weather(), gives("sun"))
    assert counted(user("?"), *turns, says("So.")) == {"actions": 2}


def test_asked_again_it_may_be_called_again() -> None:
    once = (weather(), gives("sunny"), says("Sunny."))
    assert counted(user("Weather?"), *once, user("And now?"), *once) == {"actions": 2}


def test_empty_turns_and_no_answer() -> None:
    assert counted(user("Hi"), says("  ")) == {"empty_outputs": 1}
    assert counted(user("Hi"), says(None) | {"thought": "I should look."}) == {}
    assert counted(user("Hi"), weather(), gives("sunny")) == {"actions": 1, "unanswered": True}
    assert counted() == {"unanswered": True}


def test_giving_up() -> None:
    sorry = says("I'm sorry, but I cannot do that.")
    assert counted(user("Hi"), sorry) == {}  # it may be right to decline
    assert counted(user("Hi"), weather(), gives("sun"), sorry) == {"actions": 1, "gave_up": True}
    finish = calls("Finish", {"return_type": "give_up_and_restart"})
    assert counted(user("Hi"), finish, tools=[])["gave_up"]
    limit = Outcome(status="limit", reason="too many turns")
    assert counted(*GOOD, outcome=limit) == {"actions": 1, "gave_up": True}


def test_the_last_observation_is_no_request() -> None:
    assert signals_of(acting("Action: click[Buy Now]", "Thank you for shopping.")).flawless
    assert signals_of(acting("Action: Answer\nFinal Answer: [1]", "Good.")).unanswered


def test_a_full_score_does_not_mean_a_flawless_run() -> None:
    turns = (weather(1), gives("bad"), weather(), gives("sunny"), says("Sunny."))  # type: ignore[arg-type]
    signals = signals_of(dialogue(user("Weather?"), *turns, score=1.0))
    assert not signals.flawless and signals.notes[0].message == 2


@pytest.mark.parametrize("text", ["\n", "Action: ", "a ", "'error': ", "Action:\n", "I am sorry "])
def test_hostile_texts_take_no_time(text: str) -> None:
    long = text * (200_000 // len(text))
    started = time.process_time()
    signals_of(acting(f"Action: {long}", long, long, long, long))
    assert time.process_time() - started < 5


TURNS = st.lists(
    st.one_of(
        st.builds(user, st.text(max_size=30)),
        st.builds(says, st.none() | st.text(max_size=30)),
        st.builds(lambda t: says(f"Action: {t}"), st.text(max_size=20)),
        st.builds(
            calls,
            st.sampled_from(["get_weather", "other"]),
            st.text(max_size=12) | st.just({"city": "Oslo"}),
            st.sampled_from(["c0", "c1"]),
        ),
        st.builds(gives, st.text(max_size=30), st.sampled_from(["c0", "c1", None])),
    ),
    max_size=14,
)


@given(TURNS)
def test_any_trajectory_has_signals(turns: list[dict[str, Any]]) -> None:
    signals = signals_of(dialogue(*turns, system=SYSTEM))
    wrong = signals.invalid_actions + signals.failed_actions
    assert signals.unrecovered_errors <= wrong <= signals.actions
    assert signals.repeated_actions <= signals.actions
    assert signals == signals_of(dialogue(*turns, system=SYSTEM))
