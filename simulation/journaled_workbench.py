"""The tools of one episode, as an AutoGen workbench that never raises.

Sandbox calls run one after another in the model's order, and run again on resume, where result
and state digest are compared with the log. Simulated and external calls of one answer run at the
same time. A call that goes outside is made once as long as its result is in the log: its
`tool_call` is written before it starts, and its result is an effect under the key `call<ordinal>`
with a digest of the request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import orjson
from autogen_core import CancellationToken, FunctionCall
from autogen_core.models import FunctionExecutionResult
from autogen_core.tools import (
    ParametersSchema,
    TextResultContent,
    ToolResult,
    ToolSchema,
    Workbench,
)
from pydantic import BaseModel

from ..environments.protocol import Environment, ToolCall, ToolOutcome, repeatable
from ..tools import ToolSpec
from ..trajectories.canonical import NotEncodable, digest, encodable, text_of
from .asking import Asking, until_wanted
from .control import BreakingOff, EpisodeCancelled
from .journal import Journal
from .journaled_model import EpisodeLedger
from .unconfirmed import UnconfirmedCall

_Call = tuple[ToolCall, str | None]
"""A decoded call, and what is wrong with its arguments, if anything."""


class JournaledWorkbench(Workbench):
    """`call_group` is what our own agents use; `call_tool` serves any other AutoGen agent."""

    def __init__(
        self,
        environment: Environment,
        journal: Journal,
        ledger: EpisodeLedger,
        limit: int,
        *,
        repeat_started: bool = False,
        asking: Asking | None = None,
    ) -> None:
        """`limit`: how many calls the episode may make; further ones are refused.
        `repeat_started`: whether a call that was started and lost its result is made again even
        where that may do harm. Without `asking`, nobody can act on the episode meanwhile."""
        self._environment = environment
        self._journal = journal
        self._ledger = ledger
        self._limit = limit
        self._repeat_started = repeat_started
        self._asking = asking
        self._started: dict[int, bool] = {}
        """By ordinal, whether a call was started in an earlier sitting."""
        self._requests: dict[int, dict[str, Any]] = {}
        """By ordinal, what identifies the effect of a call that goes outside."""
        self._tools = environment.tools
        self._schemas = _schemas(self._tools)
        self._noted = self._tools
        """The tools that the journal knows of."""
        self.calls: list[tuple[ToolCall, ToolOutcome]] = []
        self.refused = False
        """Whether the limit was hit."""

    async def list_tools(self) -> list[ToolSchema]:
        """The tools on offer now; the same list until another tool is."""
        if self._environment.tools is not self._tools:
            self._tools = self._environment.tools
            self._schemas = _schemas(self._tools)
        return self._schemas

    async def call_group(
        self, calls: Sequence[FunctionCall], cancellation_token: CancellationToken | None = None
    ) -> list[FunctionExecutionResult]:
        """The results of one answer's calls, in order; each is recorded before this returns.

        Raises `EpisodeCancelled`: calls that go outside, and models that simulate tools, are then
        broken off, and the results that there are already are recorded. A sandbox's call never is.
        """
        group = [self._decoded(call, len(self.calls) + i) for i, call in enumerate(calls)]
        if self._environment.execution == "sandbox":
            ended = []
            for call, problem in group:
                self._note_call(call)
                outcome = await self._outcome(call, problem)
                self._note_result(call, outcome)
                self._note_state()
                ended.append((call, outcome))
        else:
            ended = await self._call_at_once(group)
        self.calls.extend(ended)
        return [
            FunctionExecutionResult(
                call_id=call.call_id,
                name=call.name,
                content=text_of(outcome.content()),
                is_error=not outcome.ok,
            )
            for call, outcome in ended
        ]

    async def _call_at_once(self, group: Sequence[_Call]) -> list[tuple[ToolCall, ToolOutcome]]:
        # A call that waits because the episode is paused is not noted as started.
        await until_wanted(self._journal, self._asking)
        for call, _ in group:
            self._started[call.ordinal] = self._journal.replaying
            self._note_call(call)
        # Once more, for calls that were started in an earlier sitting.
        await until_wanted(self._journal, self._asking)
        for call, problem in group:
            # Before any of them is made: a person is asked first.
            if problem is None and call.ordinal < self._limit:
                self._confirm(call, repeatable(self._environment, call))

        async def outcome(place: int) -> ToolOutcome | None:
            try:
                return await self._outcome(*group[place])
            except EpisodeCancelled:
                return None

        outcomes = await self._journal.branches(
            [f"call{call.ordinal}" for call, _ in group], outcome
        )
        ended = [(call, o) for (call, _), o in zip(group, outcomes, strict=True) if o is not None]
        for call, given in ended:
            self._note_result(call, given)
        if len(ended) < len(group):
            raise EpisodeCancelled(self._journal.episode)
        return ended

    async def call_tool(
        self,
        name: str,
        arguments: Mapping[str, Any] | None = None,
        cancellation_token: CancellationToken | None = None,
        call_id: str | None = None,
    ) -> ToolResult:
        text = orjson.dumps(dict(arguments or {})).decode()
        call = FunctionCall(id=call_id or f"call_{len(self.calls)}", name=name, arguments=text)
        (result,) = await self.call_group([call], cancellation_token)
        return ToolResult(
            name=name,
            result=[TextResultContent(content=result.content)],
            is_error=bool(result.is_error),
        )

    def _decoded(self, call: FunctionCall, ordinal: int) -> _Call:
        """The call with its arguments decoded, and what is wrong with them, if anything."""
        problem = None
        try:
            arguments = orjson.loads(call.arguments or "{}")
        except (orjson.JSONDecodeError, RecursionError) as error:
            arguments, problem = {}, f"the arguments are not JSON: {error}"
        if not isinstance(arguments, dict):
            arguments, problem = {}, "the arguments are not a JSON object"
        decoded = ToolCall(call_id=call.id, ordinal=ordinal, name=call.name, arguments=arguments)
        return decoded, problem

    async def _outcome(self, call: ToolCall, problem: str | None) -> ToolOutcome:
        if call.ordinal >= self._limit:
            self.refused = True
            problem = f"the episode's limit of {self._limit} tool calls is reached"
        if problem is not None:
            return ToolOutcome(error_type="invalid_arguments", error=problem)
        known = self._recorded(call)
        if known is not None:
            content = known["content"]
            if known["ok"]:
                return ToolOutcome(content)
            return ToolOutcome(error_type=known["error_type"], error=content["error"])
        if self._asking is None or call.ordinal not in self._requests:
            outcome = await self._environment.call(call)
        else:
            # What goes outside may take long, and nobody waits for it in a cancelled episode.
            with BreakingOff(self._asking.control, self._journal.episode, "tool"):
                outcome = await self._environment.call(call)
        try:
            content, altered = encodable(outcome.output if outcome.ok else outcome.error)
        except NotEncodable as error:
            return ToolOutcome(error_type="invalid_output", error=str(error))
        if not altered:
            return outcome
        if outcome.ok:
            return ToolOutcome(content)
        return ToolOutcome(error_type=outcome.error_type, error=content)

    def _recorded(self, call: ToolCall) -> dict[str, Any] | None:
        """The recorded result of a call that goes outside; None where it is to be made. Raises
        `UnconfirmedCall` and `ReplayDivergence`."""
        again = repeatable(self._environment, call)
        if again is None:
            return None
        self._confirm(call, again)
        request = {"request": digest([call.name, encodable(dict(call.arguments))[0]])}
        self._requests[call.ordinal] = {"key": f"call{call.ordinal}", **request}
        return self._journal.recorded(f"call{call.ordinal}", request)

    def _confirm(self, call: ToolCall, again: bool | None) -> None:
        """Raises `UnconfirmedCall` for a call that was started in an earlier sitting, lost its
        result, and may not simply be made again."""
        if self._journal.cancelled is not None:
            return  # it was broken off, and is not made again
        lost = self._started.get(call.ordinal) and not self._journal.holds(f"call{call.ordinal}")
        if lost and again is False and not self._repeat_started:
            raise UnconfirmedCall.of(self._journal.episode, call.name, call.ordinal)

    def _note_call(self, call: ToolCall) -> None:
        data = {"call_id": call.call_id, "ordinal": call.ordinal, "name": call.name}
        self._journal.note("tool_call", "assistant", {**data, "arguments": dict(call.arguments)})

    def _note_result(self, call: ToolCall, outcome: ToolOutcome) -> None:
        data: dict[str, Any] = {
            "call_id": call.call_id,
            "ordinal": call.ordinal,
            "name": call.name,
            "ok": outcome.ok,
            "content": outcome.content(),
            **self._requests.get(call.ordinal, {}),
        }
        if outcome.error_type is not None:
            data["error_type"] = outcome.error_type
        offers = self._newly_offered()
        if offers:
            data["offers"] = [tool.model_dump(mode="json") for tool in offers]
        state = self._environment.digest()
        if state is not None:
            data["state"] = state
        self._ledger.said(self._journal.note("tool_result", "tool", data))

    def _newly_offered(self) -> Sequence[ToolSpec]:
        """The tools that are on offer now and were not at the last result; none goes."""
        tools, before = self._environment.tools, self._noted
        self._noted = tools
        return () if tools is before else [tool for tool in tools if tool not in before]

    def _note_state(self) -> None:
        difference = self._environment.diff()
        if difference:
            data = {
                "added": {table: list(rows) for table, rows in difference.added.items()},
                "removed": {table: list(rows) for table, rows in difference.removed.items()},
            }
            self._journal.note("state_diff", "environment", data)

    async def start(self) -> None:
        """Nothing to start: the episode opened the environment."""

    async def stop(self) -> None:
        """Nothing to stop: the episode closes the environment."""

    async def reset(self) -> None:
        """A world is never reset within an episode; a new episode has a new one."""

    async def save_state(self) -> Mapping[str, Any]:
        return {}

    async def load_state(self, state: Mapping[str, Any]) -> None:
        """The state is the journal's; see `callsheet.simulation.engine`."""

    def _to_config(self) -> BaseModel:
        raise TypeError("an episode's workbench cannot be saved as a component")


def _schemas(tools: Sequence[ToolSpec]) -> list[ToolSchema]:
    return [
        # A ToolSpec's parameters are a JSON Schema of an object, which AutoGen types narrower.
        ToolSchema(
            name=tool.name,
            description=tool.description,
            parameters=cast("ParametersSchema", tool.parameters),
        )
        for tool in tools
    ]
