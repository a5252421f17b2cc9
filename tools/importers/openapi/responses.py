"""What an operation answers: the schema of its success, and what its error codes mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..draft import Draft, one_line
from ..references import Unresolved, follow
from ..schemas import RETURNS, Converted, convert, summary
from .api import Api, entries, text

_ERRORS = 20
"""Error codes kept of one operation."""


def add_responses(api: Api, operation: Mapping[str, Any], draft: Draft) -> dict[str, str]:
    """Fill in what `draft` returns; gives back the errors by status."""
    found: dict[str, Mapping[str, Any]] = {}
    for status, raw in entries(operation.get("responses")).items():
        if str(status).startswith("x-"):
            continue
        try:
            response = follow(raw, api.resolve)
        except Unresolved as problem:
            draft.troubles.append((problem.kind, f"response {status}: {problem}"))
            continue
        if isinstance(response, dict):
            found[str(status).upper()] = response
    success = _success(found)
    if success is not None:
        draft.returns = _returns(api, found[success], draft)
    errors = [
        (status.lower() if status == "DEFAULT" else status, _meaning(found[status]))
        for status in found
        if status != success and status[:1] in ("4", "5", "D")
    ]
    return dict(errors[:_ERRORS])


def _success(found: Mapping[str, Any]) -> str | None:
    """The status that stands for success: one with a body first, 200 and 201 before others."""
    fine = sorted(
        (status for status in found if status[:1] == "2"),
        key=lambda s: (not _has_schema(found[s]), s not in ("200", "201"), s),
    )
    return fine[0] if fine else ("DEFAULT" if "DEFAULT" in found else None)


def _has_schema(response: Mapping[str, Any]) -> bool:
    return "schema" in response or any(True for _ in _media(response))


def _media(response: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Media types of a response, JSON first."""
    group = [(text(kind).lower(), entries(media))
             for kind, media in entries(response.get("content")).items()]  # fmt: skip
    yield from sorted(group, key=lambda pair: ("json" not in pair[0], "schema" not in pair[1]))


def _returns(api: Api, response: Mapping[str, Any], draft: Draft) -> dict[str, Any] | None:
    if "schema" in response:
        schema = response["schema"]
    else:
        kind, media = next(_media(response), ("", {}))
        schema = media.get("schema")
        if schema is None:
            return {"type": "string"} if kind.startswith("text/") else None
    if schema is None:
        return None
    converted = _converted(api, schema)
    draft.remarks += summary("response", converted.left_out)
    draft.troubles += [(kind, f"response: {reason}") for kind, reason in converted.unresolved]
    return converted.schema or None


def _converted(api: Api, schema: Any) -> Converted:
    reference = schema.get("$ref") if isinstance(schema, dict) and len(schema) == 1 else None
    # The document outlives the import, so that an identity stands for one schema.
    key = reference if isinstance(reference, str) else id(schema)
    if key not in api.returned:
        api.returned[key] = convert(schema, api.resolve, RETURNS, drop="writeOnly")
    return api.returned[key]


def _meaning(response: Mapping[str, Any]) -> str:
    return one_line(text(response.get("description")), 160)
