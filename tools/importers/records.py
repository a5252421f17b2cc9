"""Endpoint records: one JSON object an endpoint, its parameters and response fields as flat lists.

`{"name", "description", "api", "method", "path", "parameters": [{"name", "type", "description",
"required", "enum"}], "response": [the same]}`. A dot in a response field's name (`push.state`) is a
level of its object. Where parameters go on the wire is not said, except for those in the path.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..spec import ToolSource
from .draft import Draft, Refused, Yielded, objects
from .flat import Fields, flat_schema, named_fields
from .json_schema import set_parameters, set_returns, text
from .naming import parameter_name, unique_keys
from .references import Unresolved

_IN_PATH = re.compile(r"\{([^{}]+)\}")


def recognised(value: Any) -> str | None:
    """Why `value` is such a record, or None."""
    if isinstance(value, dict) and "name" in value:
        lists = (value.get("parameters"), value.get("response", []))
        if all(isinstance(group, list) for group in lists):
            return "a record with a name and lists of parameters and response fields"
    return None


def read(value: Any) -> Yielded:
    """One draft a record."""
    for found in objects(value):
        yield found if isinstance(found, Refused) else _draft(found[1], found[0])


def _draft(record: Mapping[str, Any], place: str) -> Draft | Refused:
    name = record.get("name")
    if not isinstance(name, str) or not name.strip():
        return Refused(place, "no-name", "the record has no name")
    if not isinstance(record.get("parameters"), list):
        return Refused(place, "no-parameters", f"{name}: parameters must be a list of fields")
    method, path = text(record.get("method")).upper(), text(record.get("path"))
    api = text(record.get("api"))
    draft = Draft(
        name=name, place=place, description=text(record.get("description")), group=api,
        tags=(api,) if api else (),
    )  # fmt: skip
    fields, left = named_fields(record["parameters"])
    draft.troubles += [("field", f"parameters: {reason}") for reason in left]
    try:
        wire_names = _parameters(fields, draft)
    except Unresolved as problem:
        return Refused(place, problem.kind, f"{name}: {problem}")
    places = {
        key: "path" for key in draft.parameters["properties"]
        if wire_names.get(key, key) in _IN_PATH.findall(path)
    }  # fmt: skip
    response = record.get("response")
    if isinstance(response, list) and response:
        known, left = named_fields(response)
        draft.troubles += [("field", f"response: {reason}") for reason in left]
        set_returns(draft, flat_schema(known, dotted=True))
    draft.source = ToolSource(
        document=api or None, path=path or None, method=method or None, places=places,
        operation_id=name, wire_names=wire_names,
    )  # fmt: skip
    return draft


def _parameters(fields: Fields, draft: Draft) -> dict[str, str]:
    """Sets them; gives back their names on the wire where those differ."""
    keys = unique_keys([parameter_name(name) for name in fields])
    wire_names = {key: name for key, name in zip(keys, fields, strict=True) if key != name}
    renamed = dict(zip(keys, fields.values(), strict=True))
    set_parameters(draft, {**flat_schema(renamed), "additionalProperties": False})
    return wire_names
