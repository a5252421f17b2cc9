"""From an HTTP answer to a tool's outcome: its JSON or text, or an error in the API's words."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from ...models.secrets import hidden, hidden_bytes
from ...tools import ToolSpec
from ..protocol import FaultType, ToolOutcome

_SHOWN = 500
"""Characters of an error's body that a model reads."""
_FAULTS: dict[int, FaultType] = {
    408: "timeout",
    429: "unavailable",
    500: "unavailable",
    502: "unavailable",
    503: "unavailable",
    504: "timeout",
}
_TEXTUAL = ("text/", "application/xml", "application/yaml", "application/x-yaml", "image/svg+xml")


@dataclass(frozen=True, slots=True)
class HttpReply:
    """An answer, read whole."""

    status: int
    content_type: str
    body: bytes


def outcome_of(spec: ToolSpec, reply: HttpReply) -> ToolOutcome:
    """What a model reads of an answer; live secrets are taken out of it first."""
    body = hidden_bytes(reply.body)
    kind = reply.content_type.partition(";")[0].strip().lower()
    if reply.status >= 400:
        return ToolOutcome(
            error_type=_FAULTS.get(reply.status, "failed"), error=_refusal(spec, reply.status, body)
        )
    if not 200 <= reply.status < 300:
        what = f"{spec.name} answered with status {reply.status}, which is no result"
        return ToolOutcome(error_type="failed", error=what)
    if not body.strip():
        return ToolOutcome(None)
    if kind.endswith(("/json", "+json")):
        return _parsed(spec, body)
    if kind.startswith(_TEXTUAL) or kind.endswith("+xml"):
        return ToolOutcome(hidden(body.decode("utf-8", "replace")))
    if not kind:
        # Some servers do not say; JSON is what nearly all of them mean.
        parsed = _parsed(spec, body)
        return parsed if parsed.ok else ToolOutcome(hidden(body.decode("utf-8", "replace")))
    what = f"{spec.name} answered with {len(body)} bytes of {kind}, which is no text"
    return ToolOutcome(error_type="invalid_output", error=what[:_SHOWN])


def _parsed(spec: ToolSpec, body: bytes) -> ToolOutcome:
    try:
        return ToolOutcome(orjson.loads(body))
    except (orjson.JSONDecodeError, RecursionError) as error:
        what = f"{spec.name} answered with something that is not JSON ({error})"
        return ToolOutcome(error_type="invalid_output", error=what)


def _refusal(spec: ToolSpec, status: int, body: bytes) -> str:
    """ "404 no such pet: {...}": the status, what the document says of it, and the answer."""
    errors = {} if spec.source is None else spec.source.errors
    meaning = errors.get(str(status)) or errors.get(f"{status // 100}XX") or errors.get("default")
    words = " ".join(body.decode("utf-8", "replace").split())[:_SHOWN]
    said = f"{status} {' '.join(meaning.split())[:_SHOWN]}" if meaning else f"status {status}"
    return hidden(f"{said}: {words}" if words else said)
