"""Files that hold tools and no conversations: they become pools, by `tools.importing`.

A record that has turns of a conversation is none of a tool, whatever else it has: where no format
knows it, it is refused as a conversation, and not read as a tool.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from ...tools.importers import detect as detect_tools
from ...tools.importers.draft import Problem
from ...tools.importing import import_tools
from ...tools.pool import save_pool
from .conversion import Conversion, beside, save_report
from .detect import known_record
from .record_file import RecordFile
from .records import holds_one_object, importable, read_records

_LOOKED_AT = 20
"""Records that no format knows, of which the first are looked at for tools."""
_SPEAKERS = ("role", "from", "speaker", "class_")
"""Keys of turns, one of which says who speaks."""
_TURNS_TEXT = re.compile(r'\s*\[\s*\{\s*"(?:role|from|speaker|class_)"')


def holds_tools(path: Path) -> bool:
    """Whether no format knows the first records, and they are descriptions of tools."""
    if not importable(path):
        return False
    values = [record.value for record in islice(read_records(path, known_record), _LOOKED_AT)]
    if not values or any(known_record(value) or _has_turns(value) for value in values):
        return False
    # The importer looks at the one value of a document, or at the list of its lines or items.
    alone = len(values) == 1 and holds_one_object(path)
    return bool(detect_tools(values[0] if alone else values)[0])


def _has_turns(record: Any) -> bool:
    """Whether a value of `record` is a list of turns, or JSON text of one."""
    return isinstance(record, dict) and any(
        _TURNS_TEXT.match(value) is not None if isinstance(value, str)
        else isinstance(value, list) and any(
            isinstance(item, dict) and any(word in item for word in _SPEAKERS) for item in value
        )
        for value in record.values()
    )  # fmt: skip


def import_pool(path: Path, out: Path) -> Conversion:
    """The tools in `path` as a pool. Where it has none, or is damaged, that is a refusal."""
    imported = import_tools(path)
    out.parent.mkdir(parents=True, exist_ok=True)
    save_pool(out, imported.specs)
    refused = Counter(p.reason for p in imported.problems if p.lost == "record")
    whole = Counter(p.reason for p in imported.problems if p.lost == "document")
    if not imported.records and not whole:
        whole["it holds no tools"] = 1
    found = imported.recognised[0][1:] if imported.recognised else ("", "")
    report = Conversion(
        file=str(path), out=str(out), read=imported.records + whole.total(),
        refused=dict(refused + whole),
        converted=imported.records - imported.lost, tools=len(imported.specs),
        formats={found[0]: imported.records}, why={found[0]: found[1]},
    )  # fmt: skip
    with ExitStack() as stack:
        _keep_refused(imported.problems, out, whole, stack)
        save_report(report, stack)
    return report


def _keep_refused(
    problems: Iterable[Problem], out: Path, whole: Iterable[str], stack: ExitStack
) -> None:
    """Write `OUT.refused.jsonl`, where something was refused: the place and the reason."""
    kept = [{"place": p.place, "reason": p.reason} for p in problems if p.lost != "nothing"]
    kept = kept or [{"place": "", "reason": reason} for reason in whole]
    place = beside(out, "refused.jsonl")
    if not kept:
        place.unlink(missing_ok=True)
        return
    file = RecordFile(place, stack)
    for one in kept:
        file.write(orjson.dumps(one))
    file.finish()
