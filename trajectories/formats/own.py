"""Callsheet's own trajectories: what all other formats are converted from and to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from ..trajectory import Trajectory
from .format import Format, Losses, Refused


def recognize(record: Any) -> str | None:
    """By the fields that every trajectory has."""
    if isinstance(record, dict) and {"id", "scenario", "environment"} <= record.keys():
        return "it has a trajectory's id, scenario and environment"
    return None


def read(record: Any, losses: Losses) -> Iterable[Trajectory]:
    """The trajectory itself."""
    try:
        return [Trajectory.model_validate(record)]
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Refused(f"{where}: {first['msg']}".lstrip(": ")) from None


def write(trajectory: Trajectory, losses: Losses) -> Any:
    """All of it."""
    return trajectory.model_dump(mode="json", exclude_none=True)


FORMAT = Format(
    "callsheet", "callsheet's own trajectories, which hold everything", recognize, read, write
)
