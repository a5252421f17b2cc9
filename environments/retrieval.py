"""Tools that must be found first: an environment in which only a search is on offer at the start.

What a search finds is on offer from then on. A call of any other tool is refused as unknown,
whether the tool exists or not, so that guessing a name tells nothing. Which tools were found
follows from the calls alone: an episode that is resumed makes them again and stands where it was.

Where the inner environment has a tool of the search's name, that one searches, and the tools that
its output names are found; so it is with API-Bank's ToolSearcher. Elsewhere an index over all of
its tools does, by the encoder that the scenario names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from ..models.embedding import encoder
from ..models.errors import ModelUnavailable
from ..tools import ToolSpec
from ..tools.validation import check_arguments
from .protocol import Environment, StateDiff, ToolCall, ToolOutcome, repeatable
from .tool_index import ToolIndex


class RetrievePlan(Protocol):
    """What a scenario says of retrieval."""

    @property
    def top(self) -> int: ...
    @property
    def threshold(self) -> float: ...
    @property
    def encoder(self) -> str: ...
    @property
    def tool(self) -> str: ...


class RetrievalEnvironment:
    """Another environment behind a search; see `Environment`."""

    def __init__(self, inner: Environment, plan: RetrievePlan) -> None:
        """Raises `ValueError` for an unknown encoder and for simulated tools of which one has the
        search's name, and `ModelUnavailable` for an encoder that is not installed."""
        self._inner = inner
        self.name = inner.name
        self.execution = inner.execution
        self._plan = plan
        self._hidden = {tool.name: tool for tool in inner.tools}
        search = self._hidden.pop(plan.tool, None)
        if search is not None and inner.execution != "sandbox":
            raise ValueError(
                f"a tool is called {plan.tool} already; name the search otherwise: "
                "retrieve: {tool: …}"
            )
        self._index = (
            ToolIndex(list(self._hidden.values()), encoder(plan.encoder))
            if search is None
            else None
        )
        """None where the inner environment searches."""
        self._search = search or search_tool(plan.tool)
        self._tools: tuple[ToolSpec, ...] = (self._search,)

    @property
    def tools(self) -> tuple[ToolSpec, ...]:
        """The search, then what it found, in the order of finding."""
        return self._tools

    def repeatable(self, call: ToolCall) -> bool | None:
        """See `Repeatable`: a search is made here, and what was not found goes nowhere."""
        found = any(tool.name == call.name for tool in self._tools)
        return repeatable(self._inner, call) if found and call.name != self._search.name else None

    async def call(self, call: ToolCall) -> ToolOutcome:
        if call.name == self._search.name:
            return await self._searched(call)
        if not any(tool.name == call.name for tool in self._tools):
            return ToolOutcome(
                error_type="unknown_tool",
                error=f"{call.name} is no tool that was found so far: search for it with "
                f"{self._search.name} first.",
            )
        return await self._inner.call(call)

    async def _searched(self, call: ToolCall) -> ToolOutcome:
        if self._index is None:
            outcome = await self._inner.call(call)
            if outcome.ok:
                self._offer(list(_named(outcome.output)))
            return outcome
        wrong = check_arguments(self._search, dict(call.arguments))
        if wrong:
            return ToolOutcome(error_type="invalid_arguments", error="; ".join(wrong))
        try:
            ranked = self._index.search(
                call.arguments["keywords"], self._plan.top, self._plan.threshold
            )
        except ModelUnavailable as error:
            return ToolOutcome(error_type="unavailable", error=str(error))
        self._offer([tool.name for tool, _ in ranked])
        return ToolOutcome([_described(tool) for tool, _ in ranked])

    def _offer(self, names: Sequence[str]) -> None:
        found = [self._hidden.pop(name) for name in names if name in self._hidden]
        if found:
            self._tools = (*self._tools, *found)

    def digest(self) -> str | None:
        return self._inner.digest()

    def diff(self) -> StateDiff:
        return self._inner.diff()

    def query(self, sql: str) -> list[list[Any]]:
        return self._inner.query(sql)

    async def close(self) -> None:
        await self._inner.close()


def search_tool(name: str) -> ToolSpec:
    """The search as models read it."""
    found = {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "description": {"type": "string"},
            "parameters": {"type": "object"},
        },
        "required": ["name", "description", "parameters"],
    }
    keywords = {"type": "string", "description": "What the tool should do, in a few words."}
    return ToolSpec(
        name=name,
        description="Search for tools by keywords. The tools that are found can be called from "
        "then on; no other tool can.",
        parameters={
            "type": "object",
            "properties": {"keywords": keywords},
            "required": ["keywords"],
            "additionalProperties": False,
        },
        returns={"type": "array", "items": found},
    )


def _described(tool: ToolSpec) -> dict[str, Any]:
    return {
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters,
    }


def _named(output: Any) -> Iterator[str]:
    """The names of tools in a search's output: one description, or a list of them."""
    for entry in output if isinstance(output, list) else [output]:
        name = entry.get("name") if isinstance(entry, dict) else None
        if isinstance(name, str):
            yield name
