"""Requests for thousands of real operations: each can be written, to where it belongs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from callsheet.environments.external.http_request import Unsendable, build_request
from callsheet.tools.importing import import_tools

_BESIDE = Path(__file__).parents[4] / "shared" / "data"
DATA = Path(os.environ.get("CALLSHEET_TOOL_DATA", _BESIDE)) / "tools" / "openapi_tools_16k.jsonl.xz"


def value(schema: Any, depth: int = 0) -> Any:
    """Some value of the schema's type, with characters that need to be encoded."""
    if not isinstance(schema, dict) or depth > 3:
        return "x"
    for known in ("enum", "anyOf", "oneOf"):
        if schema.get(known):
            first = schema[known][0]
            return first if known == "enum" else value(first, depth + 1)
    kind = schema.get("type", "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "array":
        return [value(schema.get("items"), depth + 1)]
    if kind == "object":
        return {n: value(s, depth + 1) for n, s in schema.get("properties", {}).items()}
    return {"integer": 1, "number": 1.5, "boolean": True}.get(kind, "é/?&=#%2F..")


@pytest.mark.slow
@pytest.mark.skipif(not DATA.exists(), reason="no collections of tools: set CALLSHEET_TOOL_DATA")
def test_every_real_operation_has_a_request() -> None:
    specs = import_tools(DATA).specs
    refused = []
    for spec in specs:
        arguments = {name: value(schema) for name, schema in spec.properties.items()}
        try:
            request = build_request(spec, arguments, "http://127.0.0.1:9/base")
        except Unsendable as error:
            refused.append(str(error))
            continue
        url = httpx.Request(request.method, request.url).url
        assert (url.host, url.port) == ("127.0.0.1", 9)
        assert url.raw_path.startswith(b"/base/")
    assert len(specs) == 16_000
    # Those whose path has a part that the document does not describe.
    assert len(refused) <= 2, refused
