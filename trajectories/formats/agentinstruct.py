"""AgentInstruct (Zeng et al. 2023, AgentTuning): `id` and `conversations` of an agent that thinks
and acts in plain text, in ALFWorld, databases, knowledge graphs, Mind2Web, operating systems and
WebShop.

Turns are `role` and `content`, or `from` and `value`, with a flag `loss` where the data say which
are learnt. The agent's thought becomes the message's thought, its action stays text (it is what
such agents are trained to write); both together are the original to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from ..trajectory import Message, Trajectory
from .conversation import Conversation, list_in, one_branch, text_in
from .format import Format, Losses, Refused
from .spoken_thoughts import join, label_in, split
from .tools import Tools

_NAME = "agentinstruct"
_TASK = re.compile(r"(alfworld|db|kg|mind2web|os|webshop)_\d+")
_ROLES: Mapping[Any, Literal["system", "user", "assistant"]] = {
    "system": "system", "user": "user", "human": "user", "assistant": "assistant",
    "gpt": "assistant",
}  # fmt: skip
LABEL = "thought_label"
"""Key of other information for how thoughts begin."""
_KEYS = "turns"
"""Key of other information: `from` where turns are `from` and `value`."""


def recognize(record: Any) -> str | None:
    if not isinstance(record, dict) or not record.keys() <= {"id", "conversations", "system"}:
        return None
    turns = record.get("conversations")
    if not isinstance(turns, list) or not turns or not all(_is_turn(turn) for turn in turns):
        return None
    if any("loss" in turn for turn in turns):
        return "conversations whose turns say whether they have a loss"
    if _TASK.fullmatch(str(record.get("id"))):
        return "conversations of one of AgentInstruct's six tasks"
    return None


def read(record: Any, losses: Losses) -> Iterator[Trajectory]:
    turns = list_in(record, "conversations")
    if not all(_is_turn(turn) for turn in turns):
        raise Refused("a turn is neither role and content nor from and value of a known role")
    conversation = Conversation()
    if record.get("system"):
        conversation.say("system", text_in(record["system"], "system"))
    said = [_text(turn, place) for place, turn in enumerate(turns, 1)]
    label = label_of(text for turn, text in zip(turns, said, strict=True) if _agents(turn))
    for turn, text in zip(turns, said, strict=True):
        if _agents(turn):
            thought, text = split(text, label)
            conversation.say("assistant", text, thought=thought, weight=_weight(turn))
        else:
            conversation.say(_ROLES[_role(turn)], text)
    task = _TASK.fullmatch(str(record.get("id")))
    yield conversation.trajectory(
        _NAME, Tools(), record, ("conversations", "system"),
        environment=task[1] if task else _NAME,
        other_information={LABEL: label, _KEYS: "from" if "from" in turns[0] else None},
    )  # fmt: skip


def write(trajectory: Trajectory, losses: Losses) -> dict[str, Any]:
    held = ["id", "thought", "weight", "other_information"]
    if _TASK.fullmatch(trajectory.id):
        held.append("environment")
    path = one_branch(trajectory, _NAME, losses, held)
    spoken = texts(path, trajectory, losses)
    told = trajectory.other_information.keys() - {LABEL, _KEYS}
    losses.lose("other information", bool(told))
    flat = trajectory.other_information.get(_KEYS) == "from"
    flagged = any(message.weight is not None for message in path)
    turns = []
    for message, text in zip(path, spoken, strict=True):
        turn = _turn(message.role, text, flat)
        if flagged:
            turn["loss"] = None if message.weight is None else bool(message.weight)
        turns.append(turn)
    return {"id": trajectory.id, "conversations": turns}


def label_of(texts: Iterator[str]) -> str | None:
    """How thoughts begin in a record: as in the first of its texts that has one."""
    return next((label for label in map(label_in, texts) if label is not None), None)


def texts(path: list[Message], trajectory: Trajectory, losses: Losses) -> list[str]:
    """What each message says, thoughts spoken. Raises `Refused` for calls, and where a thought
    could not be told from its action again."""
    if any(message.role == "tool" or message.tool_calls for message in path):
        raise Refused("it calls tools, and this form has plain text only")
    losses.lose("tools", len(trajectory.tools))
    given = trajectory.other_information.get(LABEL)
    label = given if isinstance(given, str) else None
    spoken = [join(message.thought, message.content or "", label) for message in path]
    said = [text for message, text in zip(path, spoken, strict=True) if message.role == "assistant"]
    if label_of(iter(said)) != label:
        raise Refused("its thoughts are not written as this form's are")
    for message, text in zip(path, spoken, strict=True):
        if message.role == "assistant" and split(text, label)[0] != message.thought:
            raise Refused("a thought could not be told from its action again")
    return spoken


def _is_turn(turn: Any) -> bool:
    return (
        isinstance(turn, dict)
        and turn.keys() <= {"role", "content", "from", "value", "loss"}
        and (turn.keys() >= {"role", "content"} or turn.keys() >= {"from", "value"})
        and _role(turn) in _ROLES
    )


def _role(turn: Mapping[str, Any]) -> str:
    return str(turn.get("role", turn.get("from")))


def _agents(turn: Mapping[str, Any]) -> bool:
    return _ROLES[_role(turn)] == "assistant"


def _text(turn: Mapping[str, Any], place: int) -> str:
    return text_in(turn.get("content", turn.get("value")), f"turn {place}")


def _weight(turn: Mapping[str, Any]) -> int | None:
    loss = turn.get("loss")
    return None if loss is None else int(bool(loss))


def _turn(role: str, text: str, flat: bool) -> dict[str, Any]:
    if flat:
        return {"from": {"user": "human", "assistant": "gpt"}.get(role, role), "value": text}
    return {"role": role, "content": text}


FORMAT = Format(
    name=_NAME,
    about="AgentInstruct: agents that think and act in plain text, six environments",
    recognize=recognize,
    read=read,
    write=write,
    suffix=".json",
)
