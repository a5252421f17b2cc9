"""Conversations in which tools had to be found: every turn is learnt beside what was on offer."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from callsheet.tools import ToolSpec
from callsheet.train.augment import AugmentConfig, augmented, joined
from callsheet.train.dialogue import OfferUnknown, dialogues, learnable
from callsheet.train.samples import split_by_turn
from callsheet.trajectories.trajectory import Trajectory, line_of


def call(name: str) -> dict[str, Any]:
    function = {"name": name, "arguments": "{}"}
    return {"role": "assistant", "tool_calls": [{"id": name, "function": function}]}


def result(name: str, offers: list[str] | None = None) -> dict[str, Any]:
    message = {"role": "tool", "tool_call_id": name, "content": "done"}
    return message | ({"offers": offers} if offers else {})


def trajectory(*messages: dict[str, Any], tools: tuple[str, ...] = ("Search", "A", "B")) -> Any:
    return Trajectory(
        id="t",
        scenario="s",
        environment="e",
        tools=[ToolSpec(name=name) for name in tools],
        messages=line_of(list(messages)),
    )


FOUND = trajectory(
    {"role": "system", "content": "Help."},
    {"role": "user", "content": "Do A, then B."},
    call("Search"),
    result("Search", ["A"]),
    call("A"),
    result("A"),
    call("Search"),
    result("Search", ["B"]),
    call("B"),
    result("B"),
    {"role": "assistant", "content": "Done."},
)


def names(dialogue: Any) -> list[str]:
    return [tool["function"]["name"] for tool in dialogue.tools]


def test_each_set_of_tools_is_a_dialogue_of_its_own() -> None:
    found = dialogues(FOUND)
    assert [names(d) for d in found] == [["Search"], ["Search", "A"], ["Search", "A", "B"]]
    assert [len(d.messages) for d in found] == [4, 8, 11]
    assert [d.learnt for d in found] == [1, 2, 2]
    assert len({d.id for d in found}) == 3


def test_no_turn_is_learnt_twice_and_none_is_left_out() -> None:
    turns = [m for m in FOUND.chat() if m["role"] == "assistant"]
    split = [part for d in dialogues(FOUND) for part in split_by_turn(d)]
    assert [part.messages[-1] for part in split] == turns
    assert all(part.learnt == 1 for part in split)
    assert len({part.id for part in split}) == len(split)


def test_the_messages_that_a_model_reads_do_not_show_what_was_offered() -> None:
    assert all("offers" not in message for d in dialogues(FOUND) for message in d.messages)


def test_a_conversation_without_search_is_one_dialogue() -> None:
    plain = trajectory({"role": "user", "content": "Do A."}, call("A"), result("A"), tools=("A",))
    (dialogue,) = dialogues(plain)
    assert dialogue.learnt is None
    assert dialogue.id == "t"


def test_tools_on_offer_stay_as_they_were_found() -> None:
    staged = dialogues(FOUND)[1]
    plain = dialogues(trajectory({"role": "user", "content": "Hi."}, call("C"), tools=("C",)))[0]
    pool = [ToolSpec(name="Other").openai]
    config = AugmentConfig(
        tools=(5, 5), shuffle_tools=False, rename_tools=0, rename_parameters=0, swap_values=0
    )
    assert names(augmented(staged, pool, config, Random(1))) == ["Search", "A"]
    assert joined(staged, [plain], (3, 3), Random(1)) == staged
    assert joined(plain, [staged], (3, 3), Random(1)) == plain


def test_words_that_go_with_calls_are_shown_and_not_learnt() -> None:
    spoken = call("A") | {"content": "One moment."}
    (dialogue,) = dialogues(
        trajectory({"role": "user", "content": "Do A."}, spoken, result("A"), tools=("A",))
    )
    words, calls = dialogue.messages[1:3]
    assert words["content"] == "One moment." and not words.get("tool_calls")
    assert calls["tool_calls"] and calls["content"] is None
    assert [learnable(message) for message in dialogue.messages] == [False, False, True, False]
    (part,) = split_by_turn(dialogue)
    assert part.messages[-1] == calls


def test_a_tool_on_offer_that_the_record_does_not_have_is_named_with_it() -> None:
    lost = trajectory(call("Search"), result("Search", ["Gone"]), call("Gone"))
    with pytest.raises(OfferUnknown, match="trajectory t: message 1 offers 'Gone'"):
        dialogues(lost)
