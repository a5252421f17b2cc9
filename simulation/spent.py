"""What a worker has spent in the sitting under way, as far as the log tells.

A worker that dies takes its accounts along. The one that is started in its place begins with what
is recorded: all but the answers that were under way.
"""

from __future__ import annotations

from pathlib import Path

from autogen_core.models import RequestUsage

from ..models.accounting import Ledger
from ..trajectories.log import read_segment, segments


def latest_epoch(run: Path) -> int:
    """The highest epoch that the log has events of; 0 where it has none."""
    return max((epoch for epoch, _ in segments(run)), default=0)


def charge_recorded(ledger: Ledger, run: Path, worker: str, since: int) -> None:
    """Enter what `worker` has recorded in epochs after `since`; nothing where nothing is limited.

    What a later epoch has written anew was paid all the same. Raises `LogDamaged`.
    """
    if ledger.token_budget is None and ledger.money_budget is None:
        return
    for epoch, path in segments(run):
        if epoch <= since or path.parent.parent.name != worker:
            continue
        for record in read_segment(path):
            # Answers that were asked for have the word, and those that cost nothing a value.
            if record["ambient"].get("cached", "") is None:
                usage = RequestUsage(**record["data"]["answer"]["usage"])
                ledger.enter(record["data"]["model"], usage, record["ambient"].get("cost", 0.0))
