"""Editing: a branch beside the original, checked, and what becomes of scores and preferences."""

from __future__ import annotations

from typing import Any

import pytest
from drawn_trajectories import SOLID, dialogues
from filter_dialogues import booked, calls, dialogue, says, user
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.trajectories.editing import EditRefused, Revision, changed_messages, edited
from callsheet.trajectories.trajectory import Trajectory, Verdict

ONE = booked().model_copy(
    update={"score": 0.5, "rater_score": 2.0, "rate_model": "m", "review_score": 3.0,
            "verdicts": [Verdict(check="c", passed=True)], "user_query": "book"}
)  # fmt: skip
WORDS = {"message": 4, "content": "Booked."}
CALL = {"message": 2, "arguments": {0: '{"restaurant": "Casa Lupo", "date": "2026-03-07"}'}}


def revision(*edits: dict[str, Any], last: int | None = None) -> Revision:
    return Revision.model_validate({"edits": edits, "last": last})


def test_the_original_stays_and_the_edited_branch_is_the_main_one() -> None:
    found = edited(ONE, revision(WORDS), by="anna")
    assert found.messages[: len(ONE.messages)] == ONE.messages
    assert [m.content for m in found.path()] == [*(m.content for m in ONE.path()[:-1]), "Booked."]
    (pair,) = found.preferences
    assert found.path(pair.rejected) == ONE.path() and pair.by == "anna"
    assert found.main == pair.chosen
    assert found.path()[:4] == ONE.path()[:4], "what comes before the edit is shared"
    kept = {"score", "rater_score", "rate_model", "rater_explanation", "review_score"}
    assert all(getattr(found, name) is None for name in kept) and found.verdicts == []
    assert Trajectory.model_validate_json(found.model_dump_json()) == found


def test_calls_keep_their_results_or_end_the_branch() -> None:
    found = edited(ONE, revision(CALL))
    call = found.path()[2].tool_calls
    assert call is not None and '"2026-03-07"' in call[0].function.arguments
    assert [m.role for m in found.path()] == [m.role for m in ONE.path()]
    ended = edited(ONE, revision(CALL, last=2))
    assert len(ended.path()) == 3 and ended.preferences[0].rejected == 4


def test_other_words_of_the_user_are_no_preference() -> None:
    found = edited(ONE, revision({"message": 1, "content": "A table, please."}, WORDS))
    assert found.preferences == [] and found.user_query == "A table, please."
    assert edited(ONE, revision(WORDS)).user_query == "book"


def test_the_first_message_may_be_edited_and_an_edit_edited_again() -> None:
    bare = dialogue(user("Hi"), says("Hello"), system=None)
    first = edited(bare, revision({"message": 0, "content": "Good day"}))
    assert [m.content for m in first.path()] == ["Good day", "Hello"]
    assert first.path()[0].parent is None
    again = edited(first, revision({"message": first.path()[1].id, "content": "Welcome"}))
    assert [m.content for m in again.path()] == ["Good day", "Welcome"]
    assert len(again.leaves()) == 3


def test_a_thought_goes_with_what_it_led_to() -> None:
    thinking = dialogue(user("Hi"), {**says("Hello"), "thought": "greet"}, user("Bye"), says("Bye"))
    found = edited(thinking, revision({"message": 2, "content": "Good day"}))
    assert found.path()[2].thought is None and thinking.path()[2].thought == "greet"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (revision({"message": 99, "content": "x"}), "not on the main branch"),
        (revision(WORDS, WORDS), "edited twice"),
        (revision({"message": 4, "content": ONE.path()[-1].content}), "nothing is changed"),
        (revision({"message": 4, "content": "  "}), "say nothing"),
        (revision({"message": 3, "content": "x"}), "only what the user or the assistant said"),
        (revision({"message": 0, "content": "x"}), "only what the user or the assistant said"),
        (revision({"message": 2, "arguments": {1: "{}"}}), "there is no number 1"),
        (revision({"message": 2, "arguments": {0: "{}"}}), "required"),
        (revision({"message": 2, "arguments": {0: "{"}}), "no JSON"),
        (revision({"message": 2, "arguments": {0: "[" * 100_000}}), "no JSON"),
        (revision(WORDS, last=2), "cannot end at message 2"),
        (revision(WORDS, last=77), "cannot end at message 77"),
    ],
)
def test_edits_that_cannot_be_made(change: Revision, why: str) -> None:
    with pytest.raises(EditRefused, match=why):
        edited(ONE, change)
    with pytest.raises(EditRefused, match=why):
        changed_messages(ONE, change)


def test_a_tool_that_nobody_documented_cannot_be_checked() -> None:
    one = dialogue(user("Hi"), calls("unknown", {}), says("Hello"), system=None)
    with pytest.raises(EditRefused, match="not documented"):
        edited(one, revision({"message": 1, "arguments": {0: '{"a": 1}'}}))


@settings(deadline=None)
@given(dialogues(), SOLID, st.data())
def test_the_main_branch_changes_there_and_nowhere_else(
    one: Trajectory, words: str, data: st.DataObject
) -> None:
    said = [m for m in one.path() if m.role in ("user", "assistant") and m.content != words]
    if not said:
        return
    target = data.draw(st.sampled_from(said))
    found = edited(one, revision({"message": target.id, "content": words}))
    before, after = one.path(), found.path()
    assert len(before) == len(after) and found.path(before[-1].id) == before
    for was, now in zip(before, after, strict=True):
        assert now.content == (words if was.id == target.id else was.content)
        assert (now.role, now.tool_calls) == (was.role, was.tool_calls)
    Trajectory.model_validate(found.model_dump())
