"""A model that plays a script: exactly these words and calls, as the user or as the assistant.

`AnnotatedClient` is a `ChatCompletionClient` like any other, so that `simulate` plays, records and
checks scripted conversations as it does a model's. It is stateless: where the conversation stands
is read off the prompt. It stands for an author's solution, never for a model: it has seen the gold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson
from autogen_core import CancellationToken, FunctionCall
from autogen_core.models import (
    AssistantMessage,
    CreateResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    RequestUsage,
    UserMessage,
)
from autogen_core.tools import Tool, ToolSchema
from pydantic import BaseModel

from ...agents.brief import UserReply
from ...models.base import ChatClient, ToolChoice
from ...models.errors import InvalidAnswer
from ...scenarios.schema import Scenario
from .script import MadeCall, Reply, Script, ScriptedCall

PREFIX = "annotated:"


def model_name(scenario: Scenario) -> str:
    """The name under which a scenario's script plays."""
    return PREFIX + scenario.name


def cast_annotated(
    scripted: Iterable[tuple[Scenario, Script]],
) -> tuple[list[Scenario], dict[str, AnnotatedClient]]:
    """The scenarios with user and assistant played by their scripts, and the clients by name, for
    `simulate(scenarios, config, directory, clients=clients)`.

    Raises `ValueError` for two scenarios of one name.
    """
    scenarios: list[Scenario] = []
    clients: dict[str, AnnotatedClient] = {}
    for scenario, script in scripted:
        name = model_name(scenario)
        if name in clients:
            raise ValueError(f"two scenarios are named {scenario.name}")
        clients[name] = AnnotatedClient(script, name)
        parts = {"user": scenario.user, "assistant": scenario.assistant}
        scenarios.append(
            scenario.model_copy(
                update={k: part.model_copy(update={"model": name}) for k, part in parts.items()}
            )
        )
    return scenarios, clients


class AnnotatedClient(ChatClient):
    """Plays one script, both its roles."""

    context_size = 1 << 30

    def __init__(self, script: Script, name: str = "annotated") -> None:
        super().__init__()
        self.name = name
        self._script = script

    async def create(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[Tool | ToolSchema] = [],
        tool_choice: ToolChoice = "auto",
        json_output: bool | type[BaseModel] | None = None,
        extra_create_args: Mapping[str, Any] = {},
        cancellation_token: CancellationToken | None = None,
    ) -> CreateResult:
        """What the script says next.

        Raises `InvalidAnswer` where the conversation has gone beyond the script.
        """
        brief = _brief(messages)
        result = self._user(brief, messages) if brief is not None else self._assistant(messages)
        result.usage = RequestUsage(prompt_tokens=0, completion_tokens=0)
        self.account(result.usage)
        return result

    def _user(self, brief: Mapping[str, Any], messages: Sequence[LLMMessage]) -> CreateResult:
        """A `UserReply`: the next step, unless the last reply was a question that has an answer."""
        said = sum(isinstance(m, AssistantMessage) for m in messages)
        answer = self._reply(said - 1).answer if brief["current"] is not None else None
        upcoming = brief["upcoming"]
        if answer is not None:
            reply = UserReply(step_met=False, message=answer)
        else:
            reply = UserReply(step_met=True, message=upcoming["request"] if upcoming else "")
        return _words(orjson.dumps(reply.model_dump()).decode())

    def _assistant(self, messages: Sequence[LLMMessage]) -> CreateResult:
        starts = [i for i, m in enumerate(messages) if isinstance(m, UserMessage)]
        reply = self._reply(len(starts) - 1)
        made = list(_made(messages[starts[-1] :])) if starts else []
        rounds = sum(isinstance(m, FunctionExecutionResultMessage) for m in messages[starts[-1] :])
        if rounds >= len(reply.rounds):
            said = reply.words if isinstance(reply.words, str) else reply.words(made)
            return _words(said)
        renamed = dict(self._renamed(messages))
        now = reply.rounds[rounds]
        calls = [
            FunctionCall(
                id=f"call_{len(starts) - 1}_{rounds}_{at}",
                name=call.name,
                arguments=orjson.dumps(substituted(call.arguments, renamed)).decode(),
            )
            for at, call in enumerate(now.calls)
        ]
        return CreateResult.model_construct(
            finish_reason="function_calls", content=calls, cached=False, thought=now.words or None
        )

    def _reply(self, turn: int) -> Reply:
        if not 0 <= turn < len(self._script.replies):
            raise InvalidAnswer(f"the script has no turn {turn}")
        return self._script.replies[turn]

    def _renamed(self, messages: Sequence[LLMMessage]) -> Iterator[tuple[str, str]]:
        """Ids of the recording, each with the one that this episode has in its place."""
        calls = [call for reply in self._script.replies for r in reply.rounds for call in r.calls]
        for scripted, made in zip(calls, _made(messages), strict=False):
            if scripted.name in self._script.generated and made.ok:
                yield from renamings(scripted.recorded, made.output)


def renamings(recorded: Any, found: Any) -> Iterator[tuple[str, str]]:
    """The texts that differ between two values of the same shape."""
    if isinstance(recorded, str) and isinstance(found, int) and not isinstance(found, bool):
        found = str(found)  # an id of digits alone, which reads as a number
    if isinstance(recorded, str) and isinstance(found, str):
        if recorded != found:
            yield recorded, found
    elif isinstance(recorded, Mapping) and isinstance(found, Mapping):
        for key in recorded:
            if key in found:
                yield from renamings(recorded[key], found[key])
    elif isinstance(recorded, list) and isinstance(found, list):
        for one, other in zip(recorded, found, strict=False):
            yield from renamings(one, other)


def substituted(value: Any, renamed: Mapping[str, str]) -> Any:
    """The value with every text and key that is renamed."""
    if not renamed:
        return value
    if isinstance(value, str):
        return renamed.get(value, value)
    if isinstance(value, Mapping):
        return {renamed.get(k, k): substituted(item, renamed) for k, item in value.items()}
    if isinstance(value, list | tuple):
        return [substituted(item, renamed) for item in value]
    return value


def _made(messages: Sequence[LLMMessage]) -> Iterator[MadeCall]:
    """The calls in a prompt with their results, in order."""
    asked: dict[str, FunctionCall] = {}
    for message in messages:
        if isinstance(message, AssistantMessage) and not isinstance(message.content, str):
            asked.update({call.id: call for call in message.content})
        elif isinstance(message, FunctionExecutionResultMessage):
            for result in message.content:
                call = asked.get(result.call_id)
                arguments = orjson.loads(call.arguments) if call is not None else {}
                output = decoded(result.content)
                yield MadeCall(result.name, arguments, output, ok=not result.is_error)


def decoded(text: str) -> Any:
    """A result as it was before it became a model's text: JSON, where it is an object, a list or a
    number (but no text of digits that a number would lose zeros of)."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return text if isinstance(value, int) and str(value) != text else value


def _brief(messages: Sequence[LLMMessage]) -> dict[str, Any] | None:
    """The user's brief, where the prompt ends with one."""
    last = messages[-1].content if messages else ""
    if isinstance(last, str) and last.startswith('{"task":"user_turn"'):
        brief: dict[str, Any] = orjson.loads(last)
        return brief
    return None


def _words(text: str) -> CreateResult:
    return CreateResult.model_construct(
        finish_reason="stop", content=text, cached=False, thought=None
    )


__all__ = [
    "AnnotatedClient",
    "ScriptedCall",
    "cast_annotated",
    "decoded",
    "model_name",
    "renamings",
    "substituted",
]
