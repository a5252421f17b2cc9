"""Files that hold tools and no conversations: they become pools, by `tools.importing`."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

from ...tools.importers import detect as detect_tools
from ...tools.importing import import_tools
from ...tools.pool import save_pool
from .conversion import Conversion, save_report
from .detect import known_record
from .records import read_records

_LOOKED_AT = 20
"""Records that no format knows, of which the first are looked at for tools."""


def holds_tools(path: Path) -> bool:
    """Whether no format knows the first records, and they are descriptions of tools."""
    values = [record.value for record in islice(read_records(path, known_record), _LOOKED_AT)]
    if any(known_record(value) for value in values):
        return False
    return bool(detect_tools(values[0] if len(values) == 1 else values)[0]) if values else False


def import_pool(path: Path, out: Path) -> Conversion:
    """The tools in `path` as a pool."""
    imported = import_tools(path)
    out.parent.mkdir(parents=True, exist_ok=True)
    save_pool(out, imported.specs)
    refused = Counter(p.reason for p in imported.problems if p.lost == "record")
    found = imported.recognised[0][1:] if imported.recognised else ("", "")
    report = Conversion(
        file=str(path), out=str(out), read=imported.records, refused=dict(refused),
        converted=imported.records - imported.lost, tools=len(imported.specs),
        formats={found[0]: imported.records}, why={found[0]: found[1]},
    )  # fmt: skip
    with ExitStack() as stack:
        save_report(report, stack)
    return report
