"""The scene of one dialogue: who speaks, where, when, which values it is about, and what fails.

Values are remembered by what they are called, so that "the project ID" is the same project in all
requests of a dialogue, unless another one is meant.
"""

from __future__ import annotations

from random import Random
from typing import Any

from ...agents.rules.arguments import configured, lasting
from ...agents.rules.plausible import plausible
from ...agents.rules.tool_index import CompiledTool, Param
from ...scenarios.schema import Faults
from .personas import moment, persona, place, style

_AGAIN = 0.65
"""How often something of the same name is the same thing."""
_REFUSED = 0.025
"""Share of calls that a tool refuses as real ones do."""
_FAULTY = 0.15
"""Share of dialogues in which a tool may be out of reach for a moment."""


class Scene:
    """Drawn by seed; values are drawn when they are asked for."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        who = self.chance("scene")
        self.persona = persona(who)
        self.style = style(who)
        self.now = moment(who)
        self.location = place(who)
        self.facts: dict[str, Any] = {}
        """What the system says at the start besides time and place, by label with underscores."""
        self._values: dict[tuple[str, str], Any] = {}

    def chance(self, purpose: str) -> Random:
        """A source of chance for one purpose: what one part draws changes nothing elsewhere."""
        return Random(f"{purpose} {self.seed}")  # noqa: S311

    @property
    def faults(self) -> Faults:
        """Calls that are refused now and then, and in some dialogues tools that are out of reach
        for a moment."""
        if self.chance("faults").random() >= _FAULTY:
            return Faults(refused=_REFUSED)
        return Faults(timeout=0.06, unavailable=0.02, refused=_REFUSED, seed=self.seed)

    @property
    def context(self) -> dict[str, str]:
        """The lines of the system message, as the assistant reads them."""
        return {
            "now": self.now.strftime("%Y-%m-%d %H:%M:%S"),
            "location": self.location,
            **{name: str(value) for name, value in self.facts.items()},
        }

    def is_configured(self, param: Param) -> bool:
        """Whether a required parameter's value is told by the system; it then becomes a fact."""
        name = param.label.casefold()
        if not configured(param.label) or param.type != "string":
            return False
        key = name.replace(" ", "_")
        if key in self.facts:
            return not param.schema.get("enum") or self.facts[key] in param.schema["enum"]
        try:
            self.facts[key] = self._configured(param, name)
        except ValueError:
            return False
        return True

    def _configured(self, param: Param, name: str) -> Any:
        chance = self.chance(f"fact {name}")
        if param.schema.get("enum"):
            return chance.choice(param.schema["enum"])
        if name.endswith("version"):
            return f"20{chance.randint(19, 25)}-{chance.randint(1, 12):02d}-01"
        if name in ("content type", "accept"):
            return "application/json"
        return f"{chance.getrandbits(64):016x}"

    def value(
        self, param: Param, tool: CompiledTool, chance: Random, *, other: bool = False
    ) -> Any:
        """A value for a parameter; `other`: none that was used. Raises `NoValue`."""
        key = (param.label, param.type)
        known = self._values.get(key)
        free = known is not None and not other and not param.schema.get("enum")
        if free and (lasting(param.label) or chance.random() < _AGAIN):
            return known
        return plausible(
            param.schema, param.label, self.now.replace(tzinfo=None), chance,
            location=self.location.split(",")[0],
        )  # fmt: skip

    def use(self, param: Param, value: Any) -> None:
        """Remember a value that a request was made with."""
        self._values[(param.label, param.type)] = value
