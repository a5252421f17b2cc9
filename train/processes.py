"""The processes of one training, where `accelerate launch` or torchrun started several.

Each trains on its share of the data; the first one alone writes files.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Processes:
    """This process among all."""

    rank: int = 0
    world: int = 1

    @property
    def main(self) -> bool:
        """Whether it is the one that writes."""
        return self.rank == 0

    def wait(self) -> None:
        """Until all processes are here."""
        if self.world > 1:
            _state().wait_for_everyone()

    def agreed(self, value: Any) -> Any:
        """The first process's value."""
        if self.world == 1:
            return value
        from accelerate.utils import broadcast_object_list

        return broadcast_object_list([value])[0]

    def most(self, value: int) -> int:
        """The largest of all processes' values."""
        if self.world == 1:
            return value
        from accelerate.utils import gather_object

        return int(max(gather_object([value])))


def processes(device: str) -> Processes:
    """As the launcher's environment says. `device`: cpu or cuda, on which all of them train."""
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world > 1:
        from accelerate import PartialState

        PartialState(cpu=device == "cpu")
    return Processes(int(os.environ.get("RANK", "0")), world)


def local_device(device: str) -> str | int:
    """Where this process puts the model: on several GPUs, each process has its own."""
    rank = os.environ.get("LOCAL_RANK")
    return int(rank) if device == "cuda" and rank is not None else device


def _state() -> Any:
    from accelerate import PartialState

    return PartialState()
