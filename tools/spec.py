"""A tool as every room of callsheet sees it: a name, a description and JSON Schemas.

Covers the description only. Running a tool is an environment's business, and checking
arguments against a schema is `callsheet.tools.validation`'s.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field


class ToolSource(BaseModel):
    """Where a tool came from, when it came from an API document."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    document: str | None = None
    """Title or path of the document."""
    path: str | None = None
    """Path template of the operation, such as `/pets/{id}`."""
    method: str | None = None
    """HTTP method in capitals."""
    operation_id: str | None = None
    """Id of the operation in the document."""
    auth: str | None = None
    """Name of the authentication scheme, never a credential."""
    auth_form: str | None = None
    """How that scheme is sent: `header X-Key`, `query key`, `cookie sid`, `bearer`, `basic`, or
    the document's own word for anything else; such as `oauth2`."""
    server: str | None = None
    """URL that paths are appended to, such as `https://api.example.com/v2`; no slash at the end.
    A document may say only a path (`/v2`), to be appended to wherever it is served."""
    places: dict[str, str] = Field(default_factory=dict)
    """Where each parameter goes on the wire, by the spec's name of it: `path`, `query`, `header`,
    `cookie`, `body` (a property of the body), or `whole_body` (the parameter is the body)."""
    wire_names: dict[str, str] = Field(default_factory=dict)
    """What a parameter is called on the wire, only where that is not the spec's name of it."""
    styles: dict[str, str] = Field(default_factory=dict)
    """How a list or object is written in its place, only where it is not the usual way (`multi`
    in a query, `csv` in a path or header): `csv`, `ssv`, `tsv`, `pipes`, `multi`, `deepObject`,
    `label`, `matrix` or `json`."""
    body_type: str | None = None
    """Media type of the body, such as `application/json`; None for a tool without body."""
    errors: dict[str, str] = Field(default_factory=dict)
    """What each documented error status means, such as `{"404": "no such pet"}`."""


class ToolSpec(BaseModel):
    """One callable tool, described."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str = Field(min_length=1, max_length=128, pattern=r"^[A-Za-z_][A-Za-z0-9_.\-]*$")
    """What a model calls it by."""
    description: str = ""
    """What it does, as a model reads it."""
    parameters: dict[str, Any] = Field(default_factory=lambda: {"type": "object", "properties": {}})
    """JSON Schema (Draft 2020-12) of the arguments; its type is always "object"."""
    returns: dict[str, Any] | None = None
    """JSON Schema of the output, or None where the document does not say."""
    tags: tuple[str, ...] = ()
    """Words to group tools by."""
    source: ToolSource | None = None
    """Where it came from; None for a tool of one's own."""

    @cached_property
    def openai(self) -> dict[str, Any]:
        """The tool in the shape of OpenAI's `tools` parameter (shared object: do not change it)."""
        return {
            "type": "function",
            "function": {
                "name": self.name,
                "description": self.description,
                "parameters": self.parameters,
            },
        }

    @cached_property
    def digest(self) -> str:
        """Hex BLAKE2b-128 of the whole spec in canonical JSON; equal specs have equal digests."""
        payload = orjson.dumps(self.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)
        return hashlib.blake2b(payload, digest_size=16).hexdigest()

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the parameters that a call must give; none where the schema is damaged there."""
        names = self.parameters.get("required")
        return tuple(names) if isinstance(names, list | tuple) else ()

    @property
    def properties(self) -> dict[str, Any]:
        """Schemas by parameter name, in the document's order; none where the schema is damaged
        there."""
        properties = self.parameters.get("properties")
        return properties if isinstance(properties, dict) else {}
