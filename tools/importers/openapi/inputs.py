"""What an operation takes: its parameters and its body, as one list of inputs.

Left out, each with a remark: credentials, and the headers that the transport sets (`Accept`,
`Content-Type`, `Authorization`). A body whose schema lists properties gives one input each; any
other body (a list, alternatives, free-form) is one input, `whole_body`. An OpenAPI 3 body that does
not say whether it is required counts as required where its schema requires properties.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..draft import one_line
from ..keywords import type_word
from ..references import Unresolved, follow
from ..schemas import merged, required_names
from .api import Api, entries, listed, text

PLACES = ("path", "query", "header", "cookie")
_TEMPLATE = re.compile(r"\{([^{}]+)\}")
_TRANSPORT = ("accept", "content-type", "authorization")
_FORM, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
_STYLES_3 = {"spaceDelimited": "ssv", "pipeDelimited": "pipes", "deepObject": "deepObject",
             "label": "label", "matrix": "matrix"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Input:
    """One thing that a call may give."""

    wire: str
    place: str
    """As in `ToolSource.places`."""
    schema: Any
    """As the document has it."""
    description: str = ""
    required: bool = False
    style: str | None = None
    """As in `ToolSource.styles`."""


@dataclass(slots=True)
class Inputs:
    """All inputs of an operation, in the document's order, parameters first."""

    items: list[Input] = field(default_factory=list)
    body_type: str | None = None
    remarks: list[tuple[str, str]] = field(default_factory=list)
    troubles: list[tuple[str, str]] = field(default_factory=list)


def inputs_of(
    api: Api, path: str, operation: Mapping[str, Any], shared: Mapping[str, Any]
) -> Inputs:
    """Raises `Unresolved` for a parameter or body that stands where nothing can be read."""
    found = Inputs()
    form: list[Input] = []
    for raw in _parameters(api, operation, shared, found):
        place, name = text(raw.get("in")), text(raw.get("name"))
        if place == "body":
            _body_2(api, operation, raw, found)
        elif place == "formData" and name:
            form.append(_parameter(api, raw, name, "body"))
        elif place not in PLACES or not name:
            reason = f"the parameter {name or '(without name)'} stands in {place or 'no place'}"
            found.troubles.append(("parameter", reason))
        elif (place, name.lower()) in api.keys:
            found.remarks.append(("credential", f"{name} carries the credential, so is left out"))
        elif place == "header" and name.lower() in _TRANSPORT:
            found.remarks.append(("transport-header", f"the header {name} is the transport's own"))
        else:
            found.items.append(_parameter(api, raw, name, place))
    _match_template(path, found)
    if form:
        found.body_type = _form_type(api, operation, form)
        found.items += form
    if "requestBody" in operation and api.version == 3:
        _body_3(api, operation["requestBody"], found)
    return found


def _parameters(
    api: Api, operation: Mapping[str, Any], shared: Mapping[str, Any], found: Inputs
) -> list[Mapping[str, Any]]:
    """The path's parameters and the operation's; of two with one name and place the latter."""
    by_key: dict[tuple[str, str], Mapping[str, Any]] = {}
    for number, raw in enumerate([*listed(shared.get("parameters")),
                                  *listed(operation.get("parameters"))], 1):  # fmt: skip
        parameter = follow(raw, api.resolve)
        if not isinstance(parameter, dict):
            found.troubles.append(("parameter", f"parameter {number} is no object"))
            continue
        key = (text(parameter.get("in")), text(parameter.get("name")))
        by_key[key if key[1] else (key[0], f"#{number}")] = parameter
    return list(by_key.values())


def _parameter(api: Api, raw: Mapping[str, Any], name: str, place: str) -> Input:
    schema: Any
    content = entries(raw.get("content"))
    if api.version == 2:
        outside = ("name", "in", "required", "description", "collectionFormat", "allowEmptyValue")
        schema = {word: value for word, value in raw.items() if word not in outside}
    else:
        media = next((entries(each) for each in content.values()), {})
        schema = raw.get("schema", media.get("schema", {}))
        example = raw.get("example", media.get("example"))
        if example is not None and isinstance(schema, dict) and "example" not in schema:
            schema = {**schema, "example": example}
    return Input(
        wire=name, place=place, schema=schema, description=text(raw.get("description")),
        required=place == "path" or raw.get("required") is True,
        style="json" if content else _style(api, raw, place, schema),
    )  # fmt: skip


def _style(api: Api, raw: Mapping[str, Any], place: str, schema: Any) -> str | None:
    usual = "multi" if place in ("query", "body") else "csv"
    if api.version == 2:
        if type_word(raw.get("type")) != "array":
            return None
        said = text(raw.get("collectionFormat")) or "csv"
        return None if said == usual else said
    style = text(raw.get("style"))
    if style in _STYLES_3:
        return _STYLES_3[style]
    if place == "query" and raw.get("explode") is False:
        return "csv"
    return None


def _match_template(path: str, found: Inputs) -> None:
    """Path parameters are those of the template, whatever the list says."""
    names = list(dict.fromkeys(_TEMPLATE.findall(path)))
    lowered = {name.lower(): name for name in reversed(names)}
    known = {item.wire for item in found.items if item.place == "path"}
    kept: list[Input] = []
    for item in found.items:
        if item.place == "path" and item.wire not in names:
            meant = lowered.get(item.wire.lower())
            if meant is None or meant in known:
                found.remarks.append(
                    ("path-parameter", f"the path has no {{{one_line(item.wire, 60)}}}; left out")
                )
                continue
            known.add(meant)
            item = Input(meant, "path", item.schema, item.description, True, item.style)
        kept.append(item)
    missing = [name for name in names if name not in known]
    for name in missing:
        found.remarks.append(("path-parameter", f"{{{one_line(name, 60)}}} is not described"))
    found.items = [Input(name, "path", {"type": "string"}, "", True) for name in missing] + kept


def _form_type(api: Api, operation: Mapping[str, Any], form: list[Input]) -> str:
    consumed = operation.get("consumes", api.root.get("consumes"))
    files = any(entries(item.schema).get("type") == "file" for item in form)
    return _MULTIPART if files or _MULTIPART in listed(consumed) else _FORM


def _body_2(api: Api, operation: Mapping[str, Any], raw: Mapping[str, Any], found: Inputs) -> None:
    consumed = [text(each) for each in listed(operation.get("consumes", api.root.get("consumes")))]
    found.body_type = _preferred(consumed) or "application/json"
    required = raw.get("required") if isinstance(raw.get("required"), bool) else None
    schema = raw.get("schema", {})
    found.items += _body(api, schema, required, text(raw.get("name")) or "body",
                         text(raw.get("description")), found)  # fmt: skip


def _body_3(api: Api, raw: Any, found: Inputs) -> None:
    body = follow(raw, api.resolve)
    if not isinstance(body, dict):
        found.troubles.append(("body", "the request body is no object"))
        return
    content = {text(kind): entries(media) for kind, media in entries(body.get("content")).items()}
    found.body_type = _preferred(list(content)) or "application/json"
    media = content.get(found.body_type, {})
    required = body.get("required") if isinstance(body.get("required"), bool) else None
    found.items += _body(api, media.get("schema", {}), required, "body",
                         text(body.get("description")), found)  # fmt: skip


def _preferred(kinds: list[str]) -> str | None:
    for kind in kinds:
        if kind.partition(";")[0].strip().lower() == "application/json":
            return kind
    for wanted in ("+json", "json", _FORM, _MULTIPART):
        for kind in kinds:
            if kind and wanted in kind.lower():
                return kind
    if "*/*" in kinds:
        return "application/json"
    return next((kind for kind in kinds if kind), None)


def _body(
    api: Api, schema: Any, required: bool | None, name: str, description: str, found: Inputs
) -> Iterator[Input]:
    whole = entries(schema)
    try:
        shape = merged(whole, api.resolve)
    except Unresolved as problem:
        found.troubles.append((problem.kind, str(problem)))
        shape = {}
    group = entries(shape.get("properties"))
    alternatives = "anyOf" in shape or "oneOf" in shape
    if not group or alternatives or type_word(shape.get("type")) not in ("object", None):
        yield Input(name, "whole_body", schema, description, required is True)
        return
    needed = required_names(shape)
    if required is False and needed:
        found.remarks.append(("optional-body", "the body is optional, so its properties are too"))
    if isinstance(shape.get("additionalProperties"), dict):
        found.remarks.append(("free-body", "further properties of the body are left out"))
    for key, raw in group.items():
        if not isinstance(key, str) or entries(raw).get("readOnly") is True:
            found.remarks.append(("read-only", f"{one_line(key, 60)} is read-only; left out"))
        else:
            yield Input(key, "body", raw, required=required is not False and key in needed)
