"""What an importer hands out: a tool on its way to a spec, or why there is none.

Every operation or record that an importer meets yields exactly one `Draft` or one `Problem` that
says it is lost; that is how nothing goes missing silently. Notes come on top: they say what was
changed or cut in a tool that did arrive.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from ..spec import ToolSource

Lost = Literal["document", "record", "nothing"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something of a document that could not be taken as it stands."""

    document: str
    """Path or name of the document."""
    place: str
    """Where in it: `GET /pets`, `line 3`, `tool 2`; empty for the whole of it."""
    kind: str
    """A fixed word to count by, such as `remote-reference`."""
    reason: str
    """What is wrong, in one line."""
    lost: Lost = "record"
    """What is missing from the result because of it."""

    def __str__(self) -> str:
        return ": ".join(part for part in (self.document, self.place, self.reason) if part)


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was changed, cut or left out of a tool that did arrive."""

    document: str
    place: str
    kind: str
    """A fixed word to count by, such as `cut`."""
    reason: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.document, self.place, self.reason) if part)


@dataclass(slots=True)
class Draft:
    """A tool whose name need not be valid or unique yet."""

    name: str
    place: str
    """Where in its document it stands, for the findings about it."""
    description: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    returns: dict[str, Any] | None = None
    group: str = ""
    """The API or server that it belongs to; made part of the name where names collide."""
    tags: tuple[str, ...] = ()
    source: ToolSource | None = None
    identity: str | None = None
    """Drafts that share one are records of one tool; the fullest of them is kept."""
    document: str = ""
    remarks: list[tuple[str, str]] = field(default_factory=list)
    """(kind, reason) of everything changed in it; each becomes a note."""
    troubles: list[tuple[str, str]] = field(default_factory=list)
    """(kind, reason) of what its document should mend; each becomes a problem, nothing lost."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A record or operation that is no tool."""

    place: str
    kind: str
    reason: str
    lost: Lost = "record"


@dataclass(frozen=True, slots=True)
class Remark:
    """A note about a document as a whole."""

    place: str
    kind: str
    reason: str


Yielded = Iterator[Draft | Refused | Remark]


def objects(value: Any) -> Iterator[tuple[str, dict[str, Any]] | Refused]:
    """The place and value of each record in a list of them, or of the one that `value` is; what is
    no JSON object is refused."""
    for number, record in enumerate(value if isinstance(value, list) else [value], 1):
        place = f"record {number}"
        if isinstance(record, dict):
            yield place, record
        else:
            yield Refused(place, "not-a-record", "is no JSON object")


def one_line(value: object, limit: int = 200) -> str:
    """`value` as one line of text of at most `limit` characters."""
    try:
        text = " ".join(str(value).split())
    except (RecursionError, ValueError):
        return "(a value too large to show)"
    return text if len(text) <= limit else text[: limit - 3] + "..."
