"""Plans by a language model: asked in a schema, checked, and sent back with what is wrong.

The model writes the requests; who the user is, when and where, is drawn by seed as for the rules,
so that only the planning differs. A plan that still has faults after the repairs is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

import orjson
from autogen_core import CancellationToken
from autogen_core.models import ChatCompletionClient, LLMMessage, SystemMessage, UserMessage
from pydantic import BaseModel, ConfigDict, Field

from ...models.structured import ask_structured
from ...scenarios.schema import Context, Limits, Scenario, User
from ...tools import ToolSpec
from .checks import check_plan
from .plan import Link, PlannedBy, PlannedRequest, links_of
from .scene import Scene

_DESCRIBED = 400
"""Characters of a tool's description that the model is shown."""
_SHOWN = 20
"""Parameters of a tool that the model is shown, required ones first."""


class _Known(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=60)
    value: str | int | float | bool


class _PlanAnswer(BaseModel):
    """What the model answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    requests: list[PlannedRequest] = Field(min_length=1, max_length=50)
    knows: list[_Known] = Field(default_factory=list, max_length=50)


async def plan_with_model(
    client: ChatCompletionClient,
    tools: Sequence[ToolSpec],
    *,
    turns: int,
    seed: int,
    name: str,
    model: str = "model",
    links: Sequence[Link | tuple[str, str, str, str] | Any] = (),
    repairs: int = 2,
    temperature: float | None = None,
    cancellation_token: CancellationToken | None = None,
) -> Scenario:
    """A scenario of `turns` requests in the environment `planned`, as a model plans it.

    `model`: the name that goes into the scenario's tags. `repairs`: how often a plan is sent back
    with what `check_plan` finds. Raises `InvalidAnswer` where it still has faults then, any other
    `ModelError` of the client, and `ValueError` for no tools or fewer than one turn.
    """
    if not tools or turns < 1:
        raise ValueError("a plan needs at least one tool and one turn")
    scene = Scene(seed)
    params: dict[str, Any] = {"seed": seed}
    if temperature is not None:
        params["temperature"] = temperature
    answer = await ask_structured(
        client,
        plan_prompt(tools, links_of(links), turns, scene),
        _PlanAnswer,
        params=params,
        check=lambda plan: _problems(plan, tools, turns),
        repairs=repairs,
        cancellation_token=cancellation_token,
    )
    return Scenario(
        name=name,
        description=f"{turns} requests on {len(tools)} tools, planned by a model",
        tags=[PlannedBy(by="model", model=model).tag],
        environment="planned",
        context=Context.model_validate({"now": scene.now, "location": scene.location}),
        tools=list(tools),
        user=User(
            persona=scene.persona,
            style=scene.style,
            knows={known.name: known.value for known in answer.knows},
        ),
        plan=[request.step() for request in answer.requests],
        faults=scene.faults,
        limits=Limits(turns=3 * turns + 6, tool_calls=8 * turns + 12, tokens=2_000_000),
    )


def plan_prompt(
    tools: Sequence[ToolSpec], links: Sequence[Link], turns: int, scene: Scene
) -> list[LLMMessage]:
    """What the model is asked."""
    task = {
        "turns": turns,
        "tools": [_shown(tool) for tool in tools],
        "links": [link.model_dump() for link in links],
        "persona": scene.persona,
        "now": scene.now.isoformat(),
        "location": scene.location,
    }
    return [
        SystemMessage(content=_instructions()),
        UserMessage(content=orjson.dumps(task).decode(), source="director"),
    ]


def _problems(plan: _PlanAnswer, tools: Sequence[ToolSpec], turns: int) -> list[str]:
    return [
        fault.message if fault.step is None else f"request {fault.step + 1}: {fault.message}"
        for fault in check_plan(plan.requests, tools, turns)
    ]


def _shown(tool: ToolSpec) -> dict[str, Any]:
    names = sorted(tool.properties, key=lambda n: n not in tool.required)[:_SHOWN]
    parameters = {}
    for name in names:
        schema = tool.properties[name]
        schema = schema if isinstance(schema, dict) else {}
        shown = {k: schema[k] for k in ("type", "enum", "format") if k in schema}
        shown["description"] = str(schema.get("description", ""))[:120]
        parameters[name] = {**shown, "required": name in tool.required}
    returns = (tool.returns or {}).get("properties", {})
    return {
        "name": tool.name,
        "description": tool.description[:_DESCRIBED],
        "parameters": parameters,
        "returns": list(returns)[:_SHOWN] if isinstance(returns, dict) else [],
    }


@lru_cache(maxsize=1)
def _instructions() -> str:
    return (files(__package__) / "prompts" / "plan.md").read_text("utf-8").strip()
