"""xLAM's unified format 2.0 (ActionStudio): a task instruction, a conversation and its tools.

`{"unique_trajectory_id", "task_instruction", "conversation", "tools"}`; messages are OpenAI's, with
arguments as objects and ids of calls. A critic's score on the scale of 0 to 5 is a rating.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..trajectory import Message, Trajectory
from .chat_messages import read_messages
from .conversation import arguments_value, list_in, one_branch
from .format import Format, Losses, Refused
from .openai import role_messages
from .tools import read_tools, write_tools

_ID = "unique_trajectory_id"
_KNOWN = frozenset(("task_instruction", "conversation", "tools", "critic"))
_HELD = frozenset(("id", "rater_score", "rater_explanation"))


def recognize(record: Any) -> str | None:
    """By its own id or task instruction, beside a conversation of messages with roles."""
    if not isinstance(record, dict) or not isinstance(record.get("conversation"), list):
        return None
    named = [key for key in (_ID, "task_instruction") if key in record]
    if not named or (record["conversation"] and role_messages(record, "conversation") is None):
        return None
    return f"it has a conversation with a {named[0]}"


def read(record: Any, losses: Losses) -> Iterable[Trajectory]:
    """One conversation; its task instruction is the system's message."""
    tools = read_tools(record.get("tools"), losses)
    messages = list_in(record, "conversation")
    instruction = record.get("task_instruction")
    if isinstance(instruction, str) and instruction:
        messages = [{"role": "system", "content": instruction}, *messages]
    rating = _rating(record.get("critic"), losses)
    conversation = read_messages(messages, tools, losses)
    return [conversation.trajectory("xlam-unified", tools, record, _KNOWN, id_key=_ID, **rating)]


def _rating(critic: Any, losses: Losses) -> dict[str, Any]:
    """What a critic said, as a rating, or kept as it is where it is none."""
    if critic is None:
        return {}
    if isinstance(critic, Mapping) and critic.keys() <= {"score", "explanation"}:
        try:
            score = float(critic["score"])
        except (KeyError, TypeError, ValueError):
            score = -1.0
        if 0 <= score <= 5:
            explanation = critic.get("explanation")
            told = explanation if isinstance(explanation, str) else None
            return {"rater_score": score, "rater_explanation": told}
    return {"other_information": {"critic": critic}}


def write(trajectory: Trajectory, losses: Losses) -> Any:
    """The main branch. Raises `Refused` for a call whose arguments are no JSON object."""
    path = one_branch(trajectory, "xlam-unified", losses, _HELD)
    instruction = path[0].content if path[0].role == "system" else None
    rest = path[1:] if instruction else path
    record: dict[str, Any] = {
        _ID: trajectory.id,
        "task_instruction": instruction or "",
        "conversation": [_message(message, losses) for message in rest],
        "tools": write_tools(trajectory.tools, losses),
    }
    if trajectory.rater_score is not None:
        record["critic"] = {
            "score": str(trajectory.rater_score),
            "explanation": trajectory.rater_explanation or "",
        }
    return record


def _message(message: Message, losses: Losses) -> dict[str, Any]:
    shaped = message.chat()
    shaped["content"] = message.content or ""
    for call in shaped.get("tool_calls", ()):
        arguments = arguments_value(call["function"]["arguments"], losses)
        if arguments is None:
            raise Refused(f"the arguments of {call['function']['name']} are no JSON object")
        call["function"]["arguments"] = arguments
    return shaped


FORMAT = Format(
    "xlam-unified",
    "xLAM's unified format 2.0, which ActionStudio trains on",
    recognize,
    read,
    write,
)
