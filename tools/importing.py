"""Tool pools out of other people's documents; nothing of them is lost without a word.

`import_tools` takes a file, a folder of them, `python:package.module` or `mcp:command` (or
`mcp:https://...`), finds out which format it is and says why it thinks so. Every operation or
record comes out as a spec, as a problem that says why not, or is counted as a repetition:
`records == len(specs) + lost + repeated`, always. Nothing named in a document is ever fetched.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .importers import DESCRIBED, FORMATS, detect, reader
from .importers.documents import PACKED, SUFFIXES, Document, Unreadable, read_bytes, read_file
from .importers.draft import Draft, Note, Problem, Refused, Remark
from .importers.finishing import finish
from .spec import ToolSpec

__all__ = ["DESCRIBED", "FORMATS", "Imported", "import_bytes", "import_many", "import_tools"]


@dataclass(slots=True)
class Imported:
    """What an import brought, and what it did not."""

    specs: list[ToolSpec] = field(default_factory=list)
    """Valid, uniquely named, in the documents' order."""
    problems: list[Problem] = field(default_factory=list)
    """What could not be taken as it stands; see `Problem.lost`."""
    notes: list[Note] = field(default_factory=list)
    """What was changed, cut or left out of tools that did arrive."""
    documents: int = 0
    """Documents that were looked at, readable or not."""
    records: int = 0
    """Operations or records met in them."""
    repeated: int = 0
    """Records of a tool that another record had already given."""
    recognised: list[tuple[str, str, str]] = field(default_factory=list)
    """(document, format, why it was taken for that)."""

    @property
    def lost(self) -> int:
        """Records that did not become tools, for the reasons in `problems`."""
        return sum(problem.lost == "record" for problem in self.problems)

    def counts(self) -> dict[str, Any]:
        """The figures above, and problems and notes by kind."""
        return {
            "documents": self.documents,
            "unreadable": sum(problem.lost == "document" for problem in self.problems),
            "records": self.records,
            "tools": len(self.specs),
            "lost": self.lost,
            "repeated": self.repeated,
            "problems": dict(Counter(problem.kind for problem in self.problems).most_common()),
            "notes": dict(Counter(note.kind for note in self.notes).most_common()),
        }


def import_tools(path: Path | str, format: str = "auto") -> Imported:
    """The tools in one file, folder, `python:` module or `mcp:` server. `format` is one of
    `FORMATS`, or found out. Never raises for what a document holds."""
    return import_many([path], format)


def import_many(paths: Iterable[Path | str], format: str = "auto") -> Imported:
    """The tools in all of `paths`, as one pool with unique names. Raises `ValueError` for a format
    that is none."""
    known(format)
    result = Imported()
    drafts: list[Draft] = []
    with _without_collector():
        for name, document in _documents(paths, result):
            drafts += _drafts(name, document, format, result)
        return _finished(result, drafts)


def import_bytes(payload: bytes, name: str = "document", format: str = "auto") -> Imported:
    """The tools in a document that is no file; `name` may end with a suffix that says its sort."""
    known(format)
    result = Imported(documents=1)
    suffix = Path(name).suffix.lower()
    try:
        document = read_bytes(payload, suffix if suffix in SUFFIXES else "")
    except Unreadable as error:
        result.problems.append(Problem(name, "", "unreadable", str(error), "document"))
        return result
    return _finished(result, _drafts(name, document, format, result))


def known(format: str) -> None:
    """Raises `ValueError` for a format that is none."""
    if format != "auto" and format not in FORMATS:
        raise ValueError(f"there is no format {format!r}; formats are {', '.join(FORMATS)}")


@contextmanager
def _without_collector() -> Iterator[None]:
    """Values of a document hold no cycles, and counting millions of them again and again costs
    more than reading them."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _documents(
    paths: Iterable[Path | str], result: Imported
) -> Iterator[tuple[str, Document | str]]:
    """Each document with its name; of a `python:` or `mcp:` one only the name."""
    for path in paths:
        if str(path).startswith(("python:", "mcp:")):
            result.documents += 1
            yield str(path), str(path)
            continue
        for file in _files(Path(path)):
            result.documents += 1
            try:
                yield str(file), read_file(file)
            except Unreadable as error:
                result.problems.append(Problem(str(file), "", "unreadable", str(error), "document"))


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(
        file for file in path.rglob("*")
        if file.is_file() and any(s.lower() in SUFFIXES for s in file.suffixes[-2:])
        and file.suffix.lower() in (*SUFFIXES, *PACKED)
        and not any(part.startswith(".") for part in file.relative_to(path).parts)
    )  # fmt: skip


def _drafts(name: str, document: Document | str, format: str, result: Imported) -> list[Draft]:
    if isinstance(document, str):
        scheme, _, target = document.partition(":")
        found, why, value = scheme, f"it begins with {scheme}:", target
    else:
        value = document.value
        for refused in document.refused:
            _refuse(name, refused, result)
        result.notes += [Note(name, r.place, r.kind, r.reason) for r in document.remarks]
        found, why = (format, "it was said so") if format != "auto" else detect(value)
    if not found:
        result.problems.append(Problem(name, "", "unknown-format", why, "document"))
        return []
    result.recognised.append((name, found, why))
    drafts: list[Draft] = []
    try:
        for one in reader(found)(value):
            if isinstance(one, Draft):
                one.document = name
                drafts.append(one)
                result.records += 1
            elif isinstance(one, Remark):
                result.notes.append(Note(name, one.place, one.kind, one.reason))
            else:
                _refuse(name, one, result)
    except Unreadable as error:
        result.problems.append(Problem(name, "", "unreadable", str(error), "document"))
    return drafts


def _refuse(name: str, refused: Refused, result: Imported) -> None:
    result.records += refused.lost == "record"
    result.problems.append(Problem(name, refused.place, refused.kind, refused.reason, refused.lost))


def _finished(result: Imported, drafts: list[Draft]) -> Imported:
    done = finish(drafts)
    result.specs = done.specs
    result.problems += done.problems
    result.notes += done.notes
    result.repeated = done.repeated
    return result
