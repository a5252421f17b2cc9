"""What makes no sense of a scenario's `retrieve`; a part of the linter.

Not covered: whether an assistant will find the tools that the plan needs. Where the author's own
solution searches, the rehearsal finds a call of a tool that was not found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..environments.registry import PLANNED
from ..environments.retrieval import search_tool
from ..models.embedding import encoder
from ..models.errors import ModelUnavailable
from ..tools import ToolSpec
from .finding import Found
from .schema import Retrieve, Scenario

_UNREAD = ("top", "threshold", "encoder")


def search_findings(scenario: Scenario, tools: Sequence[ToolSpec]) -> Iterator[Found]:
    """`tools`: those that can be found."""
    retrieve = scenario.retrieve
    if retrieve is None:
        return
    own = any(tool.name == retrieve.tool for tool in tools)
    if own and scenario.environment == PLANNED:
        what = f"a tool is called {retrieve.tool} already"
        hint = "name the search otherwise: retrieve.tool"
        yield Found("same-tool", ("retrieve", "tool"), what, hint)
    elif own:
        for name in _UNREAD:
            if name in retrieve.model_fields_set:
                what = f"{scenario.environment}'s own {retrieve.tool} does not read {name}"
                yield Found("idle-key", ("retrieve", name), what, severity="warning", at_key=True)
    else:
        try:
            encoder(retrieve.encoder)
        except (ModelUnavailable, ValueError) as error:
            yield Found("encoder", ("retrieve", "encoder"), str(error))


def with_search(retrieve: Retrieve, tools: Sequence[ToolSpec]) -> tuple[ToolSpec, ...]:
    """The tools with the search among them."""
    if any(tool.name == retrieve.tool for tool in tools):
        return tuple(tools)
    return (search_tool(retrieve.tool), *tools)
