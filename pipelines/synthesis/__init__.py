"""Data synthesis at scale: from a pool of tools to accepted dialogues (ToolFlow, section 3).

`synthesize` takes a config to a folder: the tool graph, batches of planned and played dialogues,
those that the filters accept and those that they reject with their reasons. Stopped anywhere, it
goes on where it was.
"""

from .config import SynthesisConfig, SynthesisInvalid, load_synthesis_config
from .folder import SynthesisFolder, SynthesisResult
from .synthesize import SynthesisProgress, synthesize

__all__ = [
    "SynthesisConfig",
    "SynthesisFolder",
    "SynthesisInvalid",
    "SynthesisProgress",
    "SynthesisResult",
    "load_synthesis_config",
    "synthesize",
]
