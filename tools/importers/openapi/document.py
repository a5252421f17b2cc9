"""A whole OpenAPI document: which operations it has. Each yields one draft or one refusal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..draft import Refused, Remark, Yielded, one_line
from ..references import Unresolved, follow, local
from .api import Api, text
from .operation import operation_draft

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path."""

    path: str
    method: str
    """In capitals."""
    value: Any
    shared: Mapping[str, Any]
    """The path's own entry: parameters and servers for all of its operations."""

    @property
    def place(self) -> str:
        """What findings call it."""
        return f"{self.method} {one_line(self.path, 150)}"


def recognised(value: Any) -> str | None:
    """Why `value` is such a document, or None."""
    if not isinstance(value, dict):
        return None
    for word, name in (("openapi", "OpenAPI"), ("swagger", "OpenAPI (Swagger)")):
        if word in value:
            return f"an {name} document, version {one_line(value[word], 20)}"
    return None


def read(value: Any) -> Yielded:
    """One draft an operation; the same operation is never seen twice."""
    if not isinstance(value, dict):
        yield Refused("", "not-openapi", "an OpenAPI document is an object", "document")
        return
    api = Api.of(value, local(value))
    if api is None:
        said = one_line(value.get("openapi", value.get("swagger", "none")), 40)
        reason = f"OpenAPI version {said} is not known; 2.0 and 3.x are"
        yield Refused("", "version", reason, "document")
        return
    for word in ("webhooks",):
        if isinstance(value.get(word), dict) and value[word]:
            count = len(value[word])
            yield Remark("", word, f"{count} {word} are called by the service, and are no tools")
    paths = value.get("paths")
    if not isinstance(paths, dict):
        if paths is None and (value.get("webhooks") or value.get("components")):
            yield Remark("", "no-operations", "has no paths, so no operations")
        else:
            yield Refused("", "no-paths", "has no object of paths", "document")
        return
    yield from _operations(api, paths)


def _operations(api: Api, paths: Mapping[Any, Any]) -> Yielded:
    for path, item in paths.items():
        if text(path).startswith("x-"):
            continue
        try:
            shared = _path_item(api, item)
        except Unresolved as problem:
            yield Refused(one_line(path), problem.kind, str(problem))
            continue
        if shared is None:
            yield Refused(one_line(path), "path", "what stands at this path is no object")
            continue
        for operation in _methods(str(path), shared):
            yield _one(api, operation)


def _path_item(api: Api, item: Any) -> Mapping[str, Any] | None:
    if item is None:
        return {}
    found = follow(item, api.resolve)
    if not isinstance(item, dict) or not isinstance(found, dict):
        return None
    return {**found, **{word: value for word, value in item.items() if word != "$ref"}}


def _methods(path: str, shared: Mapping[str, Any]) -> Iterator[Operation]:
    for word, value in shared.items():
        if isinstance(word, str) and word.lower() in METHODS:
            yield Operation(path, word.upper(), value, shared)
    more = shared.get("additionalOperations")
    if isinstance(more, dict):
        for word, value in more.items():
            yield Operation(path, str(word).upper(), value, shared)


def _one(api: Api, operation: Operation) -> Any:
    if not isinstance(operation.value, dict):
        return Refused(operation.place, "operation", "the operation is no object")
    try:
        return operation_draft(
            api, operation.path, operation.method, operation.value, operation.shared
        )
    except Unresolved as problem:
        reason = f"a part that it cannot be called without is missing: {problem}"
        return Refused(operation.place, problem.kind, reason)
