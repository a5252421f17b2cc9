"""A plan: what a user wants of some tools, request by request, before anything is said.

The stored form is the scenario's (`scenarios.schema.Step`); this one also knows which tools each
request is meant to need, which the checks and the scenario's expected calls are made from.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ...scenarios.schema import Step
from ...tools import ToolSpec


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class PlannedRequest(_Part):
    """One turn of the user."""

    kind: Literal["tool_call", "chitchat"]
    """Whether it needs tools."""
    request: str = Field(min_length=1)
    """What is wanted, in a person's words, without names of tools or parameters."""
    tools: tuple[str, ...] = ()
    """Names of the tools that it is meant to need; empty for chitchat."""
    calls: int = Field(default=0, ge=0)
    """How many calls it is meant to take; 0 where that is not known."""

    @property
    def is_complex(self) -> bool:
        """Whether it takes several tools or several calls."""
        return len(self.tools) > 1 or self.calls > 1

    def step(self) -> Step:
        """The request as a scenario holds it."""
        return Step.model_validate({self.kind: self.request})


class PlannedBy(_Part):
    """Who made a plan."""

    by: Literal["rules", "model", "improvised"]
    """improvised: there is no plan; the user chooses each request as the dialogue goes."""
    model: str | None = None
    """Name of the model, where one did."""

    @property
    def tag(self) -> str:
        """The word that goes into a scenario's tags: "planned-by:rules"."""
        return f"planned-by:{self.model or self.by}"

    @classmethod
    def of(cls, tags: Sequence[str]) -> PlannedBy | None:
        """Who made the plan of a scenario with these tags; None where they do not say."""
        for tag in tags:
            head, colon, name = tag.partition(":")
            if head == "planned-by" and colon:
                if name in ("rules", "improvised"):
                    return cls.model_validate({"by": name})
                return cls(by="model", model=name)
        return None


class Link(_Part):
    """An output of one tool feeds a parameter of another."""

    from_tool: str
    field: str
    """Name in the output, at its top."""
    to_tool: str
    parameter: str


def links_of(links: Sequence[Link | tuple[str, str, str, str] | Any]) -> tuple[Link, ...]:
    """Links as records; a tuple is (from_tool, return field, to_tool, parameter)."""
    return tuple(
        link
        if isinstance(link, Link)
        else Link(from_tool=link[0], field=link[1], to_tool=link[2], parameter=link[3])
        for link in links
    )


def offered(tool: ToolSpec) -> Any:
    """The tool as an assistant is offered it."""
    return {"name": tool.name, "description": tool.description, "parameters": tool.parameters}


def choose(seed: int | str, names: Sequence[str]) -> str:
    """One of several generator models, at random by seed: ToolFlow's plans come from more than
    one model, so that no model's manner is in all of them. Raises `ValueError` for no names."""
    if not names:
        raise ValueError("there is no model to choose from")
    return Random(f"generator {seed}").choice(list(names))  # noqa: S311
