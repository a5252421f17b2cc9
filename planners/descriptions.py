"""Missing descriptions of tools, written by a model from what their records do say.

What a model wrote is a guess: a tool that got any of it carries the tag `inferred-description`, and
nothing that the document itself says is ever replaced. A tool whose answer cannot be used stays as
it was, and is reported.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any

import orjson
from autogen_core.models import ChatCompletionClient, LLMMessage, SystemMessage, UserMessage
from pydantic import BaseModel, Field

from ..models.errors import InvalidAnswer
from ..models.structured import ask_structured
from ..tools import ToolSpec

INFERRED = "inferred-description"
"""The tag of a tool that a model described."""

_RETURNS_SHOWN = 2000
"""Characters of the returns schema that the model is shown."""
_PARAMETERS = 40
"""Parameters described of one tool; of the others only their names would be left to guess from."""


class DescribedParameter(BaseModel):
    """One parameter in a model's words."""

    name: str
    description: str = Field(min_length=1, max_length=400)


class DescribedTool(BaseModel):
    """A model's answer."""

    description: str = Field(min_length=1, max_length=800)
    parameters: list[DescribedParameter] = Field(default_factory=list, max_length=200)


@dataclass(slots=True)
class Completed:
    """All specs in their order, those that could be described with what was missing."""

    specs: list[ToolSpec] = field(default_factory=list)
    asked: int = 0
    """Tools that lacked a description, of their own or of a parameter."""
    completed: int = 0
    problems: list[str] = field(default_factory=list)


def missing(spec: ToolSpec) -> list[str]:
    """The names of parameters without description."""
    return [
        name for name, schema in spec.properties.items()
        if isinstance(schema, dict) and not schema.get("description")
    ][:_PARAMETERS]  # fmt: skip


async def complete_descriptions(
    specs: Sequence[ToolSpec], client: ChatCompletionClient, *, concurrency: int = 8
) -> Completed:
    """Have `client` describe what lacks a description, `concurrency` tools at a time. Raises any
    `ModelError` of the client."""
    gate = asyncio.Semaphore(concurrency)
    done = Completed()

    async def one(spec: ToolSpec) -> ToolSpec:
        bare = missing(spec)
        if spec.description and not bare:
            return spec
        done.asked += 1
        async with gate:
            try:
                answer = await _ask(spec, bare, client)
            except InvalidAnswer as error:
                done.problems.append(f"{spec.name}: {error}")
                return spec
        done.completed += 1
        return _with(spec, bare, answer)

    tasks = [asyncio.ensure_future(one(spec)) for spec in specs]
    try:
        done.specs = list(await asyncio.gather(*tasks))
    finally:
        # Not a task group: it would wrap the model's error, which says by itself what to do.
        for task in tasks:
            task.cancel()
    return done


async def _ask(spec: ToolSpec, bare: list[str], client: ChatCompletionClient) -> DescribedTool:
    source = spec.source
    record: dict[str, Any] = {
        "name": spec.name,
        "api": list(spec.tags),
        "request": f"{source.method} {source.path}" if source and source.path else None,
        "description": spec.description,
        "parameters": spec.parameters,
        "returns": orjson.dumps(spec.returns).decode()[:_RETURNS_SHOWN],
        "to_describe": bare,
    }
    messages: list[LLMMessage] = [
        SystemMessage(content=_prompt()),
        UserMessage(content=orjson.dumps(record).decode(), source="director"),
    ]

    def check(answer: DescribedTool) -> list[str]:
        told = {each.name for each in answer.parameters}
        return [f"the parameter {name} is not described" for name in bare if name not in told][:5]

    return await ask_structured(client, messages, DescribedTool, check=check,
                                params={"temperature": 0})  # fmt: skip


def _with(spec: ToolSpec, bare: list[str], answer: DescribedTool) -> ToolSpec:
    told = {each.name: " ".join(each.description.split()) for each in answer.parameters}
    properties = {
        name: {**schema, "description": told[name]} if name in bare else schema
        for name, schema in spec.properties.items()
    }
    return ToolSpec(
        name=spec.name,
        description=spec.description or " ".join(answer.description.split()),
        parameters={**spec.parameters, "properties": properties},
        returns=spec.returns,
        tags=tuple(dict.fromkeys((*spec.tags, INFERRED))),
        source=spec.source,
    )


@lru_cache(maxsize=1)
def _prompt() -> str:
    return (files(__package__) / "prompts" / "describe_tool.md").read_text("utf-8").strip()
