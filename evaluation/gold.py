"""From a scenario with expected calls to single questions: what does the model call next?

Every expected call becomes one item. Its history is the author's own: the user's words as they
stand in the plan, and the earlier expected calls with what they really returned. A mistake at one
call so never spoils the next, and every model answers exactly the same questions.

What a user would reveal when asked (`user.knows`) is revealed in one question and answer before
the first call that needs it. Not covered: `planned` environments, which have no state to compare.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from ..environments.protocol import Environment, ToolCall, ToolOutcome
from ..environments.registry import environment_for
from ..scenarios.schema import ExpectedCall, Scenario
from ..simulation.build import context_facts, system_message
from ..tools import ToolSpec
from ..trajectories.canonical import canonical, digest, text_of

ACKNOWLEDGED = "Done."
"""What the assistant says in the history after a step; the author writes no words for it."""


class GoldFails(ValueError):
    """A scenario's own solution does not work in its sandbox; says which call and why."""


@dataclass(frozen=True, slots=True)
class Goal:
    """One call that is right, with what it gives in the item's world."""

    name: str
    arguments: dict[str, Any]
    ok: bool
    content: bytes
    """Canonical JSON of what the model would read."""
    state: str | None
    """Digest of the world after the call."""


@dataclass(frozen=True, slots=True)
class CallItem:
    """One question to a model."""

    id: str
    """`<scenario>/<position>`."""
    scenario: Scenario
    position: int
    """Which of the scenario's expected calls, from 0."""
    messages: tuple[dict[str, Any], ...]
    """The prompt in OpenAI's chat shape, system message first."""
    tools: tuple[ToolSpec, ...]
    before: tuple[ExpectedCall, ...]
    """The calls that bring a fresh world to where the question is asked."""
    goals: tuple[Goal, ...]
    """Right answers: the next expected call first, then those of the same step that may as well
    come now."""

    @property
    def prompt_digest(self) -> str:
        return digest([list(self.messages), [tool.digest for tool in self.tools]])


def open_world(scenario: Scenario) -> Environment:
    """The scenario's sandbox in its first state, without injected faults.

    Raises `ValueError` where it has no state that could be compared.
    """
    environment = environment_for(
        scenario.environment,
        tools=scenario.tools,
        state=scenario.state,
        now=scenario.context.now,
        seed=0,
        retrieve=scenario.retrieve_in_solution,
    )
    if environment.execution != "sandbox" or environment.digest() is None:
        raise ValueError(f"{scenario.name}: {scenario.environment} is no sandbox with a state")
    return environment


async def world_after(scenario: Scenario, calls: Iterable[ExpectedCall]) -> Environment:
    """A fresh world in which `calls` were made."""
    environment = open_world(scenario)
    for number, call in enumerate(calls):
        await run(environment, call.name, call.arguments, number)
    return environment


async def run(
    environment: Environment, name: str, arguments: Mapping[str, Any], number: int
) -> ToolOutcome:
    return await environment.call(ToolCall(f"call_{number}", number, name, arguments))


async def call_items(scenarios: Iterable[Scenario]) -> list[CallItem]:
    """The items of all expected calls, in order. Raises `GoldFails` and `ValueError`."""
    return [item for scenario in scenarios for item in await _items(scenario)]


async def _items(scenario: Scenario) -> list[CallItem]:
    if not scenario.expect.calls:
        return []
    history = _History(scenario)
    items: list[CallItem] = []
    made: list[ExpectedCall] = []
    environment = open_world(scenario)
    for step, calls in steps_of(scenario):
        history.user_says(scenario.plan[step].request)
        for at, call in enumerate(calls):
            history.reveal(call)
            items.append(
                CallItem(
                    id=f"{scenario.name}/{len(made)}",
                    scenario=scenario,
                    position=len(made),
                    messages=tuple(history.messages),
                    tools=environment.tools,
                    before=tuple(made),
                    goals=await _goals(scenario, made, calls[at:]),
                )
            )
            outcome = await run(environment, call.name, call.arguments, len(made))
            history.call_made(call, outcome, len(made))
            made.append(call)
        history.assistant_says(ACKNOWLEDGED)
    await environment.close()
    return items


def steps_of(scenario: Scenario) -> list[tuple[int, list[ExpectedCall]]]:
    """The plan's steps with the calls of each. Raises `GoldFails` for a step out of the plan."""
    calls = scenario.expect.calls
    takers = [i for i, step in enumerate(scenario.plan) if step.kind == "tool_call"]
    by_step: dict[int, list[ExpectedCall]] = {i: [] for i in range(len(scenario.plan))}
    for at, call in enumerate(calls):
        step = call.step
        if step is None and takers:
            # The shares are as even as they can be, the earlier steps getting the smaller ones.
            step = takers[at * len(takers) // len(calls)]
        if step is None or step not in by_step:
            raise GoldFails(f"{scenario.name}: expected call {at} belongs to no step of the plan")
        by_step[step].append(call)
    return list(by_step.items())


async def _goals(
    scenario: Scenario, made: Sequence[ExpectedCall], remaining: Sequence[ExpectedCall]
) -> tuple[Goal, ...]:
    """The next call and, of the same step's others, those that work here already and give what
    they give in their own place."""
    goals = [await _goal(scenario, made, remaining[0])]
    if not goals[0].ok:
        raise GoldFails(
            f"{scenario.name}: expected call {len(made)}, {remaining[0].name}, fails in the "
            f"sandbox: {goals[0].content.decode()}"
        )
    for at, call in enumerate(remaining[1:], start=1):
        now = await _goal(scenario, made, call)
        in_place = await _goal(scenario, [*made, *remaining[:at]], call)
        if now.ok and now.content == in_place.content:
            goals.append(now)
    return tuple(goals)


async def _goal(scenario: Scenario, made: Sequence[ExpectedCall], call: ExpectedCall) -> Goal:
    environment = await world_after(scenario, made)
    outcome = await run(environment, call.name, call.arguments, len(made))
    goal = Goal(
        name=call.name,
        arguments=call.arguments,
        ok=outcome.ok,
        content=canonical(outcome.content()),
        state=environment.digest(),
    )
    await environment.close()
    return goal


@dataclass
class _History:
    """The messages of one scenario as they grow."""

    scenario: Scenario
    messages: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        system = system_message(context_facts(self.scenario), self.scenario.assistant.instructions)
        self.messages.append({"role": "system", "content": system})

    def user_says(self, words: str) -> None:
        self.messages.append({"role": "user", "content": words})

    def assistant_says(self, words: str) -> None:
        self.messages.append({"role": "assistant", "content": words})

    def reveal(self, call: ExpectedCall) -> None:
        """One question and answer about the facts that the call needs and nobody has told yet."""
        told = "\n".join(str(m.get("content")) for m in self.messages[1:])
        facts = {
            name: value
            for name, value in self.scenario.user.knows.items()
            if any(_same(value, argument) for argument in call.arguments.values())
            and str(value).lower() not in told.lower()
        }
        if facts:
            names = " and the ".join(name.replace("_", " ") for name in facts)
            self.assistant_says(f"Please tell me the {names}.")
            answer = ", ".join(f"{name.replace('_', ' ')}: {v}" for name, v in facts.items())
            self.user_says(answer)

    def call_made(self, call: ExpectedCall, outcome: ToolOutcome, number: int) -> None:
        identity = f"call_{number}"
        function = {"name": call.name, "arguments": orjson.dumps(call.arguments).decode()}
        self.messages.append(
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": identity, "type": "function", "function": function}],
            }
        )
        self.messages.append(
            {"role": "tool", "tool_call_id": identity, "content": text_of(outcome.content())}
        )


def _same(fact: Any, argument: Any) -> bool:
    """Whether an argument takes its value from a fact, alone or within a list."""
    if isinstance(argument, list):
        return fact == argument or any(_same(fact, item) for item in argument)
    return bool(fact == argument)
