"""OpenAI's chat-completion wire format: a request's body, an answer's reading.

Written against what servers really send, not only against the specification: content in parts,
arguments as objects, reasoning under two names, usage that is missing. What cannot be read as a
chat completion raises `WrongShape`; nothing here knows about HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from autogen_core import FunctionCall
from autogen_core.models import (
    ChatCompletionTokenLogprob,
    CreateResult,
    FinishReasons,
    LLMMessage,
    RequestUsage,
    TopLogprob,
)
from autogen_core.tools import Tool, ToolSchema
from pydantic import BaseModel

from .base import ToolChoice
from .messages import chat_messages, tool_schemas
from .structured import response_format, schema_of

_FINISH: dict[Any, FinishReasons] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "function_calls",
    "function_call": "function_calls",
    "content_filter": "content_filter",
    "eos": "stop",
    "eos_token": "stop",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "MAX_TOKENS": "length",
    "model_length": "length",
}
"""How servers say why an answer ended; the first five are OpenAI's."""
_FAILED = ("error", "abort", "insufficient_system_resource")
"""An answer that ended so is no whole answer."""


class WrongShape(ValueError):
    """The value is JSON, but no chat completion; says what is missing."""


def request_body(
    model: str,
    messages: Sequence[LLMMessage],
    *,
    tools: Sequence[Tool | ToolSchema],
    tool_choice: ToolChoice,
    json_output: bool | type[BaseModel] | None,
    params: Mapping[str, Any],
) -> dict[str, Any]:
    """The body of a chat-completion request."""
    body: dict[str, Any] = {"model": model, "messages": chat_messages(messages), **params}
    if json_output and "response_format" not in body:
        body["response_format"] = output_format(json_output)
    if tools:
        body["tools"] = tool_schemas(tools)
        body["tool_choice"] = choice_of(tool_choice)
    return body


def output_format(json_output: bool | type[BaseModel]) -> dict[str, Any]:
    """AutoGen's `json_output` as a `response_format`."""
    if isinstance(json_output, type):
        return response_format(schema_of(json_output))
    return {"type": "json_object"}


def choice_of(tool_choice: ToolChoice) -> Any:
    """AutoGen's `tool_choice` as OpenAI's."""
    if isinstance(tool_choice, Tool):
        return {"type": "function", "function": {"name": tool_choice.name}}
    return tool_choice


def encode(value: Any) -> bytes:
    """JSON for the wire; what the fast encoder refuses (half a surrogate pair, integers of more
    than 64 bits) goes through the other."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, allow_nan=False).encode()


def decode(body: bytes) -> Any:
    """JSON as servers write it. Raises `ValueError`.

    Half a surrogate pair, which a model can produce token by token, is refused by the fast
    decoder and let through by the other; the recording escapes it.
    """
    try:
        return orjson.loads(body)
    except ValueError:
        return json.loads(body)


def failure_in(value: Any) -> Any:
    """The error that an answer with status 200, or an event of a stream, holds; None for none."""
    if not isinstance(value, dict):
        return None
    choices = value.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    if value.get("error"):
        return value["error"]
    if value.get("object") == "error":
        return value
    if not isinstance(choice, dict):
        return None
    if choice.get("error"):
        return choice["error"]
    finish = choice.get("finish_reason")
    return f"the answer ended in {finish!r}" if finish in _FAILED else None


def read_completion(value: Any) -> tuple[CreateResult, bool]:
    """The answer in a completion, and whether it came with its usage. Raises `WrongShape`."""
    choices = value.get("choices") if isinstance(value, dict) else None
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise WrongShape("it has no `choices`")
    choice = choices[0]
    message = choice.get("message")
    if not isinstance(message, dict):
        raise WrongShape("its first choice has no `message`")
    usage = read_usage(value.get("usage"))
    result = answer(
        text=text_in(message.get("content")) or text_in(message.get("refusal")),
        thought=text_in(message.get("reasoning_content")) or text_in(message.get("reasoning")),
        calls=read_calls(message.get("tool_calls")),
        finish=choice.get("finish_reason"),
        usage=usage,
        logprobs=read_logprobs(choice.get("logprobs")),
    )
    return result, usage is not None


def answer(
    *,
    text: str,
    thought: str,
    calls: list[FunctionCall],
    finish: Any,
    usage: RequestUsage | None,
    logprobs: list[ChatCompletionTokenLogprob] | None,
) -> CreateResult:
    """An answer's parts as AutoGen keeps them: beside calls, all text is thought."""
    aloud, text = _apart(text)
    thought = "\n".join(part for part in (thought, aloud) if part)
    if calls:
        thought = "\n".join(part for part in (thought, text) if part)
    reason = _FINISH.get(finish, "unknown") if isinstance(finish, str) else "unknown"
    if calls and reason == "stop":
        reason = "function_calls"  # several servers say `stop` beside tool calls
    return CreateResult(
        finish_reason=reason,
        content=calls or text,
        usage=usage or RequestUsage(prompt_tokens=0, completion_tokens=0),
        cached=False,
        logprobs=logprobs,
        thought=thought or None,
    )


def read_calls(calls: Any) -> list[FunctionCall]:
    """The tool calls of a message. Raises `WrongShape` for one without a name."""
    if not isinstance(calls, list):
        return []
    read: list[FunctionCall] = []
    for ordinal, call in enumerate(calls):
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            raise WrongShape("it has a tool call without a function name")
        arguments = function.get("arguments")
        if not isinstance(arguments, str):
            arguments = encode(arguments or {}).decode()
        read.append(
            FunctionCall(
                id=str(call.get("id") or f"call_{ordinal}"),
                name=function["name"],
                arguments=arguments or "{}",
            )
        )
    return read


def read_usage(usage: Any) -> RequestUsage | None:
    """The usage, or None where the server did not send it."""
    if not isinstance(usage, dict):
        return None
    prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
    if not isinstance(prompt, int) or not isinstance(completion or 0, int):
        return None
    return RequestUsage(prompt_tokens=prompt, completion_tokens=completion or 0)


def read_logprobs(logprobs: Any) -> list[ChatCompletionTokenLogprob] | None:
    """The log-probabilities of the answer's tokens, or None."""
    content = logprobs.get("content") if isinstance(logprobs, dict) else None
    if not isinstance(content, list):
        return None
    try:
        return [
            ChatCompletionTokenLogprob(
                token=item["token"],
                logprob=item["logprob"],
                bytes=item.get("bytes"),
                top_logprobs=[
                    TopLogprob(logprob=top["logprob"], bytes=top.get("bytes"))
                    for top in item.get("top_logprobs") or ()
                ],
            )
            for item in content
        ]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise WrongShape("its `logprobs` cannot be read") from error


def _apart(text: str) -> tuple[str, str]:
    """What was thought aloud in tags, and the rest: servers without a parser of reasoning leave
    it in the text, and templates that open the tag themselves leave its end alone."""
    before, end, after = text.partition("</think>")
    if not end or ("<think>" in text and not text.lstrip().startswith("<think>")):
        return "", text
    return before.replace("<think>", "", 1).strip(), after.lstrip()


def text_in(content: Any) -> str:
    """A message's content, which may be in parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(text_in(part.get("text")) for part in content if isinstance(part, dict))
    return ""
