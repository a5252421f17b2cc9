"""Environments: the worlds in which tools act. Sandboxes run their tools over SQLite, the planned
environment has them simulated, external ones are other people's. Imports models and below."""

from .protocol import Environment, StateDiff, ToolCall, ToolOutcome, ToolSimulator

# The function, not the module of its name, which the registry must have imported before.
from .registry import (
    PLANNED,
    environment_for,
    sandbox,
    sandbox_names,
    source_named,
    specs_for,
    tools_of,
)
from .source import EnvironmentSource

__all__ = [
    "PLANNED",
    "Environment",
    "EnvironmentSource",
    "StateDiff",
    "ToolCall",
    "ToolOutcome",
    "ToolSimulator",
    "environment_for",
    "sandbox",
    "sandbox_names",
    "source_named",
    "specs_for",
    "tools_of",
]
