"""OpenAI's chat completions as the endpoint takes and gives them.

What a request may say: messages in words with tool calls and results, tools, tool_choice,
parallel_tool_calls, response_format, temperature, top_p, max_tokens, max_completion_tokens, seed,
stop, stream, stream_options. What would change the answer and cannot be had is refused (several
choices, log-probabilities, penalties, images, audio); what would not, such as `user` or
`metadata`, is taken no notice of. Where a request does not say, the model's own defaults hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from autogen_core import CancellationToken
from autogen_core.models import CreateResult, LLMMessage
from autogen_core.tools import BaseTool, ToolSchema
from jsonschema_rs import meta
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ...models.base import ToolChoice
from ...models.messages import prompt_of
from ...tools import problems

_FINISH = {"function_calls": "tool_calls", "unknown": "stop"}
_GREEDIEST = 1e-9
"""Stands for a `top_p` of 0, which the clients read as none given."""
_SEEDS = 1 << 62
_JSON_SCHEMA = {"$ref": "https://json-schema.org/draft/2020-12/schema"}
"""What a JSON Schema itself must fit; the validator has it, and fetches nothing."""
_OLDER = {"$schema": "http://json-schema.org/draft-04/schema#"}
"""The spelling of OpenAPI 3.0 and of tools made from it, where they do not name one."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class Function(_Part):
    name: str = Field(min_length=1, max_length=128)
    description: str | None = None
    parameters: dict[str, Any] = Field(default_factory=lambda: {"type": "object", "properties": {}})

    @field_validator("parameters")
    @classmethod
    def _is_a_schema(cls, parameters: dict[str, Any]) -> dict[str, Any]:
        wrong = problems(_JSON_SCHEMA, parameters)
        if wrong and not meta.is_valid({**_OLDER, **parameters}):
            raise ValueError(f"no JSON Schema: {wrong[0]}")
        return parameters


class OfferedTool(_Part):
    type: Literal["function"] = "function"
    function: Function


class ChosenFunction(_Part):
    name: str


class ChosenTool(_Part):
    type: Literal["function"] = "function"
    function: ChosenFunction


class CalledFunction(_Part):
    name: str
    arguments: str = "{}"


class Call(_Part):
    id: str
    type: Literal["function"] = "function"
    function: CalledFunction


class TextPart(_Part):
    type: Literal["text"]
    text: str


class ChatMessage(_Part):
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[TextPart] | None = None
    tool_calls: list[Call] | None = None
    tool_call_id: str | None = None

    def chat(self) -> dict[str, Any]:
        """In the shape that the project reads."""
        content = self.content
        if isinstance(content, list):
            content = "".join(part.text for part in content)
        shaped = self.model_dump(exclude={"content"}, exclude_none=True)
        role = "system" if self.role == "developer" else self.role
        return {**shaped, "role": role, "content": content}


class JsonSchema(_Part):
    name: str = "answer"
    schema_: dict[str, Any] = Field(alias="schema")
    strict: bool | None = None


class ResponseFormat(_Part):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchema | None = None

    @model_validator(mode="after")
    def _has_its_schema(self) -> ResponseFormat:
        if self.type == "json_schema" and self.json_schema is None:
            raise ValueError("json_schema is missing")
        return self


class StreamOptions(_Part):
    include_usage: bool = False


Stop = Annotated[str, Field(min_length=1)]
_WITHOUT: dict[str, tuple[Any, ...]] = {
    "n": (1,),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "frequency_penalty": (0,),
    "presence_penalty": (0,),
    "logit_bias": ({},),
    "functions": ([],),
    "function_call": ("none",),
    "modalities": (["text"],),
    "audio": (),
}
"""What cannot be had, with the values that ask for nothing."""


class ChatRequest(_Part):
    """A request as it comes in."""

    model: str
    messages: list[ChatMessage] = Field(min_length=1)
    tools: list[OfferedTool] | None = None
    tool_choice: Literal["auto", "none", "required"] | ChosenTool | None = None
    parallel_tool_calls: bool | None = None
    response_format: ResponseFormat | None = None
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, ge=0, le=1)
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    seed: int | None = None
    stop: Stop | Annotated[list[Stop], Field(max_length=4)] | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None

    @model_validator(mode="before")
    @classmethod
    def _asks_for_what_there_is(cls, value: Any) -> Any:
        for name, nothing in _WITHOUT.items() if isinstance(value, dict) else ():
            asked = value.get(name)
            if asked is not None and asked not in nothing:
                only = f"can only be {nothing[0]!r}" if nothing else "cannot be had"
                raise ValueError(f"{name} {only} here; leave it out")
        return value

    @model_validator(mode="after")
    def _tools_fit(self) -> ChatRequest:
        names = [tool.function.name for tool in self.tools or ()]
        if len(set(names)) < len(names):
            raise ValueError("tools: two of them have the same name")
        if isinstance(self.tool_choice, ChosenTool):
            chosen = self.tool_choice.function.name
            if chosen not in names:
                raise ValueError(f"tool_choice: there is no tool {chosen!r} among the tools")
        elif self.tool_choice == "required" and not names:
            raise ValueError("tool_choice: a call is required, but there are no tools")
        return self

    @property
    def wants_usage(self) -> bool:
        """Whether a stream ends with its usage."""
        return self.stream_options is not None and self.stream_options.include_usage

    def prompt(self) -> list[LLMMessage]:
        """Raises `ValueError` for a tool's result that belongs to no call."""
        called: set[str] = set()
        for number, message in enumerate(self.messages):
            called.update(call.id for call in message.tool_calls or ())
            if message.role == "tool" and message.tool_call_id not in called:
                raise ValueError(f"messages.{number}: no call before it has this tool_call_id")
        return prompt_of([message.chat() for message in self.messages])

    def arguments(self) -> dict[str, Any]:
        """What a client's `create` is given beside the prompt."""
        choice = self.tool_choice or "auto"
        return {
            "tools": [_offered(tool.function) for tool in self.tools or ()],
            "tool_choice": _choice(choice),
            "extra_create_args": self._params(),
        }

    def _params(self) -> dict[str, Any]:
        params: dict[str, Any] = {
            "temperature": self.temperature,
            "top_p": None if self.top_p is None else self.top_p or _GREEDIEST,
            "max_tokens": self.max_completion_tokens or self.max_tokens,
            "seed": None if self.seed is None else self.seed % _SEEDS,
            "stop": self.stop,
            "parallel_tool_calls": self.parallel_tool_calls if self.tools else None,
        }
        if self.response_format is not None and self.response_format.type != "text":
            form = self.response_format.model_dump(by_alias=True, exclude_none=True)
            params["response_format"] = form
        return {name: value for name, value in params.items() if value is not None}


class _Named(BaseTool[BaseModel, BaseModel]):
    """The tool that must be called, of which a client asks the name alone."""

    def __init__(self, name: str) -> None:
        super().__init__(BaseModel, BaseModel, name, "")

    async def run(self, args: BaseModel, cancellation_token: CancellationToken) -> BaseModel:
        raise NotImplementedError


def _choice(choice: Literal["auto", "none", "required"] | ChosenTool) -> ToolChoice:
    return _Named(choice.function.name) if isinstance(choice, ChosenTool) else choice


def _offered(function: Function) -> ToolSchema:
    return ToolSchema(
        name=function.name,
        description=function.description or "",
        parameters=function.parameters,  # type: ignore[typeddict-item]
    )


def completion(head: dict[str, Any], result: CreateResult) -> dict[str, Any]:
    """A whole answer. `head`: its id, model and time."""
    message: dict[str, Any] = {"role": "assistant", "content": _words(result), "refusal": None}
    if isinstance(result.content, str):
        if result.thought:
            message["reasoning_content"] = result.thought
    else:
        message["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in result.content
        ]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _finish(result)}
    return {**head, "object": "chat.completion", "choices": [choice], "usage": _usage(result)}


def chunk(head: dict[str, Any], delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    """One event of a stream."""
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return {**head, "object": "chat.completion.chunk", "choices": [choice]}


def last_chunks(
    head: dict[str, Any], result: CreateResult, said: str, wants_usage: bool
) -> Iterator[dict[str, Any]]:
    """What follows the words `said` of a stream: the rest of them, calls, the end, the usage.

    Raises `ValueError` where other words were said than the answer has.
    """
    words = _words(result) or ""
    if not words.startswith(said):
        raise ValueError("the model began its answer anew; ask again")
    if rest := words.removeprefix(said):
        yield chunk(head, {"content": rest})
    for index, call in enumerate(() if isinstance(result.content, str) else result.content):
        begun = {
            "index": index,
            "id": call.id,
            "type": "function",
            "function": {"name": call.name, "arguments": ""},
        }
        yield chunk(head, {"tool_calls": [begun]})
        arguments = {"index": index, "function": {"arguments": call.arguments}}
        yield chunk(head, {"tool_calls": [arguments]})
    yield chunk(head, {}, _finish(result))
    if wants_usage:
        whole = {**head, "object": "chat.completion.chunk", "choices": []}
        yield {**whole, "usage": _usage(result)}


def _words(result: CreateResult) -> str | None:
    """Its words; of an answer that calls, those beside the calls."""
    return result.content if isinstance(result.content, str) else result.thought or None


def _finish(result: CreateResult) -> str:
    return _FINISH.get(result.finish_reason, result.finish_reason)


def _usage(result: CreateResult) -> dict[str, int]:
    prompt, completed = result.usage.prompt_tokens, result.usage.completion_tokens
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completed,
        "total_tokens": prompt + completed,
    }
