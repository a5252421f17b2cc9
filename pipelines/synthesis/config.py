"""What a synthesis is told: one YAML file, one pydantic model. Unknown keys are errors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ...planners.tool_graph.build import GraphConfig
from ...planners.tool_graph.sampling import By
from ...scenarios.config_file import read_config
from ...simulation.run_directory import Seed
from ...trajectories.filters import FilterConfig


class SynthesisInvalid(ValueError):
    """A synthesis config cannot be read; the message names the file and the key."""


def _ascending(value: tuple[int, int]) -> tuple[int, int]:
    if not 1 <= value[0] <= value[1]:
        raise ValueError("a range is [least, most], from 1")
    return value


Range = Annotated[tuple[int, int], AfterValidator(_ascending)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Players(_Part):
    """Which model plays which part: `rules`, or the name of a configured one."""

    planner: tuple[str, ...] = Field(default=("rules",), min_length=1)
    """Who plans; of several, one is drawn for each dialogue."""
    user: str = "rules"
    assistant: str = "rules"
    tool: str = "rules"
    judge: str | None = None
    """Who judges the finished dialogue, after rules and execution; None: nobody."""


class SynthesisConfig(_Part):
    """A whole synthesis."""

    name: str = Field(default="synthesis", pattern=r"^[a-z0-9][a-z0-9_\-]{0,60}$")
    pool: Path
    """The tools: a pool that `callsheet tools import` wrote. Relative to the config's file."""
    against: tuple[Path, ...] = ()
    """Pools that are kept for evaluation: tools that are in one of them are left out."""
    dialogues: int = Field(default=1000, ge=1)
    """Accepted dialogues that are wanted."""
    by: By = "graph"
    """How tools are drawn: graph (the paper's walk), chain (output to input) or random."""
    plan: bool = True
    """Whether the user follows a plan; else each request is chosen as the dialogue goes."""
    tools: Range = (3, 6)
    """Tools on offer in a dialogue, from and to."""
    turns: Range = (3, 6)
    """Requests of the user in a dialogue, from and to."""
    encoder: str = "all-minilm-l6"
    """Compares the tools' fields; `wordllama` is a hundred times faster and less exact."""
    graph: GraphConfig = GraphConfig()
    models: Players = Players()
    filters: FilterConfig = FilterConfig()
    batch: int = Field(default=500, ge=1)
    """Dialogues that are planned, played and sorted together; what a worker takes at a time."""
    seed: Seed = 0

    @property
    def needs_graph(self) -> bool:
        return self.by != "random"


_PACKAGED = Path(__file__).parent.parent.parent / "configs" / "synthesis"


def load_synthesis_config(path: Path, **changes: Any) -> SynthesisConfig:
    """The config in `path`, or the packaged one of that name (`everyday`), with `changes` over
    it; its paths are then absolute.

    Raises `SynthesisInvalid` where the file is missing, is no YAML or has a wrong key or value.
    """
    if path.suffix not in {".yaml", ".yml"} and not path.exists():
        path = _PACKAGED / f"{path.name}.yaml"
    given = {key: item for key, item in changes.items() if item is not None}
    config = read_config(path, SynthesisConfig, SynthesisInvalid, given)
    here = path.resolve().parent
    return config.model_copy(
        update={"pool": here / config.pool, "against": tuple(here / one for one in config.against)}
    )
