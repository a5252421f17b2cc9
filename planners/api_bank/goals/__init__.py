"""Generated scenarios over API-Bank's tools: goals in words, with a solution and an end state.

`generate` draws them from the databases and from a vocabulary of this project; the benchmark's
dialogues are never read. Imports the rooms below, and the rest of `planners.api_bank`.
"""

from .compose import Ability
from .generate import ABILITIES, covered_tools, generate
from .task import DOMAINS, Domain

__all__ = ["ABILITIES", "DOMAINS", "Ability", "Domain", "covered_tools", "generate"]
