"""Mixing: sources of trajectories, each with its own filter, drawn from in given proportions.

The generic dataloader of the unified training framework (AgentOhana, Zhang et al. 2024, section
2.4): filter each source, split it, shuffle it, interleave the sources, with a seed of its own for
each device and worker. `index` reads a source once, `order` draws by chance among numbers alone,
`files` reads the records drawn, and `mixture` joins them; `workers` and `streaming` hand the same
records to torch and to Hugging Face `datasets`, which are imported there and only when asked.
"""

from .config import MixtureConfig, SourceConfig
from .files import Record
from .index import MixtureInvalid, SourceCounts, SourceIndex, index_sources
from .mixture import Mixture, StateMismatch
from .seeds import init_device_seed

__all__ = [
    "Mixture",
    "MixtureConfig",
    "MixtureInvalid",
    "Record",
    "SourceConfig",
    "SourceCounts",
    "SourceIndex",
    "StateMismatch",
    "index_sources",
    "init_device_seed",
]
