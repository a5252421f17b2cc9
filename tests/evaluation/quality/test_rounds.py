"""Cutting dialogues into rounds, and where they come from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conversations import call, result, trajectory, two_turns
from hypothesis import given
from hypothesis import strategies as st

from callsheet.evaluation.quality.plain_dialogues import trajectory_from_plain
from callsheet.evaluation.quality.rounds import Call, dialogue_of
from callsheet.evaluation.quality.sources import (
    content_digest,
    dialogues_file,
    pool_file,
    read_dialogues,
)
from callsheet.trajectories.reading import TrajectoriesUnreadable
from callsheet.trajectories.trajectory import Message, Trajectory, line_of


def test_a_round_is_a_request_with_all_that_follows_it() -> None:
    dialogue = dialogue_of(trajectory())
    first, second = dialogue.rounds
    assert first.request.startswith("Remind me") and second.request.startswith("How many")
    assert [c.name for c in first.calls] == ["AddReminder"]
    assert second.response == "There are 3."
    assert not first.parallel and not first.multiple
    [(premise, hypothesis)] = dialogue.pairs()
    assert premise == f"{first.request}\n{first.response}" and hypothesis == second.request


def test_parallel_calls_are_in_one_message_and_multiple_ones_in_several() -> None:
    both = call("a", {}, 0)
    both["tool_calls"] += call("b", {}, 1)["tool_calls"]
    messages = [{"role": "user", "content": "do"}, both, result(1, 0), result(2, 1)]
    [only] = dialogue_of(trajectory(messages=messages)).rounds
    assert only.parallel and not only.multiple
    [more] = dialogue_of(trajectory(messages=[*messages, call("c", {}, 2)])).rounds
    assert more.parallel and more.multiple


def test_a_greeting_belongs_to_no_round_but_to_what_was_said() -> None:
    messages = [{"role": "assistant", "content": "Hello!"}, {"role": "user", "content": "Hi"}]
    dialogue = dialogue_of(trajectory(messages=messages))
    assert len(dialogue.rounds) == 1 and list(dialogue.speech()) == ["Hello!", "Hi"]


def test_only_the_main_branch_counts() -> None:
    messages = [
        Message(id=0, role="user", content="a"),
        Message(id=1, parent=0, role="assistant", content="left"),
        Message(id=2, parent=0, role="assistant", content="right"),
    ]
    tree = Trajectory(id="t", scenario="s", environment="e", messages=messages)
    assert list(dialogue_of(tree).speech()) == ["a", "right"]


def test_rounds_without_words_make_no_pair() -> None:
    messages = [{"role": "user", "content": c} for c in (" ", "second", "", "fourth")]
    assert list(dialogue_of(trajectory(messages=messages)).pairs()) == []


@pytest.mark.parametrize(
    ("arguments", "count"),
    [('{"a": 1, "b": {}}', 2), ("", 0), ("{}", 0), ("[1]", None), ("{", None), ("[" * 9000, None)],
)
def test_arguments_are_counted_where_they_are_an_object(arguments: str, count: int | None) -> None:
    assert Call("f", arguments).argument_count() == count


def test_a_file_is_read_as_what_its_first_line_is(tmp_path: Path) -> None:
    own, plain = tmp_path / "own.jsonl", tmp_path / "plain.jsonl"
    own.write_text(trajectory().model_dump_json() + "\n")
    lines = [{"messages": two_turns()}, {"id": 7, "messages": [{"role": "human", "content": "x"}]}]
    plain.write_text("\n" + "\n".join(json.dumps(line) for line in lines))
    first, second, third = read_dialogues([own, plain])
    assert [len(d.rounds) for d in (first, second, third)] == [2, 2, 1]
    assert third.trajectory.id == "7" and third.rounds[0].request == "x"


def test_a_run_is_named_by_its_folder(tmp_path: Path) -> None:
    (tmp_path / "trajectories.jsonl").write_text(trajectory().model_dump_json() + "\n")
    assert len(list(read_dialogues([tmp_path]))) == 1
    assert content_digest([tmp_path]) == content_digest([tmp_path / "trajectories.jsonl"])


def test_of_a_synthesis_the_accepted_are_read_and_its_pool_is_known(tmp_path: Path) -> None:
    assert pool_file([tmp_path]) is None
    for name in ("trajectories.jsonl", "accepted.jsonl", "pool.jsonl"):
        (tmp_path / name).write_text("")
    assert dialogues_file(tmp_path).name == "accepted.jsonl"
    assert pool_file([tmp_path]) == tmp_path / "pool.jsonl"


def test_a_wrong_line_is_named(tmp_path: Path) -> None:
    plain = tmp_path / "plain.jsonl"
    plain.write_text('{"messages": []}\n{"messages": [{"role": "judge", "content": "x"}]}\n')
    with pytest.raises(TrajectoriesUnreadable, match=r"plain.jsonl:2: role"):
        list(read_dialogues([plain]))
    with pytest.raises(TrajectoriesUnreadable, match=r"no run"):
        read_dialogues([tmp_path / "nothing"])


@given(st.binary(max_size=300))
def test_any_line_is_a_dialogue_or_a_clear_error(line: bytes) -> None:
    try:
        trajectory_from_plain(line, 1)
    except ValueError as error:
        assert "\n" not in str(error)


def test_content_in_parts_and_arguments_as_objects_are_read() -> None:
    function = {"name": "f", "arguments": {"a": 1}}
    line = {
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "one"}, {"text": "two"}]},
            {"role": "assistant", "tool_calls": [{"function": function}]},
        ]
    }
    read = trajectory_from_plain(json.dumps(line).encode(), 1)
    assert read.messages[0].content == "one\ntwo"
    calls = read.messages[1].tool_calls
    assert calls is not None and calls[0].function.arguments == '{"a":1}'
    assert read.messages == line_of([m.chat() for m in read.messages])
