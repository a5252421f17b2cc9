"""Searching for tools: what a scenario offers then, and keywords that are names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ...scenarios.schema import Retrieve

SEARCH = "ToolSearcher"


def offered_by_search(findable: Sequence[str] = ()) -> dict[str, Any]:
    """Fields of a scenario in which ToolSearcher finds `findable`; all tools where there are none
    in it."""
    return {"tools": [SEARCH, *findable] if findable else [], "retrieve": Retrieve(tool=SEARCH)}


def split_name(name: str) -> str:
    """A tool's name in words, as upstream's evaluator takes keywords apart: "Query Meeting"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
