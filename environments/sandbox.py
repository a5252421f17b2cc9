"""The sandbox: tools that really run, as Python functions over an episode's SQLite world.

A sandbox is declared once and shared; `open` gives an episode its own world. To add one:

    SHOP = Sandbox("shop", "create table orders (id text primary key, item text)",
                   {"orders": [{"id": "1", "item": "lamp"}]})

    @SHOP.tool
    def CancelOrder(scene: Scene, order_id: Annotated[str, "Number of the order"]) -> Done:
        \"\"\"Cancel an order.\"\"\"
        if not scene.change("delete from orders where id = ?", order_id):
            raise ToolError(f"There is no order {order_id}.")
        return {"status": "cancelled"}

A tool gets a `Scene` and arguments that already fit its schema. It raises `ToolError` to refuse;
whatever it changed before is then taken back. Its output is checked against its return type.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from random import Random
from typing import Any

from ..tools import ToolSpec
from ..tools.functions import tool_from_function
from ..tools.validation import check_arguments, check_output
from .protocol import Execution, StateDiff, ToolCall, ToolOutcome
from .world import Row, World, compile_image

ToolFunction = Callable[..., Any]


class ToolError(Exception):
    """A tool's refusal; the message is what the model reads."""


@dataclass
class Scene:
    """What a tool may use: the tables, the simulated clock and seeded chance. Nothing else."""

    world: World
    now: datetime
    random: Random

    @property
    def db(self) -> sqlite3.Connection:
        return self.world.db

    def row(self, sql: str, *values: Any) -> dict[str, Any] | None:
        """The first row, or None."""
        found = self.db.execute(sql, values).fetchone()
        return None if found is None else dict(found)

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in self.db.execute(sql, values)]

    def change(self, sql: str, *values: Any) -> int:
        """Run a statement that writes; returns how many rows it changed."""
        return self.db.execute(sql, values).rowcount

    def next_id(self, table: str, column: str = "id") -> str:
        """One more than the highest number in a column of ids; "1" in an empty table."""
        sql = f'select coalesce(max(cast("{column}" as integer)), 0) + 1 from "{table}"'  # noqa: S608
        return str(self.db.execute(sql).fetchone()[0])


@dataclass(frozen=True)
class SandboxTool:
    """A declared tool: its description and the function behind it."""

    spec: ToolSpec
    function: ToolFunction


@dataclass
class Sandbox:
    """A declared environment: tables with their seed rows, and tools."""

    name: str
    schema: str
    """SQL that creates the tables."""
    seed_rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    tools: dict[str, SandboxTool] = field(default_factory=dict)

    def tool(self, function: ToolFunction) -> ToolFunction:
        """Declare a tool; used as a decorator. Raises `ValueError` for a name that is taken."""
        spec = tool_from_function(function, skip=("scene",), tags=(self.name,))
        if spec.name in self.tools:
            raise ValueError(f"{self.name} has a tool {spec.name} already")
        self.tools[spec.name] = SandboxTool(spec, function)
        return function

    @property
    def digest(self) -> None:
        """None: a sandbox is nothing but the package's code, or its plugin's."""

    @cached_property
    def image(self) -> tuple[bytes, tuple[str, ...]]:
        """The serialized tables with their seed rows, and the tables' names."""
        return compile_image(self.schema, self.seed_rows)

    def open(
        self,
        tools: Sequence[str],
        *,
        now: datetime,
        seed: int,
        state: Mapping[str, Any] | None = None,
    ) -> SandboxEnvironment:
        """A world for one episode, with `tools` on offer and `state` merged in.

        Raises `ValueError` for a tool, table or column that does not exist.
        """
        return SandboxEnvironment(self, tools, now, seed, state or {})


class SandboxEnvironment:
    """One episode's world with the tools that are on offer; see `Environment`."""

    execution: Execution = "sandbox"

    def __init__(
        self,
        sandbox: Sandbox,
        tools: Sequence[str],
        now: datetime,
        seed: int,
        state: Mapping[str, Any],
    ) -> None:
        for name in tools:
            if name not in sandbox.tools:
                raise ValueError(f"{sandbox.name} has no tool {name!r}")
        self.name = sandbox.name
        self._offered = {name: sandbox.tools[name] for name in (tools or sandbox.tools)}
        self.tools = tuple(tool.spec for tool in self._offered.values())
        self._world = World(*sandbox.image)
        self._scene = Scene(self._world, now, Random(seed))  # noqa: S311 - simulated chance
        if state:
            self._world.start(state)

    async def call(self, call: ToolCall) -> ToolOutcome:
        return self.run(call.name, call.arguments)

    def run(self, name: str, arguments: Mapping[str, Any]) -> ToolOutcome:
        """`call`, for those who need no event loop."""
        tool = self._offered.get(name)
        if tool is None:
            return ToolOutcome(error_type="unknown_tool", error=f"There is no tool {name!r}.")
        wrong = check_arguments(tool.spec, arguments)
        if wrong:
            return ToolOutcome(error_type="invalid_arguments", error="; ".join(wrong))
        self._world.mark()
        try:
            with self._world.attempt():
                output = tool.function(self._scene, **arguments)
                wrong = check_output(tool.spec, output)
                if wrong:
                    raise _BadOutput("; ".join(wrong))
        except ToolError as refusal:
            return ToolOutcome(error_type="failed", error=str(refusal))
        except _BadOutput as error:
            return ToolOutcome(error_type="invalid_output", error=f"{name} answered badly: {error}")
        except Exception as error:
            # Whatever a model sends, it reads an answer; the tool's own defect is named in it.
            return ToolOutcome(error_type="failed", error=f"{type(error).__name__}: {error}"[:500])
        return ToolOutcome(output)

    def digest(self) -> str:
        return self._world.digest()

    def diff(self) -> StateDiff:
        return self._world.diff()

    def query(self, sql: str) -> list[list[Any]]:
        return self._world.query(sql)

    def snapshot(self) -> tuple[bytes, Any]:
        """State and chance, for `restore`."""
        return self._world.snapshot(), self._scene.random.getstate()

    def restore(self, snapshot: tuple[bytes, Any]) -> None:
        """Go back to a snapshot of this environment."""
        self._world.restore(snapshot[0])
        self._scene.random.setstate(snapshot[1])

    async def close(self) -> None:
        self._world.close()


class _BadOutput(Exception):
    """A tool's output does not fit its own return type."""
