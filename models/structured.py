"""Answers in a schema: asked for, validated, asked for once more, or refused.

The schema is sent as `response_format`, so that an endpoint that can constrain its decoding does;
because many cannot, or claim to and do not, the answer is validated all the same. A wrong answer
is shown to the model once with its problems listed. Nothing is coerced: "3" is not a number.

Not covered: putting the schema into the prompt. Say in the prompt what is wanted; the schema is
the contract, not the explanation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar, overload

import orjson
from autogen_core import CancellationToken
from autogen_core.models import (
    AssistantMessage,
    ChatCompletionClient,
    CreateResult,
    LLMMessage,
    UserMessage,
)
from pydantic import BaseModel, ValidationError

from ..tools.validation import problems as schema_problems
from .errors import InvalidAnswer
from .json_text import NotJson, json_in

Answer = TypeVar("Answer", bound=BaseModel)

_SHOWN = 8
"""Problems listed to the model; more would bury the first ones."""


@overload
async def ask_structured(
    client: ChatCompletionClient,
    messages: Sequence[LLMMessage],
    form: type[Answer],
    *,
    params: Mapping[str, Any] = ...,
    check: Callable[[Answer], Sequence[str]] | None = ...,
    repairs: int = ...,
    cancellation_token: CancellationToken | None = ...,
) -> Answer: ...


@overload
async def ask_structured(
    client: ChatCompletionClient,
    messages: Sequence[LLMMessage],
    form: Mapping[str, Any],
    *,
    params: Mapping[str, Any] = ...,
    check: Callable[[Any], Sequence[str]] | None = ...,
    repairs: int = ...,
    cancellation_token: CancellationToken | None = ...,
) -> Any: ...


async def ask_structured(
    client: ChatCompletionClient,
    messages: Sequence[LLMMessage],
    form: type[BaseModel] | Mapping[str, Any],
    *,
    params: Mapping[str, Any] = {},
    check: Callable[[Any], Sequence[str]] | None = None,
    repairs: int = 1,
    cancellation_token: CancellationToken | None = None,
) -> Any:
    """An instance of `form` (a pydantic model), or a JSON value that fits `form` (a JSON Schema).

    `params` go to the model as `extra_create_args` (`seed`, `temperature`, `max_tokens`).
    `check` names further problems of a value that fits the schema, none if it is good.
    `repairs` is how often a wrong answer is sent back.

    Raises `InvalidAnswer` when the last answer is still wrong, any `ModelError` of the client, and
    `SchemaUnusable` for a schema that is none.
    """
    schema = schema_of(form)
    wanted = _model_format(form) if isinstance(form, type) else response_format(schema)
    extra = {**params, "response_format": wanted}
    prompt = list(messages)
    for attempt in range(repairs + 1):
        result = await client.create(
            prompt, extra_create_args=extra, cancellation_token=cancellation_token
        )
        value, problems = _read(result, form, schema, check)
        if not problems:
            return value
        if attempt < repairs:
            prompt += _correction(result, problems)
    raise InvalidAnswer(
        f"the model's answer does not fit {_title(schema)}, asked {repairs + 1} times: "
        + "; ".join(problems[:3])
    )


def schema_of(form: type[BaseModel] | Mapping[str, Any]) -> Mapping[str, Any]:
    """The JSON Schema behind `form`."""
    return _model_schema(form) if isinstance(form, type) else form


def response_format(schema: Mapping[str, Any]) -> dict[str, Any]:
    """`schema` as OpenAI's `response_format`; strict where the schema allows it."""
    return {
        "type": "json_schema",
        "json_schema": {
            "name": _title(schema),
            "schema": dict(schema),
            "strict": _can_be_strict(schema),
        },
    }


@lru_cache(maxsize=256)
def _model_schema(form: type[BaseModel]) -> dict[str, Any]:
    return form.model_json_schema()


@lru_cache(maxsize=256)
def _model_format(form: type[BaseModel]) -> dict[str, Any]:
    """One object for all calls, so that what is computed from it need be computed only once."""
    return response_format(_model_schema(form))


def _title(schema: Mapping[str, Any]) -> str:
    """A name that endpoints accept: letters, digits, `_` and `-`, at most 64."""
    title = str(schema.get("title") or "answer")
    return "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "_" for c in title)[:64]


def _can_be_strict(schema: Any) -> bool:
    """OpenAI refuses `strict` unless every object is closed and requires all it has."""
    if isinstance(schema, list):
        return all(_can_be_strict(item) for item in schema)
    if not isinstance(schema, Mapping):
        return True
    if schema.get("type") == "object":
        properties = schema.get("properties", {})
        closed = schema.get("additionalProperties") is False
        if not closed or set(properties) - set(schema.get("required", ())):
            return False
    return all(_can_be_strict(item) for item in schema.values())


def _read(
    result: CreateResult,
    form: type[BaseModel] | Mapping[str, Any],
    schema: Mapping[str, Any],
    check: Callable[[Any], Sequence[str]] | None,
) -> tuple[Any, list[str]]:
    """The value in an answer and its problems; the value counts only where there are none."""
    if not isinstance(result.content, str):
        return None, ["the answer is a tool call; JSON text is wanted"]
    try:
        value = json_in(result.content)
    except NotJson as error:
        cut = " (it broke off at the token limit)" if result.finish_reason == "length" else ""
        return None, [f"{error}{cut}"]
    problems = schema_problems(schema, value)
    if problems:
        return None, problems
    if isinstance(form, type):
        try:
            value = form.model_validate(value)
        except ValidationError as error:
            return None, [
                f"{'/'.join(str(part) for part in item['loc']) or '/'}: {item['msg']}"
                for item in error.errors(include_url=False, include_input=False)
            ]
    return value, list(check(value)) if check is not None else []


def _correction(result: CreateResult, problems: Sequence[str]) -> list[LLMMessage]:
    """The wrong answer and what is wrong with it, as the next two messages."""
    said = result.content
    if not isinstance(said, str):
        said = orjson.dumps([{"name": c.name, "arguments": c.arguments} for c in said]).decode()
    listed = "\n".join(f"- {problem}" for problem in problems[:_SHOWN])
    return [
        AssistantMessage(content=said, source="assistant"),
        UserMessage(
            content=f"This answer cannot be used:\n{listed}\nAnswer again with the corrected JSON "
            "only: no code fence, no explanation.",
            source="user",
        ),
    ]
