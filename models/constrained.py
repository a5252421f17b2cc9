"""Grammars for constrained decoding, in the one library that both local clients decode with.

llguidance runs inside llama.cpp (as xllamacpp builds it) and beside torch. It is told to write
JSON exactly as the chat template does, so that what a trained model learned to write is what it
may write, and the fixed parts between values are forced and need not be decoded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_SPELLING = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}


def guidance_schema(schema: Mapping[str, Any]) -> str:
    """`schema` as JSON text for llguidance, with the template's spelling of JSON."""
    return json.dumps({**schema, "x-guidance": _SPELLING}, ensure_ascii=False)


def llama_grammar(schema: Mapping[str, Any]) -> str:
    """`schema` as the `grammar` of a request to llama.cpp built with llguidance."""
    return f"%llguidance {{}}\nstart: %json {guidance_schema(schema)}"
