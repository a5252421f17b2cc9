from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from trajectory_data import needs_data, read, read_one, records

from callsheet.trajectories.formats import Losses, Refused, toolalpaca, toolalpaca_judged
from callsheet.trajectories.formats.toolalpaca_functions import IMPLIED

FORMAT, JUDGED = toolalpaca.FORMAT, toolalpaca_judged.FORMAT
_TIDES = (
    'When water is high.\nParameters: {"port": "Required. string. Its name.", '
    '"days": "integer.", "kinds": "Array[string]. Which."}\nOutput: Tides.\n - Structure: Array'
)
_API: dict[str, Any] = {"Name": "Harbour", "Category": "Sea", "Documentation": "{}",
                        "Function_Description": {"tides": _TIDES, "components": ""}}  # fmt: skip
_WORDS = "ASSISTANT Thought: I look.\nASSISTANT Action: tides\nASSISTANT Action Input: {}"
_STEP = [["tides", '{"port": "Oban"}', _WORDS], "high"]


def test_each_instance_is_a_trajectory() -> None:
    record = {**_API, "Instances": [
        {"input": "Tides?", "output": "High.", "Final Thought": "Done.",
         "intermediate_steps": [_STEP]},
        {"input": "Winds?", "intermediate_steps": []}]}  # fmt: skip
    answered, failed = read(FORMAT, record)
    path = answered.path()
    assert path[1].thought == "I look." and path[1].tool_calls is not None
    assert path[1].tool_calls[0].function.arguments == '{"port": "Oban"}'
    assert [(m.role, m.content, m.thought) for m in path[2:]] == [
        ("tool", "high", None), ("assistant", "High.", "Done."),
    ]  # fmt: skip
    assert failed.outcome.status == "failed"
    assert [answered.id, failed.id] == ["Harbour/0", "Harbour/1"]


def test_an_errors_text_among_the_instances_is_counted() -> None:
    played = {"input": "Tides?", "output": "High.", "intermediate_steps": [_STEP]}
    losses = Losses()
    (trajectory,) = read(FORMAT, {**_API, "Instances": ["timed out", played]}, losses)
    assert trajectory.path()[-1].content == "High."
    assert losses.kinds["instances that are an error's text"] == 1


@pytest.mark.parametrize("instances", [[], ["timed out"]])
def test_an_api_without_a_trajectory_says_so(instances: list[str]) -> None:
    with pytest.raises(Refused, match="hold no trajectory"):
        read(FORMAT, {**_API, "Instances": instances})


def test_functions_are_read_from_their_text() -> None:
    record = {**_API, "Instructions": ["Tides?"], "Golden_Answers": [[{"Action": "tides"}]]}
    trajectory = read_one(FORMAT, record)
    (tool,) = trajectory.tools
    assert tool.required == ("port",)
    assert tool.properties == {
        "port": {"type": "string", "description": "Its name."}, "days": {"type": "integer"},
        "kinds": {"type": "array", "description": "Which."},
    }  # fmt: skip
    assert tool.description.startswith("When water is high.\nOutput: Tides.")
    assert trajectory.outcome.status == "cancelled"
    assert trajectory.other_information["Golden_Answers"] == [{"Action": "tides"}]


def _judged(solution: str, **fields: Any) -> dict[str, Any]:
    prompt = (
        "Judge.\n\n## Analysis\n{some}\n\n## Documentation\ntides: " + _TIDES +
        "\nwinds: Note: how it blows.\nParameters: {}\nOutput: Winds.\n\n\n## Task Instruction\n"
        "Tides?\n\n## Standard Answer\n1. Function: tides\nParameters: {}\n\n\n"
        f"## AI Assistant's Solution\n{solution}\n\n## Analysis"
    )  # fmt: skip
    return {
        "api": "Harbour", "id": 4, "input": [{"role": "user", "content": prompt}],
        "output": "It fits.\n\n## Results\nProcess Correctness: Yes",
        "process_correctness": "Yes", "final_response_correctness": "Uncertain", **fields,
    }  # fmt: skip


_SOLUTION = """1. Function: tides
Parameters: {"port": "Oban"}
Retruns: two:
1. high
2. low
2. Function: getDetails
Parameters: {"Question": "When?"}
Retruns: Today.
3. Final Response: Here:
1. High."""


def test_a_judged_solution_becomes_the_trajectory_it_was() -> None:
    trajectory = read_one(JUDGED, _judged(_SOLUTION))
    path = trajectory.path()
    assert [m.role for m in path] == ["user", "assistant", "tool", "assistant", "tool", "assistant"]
    assert path[2].content == "two:\n1. high\n2. low"
    assert path[-1].content == "Here:\n1. High."
    assert [tool.name for tool in trajectory.tools] == ["tides", "winds", "getDetails"]
    assert trajectory.tools[1].description == "Note: how it blows.\nOutput: Winds."
    assert trajectory.other_information["judged"] == {
        "process": "Yes", "response": "Uncertain", "analysis": "It fits.",
    }  # fmt: skip
    assert trajectory.id == "Harbour/4"


def test_a_solution_without_an_answer_failed() -> None:
    trajectory = read_one(JUDGED, _judged(_SOLUTION.partition("\n3.")[0]))
    assert trajectory.outcome.status == "failed"


@pytest.mark.parametrize(
    "record",
    [
        _judged("I did it."),
        _judged("1. Function: tides\nno parameters"),
        _judged(_SOLUTION, process_correctness="Maybe"),
        {"api": "Harbour", "id": 1, "input": "", "output": ""},
        _judged(_SOLUTION, input=[{"role": "user", "content": "Judge."}]),
    ],
)
def test_what_holds_no_solution_is_refused(record: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        read_one(JUDGED, record)


@needs_data
def test_published_tasks_are_read() -> None:
    tasks = [t for r in records("toolalpaca/eval_simulated.json") for t in read(FORMAT, r)]
    assert len(tasks) == 100
    assert all(t.outcome.status == "cancelled" and t.tools for t in tasks)


@needs_data
def test_published_judgements_are_labelled_trajectories_of_those_tasks() -> None:
    published = records("toolalpaca/evaluation_outputs_7b.json")
    trajectories, refused = [], []
    for record in published:
        try:
            trajectories.append(read_one(JUDGED, record))
        except Refused as reason:
            refused.append(str(reason))
    assert (len(trajectories), refused) == (
        99, ["the judge was asked nothing: its input is empty"],
    )  # fmt: skip
    labels = Counter(t.other_information["judged"]["process"] for t in trajectories)
    assert labels == {"Yes": 63, "No": 35, "Uncertain": 1}
    # Requests and their numbers are not all the same in both files; the functions are.
    tasks = [t for r in records("toolalpaca/eval_simulated.json") for t in read(FORMAT, r)]
    tools = {task.other_information["api"]: task.tools for task in tasks}
    for trajectory in trajectories:
        described = [tool for tool in trajectory.tools if tool.name not in IMPLIED]
        assert described == tools[trajectory.other_information["api"]]
