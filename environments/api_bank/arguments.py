"""A call's arguments: as the tool's function takes them, and as the envelope's `input` has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .coercion import Behaviour, coerced
from .declaration import Api

_RETIRED = {"TimedSwitch": {"device_id": "name"}, "CancelTimedSwitch": {"device_id": "name"}}
"""By tool, arguments of the first release that the recorded dialogues still have, and their heirs;
`reference` takes them and shows them as they were called."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """Coerced arguments of one call."""

    api: Api
    values: dict[str, Any]
    """By the tool's own names."""
    called: Mapping[str, str]
    """Names that the call used instead, by the tool's own."""

    def echo(self) -> dict[str, Any] | None:
        """The envelope's `input`: all formal arguments in their order, or the given ones, by tool;
        None for a tool without arguments. Values are the ones that the function had, so that what
        it changed in place shows."""
        if not self.api.inputs:
            return None
        names = [n for n in self.api.inputs if n in self.values or not self.api.echo_given]
        if not self.called:
            return {name: self.values.get(name) for name in names}
        return {self.called.get(name, name): self.values.get(name) for name in names}


def taken(api: Api, arguments: Mapping[str, Any], behaviour: Behaviour) -> Arguments:
    """The arguments of a call of `api`. Raises `CallRaised` for one that it does not take."""
    retired = _RETIRED.get(api.name, {}) if behaviour == "reference" else {}
    called = {new: old for old, new in retired.items() if old in arguments}
    if called:
        arguments = {retired.get(key, key): value for key, value in arguments.items()}
    return Arguments(api, coerced(api.types, arguments, behaviour), called)
