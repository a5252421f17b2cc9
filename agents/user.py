"""The user agent: follows a plan step by step, in a persona's words.

A user without a plan makes a number of requests of their own choice.

Code owns the plan's cursor. The model is asked once a turn; it words the step and says whether
the assistant has dealt with the last one, and nothing it answers can skip, repeat or reorder
steps. A step that is not met after `patience` turns is given up and counts as not met.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from autogen_agentchat.agents import BaseChatAgent
from autogen_agentchat.base import Response
from autogen_agentchat.messages import BaseChatMessage, StopMessage, TextMessage
from autogen_core import CancellationToken
from autogen_core.models import (
    AssistantMessage,
    ChatCompletionClient,
    LLMMessage,
    SystemMessage,
    UserMessage,
)

from ..models.structured import ask_structured
from .brief import StepBrief, UserBrief, UserReply
from .prompting import prompt

SILENCE = "(no answer)"
"""Stands in the user's prompt for an assistant that said nothing: endpoints refuse empty text."""

_OPEN = StepBrief(kind="tool_call", request="Can you help me with something?")
"""Stands for a request that the user has yet to choose."""

_LEAKS = ('"step_met"', '"upcoming"', '"current"', '"times_said"', "step_met:", "tool_call:")
"""Marks of the brief in what should be a person's words."""


@dataclass(frozen=True, slots=True)
class UserTurn:
    """What the user does next."""

    message: str
    """Empty where `done`."""
    step: int
    """Index of the step now talked about; the number of steps where `done`."""
    met: bool
    """Whether the step talked about before was met; counts where the cursor moved."""
    done: bool
    thought: str | None = None


class UserAgent(BaseChatAgent):
    """Speaks for the user of one episode; stateful, one conversation each."""

    def __init__(
        self,
        model_client: ChatCompletionClient,
        *,
        persona: str = "a person with a request",
        style: str = "casual",
        facts: Mapping[str, Any] = {},
        steps: Sequence[StepBrief],
        verbatim: bool = False,
        improvises: int = 0,
        tools: Sequence[Mapping[str, Any]] = (),
        patience: int = 3,
        name: str = "user",
        by_person: Callable[[], bool] = lambda: False,
    ) -> None:
        """`facts`: JSON values by name, told only when asked for. `verbatim`: each step's request
        is said as it stands, whatever the model would make of it. `improvises`: with no steps, how
        many requests the user makes of their own choice, each of something that `tools` (name,
        description, parameters) can do. `patience`: turns that a step may take before the user
        gives up on it. `by_person`: whether a person gave the client's latest
        answer; their words are said as they stand, and the dialogue is over where there are none.
        """
        super().__init__(name, "Has a plan and talks to the assistant until it is done.")
        self._client = model_client
        self._style = style
        self._facts = dict(facts)
        self._steps = tuple(steps)
        self._verbatim = verbatim
        self._improvises = 0 if self._steps else improvises
        self._tools = [dict(tool) for tool in tools] if self._improvises else None
        self._patience = patience
        self._by_person = by_person
        self._system = SystemMessage(content=prompt("user").replace("{persona}", persona))
        self._start()

    def _start(self) -> None:
        self._said: list[LLMMessage] = [self._system]
        self._cursor = -1
        self._times = 0
        self._made: list[StepBrief] = []

    async def next(
        self, heard: str | None, cancellation_token: CancellationToken | None = None
    ) -> UserTurn:
        """The user's next message, after hearing the assistant's words (None: nothing yet).

        Raises a `ModelError`; the agent's state is then as if the turn had not begun, but for
        what was heard.
        """
        if heard is not None:
            self._said.append(UserMessage(content=heard or SILENCE, source="assistant"))
        current, upcoming = self._step(self._cursor), self._step(self._cursor + 1)
        if current is None:
            return await self._go_on(upcoming, True, None, cancellation_token)
        if self._improvises and upcoming is None:
            upcoming = _OPEN if self._cursor + 1 < self._improvises else None
        reply = await self._ask(current, upcoming, cancellation_token)
        if self._by_person():
            return self._as_said(reply, upcoming if reply.step_met else None, reply.step_met)
        if reply.step_met:
            return await self._go_on(upcoming, True, reply, cancellation_token)
        if self._times >= self._patience:
            return await self._go_on(upcoming, False, None, cancellation_token)
        message = reply.message.strip()
        if _leaked(message) or (upcoming is not None and _same(message, upcoming.request)):
            message = ""
        self._times += 1
        return self._turn(message or current.request, met=False)

    async def _go_on(
        self,
        upcoming: StepBrief | None,
        met: bool,
        reply: UserReply | None,
        cancellation_token: CancellationToken | None,
    ) -> UserTurn:
        """Move the cursor; the model words the new step unless `reply` has done so already."""
        if upcoming is None and self._improvises and self._cursor < 0:
            upcoming = _OPEN
        if upcoming is None:
            self._cursor = len(self._steps) or self._improvises
            return UserTurn(message="", step=self._cursor, met=met, done=True)
        if self._verbatim:
            message = upcoming.request
        else:
            if reply is None:
                reply = await self._ask(None, upcoming, cancellation_token)
                if self._by_person():
                    return self._as_said(reply, upcoming, met)
            message = reply.message.strip()
            if not message or _leaked(message):
                message = upcoming.request
        self._cursor += 1
        self._times = 1
        if upcoming is _OPEN:
            self._made.append(StepBrief(kind="tool_call", request=message))
        return self._turn(message, met=met)

    def _as_said(self, reply: UserReply, upcoming: StepBrief | None, met: bool) -> UserTurn:
        """A person's words as they stand; they are about `upcoming` where that is given."""
        message = reply.message.strip()
        if not message:
            self._cursor = len(self._steps) or self._improvises
            return UserTurn(message="", step=self._cursor, met=met, done=True)
        if upcoming is not None:
            self._cursor += 1
            self._times = 0
            if upcoming is _OPEN:
                self._made.append(StepBrief(kind="tool_call", request=message))
        self._times += 1
        return self._turn(message, met=met)

    def _turn(self, message: str, *, met: bool) -> UserTurn:
        self._said.append(AssistantMessage(content=message, source=self.name))
        return UserTurn(message=message, step=self._cursor, met=met, done=False)

    def _step(self, index: int) -> StepBrief | None:
        if 0 <= index < len(self._made):
            return self._made[index]
        return self._steps[index] if 0 <= index < len(self._steps) else None

    async def _ask(
        self,
        current: StepBrief | None,
        upcoming: StepBrief | None,
        cancellation_token: CancellationToken | None,
    ) -> UserReply:
        brief = UserBrief(
            style=self._style,
            facts=self._facts,
            current=current,
            upcoming=None if upcoming is _OPEN else upcoming,
            improvise=self._tools if upcoming is _OPEN else None,
            times_said=0 if current is None else self._times,
        )
        told = brief.model_dump(mode="json")
        if told["improvise"] is None:
            del told["improvise"]
        text = orjson.dumps(told).decode()
        return await ask_structured(
            self._client,
            [*self._said, UserMessage(content=text, source="director")],
            UserReply,
            cancellation_token=cancellation_token,
        )

    # AutoGen's interface, for teams.

    @property
    def produced_message_types(self) -> Sequence[type[BaseChatMessage]]:
        return (TextMessage, StopMessage)

    async def on_messages(
        self, messages: Sequence[BaseChatMessage], cancellation_token: CancellationToken
    ) -> Response:
        """The next message; a `StopMessage` when the plan is done.

        What is heard before the first step, such as a team's task, is no part of the dialogue.
        """
        heard = "\n".join(m.to_model_text() for m in messages) if self._cursor >= 0 else None
        turn = await self.next(heard, cancellation_token)
        if turn.done:
            return Response(chat_message=StopMessage(content="That is all.", source=self.name))
        return Response(chat_message=TextMessage(content=turn.message, source=self.name))

    async def on_reset(self, cancellation_token: CancellationToken) -> None:
        self._start()


def _leaked(message: str) -> bool:
    """Whether a model has said its brief aloud."""
    return message.startswith("{") or any(mark in message for mark in _LEAKS)


def _same(said: str, request: str) -> bool:
    """Whether two texts differ only in case, spaces and the last full stop."""
    return said.casefold().split() == request.casefold().split() or (
        said.casefold().rstrip(".!").split() == request.casefold().rstrip(".!").split()
    )
