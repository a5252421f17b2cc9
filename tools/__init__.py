"""Tool descriptions: specs, pools and validation. Imports nothing else of callsheet."""

from .functions import tool_from_function
from .pool import PoolError, load_pool, save_pool
from .spec import ToolSource, ToolSpec
from .validation import SchemaUnusable, check_arguments, check_output, problems

__all__ = [
    "PoolError",
    "SchemaUnusable",
    "ToolSource",
    "ToolSpec",
    "check_arguments",
    "check_output",
    "load_pool",
    "problems",
    "save_pool",
    "tool_from_function",
]
