"""Tool descriptions: specs, pools, importers and validation. Imports nothing else of callsheet."""

from .spec import ToolSource, ToolSpec

__all__ = ["ToolSource", "ToolSpec"]
