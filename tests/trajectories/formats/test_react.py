from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trajectory_data import EXAMPLES, again, needs_data, read, read_one, records, written

from callsheet.trajectories.formats import Losses, Refused
from callsheet.trajectories.formats.react import FORMAT
from callsheet.trajectories.trajectory import Trajectory

_EPISODE = """Question: Which of two lochs is deeper?
Thought 1: I look both up.
Action 1: Search[Loch Mist]
Observation 1: Loch Mist is 40 m deep.
It is cold.
Thought 2: It was named somewhere.
Action 2: Lookup[named]
Observation 2: (Result 1 / 1) Named late.
Thought 3: So the other.
Action 3: Finish[Loch Reed]
"""


def test_actions_become_calls_of_derived_tools() -> None:
    trajectory = read_one(FORMAT, {"key": "lochs", "text": "\n" + _EPISODE})
    path = trajectory.path()
    assert [m.role for m in path] == ["user", *["assistant", "tool"] * 2, "assistant"]
    assert path[0].content == "Which of two lochs is deeper?"
    assert path[1].thought == "I look both up." and path[1].tool_calls is not None
    assert path[1].tool_calls[0].function.arguments == '{"entity":"Loch Mist"}'
    assert path[2].content == "Loch Mist is 40 m deep.\nIt is cold."
    assert [tool.name for tool in trajectory.tools] == ["Search", "Lookup", "Finish"]
    assert trajectory.tools[2].properties == {"answer": {"type": "string"}}


def test_one_string_holds_several_episodes() -> None:
    several = read(FORMAT, {"key": "lochs", "text": _EPISODE + _EPISODE})
    assert [t.id for t in several] == ["lochs#1", "lochs#2"]
    assert several[0].messages == several[1].messages


def test_a_thought_without_an_action_is_a_step_of_its_own() -> None:
    text = "Question: Q?\nThought 1: First a plan.\nThought 2: Then.\nAction 2: Finish[so]\n"
    path = read_one(FORMAT, text).path()
    assert [(m.role, m.content, m.thought) for m in path[1:3]] == [
        ("assistant", None, "First a plan."), ("user", "OK.", None),
    ]  # fmt: skip
    assert path[3].thought == "Then."


def test_answers_and_strings_without_thoughts_are_read() -> None:
    (answered,) = read(FORMAT, {"cot": "Question: Q?\nThought: Step by step.\nAnswer: yes\n"})
    assert (answered.path()[-1].content, answered.path()[-1].thought) == ("yes", "Step by step.")
    (acted,) = read(FORMAT, {"act": "Question: Q?\nAction 1: Search[a]\nObservation 1: b\n"})
    assert [m.role for m in acted.path()] == ["user", "assistant", "tool"]


def test_a_question_is_a_task() -> None:
    trajectory = read_one(FORMAT, {"question": "Q?", "answer": "yes", "type": "bridge"})
    assert trajectory.outcome.status == "cancelled"
    assert trajectory.other_information == {"answer": "yes", "type": "bridge"}


def test_an_action_that_is_no_call_is_words() -> None:
    path = read_one(FORMAT, "Question: Q?\nThought 1: Hm.\nAction 1: Search Loch Mist\n").path()
    assert (path[1].content, path[1].tool_calls) == ("Search Loch Mist", None)


def test_it_is_written_to_the_letter() -> None:
    trajectory = read_one(FORMAT, {"key": "lochs", "text": _EPISODE})
    assert written(FORMAT, trajectory) == {"key": "lochs", "text": _EPISODE}


@pytest.mark.parametrize("text", ["Thought 1: no question\nAction 1: Finish[x]", 3])
def test_what_is_no_episode_is_refused(text: object) -> None:
    with pytest.raises(Refused):
        list(FORMAT.read({"key": "k", "text": text}, Losses()))


def test_what_its_text_would_not_say_is_not_written() -> None:
    trajectory = read_one(FORMAT, _EPISODE)
    odd = trajectory.messages[2].model_copy(update={"content": "x\nThought 9: not a thought"})
    messages = [*trajectory.messages[:2], odd, *trajectory.messages[3:]]
    with pytest.raises(Refused, match="another way"):
        written(FORMAT, trajectory.model_copy(update={"messages": messages}))


_line = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1)


@st.composite
def _episodes(draw: st.DrawFn) -> Trajectory:
    lines = [f"Question: {draw(_line)}"]
    for number in range(1, draw(st.integers(1, 4)) + 1):
        if draw(st.booleans()):
            lines.append(f"Thought {number}: {draw(_line)}")
        name = draw(st.sampled_from(["Search", "Weigh"]))
        lines.append(f"Action {number}: {name}[{draw(_line)}]")
        lines.append(f"Observation {number}: {draw(_line)}")
    return read_one(FORMAT, {"key": "k", "text": "\n".join(lines) + "\n"})


@EXAMPLES
@given(_episodes())
def test_written_and_read_it_is_the_same(trajectory: Trajectory) -> None:
    assert again(FORMAT, trajectory) == trajectory


@needs_data
def test_published_strings_are_read_whole() -> None:
    prompts = records("react_hotpotqa/prompts_naive.json")
    episodes = [t for record in prompts for t in read(FORMAT, record)]
    assert (len(prompts), len(episodes)) == (8, 51)
    assert sum(len(t.messages) for t in episodes) == 208
    assert all(again(FORMAT, t) == t for t in episodes)
    ends = [call.function.name for t in episodes for call in t.path()[-1].tool_calls or ()]
    assert len(ends) > 20 and set(ends) == {"Finish"}
    questions = records("react_hotpotqa/hotpot_dev_300.json")
    assert len([read_one(FORMAT, question) for question in questions]) == 300
