"""API-Bank as an environment: its tools for scenarios, synthesis and training like any other.

`api_bank` has the 53 tools of levels 1 and 2, `api_bank_level_3` the 22 of level 3; with
`:strict-upstream` behind the name, both answer as the latest upstream release, quirks included.
Models give JSON arguments and read the envelope's `output`, or its `exception` as an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from ...models.embedding import encoder
from ...tools import ToolSpec
from ..protocol import Execution, StateDiff, ToolCall, ToolOutcome
from .coercion import Behaviour, CallRaised
from .data import ApiBankData, api_bank_data
from .declaration import Catalog
from .online import check_recorded
from .search import described
from .session import Session, level_1, level_3

STRICT = "strict-upstream"


class ApiBankSource:
    """One level with one behaviour; opens an environment for each episode."""

    def __init__(self, name: str, catalog: Callable[[], Catalog], behaviour: Behaviour) -> None:
        self.name = name
        self._catalog = catalog
        self.behaviour = behaviour

    @property
    def catalog(self) -> Catalog:
        return self._catalog()

    @property
    def digest(self) -> str:
        """Of the data behind the tools, which `CALLSHEET_API_BANK` chooses, and of the encoder
        behind ToolSearcher. Raises `ApiBankDataError`, `ModelUnavailable` and `ValueError`."""
        data = api_bank_data()
        if self.catalog is level_1():
            # A run asks for its digest once, before any model is asked for anything.
            data.check_look_ups()
            check_recorded(data)
        return f"{data.digest} {encoder().digest}"

    @property
    def tools(self) -> Mapping[str, ToolSpec]:
        """Tools by name, with the descriptions of the data's `apis.json` where there is one."""
        return tool_specs(self.catalog, api_bank_data(), self.behaviour)

    def open(
        self,
        tools: Sequence[str],
        *,
        now: datetime,
        seed: int,
        state: Mapping[str, Any] | None = None,
    ) -> ApiBankEnvironment:
        """An episode's own world; `now` is not read, since these tools ask no clock.

        Raises `ValueError` for a tool, table or column that does not exist.
        """
        session = Session(self.catalog, behaviour=self.behaviour, seed=seed)
        if state:
            session.world.start(state)
        known = self.tools
        for name in tools:
            if name not in known:
                raise ValueError(f"{self.name} has no tool {name!r}")
        return ApiBankEnvironment(self.name, session, [known[n] for n in tools or known])


class ApiBankEnvironment:
    """One episode of API-Bank; see `Environment`."""

    execution: Execution = "sandbox"

    def __init__(self, name: str, session: Session, tools: Sequence[ToolSpec]) -> None:
        self.name = name
        self.tools = tuple(tools)
        self.session = session

    @cached_property
    def _offered(self) -> frozenset[str]:
        return frozenset(tool.name for tool in self.tools)

    async def call(self, call: ToolCall) -> ToolOutcome:
        return self.run(call.name, call.arguments)

    def run(self, name: str, arguments: Mapping[str, Any]) -> ToolOutcome:
        """`call`, for those who need no event loop."""
        if name not in self._offered:
            return ToolOutcome(error_type="unknown_tool", error=f"There is no tool {name!r}.")
        self.session.world.mark()
        try:
            envelope = self.session.call(name, arguments)
        except CallRaised as raised:
            return ToolOutcome(error_type="invalid_arguments", error=str(raised))
        if envelope["exception"] is not None:
            # An empty text is an answer too: upstream refuses a negative salary without a word.
            return ToolOutcome(error_type="failed", error=envelope["exception"][:2000])
        return ToolOutcome(envelope["output"])

    def digest(self) -> str:
        return self.session.world.digest()

    def diff(self) -> StateDiff:
        return self.session.world.diff()

    def query(self, sql: str) -> list[list[Any]]:
        return self.session.world.query(sql)

    def snapshot(self) -> tuple[bytes, Any]:
        """State and chance, for `restore`."""
        return self.session.world.snapshot(), self.session.random.getstate()

    def restore(self, snapshot: tuple[bytes, Any]) -> None:
        """Go back to a snapshot of this environment."""
        self.session.world.restore(snapshot[0])
        self.session.random.setstate(snapshot[1])

    async def close(self) -> None:
        self.session.close()


@lru_cache(maxsize=16)
def tool_specs(catalog: Catalog, data: ApiBankData, behaviour: Behaviour) -> dict[str, ToolSpec]:
    """The catalog's tools as models read them, described in the data's words where it has any."""
    group = "level-3" if catalog is level_3() else "level-1/2"
    specs = {}
    for name, api in catalog.apis.items():
        known = data.signatures.get((group, name), {})
        inputs = {
            key: part.get("description", "")
            for key, part in known.get("input_parameters", {}).items()
        }
        description = described(known, behaviour) or api.description
        specs[name] = api.spec(description, inputs, catalog.name)
    return specs


API_BANK = ApiBankSource("api_bank", level_1, "reference")
API_BANK_STRICT = ApiBankSource(f"api_bank:{STRICT}", level_1, "strict-upstream")
API_BANK_LEVEL_3 = ApiBankSource("api_bank_level_3", level_3, "reference")
API_BANK_LEVEL_3_STRICT = ApiBankSource(f"api_bank_level_3:{STRICT}", level_3, "strict-upstream")
