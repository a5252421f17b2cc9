"""A task: one thing that a user can want of the tools, with many ways to ask for it.

    @task("add-alarm", "schedule", "AddAlarm",
          does=("set an alarm for {time}",), says=("Wake me {on:time}.",))
    def add_alarm(draw: Draw) -> Facts:
        time = draw.moment()
        return Facts({"time": time}, time=time.exact)

`does` are commands, which any polite frame can hold; `says` are whole utterances. A value that a
wording leaves out is a fact that the user tells only when asked. Slots are named as the tools'
parameters, so that the question for one is about what the tool needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from .draw import Draw
from .spoken import Said

Domain = Literal["account", "information", "health", "schedule", "home", "finance", "travel"]
DOMAINS: tuple[Domain, ...] = (
    "account", "information", "health", "schedule", "home", "finance", "travel",
)  # fmt: skip


class Caller(Protocol):
    """Carries a task's calls out while the scenario is made."""

    def __call__(self, name: str, /, **arguments: Any) -> Any:
        """The tool's output; a token that the tool wants and is not given is fetched before, and
        so is the tool, where tools must be searched for."""
        ...


@dataclass
class Facts:
    """What a task is about this time.

    Keyword arguments are those of the task's tool; a task of several calls gives `solve` instead.
    """

    said: dict[str, Said | str]
    """By slot, what the user says: a spelling of a date or time, or plain text."""
    arguments: dict[str, Any]
    solve: Callable[[Caller], None] | None
    wordings: tuple[str, ...]
    """Whole utterances of this task alone, instead of the task's."""
    then: Facts | None
    """What the user goes on with, in a step of its own."""

    def __init__(
        self,
        said: Mapping[str, Any] | None = None,
        solve: Callable[[Caller], None] | None = None,
        wordings: tuple[str, ...] = (),
        then: Facts | None = None,
        **arguments: Any,
    ) -> None:
        self.said = dict(said or {})
        self.solve = solve
        self.wordings = wordings
        self.then = then
        self.arguments = arguments


@dataclass(frozen=True)
class Task:
    """A kind of request."""

    name: str
    domain: Domain
    tools: tuple[str, ...]
    """All that it calls but GetUserToken and ToolSearcher, the first being its own."""
    draw: Callable[[Draw], Facts]
    does: tuple[str, ...]
    says: tuple[str, ...]
    level: Literal[1, 3] = 1
    """Level 3 has tools of its own."""
    weight: float = 1.0
    needs: frozenset[str] = field(default=frozenset())
    """Slots that every wording must name, because nobody would ask for them."""


TASKS: dict[str, Task] = {}


def task(
    name: str,
    domain: Domain,
    *tools: str,
    does: tuple[str, ...] = (),
    says: tuple[str, ...] = (),
    level: Literal[1, 3] = 1,
    weight: float = 1.0,
) -> Callable[[Callable[[Draw], Facts]], Callable[[Draw], Facts]]:
    """Declare the decorated function as what draws a task. Raises `ValueError` for a taken name."""

    def declare(draw: Callable[[Draw], Facts]) -> Callable[[Draw], Facts]:
        if name in TASKS:
            raise ValueError(f"there is a task {name} already")
        TASKS[name] = Task(name, domain, tools, draw, does, says, level, weight)
        return draw

    return declare
