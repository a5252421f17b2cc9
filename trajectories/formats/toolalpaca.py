"""ToolAlpaca (Tang et al. 2023): an API with its `Instructions`, each a trajectory.

With `Instances` (training data) a trajectory has the steps that were taken: each holds the thought
and its action together, and the observation. With `Golden_Answers` (evaluation data) it has the
task alone, and the answer is other information.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...tools import ToolSpec
from ..trajectory import Outcome, Trajectory
from .conversation import Call, Conversation, arguments_text, result_text, text_in
from .format import Format, Losses, Refused
from .toolalpaca_functions import by_name, with_implied
from .tools import Tools, callable_name

_NAME = "toolalpaca"
_ACTION = re.compile(r"^(?:ASSISTANT )?Action:", re.M)
_THOUGHT = re.compile(r"\s*(?:ASSISTANT )?Thought: ?")


def recognize(record: Any) -> str | None:
    if not isinstance(record, dict) or not isinstance(record.get("Function_Description"), dict):
        return None
    found = [key for key in ("Instances", "Golden_Answers") if isinstance(record.get(key), list)]
    return f"an API with Function_Description and {found[0]}" if found else None


def read(record: Any, losses: Losses) -> Iterator[Trajectory]:
    specs = by_name(record["Function_Description"])
    name = text_in(record.get("Name"), "Name")
    losses.lose("documents of APIs", bool(record.get("Documentation")))
    shared = record["Function_Description"].get("components")
    losses.lose("output formats that functions share", bool(shared))
    about = {"api": name, "category": record.get("Category")}
    if "Instances" in record and not record.get("Golden_Answers"):
        instances = _instances(record["Instances"], losses)
        trajectories = [_instance(each, specs, about) for each in instances]
    else:
        trajectories = list(_tasks(record, specs, about))
    # All or none: an instance that cannot be read has refused the record by now.
    for number, trajectory in enumerate(trajectories):
        yield trajectory.model_copy(update={"id": f"{name}/{number}"})


def _instances(given: Any, losses: Losses) -> list[dict[str, Any]]:
    """Those that were played. Where that failed, the data have the error's text instead."""
    if not isinstance(given, list) or not all(isinstance(one, dict | str) for one in given):
        raise Refused("Instances is no list of objects")
    played = [one for one in given if isinstance(one, dict)]
    if not played:
        raise Refused("its Instances hold no trajectory")
    losses.lose("instances that are an error's text", len(given) - len(played))
    return played


def _tasks(
    record: Mapping[str, Any], specs: list[ToolSpec], about: dict[str, Any]
) -> Iterator[Trajectory]:
    answers = record.get("Golden_Answers")
    asked = record.get("Instructions")
    if not isinstance(asked, list) or not isinstance(answers, list) or len(asked) != len(answers):
        raise Refused("it has not as many Golden_Answers as Instructions")
    for instruction, answer in zip(asked, answers, strict=True):
        conversation = Conversation()
        conversation.say("user", text_in(instruction, "an instruction"))
        yield conversation.trajectory(
            _NAME, Tools(specs=specs), {}, (),
            other_information={**about, "Golden_Answers": answer},
        )  # fmt: skip


def _instance(
    instance: Mapping[str, Any], specs: list[ToolSpec], about: dict[str, Any]
) -> Trajectory:
    conversation = Conversation()
    conversation.say("user", text_in(instance.get("input"), "the input of an instance"))
    steps = instance.get("intermediate_steps") or []
    if not isinstance(steps, list):
        raise Refused("intermediate_steps is no list")
    for place, step in enumerate(steps, 1):
        _step(conversation, step, f"step {place}")
    answer = instance.get("output")
    fields: dict[str, Any] = {}
    if answer is None:
        fields["outcome"] = Outcome(status="failed", reason="no final answer")
    else:
        thought = instance.get("Final Thought") or None
        conversation.say("assistant", result_text(answer), thought=thought)
    tools = Tools(specs=with_implied(specs, conversation.messages))
    return conversation.trajectory(_NAME, tools, {}, (), other_information=about, **fields)


def _step(conversation: Conversation, step: Any, place: str) -> None:
    if not isinstance(step, list) or len(step) != 2 or not isinstance(step[0], list):
        raise Refused(f"{place} is no action with its observation")
    action, observation = step
    if len(action) != 3 or not all(isinstance(part, str) for part in (action[0], action[2])):
        raise Refused(f"{place}: an action has a function, its input and the model's words")
    name, given, words = action
    call = Call(callable_name(name or "none"), arguments_text(given))
    conversation.call([call], thought=_thought(words))
    conversation.result(result_text(observation))


def _thought(words: str) -> str | None:
    """What the model wrote before its action."""
    written = _ACTION.split(words, maxsplit=1)[0]
    start = _THOUGHT.match(written)
    return written[start.end() if start else 0 :].strip() or None


FORMAT = Format(
    name=_NAME,
    about="ToolAlpaca: APIs with instructions and the steps taken, or golden answers",
    recognize=recognize,
    read=read,
)
