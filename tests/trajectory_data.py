"""Where the tests find a folder of published trajectories, which is never part of the repository,
and what they do with every format."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from callsheet.trajectories.formats import Format, Losses
from callsheet.trajectories.trajectory import Trajectory

_BESIDE = Path(__file__).parents[2] / "shared" / "data" / "trajectories"
FOLDER: Path | None = next(
    (p for p in (Path(os.environ.get("CALLSHEET_TRAJECTORY_DATA", "/nonexistent")), _BESIDE)
     if (p / "MANIFEST.json").is_file()),
    None,
)  # fmt: skip
"""The folder, or None."""

needs_data = pytest.mark.skipif(
    FOLDER is None, reason="no folder of trajectories: set CALLSHEET_TRAJECTORY_DATA to one"
)

EXAMPLES = settings(
    max_examples=40, deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)  # fmt: skip
"""No time is asserted: other work shares the machine."""


def records(path: str) -> list[Any]:
    """The records of one of its files."""
    assert FOLDER is not None
    text = (FOLDER / path).read_text()
    if path.endswith(".jsonl"):
        return [json.loads(line) for line in text.splitlines()]
    value = json.loads(text)
    return value if isinstance(value, list) else [value]


def read(format: Format, record: Any, losses: Losses | None = None) -> list[Trajectory]:
    """The trajectories of a record that the format recognizes."""
    assert format.recognize(record)
    return list(format.read(record, losses or Losses()))


def read_one(format: Format, record: Any, losses: Losses | None = None) -> Trajectory:
    """Its one trajectory."""
    (trajectory,) = read(format, record, losses)
    return trajectory


def written(format: Format, trajectory: Trajectory, losses: Losses | None = None) -> Any:
    """The trajectory as JSON of the format."""
    assert format.write is not None
    return json.loads(json.dumps(format.write(trajectory, losses or Losses())))


def native(format: Format, trajectory: Trajectory, **changes: Any) -> Trajectory:
    """`trajectory` as if it came from the format, its words broken over lines."""
    lines = [
        message.model_copy(
            update={
                "content": message.content and message.content.replace(" ", "\n"),
                "thought": message.thought and message.thought.replace(" ", "\n"),
            }
        )
        for message in trajectory.messages
    ]
    asked = next(message.content for message in lines if message.role == "user")
    return trajectory.model_copy(
        update={"messages": lines, "user_query": asked, "scenario": format.name,
                "environment": format.name, **changes}
    )  # fmt: skip


def again(format: Format, trajectory: Trajectory) -> Trajectory:
    """The trajectory, written and read."""
    (result,) = format.read(written(format, trajectory), Losses())
    return result
