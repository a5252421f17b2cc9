from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from drawn_trajectories import dialogues
from hypothesis import assume, given
from hypothesis import strategies as st
from trajectory_data import EXAMPLES, FOLDER, again, native, needs_data, read_one, records, written

from callsheet.trajectories.formats import Losses, Refused
from callsheet.trajectories.formats import toolbench_conversation as conversation_module
from callsheet.trajectories.formats import toolbench_queries as queries_module
from callsheet.trajectories.formats.toolbench_tree import FORMAT as TREE
from callsheet.trajectories.trajectory import Message, Trajectory

CONVERSATION, QUERIES = conversation_module.FORMAT, queries_module.FORMAT
_FUNCTION = {"name": "tides", "description": "When water is high.", "parameters": {
    "type": "object", "properties": {"port": {"type": "string"}}, "required": ["port"],
    "optional": []}}  # fmt: skip


def _node(kind: str, text: str, *children: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"node_type": kind, "description": text, "children": list(children), **fields}


def _act(
    name: str, given: str, *children: dict[str, Any], code: int = 0, seen: str = "seen"
) -> dict[str, Any]:
    inner = _node("Action Input", given, *children, observation=seen, observation_code=code)
    return _node("Action", name, inner)


_ANSWER = _act("Finish", '{"final_answer": "High."}', code=3)
_GIVE_UP = _act("Finish", '{"return_type": "give_up_and_restart"}', code=4)


def _record(*below: dict[str, Any], finish: str = "give_answer", **answer: Any) -> dict[str, Any]:
    return {
        "win": finish == "give_answer", "forward_args": {}, "compare_candidates": [],
        "tree": {"size": 1, "tree": _node("Action Input", "", *below)},
        "answer_generation": {
            "finish_type": finish, "query": "Tides?", "function": [_FUNCTION], **answer},
    }  # fmt: skip


def test_branches_of_the_search_are_branches_of_the_trajectory() -> None:
    lost = _act("tides", '{"port": "Ayr"}')
    found = _node("Thought", "Try Oban.", _act("tides", '{"port": "Oban"}', lost, _ANSWER))
    trajectory = read_one(TREE, _record(lost, found))
    assert len(trajectory.leaves()) == 3
    path = trajectory.path()
    assert [m.role for m in path] == ["user", *["assistant", "tool"] * 2]
    assert path[1].thought == "Try Oban."
    assert [m.tool_call_id for m in path if m.role == "tool"] == ["call_0", "call_1"]
    assert trajectory.outcome.status == "completed" and not trajectory.preferences
    assert set(trajectory.other_information["branches"]) == {str(x) for x in trajectory.leaves()}


def test_of_attempts_given_up_the_one_that_is_trained_on_is_the_main_one() -> None:
    first = _node("Thought", "Give up?", _GIVE_UP)
    second = _node("Thought", "Enough.", _GIVE_UP)
    state = [
        {"role": "system", "content": "You have tools."},
        {"role": "user", "content": "Tides?\nBegin!"},
        {"role": "user", "content": "Try otherwise.", "valid": False},
        {"role": "assistant", "content": "Enough.", "function_call": {
            "name": "Finish", "arguments": '{"return_type": "give_up_and_restart"}'}},
    ]  # fmt: skip
    losses = Losses()
    record = _record(first, second, finish="give_up", train_messages=[state])
    trajectory = read_one(TREE, record, losses)
    assert [m.thought for m in trajectory.path()] == [None, None, "Enough.", None]
    assert (trajectory.outcome.status, trajectory.outcome.blame) == ("failed", "assistant")
    assert losses.kinds == {"prompts for another attempt": 1}


def test_a_search_without_an_end_hit_its_limit() -> None:
    trajectory = read_one(TREE, _record(_act("tides", "{}")))
    assert trajectory.outcome.status == "limit" and trajectory.main is None


def test_a_thought_that_ended_its_turn_is_words() -> None:
    trajectory = read_one(TREE, _record(_node("Thought", "Hm.", _ANSWER, expand_num=4)))
    assert [(m.content, m.thought) for m in trajectory.path()[1:3]] == [("Hm.", None), (None, None)]


def test_tries_of_a_chain_are_branches() -> None:
    record = _record()
    del record["tree"]
    flat = [{"node_type": "Action", "description": "tides"},
            {"node_type": "Action Input", "description": "{}", "observation": "high"}]  # fmt: skip
    trajectory = read_one(TREE, {**record, "trys": [{"chain": flat}, {"chain": flat}]})
    assert len(trajectory.leaves()) == 2


def test_a_deep_tree_is_read() -> None:
    node = _ANSWER
    for _ in range(3_000):
        node = _act("tides", "{}", node)
    assert len(read_one(TREE, _record(node)).messages) == 6_003


@pytest.mark.parametrize("node", [_node("Dance", "x"), _node("Action", "a", _ANSWER, _ANSWER)])
def test_unknown_nodes_are_refused(node: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        read_one(TREE, _record(node))


_TURNS = [
    {"from": "system", "value": "Use tools.\nSpecifically, you have access to the following APIs: "
     + str([_FUNCTION])},
    {"from": "user", "value": "Tides?"},
    {"from": "assistant", "value": "\nThought: Look.\nAction: tides\nAction Input: {\n}"},
    {"from": "function", "value": "high"},
    {"from": "assistant", "value": "\nThought: \nAction: Finish\nAction Input: {}"},
]  # fmt: skip


def test_turns_of_thought_and_action_are_calls() -> None:
    trajectory = read_one(CONVERSATION, {"id": "c-1", "conversations": _TURNS})
    path = trajectory.path()
    assert path[0].content == "Use tools."
    assert path[2].thought == "Look." and path[2].tool_calls is not None
    assert path[2].tool_calls[0].function.arguments == "{\n}"
    assert path[4].thought is None
    assert [tool.name for tool in trajectory.tools] == ["tides"]
    assert written(CONVERSATION, trajectory) == {"id": "c-1", "conversations": _TURNS}


@pytest.mark.parametrize("tools", ["[1 + 1]", "__import__('os')", "[" * 2_000, "{1: 2}"])
def test_tools_that_are_no_literal_are_refused(tools: str) -> None:
    listed = f"x\nSpecifically, you have access to the following APIs: {tools}"
    turns = [{"from": "system", "value": listed}, *_TURNS[1:]]
    with pytest.raises(Refused):
        read_one(CONVERSATION, {"conversations": turns})


def test_what_its_text_would_not_say_is_not_written() -> None:
    trajectory = read_one(CONVERSATION, {"id": "c-1", "conversations": _TURNS})
    misread = "Action: tides\nAction Input: {}"
    odd = trajectory.messages[2].model_copy(update={"tool_calls": None, "content": misread})
    with pytest.raises(Refused):
        written(CONVERSATION, trajectory.model_copy(update={"messages": [
            *trajectory.messages[:2], odd]}))  # fmt: skip


@EXAMPLES
@given(dialogues())
def test_written_and_read_it_is_the_same(trajectory: Trajectory) -> None:
    assume(all(len(m.tool_calls or ()) < 2 for m in trajectory.messages))
    spoken = [m if m.tool_calls else m.model_copy(update={"thought": None})
              for m in trajectory.messages]  # fmt: skip
    whole = native(CONVERSATION, trajectory.model_copy(update={"messages": spoken}))
    losses = Losses()
    assert written(CONVERSATION, whole, losses)
    assert not losses.kinds
    assert again(CONVERSATION, whole) == whole


def test_a_query_is_a_task_with_its_endpoints() -> None:
    endpoint = {"category_name": "Sea", "tool_name": "Harbour", "api_name": "High Water",
                "required_parameters": [{"name": "port", "type": "STRING"}],
                "optional_parameters": [], "method": "GET"}  # fmt: skip
    losses = Losses()
    record = {"query": "Tides?", "query_id": 7, "group": "G1", "api_list": [endpoint],
              "relevant APIs": [["Harbour", "High Water"]]}  # fmt: skip
    trajectory = read_one(QUERIES, record, losses)
    assert (trajectory.id, trajectory.outcome.status) == ("G1/7", "cancelled")
    assert [tool.name for tool in trajectory.tools] == ["High_Water"]
    assert trajectory.other_information["relevant APIs"] == [["Harbour", "High Water"]]
    assert losses.kinds == {"tool names changed": 1}


def test_endpoints_of_one_name_are_told_apart() -> None:
    endpoints = [{"tool_name": tool, "api_name": "search", "required_parameters": []}
                 for tool in ("Harbour", "Library")]  # fmt: skip
    trajectory = read_one(QUERIES, {"query": "Find.", "query_id": 1, "api_list": endpoints})
    assert [t.name for t in trajectory.tools] == ["search_Harbour", "search_Library"]


@pytest.mark.parametrize("endpoints", [[3], [{"api_name": "", "tool_name": "x"}]])
def test_endpoints_that_are_none_are_refused(endpoints: list[Any]) -> None:
    with pytest.raises(Refused):
        read_one(QUERIES, {"query": "Find.", "api_list": endpoints})


def _told(message: Message) -> tuple[Any, ...]:
    if message.tool_calls:
        function = message.tool_calls[0].function
        return ("assistant", message.thought, function.name, function.arguments)
    return (message.role, message.content, None, None)


def _trained(message: dict[str, Any]) -> tuple[Any, ...]:
    role = "tool" if message["role"] == "function" else message["role"]
    call = message.get("function_call") or {"name": None, "arguments": None}
    return role, message.get("content"), call["name"], call["arguments"]


_TREES = sorted((FOLDER / "toolbench_answer_tree").glob("*.json")) if FOLDER else []


@needs_data
def test_the_main_branch_is_what_published_trees_are_trained_on() -> None:
    assert len(_TREES) == 7
    outcomes = Counter()
    for file in _TREES:
        (record,) = records(str(Path(file.parent.name) / file.name))
        trajectory = read_one(TREE, record)
        state = record["answer_generation"]["train_messages"][-1]
        # The prompts for another attempt are no part of a branch, and the last result of no state.
        kept = [m for place, m in enumerate(state) if m["role"] != "user" or place < 2]
        told = [_told(message) for message in trajectory.path()]
        assert told[:-1] == [_trained(message) for message in kept]
        outcomes[trajectory.outcome.status] += 1
        assert len(trajectory.leaves()) == sum(1 for _ in _leaves(record["tree"]["tree"]))
    assert outcomes == {"completed": 6, "failed": 1}


def _leaves(node: dict[str, Any]) -> Any:
    if not node["children"]:
        yield node
    for child in node["children"]:
        yield from _leaves(child)


@needs_data
def test_published_queries_are_read() -> None:
    sizes = {"toolbench_instruction/G1_query.json": 5, "toolbench_instruction/G2_query.json": 3,
             "toolbench_instruction/G3_query.json": 2,
             "toolbench_instruction/inference_query_demo_open_domain.json": 1,
             "stabletoolbench/solvable_queries.json": 765}  # fmt: skip
    for path, size in sizes.items():
        published = records(path)
        trajectories = [read_one(QUERIES, record) for record in published]
        assert len(trajectories) == size
        for record, trajectory in zip(published, trajectories, strict=True):
            assert len(trajectory.tools) <= len(record.get("api_list", []))
            assert bool(trajectory.tools) == ("api_list" in record)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
        | st.text() | st.sampled_from(["it's", 'say "so"', "None", "C:\\x", "é", "'\""]),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    )
)  # fmt: skip
def test_a_literal_is_read_as_python_reads_it(value: Any) -> None:
    assert repr(conversation_module.literal(repr(value))) == repr(value)


@pytest.mark.parametrize("text", ["{1: 'a'}", "['a' 'b']", "[1, 2,]", "('a',)", "[0x10]"])
def test_literals_that_are_no_json_are_read_all_the_same(text: str) -> None:
    assert conversation_module.literal(text) == ast.literal_eval(text)


@pytest.mark.parametrize("text", ["", "[", "f('x')", "__import__('os')", "['a'; 1]", "[NaN]"])
def test_what_is_no_literal_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        conversation_module.literal(text)
