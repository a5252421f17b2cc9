"""Names of tools and parameters in what should be a person's words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from .labels import words_of
from .tool_index import CompiledTool

_IDENTIFIER = re.compile(
    r"[A-Za-z0-9][_.$:/][A-Za-z0-9]|[a-z][A-Z]|[A-Z]{2}[a-z]|[A-Za-z]\d|\d[A-Za-z]"
)


def leaks(text: str, tools: Iterable[CompiledTool]) -> list[str]:
    """Names of `tools` and of their parameters that occur in `text` as they stand in the schema.

    A name that is a plain word ("search", "city") is a person's word too, and so is one of two
    plain words; three in a row, "list user orders" for `list_user_orders`, are the name.
    """
    said = text.casefold()
    found = []
    for tool in tools:
        for name, folded, spoken in _forms(tool):
            if (folded in said and _stands(folded, said)) or (
                spoken and spoken in said and _stands(spoken, said)
            ):
                found.append(name)
    return found


@lru_cache(maxsize=4096)
def _forms(tool: CompiledTool) -> tuple[tuple[str, str, str], ...]:
    """(name, folded, spoken) of the names that are no plain words."""
    forms = []
    for name in (tool.name, *(p.name for p in tool.params)):
        words = words_of(name)
        spoken = " ".join(words).casefold() if name == tool.name and len(words) > 2 else ""
        if _is_identifier(name):
            forms.append((name, name.casefold(), spoken))
    return tuple(forms)


def _is_identifier(name: str) -> bool:
    return _IDENTIFIER.search(name) is not None and len(name) > 3


def _stands(name: str, text: str) -> bool:
    return re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", text) is not None
