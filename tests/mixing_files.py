"""Small files of trajectories for the tests of mixing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from conversations import trajectory

from callsheet.train.mixing import MixtureConfig


def write(path: Path, count: int, *, prefix: str = "", **changes: Any) -> Path:
    """`count` trajectories with a query of their own each; `changes` may be functions of the
    number."""
    with path.open("w") as file:
        for number in range(count):
            name = f"{prefix or path.stem}-{number}"
            said = {"id": name, "user_query": f"do {name}"} | {
                key: value(number) if callable(value) else value for key, value in changes.items()
            }
            file.write(trajectory().model_copy(update=said).model_dump_json() + "\n")
    return path


def mixture(folder: Path, sizes: dict[str, int], **settings: Any) -> MixtureConfig:
    """A config over fresh files of these sizes, by name; weights in `weights`."""
    weights = settings.pop("weights", {})
    return MixtureConfig.model_validate(
        {
            "sources": [
                {
                    "name": name,
                    "path": write(folder / f"{name}.jsonl", size),
                    "weight": weights.get(name, 1),
                }
                for name, size in sizes.items()
            ],
            "evaluation": 0,
        }
        | settings
    )


def ids(records: Any) -> list[str]:
    """The trajectories' ids, in order."""
    return [record.trajectory().id for _, record in records]
