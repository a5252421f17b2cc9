"""Steps of branches as they come: without an assistant, with arguments that are hardly JSON."""

from __future__ import annotations

import json

import pytest
from filter_dialogues import ASKED, SYSTEM, TOLD, calls

from callsheet.trajectories.steps import steps_of
from callsheet.trajectories.trajectory import line_of


@pytest.mark.parametrize("turns", [[], [{"role": "system", "content": SYSTEM}], [ASKED]])
def test_where_no_assistant_speaks_there_is_no_step(turns: list[dict[str, object]]) -> None:
    assert steps_of(line_of(turns)) == []


def test_each_message_of_the_assistant_is_a_step() -> None:
    first, second = steps_of(line_of([ASKED, TOLD, ASKED, TOLD]))
    assert (first.input, first.output) == (ASKED["content"], TOLD["content"])
    assert (first.next_observation, second.next_observation) == (ASKED["content"], "")


@pytest.mark.parametrize("depth", [1, *range(245, 260), 1000, 5000])
def test_arguments_that_nest_too_deeply_stay_text(depth: int) -> None:
    text = '{"a":' * depth + "1" + "}" * depth
    (step,) = steps_of(line_of([ASKED, calls("note", text)]))
    arguments = json.loads(step.output)["tool_calls"][0]["arguments"]
    assert arguments == text or json.dumps(arguments, separators=(",", ":")) == text
