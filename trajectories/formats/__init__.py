"""Published forms of trajectories, one file each: read into ours, and written for others' trainers.

A format's module holds `FORMAT`, a `Format`. To add one, write its file and name it in `_MODULES`.
Nothing here reads files: `records` streams them, and `convert` joins the two. Imports nothing of
callsheet but tools and trajectories.
"""

from __future__ import annotations

from importlib import import_module

from .format import Format, Losses, Refused

_MODULES = (
    "own",
    # Forms of agents, which nothing else looks like.
    "unified",
    "adp",
    "atif",
    "react",
    "toolalpaca",
    "toolalpaca_judged",
    "toolbench_tree",
    "toolbench_conversation",
    "toolbench_queries",
    "seal_tools",
    "toucan",
    "agentinstruct",
    "eto",
    # Pairs of branches.
    "llamafactory_preferences",
    "llamafactory_v1_preferences",
    "trl_preferences",
    # Chat shapes, from narrow to wide.
    "glaive",
    "toolace",
    "alpaca",
    "hermes",
    "llamafactory_v1",
    "xlam_unified",
    "xlam_calls",
    "sharegpt",
    "trl",
    "openai",
)
"""Modules of formats in the order in which they are tried on a record: the first one that
recognizes it has it."""

FORMATS: dict[str, Format] = {
    format.name: format
    for format in (import_module(f".{name}", __package__).FORMAT for name in _MODULES)
}
"""Formats by name, in detection order."""

__all__ = ["FORMATS", "Format", "Losses", "Refused"]
