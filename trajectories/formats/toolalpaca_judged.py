"""ToolAlpaca's evaluation outputs: prompts to a judge that hold an assistant's solution, and what
the judge said of it.

The solution is taken out of the prompt as the trajectory it was; the judge's labels are kept under
`judged` in other information: `process` and `response` (Yes, No or Uncertain) and the judge's
`analysis`. So these files are trajectories with labels to measure raters against.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..trajectory import Outcome, Trajectory
from .conversation import Call, Conversation, text_in
from .format import Format, Losses, Refused
from .toolalpaca_functions import SHARED, in_text, with_implied
from .tools import Tools, callable_name

_NAME = "toolalpaca-judged"
JUDGED = "judged"
_LABELS = {"process_correctness": "process", "final_response_correctness": "response"}
_SECTIONS = ("Documentation", "Task Instruction", "Standard Answer", "AI Assistant's Solution")
_ITEM = re.compile(r"^(\d+)\. (Function|Final Response): ?", re.M)
_RETURNS = re.compile(r"\n(?:Retruns|Returns): ?")
_ANALYSIS = "\n\n## Analysis"
_RESULTS = re.compile(r"\n*## Results?\b.*", re.S)


def recognize(record: Any) -> str | None:
    if not isinstance(record, dict) or not {"api", "input", "output"} <= record.keys():
        return None
    labelled = bool(_LABELS.keys() & record.keys()) or record["input"] == ""
    return "a judge's prompt with the judge's labels" if labelled else None


def read(record: Any, losses: Losses) -> Iterator[Trajectory]:
    sections = _sections(_prompt(record))
    conversation = Conversation()
    conversation.say("user", sections["Task Instruction"].strip())
    solution = sections["AI Assistant's Solution"]
    answered = _solve(conversation, solution.removesuffix(_ANALYSIS))
    outcome = Outcome(status="completed")
    if not answered:
        outcome = Outcome(status="failed", reason="no final answer")
    documented = sections["Documentation"]
    losses.lose("output formats that functions share", SHARED in documented)
    tools = Tools(specs=with_implied(in_text(documented), conversation.messages))
    api = text_in(record["api"], "api")
    yield conversation.trajectory(
        _NAME, tools, {"id": f"{api}/{record.get('id')}"}, ("id",),
        environment="toolalpaca", outcome=outcome,
        other_information={
            "api": api, JUDGED: _judged(record),
            "standard_answer": sections["Standard Answer"].strip(),
        },
    )  # fmt: skip


def _prompt(record: Mapping[str, Any]) -> str:
    messages = record.get("input")
    if not messages:
        raise Refused("the judge was asked nothing: its input is empty")
    if isinstance(messages, list) and len(messages) == 1 and isinstance(messages[0], dict):
        messages = messages[0].get("content")
    return text_in(messages, "the judge's prompt")


def _sections(prompt: str) -> dict[str, str]:
    """The prompt's sections by heading, in the order in which they stand."""
    found: dict[str, str] = {}
    rest = prompt
    for heading, after in zip(_SECTIONS, (*_SECTIONS[1:], None), strict=True):
        _, mark, rest = rest.partition(f"\n## {heading}\n")
        if not mark:
            raise Refused(f"the judge's prompt has no section {heading!r}")
        found[heading] = rest.partition(f"\n## {after}\n")[0] if after else rest
        rest = "\n" + rest
    return found


def _solve(conversation: Conversation, solution: str) -> bool:
    """The solution's calls and answer as messages; whether there is an answer. Items are numbered,
    so that a list within a result or answer is none of them."""
    starts: list[re.Match[str]] = []
    for item in _ITEM.finditer(solution):
        if int(item[1]) == len(starts) + 1:
            starts.append(item)
    if not starts or solution[: starts[0].start()].strip():
        raise Refused("the solution is no numbered list of functions")
    ends = [*(item.start() for item in starts[1:]), len(solution)]
    answered = False
    for item, end in zip(starts, ends, strict=True):
        text = solution[item.end() : end].rstrip("\n")
        if item[2] == "Final Response":
            conversation.say("assistant", text)
            answered = True
            continue
        name, _, rest = text.partition("\nParameters:")
        given = _RETURNS.split(rest, maxsplit=1)
        if len(given) != 2 or not name.strip():
            raise Refused(f"item {item[1]} of the solution is no function's call: {text!r:.60}")
        conversation.call([Call(callable_name(name.strip()), given[0].removeprefix(" "))])
        conversation.result(given[1])
    return answered


def _judged(record: Mapping[str, Any]) -> dict[str, str]:
    labels = {ours: record.get(theirs) for theirs, ours in _LABELS.items()}
    for name, label in labels.items():
        if label not in ("Yes", "No", "Uncertain"):
            raise Refused(f"the judge's label of the {name} is {label!r:.40}")
    analysis = _RESULTS.sub("", text_in(record.get("output"), "output")).strip()
    return {**{name: str(label) for name, label in labels.items()}, "analysis": analysis}


FORMAT = Format(
    name=_NAME,
    about="ToolAlpaca's evaluation outputs: solutions with a judge's labels",
    recognize=recognize,
    read=read,
)
