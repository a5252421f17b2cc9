"""From drafts to specs: names made valid and unique, schemas verified, the same tool kept once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import jsonschema_rs
import orjson
from pydantic import ValidationError

from ..spec import ToolSpec
from .draft import Draft, Note, Problem, one_line
from .keywords import clean_text
from .naming import unique_names, valid_name

_DESCRIPTION = 4000
"""Characters of a tool's description that are kept."""


@dataclass(slots=True)
class Finished:
    """Specs in the drafts' order, and what became of the other drafts."""

    specs: list[ToolSpec] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    repeated: int = 0
    """Drafts that equal an earlier one in everything."""


def finish(drafts: Sequence[Draft]) -> Finished:
    """Every draft becomes a spec, a problem, or is counted as repeated."""
    done = Finished()
    kept: list[Draft] = []
    digests: dict[str, None] = {}
    for draft in _fullest(drafts, done):
        _tidy(draft)
        for kind, reason in draft.troubles:
            done.problems.append(Problem(draft.document, draft.place, kind, reason, "nothing"))
        try:
            _verify(draft)
            digest = _digest(draft)
        except (ValueError, TypeError, RecursionError) as error:
            done.problems.append(
                Problem(draft.document, draft.place, "unusable-schema", one_line(error))
            )
            continue
        if digest in digests:
            _repeat(done, draft)
            continue
        digests[digest] = None
        kept.append(draft)
    names = unique_names(
        [valid_name(draft.name) for draft in kept], [draft.group for draft in kept], list(digests)
    )
    for draft, name in zip(kept, names, strict=True):
        _append(done, draft, name)
    return done


def _fullest(drafts: Sequence[Draft], done: Finished) -> list[Draft]:
    """`drafts` with one for each identity, in the place of the first that has it."""
    chosen: dict[str, Draft] = {}
    for number, draft in enumerate(drafts):
        key = draft.identity or str(number)
        known = chosen.setdefault(key, draft)
        if known is draft:
            continue
        if _fullness(draft) > _fullness(known):
            chosen[key], draft = draft, known
        _repeat(done, draft)
    return list(chosen.values())


def _fullness(draft: Draft) -> tuple[bool, int, int]:
    return (draft.returns is not None, len(str(draft.parameters)), len(draft.description))


def _repeat(done: Finished, draft: Draft) -> None:
    done.repeated += 1
    done.notes.append(_note(draft, "repeated", "the same tool again; kept once"))


def _append(done: Finished, draft: Draft, name: str) -> None:
    try:
        spec = ToolSpec(
            name=name, description=draft.description, parameters=draft.parameters,
            returns=draft.returns, tags=draft.tags, source=draft.source,
        )  # fmt: skip
    except ValidationError as error:
        reason = f"{error.errors()[0]['loc']}: {error.errors()[0]['msg']}"
        done.problems.append(Problem(draft.document, draft.place, "unusable", one_line(reason)))
        return
    if name != draft.name:
        reason = f"named {name}, for {one_line(draft.name, 100)}"
        done.notes.append(_note(draft, "renamed", reason))
    done.notes += [_note(draft, kind, reason) for kind, reason in draft.remarks]
    done.specs.append(spec)


def _note(draft: Draft, kind: str, reason: str) -> Note:
    return Note(draft.document, draft.place, kind, reason)


def _tidy(draft: Draft) -> None:
    text = clean_text(draft.description.strip())
    if len(text) > _DESCRIPTION:
        text = text[: _DESCRIPTION - 3].rstrip() + "..."
        draft.remarks.append(("long-description", f"description cut to {_DESCRIPTION} characters"))
    draft.description = text
    draft.tags = tuple(dict.fromkeys(clean_text(tag) for tag in draft.tags if tag))
    if not text:
        draft.remarks.append(("no-description", "has no description"))


def _verify(draft: Draft) -> None:
    # Not by `check_schema`: it keeps what it compiled, and an import meets each schema once.
    for schema in (draft.parameters, draft.returns):
        if schema is not None:
            jsonschema_rs.Draft202012Validator(orjson.loads(orjson.dumps(schema)),
                                               retriever=_refuse)  # fmt: skip


def _refuse(uri: str) -> None:
    raise ValueError(f"the schema refers to {uri}, and nothing is fetched")


def _digest(draft: Draft) -> str:
    source = None if draft.source is None else draft.source.model_dump(mode="json")
    payload = orjson.dumps(
        [draft.name, draft.description, draft.parameters, draft.returns, draft.tags, source],
        option=orjson.OPT_SORT_KEYS,
    )
    return hashlib.blake2b(payload, digest_size=16).hexdigest()
