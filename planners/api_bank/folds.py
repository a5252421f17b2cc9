"""API-Bank's tools in two folds, for students that are asked only for tools they never saw.

A student that was trained without one fold is asked for that fold's calls; with two students every
tool is unseen once. A fold is made of whole domains, so that no sister of a left-out tool (AddAlarm
of DeleteAlarm) is trained on, and the tools that take a token are with the one that gives it.
ToolSearcher belongs to no fold: searching is the ability itself.
"""

from __future__ import annotations

from .goals.task import TASKS, Domain

FOLDS: tuple[tuple[Domain, ...], ...] = (
    ("account", "schedule", "finance"),
    ("information", "health", "home", "travel"),
)


def fold_of(tool: str) -> int | None:
    """The fold of a tool, by the domain of the task that calls it alone; None for a tool that no
    such task has."""
    for task in TASKS.values():
        if task.tools == (tool,):
            return next(fold for fold, domains in enumerate(FOLDS) if task.domain in domains)
    return None


def fold_tools(fold: int) -> list[str]:
    """The tools of a fold, in alphabetical order."""
    tools = {task.tools[0] for task in TASKS.values() if len(task.tools) == 1}
    return sorted(tool for tool in tools if fold_of(tool) == fold)
