"""Plain dialogues, such as people wrote: JSONL of {"messages": [{"role", "content"}, …]}.

They become trajectories, so that every figure and the judge's rubric apply to them too. A message
may have `tool_calls` in OpenAI's chat shape. Keys that are not OpenAI's are passed over. What a
line cannot be read as is an error that names the line: a comparison over half a set misleads.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...trajectories.canonical import text_of
from ...trajectories.trajectory import Trajectory, line_of


class _Function(BaseModel):
    name: str
    arguments: str | dict[str, Any] = "{}"


class _Call(BaseModel):
    id: str = ""
    function: _Function


class _Part(BaseModel):
    text: str = ""


class _Message(BaseModel):
    role: str
    content: str | list[_Part] | None = None
    tool_calls: list[_Call] | None = None
    tool_call_id: str | None = None


class _Plain(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: str | int | None = None
    messages: list[_Message] = Field(max_length=10_000)


_ROLES = {"developer": "system", "human": "user", "bot": "assistant", "function": "tool"}


def trajectory_from_plain(line: bytes, number: int) -> Trajectory:
    """Raises `ValueError` that says what is wrong, without the line's number."""
    try:
        plain = _Plain.model_validate_json(line)
        return Trajectory(
            id=str(plain.id if plain.id is not None else number),
            scenario="",
            environment="",
            messages=line_of([_chat(message, at) for at, message in enumerate(plain.messages)]),
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{where}: {first['msg']}" if where else first["msg"]) from None


def _chat(message: _Message, at: int) -> dict[str, Any]:
    content = message.content
    if isinstance(content, list):
        content = "\n".join(part.text for part in content)
    shaped: dict[str, Any] = {"role": _ROLES.get(message.role, message.role), "content": content}
    if message.tool_call_id is not None:
        shaped["tool_call_id"] = message.tool_call_id
    if message.tool_calls:
        shaped["tool_calls"] = [
            {
                "id": call.id or f"{at}.{nth}",
                "function": {"name": call.function.name, "arguments": _text(call.function)},
            }
            for nth, call in enumerate(message.tool_calls)
        ]
    return shaped


def _text(function: _Function) -> str:
    given = function.arguments
    return given if isinstance(given, str) else text_of(given)
