"""Whether a tool stands in two pools: the one at work, and one that is kept for evaluation.

Two tools are the same endpoint where one of these agrees, written without case, spaces and
punctuation: API and endpoint name; API or host, method and path; the description (of 25 letters or
more); the name with the names of all parameters.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from .spec import ToolSpec

TELLING = 25
"""Letters from which on a description tells which endpoint it is of."""
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_BY_PARAMETERS = "name and parameters"


class Overlap(NamedTuple):
    """A tool that is in the other pool too."""

    other: str
    """Its name there."""
    by: str
    """What agrees, in words."""
    sure: bool
    """False where name and a single parameter agree: many services have a `getUser` of an `id`."""


class Known:
    """The tools of the pool that is kept apart."""

    def __init__(self, specs: Iterable[ToolSpec]) -> None:
        self._names: dict[Hashable, str] = {}
        for spec in specs:
            for _, key in _identities(spec):
                self._names.setdefault(key, spec.name)

    def overlap(self, spec: ToolSpec) -> Overlap | None:
        """What `spec` shares with one of these tools; None where it is in none."""
        for by, key in _identities(spec):
            if key in self._names:
                sure = by != _BY_PARAMETERS or len(spec.properties) > 1
                return Overlap(self._names[key], by, sure)
        return None


def plain(text: str) -> str:
    """Without case, spaces and punctuation."""
    return _NOT_ALPHANUMERIC.sub("", text).casefold()


def _identities(spec: ToolSpec) -> Iterator[tuple[str, Hashable]]:
    """What a tool can be recognised by, and in words what that is."""
    source = spec.source
    name = plain((source and source.operation_id) or spec.name)
    api = plain((source and source.document) or (spec.tags[0] if spec.tags else ""))
    if api:
        yield "API and name", ("name", api, name)
    if source and source.path:
        path = _PLACEHOLDER.sub("{}", source.path).rstrip("/").lower()
        for owner in (api, _host(source.server)):
            if owner:
                yield "method and path", ("path", owner, source.method, path)
    description = plain(spec.description)
    if len(description) >= TELLING:
        yield "description", ("description", description)
    if spec.properties:
        yield _BY_PARAMETERS, ("takes", name, *sorted(map(plain, spec.properties)))


def _host(server: str | None) -> str:
    try:
        return urlsplit(server or "").netloc.lower()
    except ValueError:
        return ""
