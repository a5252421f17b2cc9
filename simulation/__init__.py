"""Simulation: plays scenarios and records them.

`simulate` makes a run (`make_run`) and plays it, `resume` goes on with one, `replay` plays a
recorded episode again without asking anybody, `fork` lets it go another way. `driver` holds one
episode's control flow, `build` alone assembles agents, environment and models. Imports planners
and all below.
"""

from .cast import Cast, ModelDown
from .engine import compile_trajectories, make_run, recorded, resume, run_progress, simulate
from .episodes import EpisodeEnd, Progress
from .fork import fork, fork_at, fork_run
from .processes import WorkerFailed
from .prompts import offered, rebuild_prompt, rebuild_prompts
from .replay import Replayed, replay
from .run_directory import Execution, Manifest, RunConfig, RunDirectory, RunError
from .unconfirmed import UnconfirmedCall
from .watchers import Watchers

__all__ = [
    "Cast",
    "EpisodeEnd",
    "Execution",
    "Manifest",
    "ModelDown",
    "Progress",
    "Replayed",
    "RunConfig",
    "RunDirectory",
    "RunError",
    "UnconfirmedCall",
    "Watchers",
    "WorkerFailed",
    "compile_trajectories",
    "fork",
    "fork_at",
    "fork_run",
    "make_run",
    "offered",
    "rebuild_prompt",
    "rebuild_prompts",
    "recorded",
    "replay",
    "resume",
    "run_progress",
    "simulate",
]
