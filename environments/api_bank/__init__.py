"""API-Bank: 73 executable tools in three levels, their databases and the two behaviours in which
they answer (Li et al., 2023, "API-Bank: A Comprehensive Benchmark for Tool-Augmented LLMs").
Imports the world, the tools' room and models' embedders."""

from .coercion import Behaviour, CallRaised
from .data import VARIABLE, ApiBankData, ApiBankDataError, api_bank_data
from .declaration import LEVEL_1, LEVEL_3, Api, Catalog
from .session import Session, level_1, level_3

__all__ = [
    "LEVEL_1",
    "LEVEL_3",
    "VARIABLE",
    "Api",
    "ApiBankData",
    "ApiBankDataError",
    "Behaviour",
    "CallRaised",
    "Catalog",
    "Session",
    "api_bank_data",
    "level_1",
    "level_3",
]
