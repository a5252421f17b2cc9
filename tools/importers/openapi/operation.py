"""One operation of an OpenAPI document as a draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...spec import ToolSource
from ..draft import Draft, one_line
from ..naming import parameter_name, unique_keys
from ..references import Unresolved
from ..schemas import convert, summary
from .api import Api, listed, server_2, server_3, text
from .inputs import Input, inputs_of
from .responses import add_responses

_TAGS = 8


def operation_draft(
    api: Api, path: str, method: str, operation: Mapping[str, Any], shared: Mapping[str, Any]
) -> Draft:
    """The tool that calls `method` on `path`. Raises `Unresolved` for a part that it cannot be
    called without."""
    said = operation.get("operationId")
    identity = text(said) or (str(said) if isinstance(said, int) else "")
    draft = Draft(
        name=identity or f"{method.lower()} {path}",
        place=f"{method} {one_line(path, 150)}",
        description=_description(operation),
        group=api.title,
        tags=(api.title, *(text(tag) for tag in listed(operation.get("tags"))[:_TAGS])),
    )
    inputs = inputs_of(api, path, operation, shared)
    draft.remarks += inputs.remarks
    draft.troubles += inputs.troubles
    keys = _keys(inputs.items)
    draft.parameters = _parameters(api, dict(zip(keys, inputs.items, strict=True)), draft)
    named = [(key, item) for key, item in zip(keys, inputs.items, strict=True)
             if key in draft.parameters["properties"]]  # fmt: skip
    errors = add_responses(api, operation, draft)
    auth, auth_form = api.auth(operation)
    draft.source = ToolSource(
        document=api.title or None,
        path=path,
        method=method,
        operation_id=identity or None,
        auth=auth,
        auth_form=auth_form,
        server=_server(api, operation, shared),
        places={key: item.place for key, item in named},
        wire_names={key: item.wire for key, item in named if item.wire != key},
        styles={key: item.style for key, item in named if item.style},
        body_type=inputs.body_type,
        errors=errors,
    )
    return draft


def _description(operation: Mapping[str, Any]) -> str:
    summary_, description = text(operation.get("summary")), text(operation.get("description"))
    if not summary_ or description.lower().startswith(summary_.lower().rstrip(".")):
        return description or summary_
    return f"{summary_.rstrip('.')}. {description}" if description else summary_


def _server(api: Api, operation: Mapping[str, Any], shared: Mapping[str, Any]) -> str | None:
    if api.version == 2:
        own = [text(scheme) for scheme in listed(operation.get("schemes"))]
        return server_2({**api.root, "schemes": own}) if own else api.server
    for owner in (operation, shared):
        if own_server := server_3(owner.get("servers")):
            return own_server
    return api.server


def _keys(items: list[Input]) -> list[str]:
    """What the parameters are called: as on the wire where that is a valid name and not taken by
    one before; else with the place behind (`id_body`)."""
    taken: set[str] = set()
    keys = []
    for item in items:
        key = parameter_name(item.wire)
        if key in taken:
            key = parameter_name(f"{key}_{item.place}")
        taken.add(key)
        keys.append(key)
    return unique_keys(keys)


def _parameters(api: Api, inputs: Mapping[str, Input], draft: Draft) -> dict[str, Any]:
    raw = {
        "type": "object",
        "properties": {key: _described(item) for key, item in inputs.items()},
        "required": [key for key, item in inputs.items() if item.required],
        "additionalProperties": False,
    }
    converted = convert(raw, api.resolve, drop="readOnly")
    draft.remarks += summary("parameters", converted.left_out)
    for kind, reason in converted.unresolved:
        if kind == "unusable-schema":
            raise Unresolved(kind, f"parameters: {reason}")
        draft.troubles.append((kind, f"parameters: {reason}"))
    return {"type": "object", "properties": {}, **converted.schema}


def _described(item: Input) -> Any:
    """The input's schema with the parameter's own description before the schema's."""
    if not isinstance(item.schema, dict):
        return {"description": item.description} if item.description else item.schema
    # At a parameter `required` is a truth value; that of the schema is about its properties.
    schema = {word: value for word, value in item.schema.items()
              if not (word == "required" and isinstance(value, bool))}  # fmt: skip
    return {"description": item.description, **_without(schema)} if item.description else schema


def _without(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {word: value for word, value in schema.items() if word != "description"}
