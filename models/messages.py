"""Between AutoGen's messages and OpenAI's chat shape.

The OpenAI shape is what trajectories store, endpoints take and chat templates render.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autogen_core import FunctionCall
from autogen_core.models import (
    AssistantMessage,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    SystemMessage,
    UserMessage,
)
from autogen_core.tools import Tool, ToolSchema


def chat_messages(messages: Sequence[LLMMessage]) -> list[dict[str, Any]]:
    """Messages in OpenAI's chat shape; one tool message for each result of a group."""
    shaped: list[dict[str, Any]] = []
    for message in messages:
        if isinstance(message, FunctionExecutionResultMessage):
            shaped.extend(
                {"role": "tool", "tool_call_id": result.call_id, "content": result.content}
                for result in message.content
            )
        else:
            shaped.append(chat_message(message))
    return shaped


def chat_message(message: SystemMessage | UserMessage | AssistantMessage) -> dict[str, Any]:
    """One message in OpenAI's chat shape."""
    if isinstance(message, SystemMessage):
        return {"role": "system", "content": message.content}
    if isinstance(message, UserMessage):
        content = message.content
        return {"role": "user", "content": content if isinstance(content, str) else str(content)}
    if isinstance(message.content, str):
        return {"role": "assistant", "content": message.content}
    return {
        "role": "assistant",
        "content": message.thought,
        "tool_calls": [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in message.content
        ],
    }


def prompt_of(messages: Sequence[Mapping[str, Any]]) -> list[LLMMessage]:
    """Messages in OpenAI's chat shape as AutoGen's; the reverse of `chat_messages`.

    Raises `KeyError` for a tool's result without its call.
    """
    prompt: list[LLMMessage] = []
    names: dict[str, str] = {}
    for message in messages:
        role, content = message["role"], message.get("content") or ""
        if role == "system":
            prompt.append(SystemMessage(content=content))
        elif role == "user":
            prompt.append(UserMessage(content=content, source="user"))
        elif role == "tool":
            identity = message["tool_call_id"]
            prompt.append(
                FunctionExecutionResultMessage(
                    content=[
                        FunctionExecutionResult(
                            content=content, name=names[identity], call_id=identity, is_error=False
                        )
                    ]
                )
            )
        elif message.get("tool_calls"):
            calls = [FunctionCall(id=c["id"], **c["function"]) for c in message["tool_calls"]]
            names.update({call.id: call.name for call in calls})
            prompt.append(
                AssistantMessage(content=calls, thought=content or None, source="assistant")
            )
        else:
            prompt.append(AssistantMessage(content=content, source="assistant"))
    return prompt


def function_calls(message: dict[str, Any]) -> list[FunctionCall]:
    """The tool calls of a message in OpenAI's chat shape."""
    return [
        FunctionCall(
            id=call["id"], name=call["function"]["name"], arguments=call["function"]["arguments"]
        )
        for call in message.get("tool_calls") or ()
    ]


def tool_schemas(tools: Sequence[Tool | ToolSchema]) -> list[dict[str, Any]]:
    """Tools in the shape of OpenAI's `tools` parameter."""
    schemas: list[dict[str, Any]] = []
    for tool in tools:
        schema: Any = tool.schema if isinstance(tool, Tool) else tool
        schemas.append(
            {
                "type": "function",
                "function": {
                    "name": schema["name"],
                    "description": schema.get("description", ""),
                    "parameters": schema.get("parameters", {"type": "object", "properties": {}}),
                },
            }
        )
    return schemas
