"""Assembles an episode: the one place where agents, environment and models meet.

Nothing else in callsheet knows which class plays which part.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..agents import (
    AssistantAgent,
    HumanUser,
    StepBrief,
    TesterAgent,
    ToolAgent,
    UserAgent,
    prompt,
)
from ..agents.assistant import MAX_TOOL_ROUNDS
from ..environments import Environment, EnvironmentSource, environment_for
from ..scenarios.schema import Scenario
from .asking import Asking
from .cast import HUMAN, Cast
from .driver import Episode
from .journal import Journal
from .journaled_model import EpisodeLedger, JournaledModel
from .journaled_workbench import JournaledWorkbench


def build_episode(
    scenario: Scenario,
    *,
    episode: str,
    seed: int,
    cast: Cast | None,
    journal: Journal,
    models: dict[str, str] | None = None,
    repeat_started: bool = False,
    source: EnvironmentSource | None = None,
    asking: Asking | None = None,
) -> Episode:
    """An episode ready to play; `scenario` has its variation filled in.

    Without a `cast` it can only replay, and `models` gives the names by role. `repeat_started`
    makes external calls again that were started and lost their results. `source` stands in for
    the scenario's environment. People act on the episode through `asking`. Raises
    `ValueError` for an environment, tool or architecture that does not exist, and
    `ModelUnavailable`.
    """
    ledger = EpisodeLedger()
    names = (cast or Cast(models or {})).names(scenario)

    def model(role: str) -> JournaledModel:
        nobody = cast is None or cast.is_person(role, names[role])
        return JournaledModel(
            None if cast is None or nobody else cast.client(role, names[role]),
            name=names[role],
            role=role,
            seed=seed,
            journal=journal,
            ledger=ledger,
            cast=cast,
            asking=asking,
        )

    context = context_facts(scenario)
    environment = environment_for(
        scenario.environment,
        tools=scenario.tools,
        pool=scenario.pool,
        state=scenario.state,
        now=scenario.context.now,
        seed=seed,
        faults=scenario.faults,
        retrieve=scenario.retrieve,
        simulator=ToolAgent(
            model("tool"),
            context=context,
            refused=scenario.faults.refused,
            seed=f"{seed} {scenario.faults.seed}",
        ),
        source=source,
    )
    workbench = JournaledWorkbench(
        environment,
        journal,
        ledger,
        scenario.limits.tool_calls,
        repeat_started=repeat_started,
        asking=asking,
    )
    return Episode(
        id=episode,
        seed=seed,
        scenario=scenario,
        models=names,
        journal=journal,
        ledger=ledger,
        environment=environment,
        workbench=workbench,
        user=_user(scenario, model("user"), environment),
        assistant=AssistantAgent(
            "assistant",
            model("assistant"),
            workbench,
            system_message=system_message(context, scenario.assistant.instructions),
            architecture=scenario.assistant.architecture,
            # Every tool takes a search before it.
            max_tool_rounds=MAX_TOOL_ROUNDS * (2 if scenario.retrieve else 1),
        ),
        tester=TesterAgent(model("tester") if scenario.tester.judge else None),
        asking=asking,
    )


def _user(
    scenario: Scenario, model: JournaledModel, environment: Environment
) -> UserAgent | HumanUser:
    person = model.name == HUMAN
    if person and not scenario.plan:
        return HumanUser(model)
    return UserAgent(
        model,
        persona=scenario.user.persona,
        style=scenario.user.style,
        facts=scenario.user.knows,
        steps=[StepBrief(kind=step.kind, request=step.request) for step in scenario.plan],
        verbatim=scenario.user.verbatim and not person,
        improvises=scenario.user.improvises or 0,
        tools=_tools(environment) if scenario.user.improvises else (),
        patience=scenario.user.patience,
        by_person=lambda: model.by_person,
    )


def _tools(environment: Environment) -> list[dict[str, Any]]:
    """What a user who improvises is told of the tools."""
    return [
        {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
        for tool in environment.tools
    ]


def context_facts(scenario: Scenario) -> dict[str, Any]:
    """What the assistant is told of the world, as JSON values."""
    facts = scenario.context.model_dump(mode="json", exclude_none=True)
    facts["now"] = scenario.context.now.strftime("%Y-%m-%d %H:%M:%S")
    facts["weekday"] = scenario.context.now.strftime("%A")
    return facts


def system_message(context: Mapping[str, Any], instructions: str | None = None) -> str:
    """The assistant's prompt, a scenario's own instructions and the context, in words."""
    lines = [prompt("assistant").strip()]
    if instructions:
        lines.append(instructions.strip())
    lines.append("\n".join(f"{name}: {value}" for name, value in context.items()))
    return "\n\n".join(lines)
