"""A mixture as a Hugging Face `IterableDataset`, for trainers that take one.

Its shards are the mixture's workers: `split_dataset_by_node` and torch's DataLoader divide those
among devices and processes, so for n of them make the mixture with `workers=n`. What `datasets`
iterates is the finished order, in numbers; records are read after. Therefore its own `state_dict`
is exact here: going on skips numbers, and there is no shuffle buffer to lose (see `order`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .mixture import Mixture


def as_dataset(mixture: Mixture) -> Any:
    """A `datasets.IterableDataset` of what is still to come: `{"source", "trajectory"}`, the
    latter as JSON text.

    The mixture's own state stays where it is; the dataset keeps its own.
    """
    from datasets import IterableDataset

    files = mixture.files()

    def draws(workers: list[int]) -> Iterator[dict[str, int]]:
        for worker in workers:
            for source, position in mixture.draws(worker):
                yield {"source": source, "position": position}

    def read(draw: dict[str, int]) -> dict[str, str]:
        line = files.record(draw["source"], draw["position"]).line
        return {"source": mixture.name(draw["source"]), "trajectory": line.decode()}

    numbers = IterableDataset.from_generator(
        draws, gen_kwargs={"workers": list(range(mixture.workers))}
    )
    return numbers.map(read, remove_columns=["source", "position"])
