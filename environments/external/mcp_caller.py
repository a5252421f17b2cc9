"""Calls of a Model Context Protocol server's tools, and their descriptions as `ToolSpec`s.

Structured results are taken as they are; of other content, texts are joined and what is no text
(images, audio) is named. A server's hints decide only whether a call may be repeated, and only
for a server that the project itself has registered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from ...models.errors import ModelUnavailable
from ...tools import ToolSpec
from ...tools.importing import import_bytes
from ..protocol import ToolOutcome
from .mcp_connection import McpConnection, McpLost
from .settings import McpSettings

_MESSAGE = 1000


class McpCaller:
    """Calls the tools of one server; see `Caller`."""

    def __init__(self, settings: McpSettings, name: str, folder: Path) -> None:
        self._settings = settings
        self._name = name
        self._folder = folder
        self._connection = McpConnection(settings, name, folder)
        self._repeatable: list[str] = list(settings.idempotent)
        self._owned = False

    def specs(self) -> Sequence[ToolSpec]:
        """The tools as the server lists them. Raises `ValueError` and `ModelUnavailable`."""
        listed = self._connection.tools()
        imported = import_bytes(orjson.dumps({"server": self._name, "tools": listed}))
        if not imported.specs:
            first = imported.problems[0].reason if imported.problems else "it lists none"
            raise ValueError(f"{self._name}: the server has no usable tool: {first}")
        harmless = [tool["name"] for tool in listed if _harmless(tool.get("annotations") or {})]
        for spec in imported.specs:
            if spec.source is not None and spec.source.operation_id in harmless:
                self._repeatable.append(spec.name)
        return imported.specs

    def prepare(self) -> None:
        self._connection.prepare()

    def idempotent(self, spec: ToolSpec) -> bool:
        return spec.name in self._repeatable

    def for_episode(self) -> McpCaller:
        if not self._settings.per_episode:
            return self
        own = McpCaller(self._settings, self._name, self._folder)
        own._repeatable, own._owned = self._repeatable, True
        return own

    async def close(self) -> None:
        if self._owned:
            await self._connection.close()

    async def disconnect(self) -> None:
        """End the connection that episodes share; the next call opens another."""
        await self._connection.close()

    async def call(self, spec: ToolSpec, arguments: Mapping[str, Any]) -> ToolOutcome:
        wire = spec.source.operation_id if spec.source else None
        try:
            result = await self._connection.call(wire or spec.name, dict(arguments))
        except TimeoutError:
            what = f"{spec.name} gave no answer within {self._settings.timeout:g} s."
            return ToolOutcome(error_type="timeout", error=what)
        except (McpLost, ModelUnavailable, ValueError) as error:
            return ToolOutcome(error_type="unavailable", error=str(error))
        size = len(orjson.dumps(result))
        if size > self._settings.max_bytes:
            what = f"{spec.name} answered with more than {self._settings.max_bytes} bytes"
            return ToolOutcome(error_type="failed", error=what)
        return _outcome(spec, result)


def _harmless(hints: Mapping[str, Any]) -> bool:
    """Whether a server says of a tool that calling it twice does no more than calling it once."""
    return bool(hints.get("readOnlyHint") or hints.get("idempotentHint"))


def _outcome(spec: ToolSpec, result: Mapping[str, Any]) -> ToolOutcome:
    text = "\n".join(_words(block) for block in result.get("content") or ())
    if result.get("isError"):
        what = text[:_MESSAGE] or f"{spec.name} failed and does not say why"
        return ToolOutcome(error_type="failed", error=what)
    structured = result.get("structuredContent")
    return ToolOutcome(text if structured is None else structured)


def _words(block: Mapping[str, Any]) -> str:
    """A block of content as text."""
    if block.get("type") == "text":
        return str(block.get("text", ""))
    resource = block.get("resource")
    if isinstance(resource, Mapping) and isinstance(resource.get("text"), str):
        return str(resource["text"])
    kind = block.get("mimeType") or block.get("uri") or block.get("type")
    return f"[{kind}]"
