"""How external environments are named in a scenario: `openapi:`, `mcp:`, `python:`, `replay:`."""

from __future__ import annotations

from pathlib import Path

KINDS = ("openapi", "mcp", "python", "replay")
"""openapi: a file or a registered name. mcp, python: a registered name. replay: a file."""
_FILES = ("openapi", "replay")


def is_external(name: str) -> bool:
    """Whether an environment's name is one of these kinds."""
    kind, mark, _ = name.partition(":")
    return bool(mark) and kind in KINDS


def names_a_file(name: str) -> bool:
    """Whether the name is that of a file: it has a dot or a slash, which no registered name has."""
    kind, _, rest = name.partition(":")
    return kind in _FILES and ("." in rest or "/" in rest)


def placed(name: str, folder: Path) -> str:
    """The name with its file, if it has one, made absolute; relative ones are below `folder`."""
    if not names_a_file(name):
        return name
    kind, _, rest = name.partition(":")
    return f"{kind}:{(folder / rest).resolve()}"
