"""How an assistant thinks between hearing and acting: small strategies, chosen by name.

A plugin adds one with an entry point of the group `callsheet.architectures` that names a class
without constructor arguments; a built-in name cannot be taken over. May import what agents may.
"""

from __future__ import annotations

from importlib.metadata import entry_points

from .base import Architecture, Ask, Decision
from .react import ReAct
from .zero_shot import ZeroShot

__all__ = ["Architecture", "Ask", "Decision", "architecture", "architecture_names"]

GROUP = "callsheet.architectures"
_BUILT_IN: dict[str, type[Architecture]] = {"zero-shot": ZeroShot, "react": ReAct}


def architecture(name: str) -> Architecture:
    """A fresh strategy. Raises `ValueError` for a name that nobody has registered."""
    if name in _BUILT_IN:
        return _BUILT_IN[name]()
    for entry in entry_points(group=GROUP):
        if entry.name == name:
            made: Architecture = entry.load()()
            return made
    raise ValueError(f"unknown architecture {name!r}; known: {', '.join(architecture_names())}")


def architecture_names() -> tuple[str, ...]:
    """All names that `architecture` takes, built-in ones first."""
    others = {entry.name for entry in entry_points(group=GROUP)} - set(_BUILT_IN)
    return (*_BUILT_IN, *sorted(others))
