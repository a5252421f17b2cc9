"""The tool agent: answers for a tool that does not exist, from its documentation.

Every output is checked against the tool's returns schema; a wrong one is sent back once, and one
that is still wrong reaches the assistant as a fault of the tool, never as a value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import orjson
from autogen_core import CancellationToken
from autogen_core.models import ChatCompletionClient, LLMMessage, SystemMessage, UserMessage

from ..environments.protocol import ToolCall, ToolOutcome
from ..models.errors import InvalidAnswer
from ..models.structured import ask_structured
from ..tools import SchemaUnusable, ToolSpec
from .brief import ToolBrief
from .prompting import prompt

_DEFINITIONS = ("$defs", "definitions")
_HOISTED = tuple(f"#/{name}/" for name in _DEFINITIONS)


class ToolAgent:
    """Implements `environments.protocol.ToolSimulator` with a model."""

    def __init__(
        self,
        model_client: ChatCompletionClient,
        *,
        context: Mapping[str, Any] = {},
        refused: float = 0.0,
        seed: int | str = 0,
    ) -> None:
        """`context`: facts of the world as JSON values, such as `now`. `refused`: share of calls
        that are to be refused as the real tool might, drawn by `seed` and the call's ordinal, so
        that no model decides how often."""
        self._client = model_client
        self._context = dict(context)
        self._refused = refused
        self._seed = seed
        self._system: LLMMessage = SystemMessage(content=prompt("tool"))
        self._schemas: dict[str, dict[str, Any]] = {}

    async def simulate(
        self,
        spec: ToolSpec,
        call: ToolCall,
        world: Sequence[tuple[ToolCall, ToolOutcome]],
        cancellation_token: CancellationToken | None = None,
    ) -> ToolOutcome:
        """What the tool gives. Raises a `ModelError` other than `InvalidAnswer`."""
        brief = ToolBrief(
            tool={
                "name": spec.name,
                "description": spec.description,
                "parameters": spec.parameters,
            },
            returns=spec.returns,
            arguments=dict(call.arguments),
            world=[
                {"name": c.name, "arguments": dict(c.arguments), "output": o.content()}
                for c, o in world
            ],
            context=self._context,
            refuse=self._refuses(call.ordinal),
        )
        schema = self._schemas.get(spec.name)
        if schema is None:
            schema = self._schemas[spec.name] = reply_schema(spec.returns)
        told = brief.model_dump(mode="json")
        if not brief.refuse:
            del told["refuse"]
        text = orjson.dumps(told).decode()
        try:
            reply = await ask_structured(
                self._client,
                [self._system, UserMessage(content=text, source="caller")],
                schema,
                cancellation_token=cancellation_token,
            )
        except (InvalidAnswer, SchemaUnusable) as error:
            return ToolOutcome(error_type="invalid_output", error=str(error))
        if "error" in reply:
            return ToolOutcome(error_type="failed", error=reply["error"])
        return ToolOutcome(output=reply["output"])

    def _refuses(self, ordinal: int) -> bool:
        if not self._refused:
            return False
        return Random(f"refused {self._seed} {ordinal}").random() < self._refused  # noqa: S311


def reply_schema(returns: Mapping[str, Any] | None) -> dict[str, Any]:
    """Schema of {"output": what the tool returns} or {"error": why it refuses}.

    One object with one of two keys, not a choice of two objects: some endpoints take only an
    object at the root. Definitions move to the root, where `#/$defs/…` looks for them; any other
    reference within `returns`, such as a tree's to itself, is written for where it now stands.
    """
    output = _moved(returns) if returns is not None else {"type": "object"}
    schema: dict[str, Any] = {
        "title": "tool_result",
        "type": "object",
        "properties": {"output": output, "error": {"type": "string", "minLength": 1}},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
    for name in _DEFINITIONS:
        if name in output:
            schema[name] = output.pop(name)
    for name in ("$schema", "$id"):
        output.pop(name, None)
    return schema


def _moved(schema: Any) -> Any:
    """A copy of a part of `returns` whose references hold under `properties/output`."""
    if isinstance(schema, list):
        return [_moved(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    moved = {name: _moved(part) for name, part in schema.items()}
    to = moved.get("$ref")
    if isinstance(to, str) and (to + "/").startswith("#/") and not to.startswith(_HOISTED):
        moved["$ref"] = f"#/properties/output{to[1:]}"
    return moved
