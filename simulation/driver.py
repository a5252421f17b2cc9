"""The driver: one episode from its first event to its last, as ordinary control flow.

The user speaks, the assistant answers (calling tools on the way), until the plan is done or a
limit is hit; then the tester looks at what happened. Everything that is said or done is in the
journal before it is acted upon. The driver knows nothing of files, processes or configuration.
"""

from __future__ import annotations

import traceback
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

from autogen_agentchat.base import Response
from autogen_agentchat.messages import (
    TextMessage,
    ThoughtEvent,
    ToolCallExecutionEvent,
    ToolCallRequestEvent,
)
from autogen_core import CancellationToken

from ..agents import (
    AssistantAgent,
    Evidence,
    HumanUser,
    StepBrief,
    TesterAgent,
    UserAgent,
    UserTurn,
)
from ..environments.protocol import Environment
from ..models.errors import BudgetExceeded, ModelError
from ..scenarios.schema import Scenario
from ..trajectories.effects import ReplayDivergence
from ..trajectories.event import Event
from ..trajectories.layout import shortened
from ..trajectories.trajectory import Blame, Outcome, Verdict
from .asking import Asking, until_wanted
from .blame import blame_of_error, blame_of_verdicts
from .cast import ModelDown
from .control import EpisodeCancelled
from .journal import Journal
from .journaled_model import EpisodeLedger
from .journaled_workbench import JournaledWorkbench
from .unconfirmed import UnconfirmedCall

_RESULT = 4_000
"""Characters of a tool's result that the tester reads."""


@dataclass
class Episode:
    """Everything that one episode needs, assembled by `callsheet.simulation.build`."""

    id: str
    seed: int
    scenario: Scenario
    """With the seed's variation filled in."""
    models: dict[str, str]
    """Name of the model behind each role."""
    journal: Journal
    ledger: EpisodeLedger
    environment: Environment
    workbench: JournaledWorkbench
    user: UserAgent | HumanUser
    assistant: AssistantAgent
    tester: TesterAgent
    asking: Asking | None = None
    """Through which people act on the episode; None where nobody can."""
    token: CancellationToken = field(default_factory=CancellationToken)


@dataclass
class _Scene:
    """Where the conversation stands."""

    turn: int = 0
    step: int = -1
    speaking: str = "driver"
    """Who acts at the moment; decides who is blamed if it goes wrong."""
    steps_met: list[bool] = field(default_factory=list)
    limit: str | None = None
    """Which limit ended the conversation, if any."""
    plan: list[StepBrief] = field(default_factory=list)
    """What the user wants: the scenario's steps, or what has been improvised so far."""
    messages: list[dict[str, Any]] = field(default_factory=list)
    """For the tester alone: everybody else keeps what they heard themselves."""


async def play(episode: Episode) -> AsyncIterator[Event]:
    """Play the episode; yields every event once, recorded ones included.

    Raises `ReplayDivergence`, `UnconfirmedCall`, `BudgetExceeded`, `ModelDown`, `OSError` and
    cancellation, which leave the episode unfinished and resumable. Whatever else goes wrong ends
    the episode, with its blame.
    """
    journal = episode.journal
    scene = _Scene(
        steps_met=[False] * episode.scenario.requests,
        plan=[StepBrief(kind=s.kind, request=s.request) for s in episode.scenario.plan],
    )
    _open(episode)
    for event in journal.fresh():
        yield event
    verdicts: list[Verdict] = []
    ambient: dict[str, Any] = {}
    try:
        async for event in _converse(episode, scene):
            yield event
        scene.speaking = "tester"
        verdicts = await _judge(episode, scene)
        outcome = _outcome(scene, verdicts)
    except (ReplayDivergence, UnconfirmedCall, BudgetExceeded, ModelDown, OSError):
        raise
    except EpisodeCancelled:
        journal.note("decision", "driver", {"what": "cancelled"})
        outcome = Outcome(status="cancelled")
    except ModelError as error:
        reason = f"{error.kind}: {error}"
        outcome = _failed(reason, blame_of_error(error.kind, scene.speaking))
    except Exception as error:
        # A defect in an agent or environment costs its own episode, not the run. Its text may
        # hold addresses and the like, so it does not belong to the episode's identity.
        reason = f"{type(error).__name__} while the {scene.speaking} acted"
        outcome = _failed(reason, blame_of_error("internal", scene.speaking))
        ambient = {"traceback": traceback.format_exc()}
    _close(episode, outcome, verdicts, ambient)
    for event in journal.fresh():
        yield event


async def _converse(episode: Episode, scene: _Scene) -> AsyncIterator[Event]:
    """Turns of user and assistant, until the plan is done or a limit is hit."""
    journal, limits = episode.journal, episode.scenario.limits
    heard: str | None = None
    while True:
        if scene.turn >= limits.turns and isinstance(episode.user, HumanUser):
            # No step of a plan is open, of which only they could say whether it was met.
            scene.limit = "turns"
            break
        scene.speaking = "user"
        await until_wanted(journal, episode.asking)
        said = await episode.user.next(heard, episode.token)
        if scene.turn >= limits.turns and not said.done:
            # Asked once more, because only the user says whether the last step was met; what they
            # would go on with is never said.
            scene.limit = "turns"
            said = replace(said, met=said.met and said.step != scene.step, done=True)
        _move_cursor(episode, scene, said)
        if said.done:
            break
        scene.turn += 1
        _say(episode, scene, "user", {"role": "user", "content": said.message}, said.thought)
        for event in journal.fresh():
            yield event
        scene.speaking = "assistant"
        heard = ""
        # AutoGen would draw an id by chance, with a system call.
        request = TextMessage(content=said.message, source="user", id=f"user.{scene.turn}")
        async for part in _answer(episode, scene, request):
            if isinstance(part, str):
                heard = part
            for event in journal.fresh():
                yield event
        scene.limit = _limit_hit(episode, limits.tokens)
        if scene.limit is not None:
            break
    if scene.limit is not None:
        journal.note("decision", "driver", {"what": "limit", "limit": scene.limit})
    for event in journal.fresh():
        yield event


async def _answer(
    episode: Episode, scene: _Scene, request: TextMessage
) -> AsyncIterator[str | None]:
    """The assistant's turn: yields None whenever something happened, and its words at the end."""
    thought: str | None = None
    async for item in episode.assistant.on_messages_stream([request], episode.token):
        if isinstance(item, ThoughtEvent):
            thought = item.content
        elif isinstance(item, ToolCallRequestEvent):
            calls = [
                {
                    "id": call.id,
                    "type": "function",
                    "function": {"name": call.name, "arguments": call.arguments},
                }
                for call in item.content
            ]
            message = {"role": "assistant", "content": thought, "tool_calls": calls}
            _say(episode, scene, "assistant", message, thought)
            thought = None
            yield None
        elif isinstance(item, ToolCallExecutionEvent):
            scene.messages += [
                {
                    "role": "tool",
                    "tool_call_id": result.call_id,
                    "content": shortened(result.content, _RESULT),
                }
                for result in item.content
            ]
            yield None
        elif isinstance(item, Response):
            words = item.chat_message.to_text()
            _say(episode, scene, "assistant", {"role": "assistant", "content": words}, thought)
            yield words
        else:
            yield None


def _say(
    episode: Episode, scene: _Scene, source: str, message: dict[str, Any], thought: str | None
) -> None:
    data: dict[str, Any] = {"message": message, "turn": scene.turn, "step": scene.step}
    if thought and not message.get("tool_calls"):
        data["thought"] = thought
    episode.ledger.said(episode.journal.note("message", source, data))
    scene.messages.append(message)


def _move_cursor(episode: Episode, scene: _Scene, said: UserTurn) -> None:
    """Code owns the plan's cursor; the user's answer only says whether the step was met."""
    if not said.done and said.step == scene.step:
        return
    data: dict[str, Any] = {"step": None if said.done else said.step}
    if scene.step >= 0:
        scene.steps_met[scene.step] = data["met"] = said.met
    scene.step = len(scene.steps_met) if said.done else said.step
    episode.journal.note("plan", "driver", data)
    if not said.done and not episode.scenario.plan:
        # What was improvised is in the record as a plan would be, from when it is said.
        step = StepBrief(kind="tool_call", request=said.message)
        scene.plan.append(step)
        episode.journal.note("plan", "driver", {"steps": [step.model_dump()]})


def _limit_hit(episode: Episode, tokens: int) -> str | None:
    if episode.workbench.refused:
        return "tool_calls"
    used = episode.ledger.prompt_tokens + episode.ledger.completion_tokens
    return "tokens" if used > tokens else None


async def _judge(episode: Episode, scene: _Scene) -> list[Verdict]:
    evidence = Evidence(
        scenario=episode.scenario,
        plan=scene.plan,
        messages=scene.messages,
        calls=episode.workbench.calls,
        steps_met=scene.steps_met,
        environment=episode.environment,
    )
    verdicts = await episode.tester.judge(evidence)
    for verdict in verdicts:
        episode.journal.note("verdict", "tester", verdict.model_dump(mode="json"))
    return verdicts


def _outcome(scene: _Scene, verdicts: list[Verdict]) -> Outcome:
    blame = blame_of_verdicts(verdicts, scene.limit)
    if scene.limit is not None:
        return Outcome(status="limit", reason=f"limit of {scene.limit} hit", blame=blame)
    return Outcome(status="completed", blame=blame)


def _failed(reason: str, blame: Blame) -> Outcome:
    return Outcome(status="failed", reason=reason[:2000], blame=blame)


def _open(episode: Episode) -> None:
    scenario = episode.scenario
    started = {
        "state": "started",
        "scenario": scenario.name,
        "environment": scenario.environment,
        "context": scenario.context.model_dump(mode="json"),
        "tools": [tool.model_dump(mode="json") for tool in episode.environment.tools],
        "seed": episode.seed,
        "models": episode.models,
    }
    if episode.assistant.system_message is not None:
        started["system"] = episode.assistant.system_message
    episode.journal.note("status", "driver", started)
    steps = [{"kind": step.kind, "request": step.request} for step in scenario.plan]
    episode.journal.note("plan", "driver", {"steps": steps})


def _close(
    episode: Episode, outcome: Outcome, verdicts: list[Verdict], ambient: dict[str, Any]
) -> None:
    ended: dict[str, Any] = {
        "state": "ended",
        "status": outcome.status,
        "reason": outcome.reason,
        "blame": outcome.blame,
        "usage": episode.ledger.usage().model_dump(),
    }
    if verdicts:
        ended["score"] = round(sum(v.passed for v in verdicts) / len(verdicts), 6)
    episode.journal.note("status", "driver", ended, ambient)
