"""The tool graph of ToolFlow: which tools belong together, and subsets of them to talk about.

`tool_graph` makes it of a pool, `sampler` draws subsets, `save_graph` and `load_graph` keep it.
Needs the extra `graph` (numpy, scipy); imports planners' lower rooms only: models and tools.
"""

from .build import THRESHOLD, GraphConfig, joined, tool_graph
from .fields import Fields
from .graph import ALIKE, FED, FEEDS, Link, ToolGraph
from .sampling import By, Sampler, sampler, uniform
from .similarity_join import Pairs, similar_pairs
from .statistics import GraphStatistics, statistics
from .store import GraphUnreadable, load_graph, save_graph

__all__ = [
    "ALIKE",
    "FED",
    "FEEDS",
    "THRESHOLD",
    "By",
    "Fields",
    "GraphConfig",
    "GraphStatistics",
    "GraphUnreadable",
    "Link",
    "Pairs",
    "Sampler",
    "ToolGraph",
    "joined",
    "load_graph",
    "sampler",
    "save_graph",
    "similar_pairs",
    "statistics",
    "tool_graph",
    "uniform",
]
