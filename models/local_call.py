"""A call of a model whose weights are here: the prompt and schema it decodes, and its answer.

All local clients render with the project's chat template and constrain to the same schema, so
that two of them, or a model before and after training, differ in their weights alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autogen_core.models import CreateResult, LLMMessage, RequestUsage
from autogen_core.tools import Tool, ToolSchema
from pydantic import BaseModel

from .base import ToolChoice
from .bounded_schema import MAX_WORDS, bounded
from .call_parsing import answer_schema, parse_answer
from .chat_template import ordered, render
from .completion import output_format
from .errors import AnswerCutOff
from .messages import chat_messages, tool_schemas

MAX_TOKENS = 256
"""Tokens of an answer where the call does not say."""


@dataclass(frozen=True, slots=True)
class LocalCall:
    """One question to local weights."""

    prompt: str
    """Rendered text, up to the opening of the assistant's turn."""
    schema: dict[str, Any] | None
    """What the answer must fit; None for free text."""
    offers_tools: bool
    first_call: int
    """Ordinal of the answer's first call within the conversation."""
    max_tokens: int
    temperature: float
    """0: the likeliest token each time."""
    top_p: float
    seed: int | None
    stop: tuple[str, ...] = ()
    """Texts before the first of which the answer's words end."""


@dataclass(frozen=True, slots=True)
class LocalText:
    """What the weights wrote."""

    text: str
    ended: bool
    """False where the token limit cut the answer off."""
    prompt_tokens: int
    completion_tokens: int

    @property
    def usage(self) -> RequestUsage:
        return RequestUsage(self.prompt_tokens, self.completion_tokens)


def local_call(
    messages: Sequence[LLMMessage],
    *,
    tools: Sequence[Tool | ToolSchema],
    tool_choice: ToolChoice,
    json_output: bool | type[BaseModel] | None,
    params: Mapping[str, Any],
) -> LocalCall:
    """The call that AutoGen's arguments ask for. `params`: see `callsheet.models.base`.

    Raises `ValueError` where a tool must be called that is not offered.
    """
    chat = chat_messages(messages)
    offered = ordered(tool_schemas(tools))
    seed, stop = params.get("seed"), params.get("stop") or ()
    parallel = params.get("parallel_tool_calls") is not False
    return LocalCall(
        prompt=render(chat, offered),
        schema=_schema(offered, tool_choice, _form(json_output, params), parallel),
        offers_tools=bool(offered),
        first_call=sum(len(message.get("tool_calls") or ()) for message in chat),
        max_tokens=int(params.get("max_tokens") or MAX_TOKENS),
        temperature=float(params.get("temperature") or 0.0),
        top_p=float(params.get("top_p") or 1.0),
        seed=None if seed is None else int(seed),
        stop=(stop,) if isinstance(stop, str) else tuple(stop),
    )


def local_result(call: LocalCall, written: LocalText) -> CreateResult:
    """The answer as AutoGen keeps it. Raises `AnswerCutOff` for calls that were cut off."""
    if not call.offers_tools:
        return _said(written.text.strip(), written)
    parsed = parse_answer(written.text, first=call.first_call, cut=not written.ended)
    if parsed.calls:
        return CreateResult(
            finish_reason="function_calls",
            content=parsed.calls,
            usage=written.usage,
            cached=False,
            thought=parsed.words or None,
        )
    if not written.ended and parsed.words.startswith("{"):
        raise AnswerCutOff(
            f"the answer broke off within a tool call, after {written.completion_tokens} tokens; "
            "raise `max_tokens` if the call is as long as that"
        )
    return _said(parsed.words, written)


def _said(words: str, written: LocalText) -> CreateResult:
    return CreateResult(
        finish_reason="stop" if written.ended else "length",
        content=words,
        usage=written.usage,
        cached=False,
    )


def _form(
    json_output: bool | type[BaseModel] | None, params: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The schema of an answer in JSON, or None where none is asked for."""
    wanted = params.get("response_format") or (output_format(json_output) if json_output else None)
    if not isinstance(wanted, Mapping):
        return None
    if wanted.get("type") == "json_schema":
        return bounded(wanted["json_schema"]["schema"], words=MAX_WORDS)
    return {"type": "object"} if wanted.get("type") == "json_object" else None


def _schema(
    tools: Sequence[Mapping[str, Any]],
    choice: ToolChoice,
    form: dict[str, Any] | None,
    parallel: bool,
) -> dict[str, Any] | None:
    if not tools:
        return form
    if isinstance(choice, Tool):
        return answer_schema(tools, choice.name, parallel)
    if form is None or choice == "required":
        return answer_schema(tools, choice, parallel)
    if choice == "none":
        return form
    return {"anyOf": [answer_schema(tools, "required", parallel), form]}
