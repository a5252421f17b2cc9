"""Filters: what is wrong with a finished dialogue, and sorting dialogues by it.

`find_defects` applies every rule to every branch of a trajectory; `sort_trajectories` sorts files,
and keeps what it rejects with the reasons. Each rule is a generator over a `Branch` in a file of
its own; `REASONS` lists the codes. Rules read, they never ask a model: `agents/dialogue_judge.py`
does. (`train/filters.py` is another thing: a threshold on a score.) May import tools and its own
room.
"""

from .config import FilterConfig, ReviewConditions
from .defect import REASONS, Defect, Reason, defect
from .find import RULES, find_defects
from .sorting import (
    FilterReport,
    defects_of,
    sort_trajectories,
    with_defects,
    without_defects,
)

__all__ = [
    "REASONS",
    "RULES",
    "Defect",
    "FilterConfig",
    "FilterReport",
    "Reason",
    "ReviewConditions",
    "defect",
    "defects_of",
    "find_defects",
    "sort_trajectories",
    "with_defects",
    "without_defects",
]
