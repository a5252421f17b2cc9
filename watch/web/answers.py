"""What the page's server answers with: JSON bytes, and an event as the page gets it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from fastapi.responses import Response

from .refused import Refused


def answer(value: Any) -> Response:
    """A JSON answer, without FastAPI's copy of it. `value` may hold dataclasses."""
    return Response(orjson.dumps(value), media_type="application/json")


def shown_event(record: Mapping[str, Any]) -> bytes:
    """JSON of an event without its episode, and without a model's prompt, which is asked for by
    itself. Raises `Refused` for one that is nested deeper than can be written again."""
    data = record["data"]
    if record["kind"] == "model_call":
        data = {name: value for name, value in data.items() if name != "prompt"}
    shown = {name: record[name] for name in ("seq", "kind", "source", "ambient")}
    try:
        return orjson.dumps({**shown, "data": data})
    except orjson.JSONEncodeError as error:
        raise Refused(422, f"event {record['seq']} cannot be shown: {error}") from None
