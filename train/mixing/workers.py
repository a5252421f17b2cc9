"""Reading a mixture in processes of torch's DataLoader, with the state kept where training runs.

Imported only where it is used: this file needs the train extra at import time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from .files import Record
from .mixture import Mixture

Prepare = Callable[[str, Record], Any]
"""Makes what the trainer needs of a source's name and a record; runs in the worker."""


def in_workers(mixture: Mixture, prepare: Prepare) -> Iterator[Any]:
    """What `prepare` makes of each record still to come, in the order of the mixture itself.

    Each of the mixture's workers is a process. They read ahead, yet the mixture's state counts
    what was handed over here, so that a state taken at any record goes on with the next one. (A
    dataset's own state in the workers would count what waits in the queues as well.)
    """
    loader = DataLoader(
        _Shares(mixture, prepare),
        batch_size=None,
        num_workers=mixture.workers,
        collate_fn=_as_it_is,
    )
    for (worker, _), (prepared_by, prepared) in zip(mixture.advance(), loader, strict=True):
        assert worker == prepared_by, "torch's DataLoader no longer asks its workers in turn"
        yield prepared


def _as_it_is(prepared: Any) -> Any:
    """torch's own makes lists of tuples, and tensors of numbers."""
    return prepared


class _Shares(IterableDataset):  # type: ignore[misc]
    """In each process, the share of one worker.

    The DataLoader asks its first process first; so that is the worker whose turn it is.
    """

    def __init__(self, mixture: Mixture, prepare: Prepare) -> None:
        self._mixture = mixture
        self._prepare = prepare

    def __iter__(self) -> Iterator[tuple[int, Any]]:
        info = get_worker_info()
        assert info is not None
        mixture = self._mixture
        worker = (mixture.turn() + info.id) % mixture.workers
        with mixture.files() as files:
            for source, position in mixture.draws(worker):
                record = files.record(source, position)
                yield worker, self._prepare(mixture.name(source), record)
