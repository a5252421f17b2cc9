"""ToolSearcher, the tool that finds tools; the same in all levels. The search is `search.py`'s."""

from __future__ import annotations

from typing import Any

from ..declaration import LEVEL_1, LEVEL_3, Param
from ..desk import Desk

_DESCRIPTION = "Find the tool that does what the keywords say."
_INPUTS = {"keywords": Param("str", "What the tool shall do, in a few words.")}
_OUTPUTS = {"best_matchs": Param("Union[List[dict], dict]", "The tool, or a login and the tool.")}
_TOOL = {
    "type": "object",
    "required": ["name", "description", "input_parameters", "output_parameters"],
}
_FOUND = {"anyOf": [_TOOL, {"type": "array", "items": _TOOL, "minItems": 2, "maxItems": 2}]}


@LEVEL_1.api(_DESCRIPTION, _INPUTS, _OUTPUTS, returns=_FOUND)
@LEVEL_3.api(_DESCRIPTION, _INPUTS, _OUTPUTS, returns=_TOOL)
def ToolSearcher(desk: Desk, keywords: str) -> Any:
    return desk.search(keywords)
