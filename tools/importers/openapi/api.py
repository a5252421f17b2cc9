"""What all operations of an OpenAPI document share: title, server and authentication schemes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..draft import one_line
from ..keywords import clean_text
from ..references import Resolve, Unresolved, follow
from ..schemas import Converted

_VARIABLE = re.compile(r"\{([^{}]+)\}")


def text(value: Any) -> str:
    """`value` where it is text, without space around it; else empty."""
    return clean_text(value.strip()) if isinstance(value, str) else ""


def listed(value: Any) -> list[Any]:
    """`value` where it is a list, else none."""
    return value if isinstance(value, list) else []


def entries(value: Any) -> dict[Any, Any]:
    """`value` where it is an object, else none."""
    return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True)
class Api:
    """The document as its operations see it."""

    root: Mapping[str, Any]
    resolve: Resolve
    version: int
    """2 or 3."""
    title: str
    server: str | None
    schemes: Mapping[str, Mapping[str, Any]]
    """Authentication schemes by name."""
    keys: frozenset[tuple[str, str]]
    """(place, name) of the parameters that carry credentials."""
    returned: dict[str | int, Converted] = field(default_factory=dict)
    """Response schemas already converted, by reference or identity: operations share them."""

    @classmethod
    def of(cls, root: Mapping[str, Any], resolve: Resolve) -> Api | None:
        """The API that `root` describes; None where its version is not known."""
        said = str(root.get("openapi", root.get("swagger", "")))[:20]
        version = {"2": 2, "3": 3}.get(said[:1])
        if version is None or (version == 2) != ("openapi" not in root):
            return None
        schemes = _schemes(root, resolve)
        return cls(
            root=root,
            resolve=resolve,
            version=version,
            title=one_line(text(entries(root.get("info")).get("title")), 120),
            server=server_2(root) if version == 2 else server_3(root.get("servers")),
            schemes=schemes,
            keys=frozenset(
                (text(scheme.get("in")), text(scheme.get("name")).lower())
                for scheme in schemes.values()
                if scheme.get("type") == "apiKey"
            ),
        )

    def auth(self, operation: Mapping[str, Any]) -> tuple[str | None, str | None]:
        """Name of the scheme that `operation` asks for, and how it is sent; of several ways the
        first, and `a+b` where one way needs both."""
        wanted = operation.get("security", self.root.get("security"))
        for way in listed(wanted):
            names = [text(name) for name in way] if isinstance(way, dict) else []
            if names:
                return "+".join(names), _form(self.schemes.get(names[0], {}))
        return None, None


def server_2(root: Mapping[str, Any]) -> str | None:
    """Where an OpenAPI 2 API is served, https where it can be."""
    host, base = text(root.get("host")), text(root.get("basePath")).rstrip("/")
    if not host:
        return base or None
    schemes = [text(scheme) for scheme in listed(root.get("schemes"))]
    secure = not schemes or "https" in schemes
    return f"{'https' if secure else schemes[0]}://{host}{base}"


def server_3(servers: Any) -> str | None:
    """The first of OpenAPI 3's servers, its variables at their defaults."""
    server = next((entries(each) for each in listed(servers) if isinstance(each, dict)), {})
    variables = entries(server.get("variables"))

    def default(match: re.Match[str]) -> str:
        value = entries(variables.get(match[1])).get("default")
        return match[0] if value is None else str(value)

    return _VARIABLE.sub(default, text(server.get("url"))).rstrip("/") or None


def _schemes(root: Mapping[str, Any], resolve: Resolve) -> dict[str, Mapping[str, Any]]:
    group = root.get("securityDefinitions", entries(root.get("components")).get("securitySchemes"))
    schemes: dict[str, Mapping[str, Any]] = {}
    for name, raw in entries(group).items():
        try:
            scheme = follow(raw, resolve)
        except Unresolved:
            continue  # a scheme is named by the operation; how it is sent stays unknown
        if isinstance(scheme, dict):
            schemes[str(name)] = scheme
    return schemes


def _form(scheme: Mapping[str, Any]) -> str | None:
    kind = text(scheme.get("type"))
    if kind == "apiKey":
        return f"{text(scheme.get('in'))} {text(scheme.get('name'))}"
    if kind == "http":
        return text(scheme.get("scheme")).lower() or None
    return kind or None
