"""How an API-Bank tool is declared: what it takes and gives, and the function behind it.

    @LEVEL_1.api(
        "Set an alarm for a user.",
        {"token": TOKEN, "time": Param("str", "Time of the alarm. Format: %Y-%m-%d %H:%M:%S")},
        {"status": Param("str", "success or failed")},
        returns=SUCCESS,
    )
    def AddAlarm(desk: Desk, token: str, time: str) -> str:
        strict_time(time)
        ...

The function's body is the tool's checks in order, a query and an answer; it refuses with `Refusal`.
Parameters are in the benchmark's own types, which decide how text is coerced (`coercion.py`), and
from which the JSON Schemas for models are made. Says nothing of state: that is the session's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from ...tools import ToolSpec

ParamType = Literal["str", "int", "float", "bool", "list", "list(str)", "dict", "json"]
_JSON_TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean",
               "list": "array", "list(str)": "array", "dict": "object"}  # fmt: skip

SUCCESS: Mapping[str, Any] = {"const": "success"}
"""The output of most tools that change something."""


class Refusal(Exception):
    """A tool's refusal; the text is the envelope's `exception`, to the letter."""


@dataclass(frozen=True)
class Param:
    """One parameter or one part of the output, in the benchmark's notation."""

    type: str
    """A `ParamType`; for outputs any text, since upstream writes e.g. `Union[List[dict], dict]`."""
    description: str
    optional: bool = False
    items: Mapping[str, Any] | None = None
    """JSON Schema of a list's items, where they are more than text."""

    @cached_property
    def schema(self) -> dict[str, Any]:
        """JSON Schema (Draft 2020-12) of a value that fits."""
        schema: dict[str, Any] = {"type": _JSON_TYPES[self.type]}
        if self.type == "list(str)":
            schema["items"] = {"type": "string"}
        elif self.items is not None:
            schema["items"] = dict(self.items)
        return schema | {"description": self.description}


TOKEN = Param("str", "Token of the user, from GetUserToken.")


@dataclass(frozen=True)
class Api:
    """A declared tool."""

    name: str
    description: str
    inputs: Mapping[str, Param]
    outputs: Mapping[str, Param]
    """As the benchmark describes it to models; what really comes is `returns`."""
    returns: Mapping[str, Any] | None
    """JSON Schema of the envelope's `output` on success."""
    function: Callable[..., Any]
    named: bool = True
    """Whether the envelope names the tool (four upstream tools forget to)."""
    echo_given: bool = False
    """Whether `input` holds only the arguments that were given, not all that there are."""

    @cached_property
    def required(self) -> tuple[str, ...]:
        return tuple(name for name, param in self.inputs.items() if not param.optional)

    @cached_property
    def types(self) -> dict[str, str]:
        """The benchmark's type of each input."""
        return {name: param.type for name, param in self.inputs.items()}

    def spec(self, description: str, inputs: Mapping[str, str], tag: str) -> ToolSpec:
        """The tool for models; `inputs` are descriptions by parameter name."""
        properties = {
            name: param.schema | {"description": inputs.get(name, param.description)}
            for name, param in self.inputs.items()
        }
        return ToolSpec(
            name=self.name,
            description=description,
            parameters={
                "type": "object",
                "properties": properties,
                "required": list(self.required),
                "additionalProperties": False,
            },
            returns=None if self.returns is None else dict(self.returns),
            tags=(tag,),
        )


@dataclass(eq=False)
class Catalog:
    """The tools of one level, in order of declaration."""

    name: str
    apis: dict[str, Api] = field(default_factory=dict)

    def api(
        self,
        description: str,
        inputs: Mapping[str, Param],
        outputs: Mapping[str, Param],
        *,
        returns: Mapping[str, Any] | None,
        named: bool = True,
        echo_given: bool = False,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare the decorated function (`desk`, then the inputs by name) as a tool.

        Raises `ValueError` for a name that is taken.
        """

        def declare(function: Callable[..., Any]) -> Callable[..., Any]:
            name = function.__name__
            if name in self.apis:
                raise ValueError(f"{self.name} has a tool {name} already")
            self.apis[name] = Api(
                name, description, inputs, outputs, returns, function, named, echo_given
            )
            return function

        return declare


LEVEL_1 = Catalog("api_bank")
"""The 53 tools of levels 1 and 2."""
LEVEL_3 = Catalog("api_bank_level_3")
"""The 22 tools of level 3."""
