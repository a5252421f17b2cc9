"""ToolBench's records of RapidAPI endpoints, and questions that carry such records.

An endpoint: `{"category_name", "tool_name", "api_name", "api_description", "required_parameters",
"optional_parameters", "method", "template_response"}`; a whole tool: `{"tool_name" or "title",
"api_list": [endpoints with name, description, url]}`; a question: `{"query", "api_list"}`. An
endpoint that several questions carry is one tool, its fullest record kept. `template_response`
names the type of each value, and becomes the schema of what it returns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import orjson

from ..spec import ToolSource
from .draft import Draft, Refused, Yielded, objects, one_line
from .flat import Fields, flat_schema, named_fields
from .json_schema import set_parameters, set_returns, text
from .keywords import type_word
from .references import Unresolved

_IN_PATH = re.compile(r"\{([^{}]+)\}")
_LIST_OF = re.compile(r"list of (\w+)")
_DEPTH = 12


def recognised(value: Any) -> str | None:
    """Why `value` is such a record, or None."""
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("api_list"), list):
        return "a record with an api_list of endpoints"
    if "required_parameters" in value and ("api_name" in value or "name" in value):
        return "an endpoint with required_parameters and optional_parameters"
    return None


def read(value: Any) -> Yielded:
    """One draft an endpoint record, however many questions carry it."""
    for found in objects(value):
        if isinstance(found, Refused):
            yield found
            continue
        place, record = found
        endpoints = record.get("api_list", [record])
        if not isinstance(endpoints, list):
            yield Refused(place, "not-a-record", "api_list is no list")
            continue
        yield from _endpoints(record, endpoints, place)


def _endpoints(record: dict[str, Any], endpoints: list[Any], place: str) -> Iterator[Any]:
    tool = text(record.get("tool_name")) or text(record.get("title")) or text(record.get("name"))
    category = text(record.get("category_name")) or text(record.get("category"))
    for number, endpoint in enumerate(endpoints, 1):
        where = f"{place}, endpoint {number}"
        if isinstance(endpoint, dict):
            yield _draft(endpoint, tool, category, where)
        else:
            yield Refused(where, "not-a-record", "is no JSON object")


def _draft(endpoint: dict[str, Any], tool: str, category: str, place: str) -> Draft | Refused:
    name = text(endpoint.get("api_name")) or text(endpoint.get("name"))
    if not name:
        return Refused(place, "no-name", "the endpoint has no name")
    tool = one_line(text(endpoint.get("tool_name")) or tool, 120)
    category = one_line(text(endpoint.get("category_name")) or category, 80)
    url = text(endpoint.get("url"))
    server, path = _split(url)
    description = text(endpoint.get("api_description")) or text(endpoint.get("description"))
    draft = Draft(
        name=name, place=place, description=description, group=tool, tags=(tool, category),
        identity=orjson.dumps([category, tool, name, url]).decode(),
    )  # fmt: skip
    try:
        _set_parameters(draft, endpoint)
        set_returns(draft, _template(_template_of(endpoint), 0))
    except Unresolved as problem:
        return Refused(place, problem.kind, f"{name}: {problem}")
    in_path = _IN_PATH.findall(path or "")
    draft.source = ToolSource(
        document=tool or None, path=path, method=text(endpoint.get("method")).upper() or None,
        operation_id=name, server=server,
        places={key: "path" for key in draft.parameters["properties"] if key in in_path},
    )  # fmt: skip
    return draft


def _set_parameters(draft: Draft, endpoint: dict[str, Any]) -> None:
    records: list[Any] = []
    for word, required in (("required_parameters", True), ("optional_parameters", False)):
        group = endpoint.get(word) or []
        if not isinstance(group, list):
            raise Unresolved("no-parameters", f"{word} must be a list of fields")
        records += [{**each, "required": required} if isinstance(each, dict) else each
                    for each in group]  # fmt: skip
    fields, left = named_fields(records)
    draft.troubles += [("field", f"parameters: {reason}") for reason in left]
    # RapidAPI fills every form in: its defaults are examples, and mostly empty.
    examples: Fields = {name: _as_example(field) for name, field in fields.items()}
    set_parameters(draft, {**flat_schema(examples), "additionalProperties": False})


def _as_example(field: Any) -> dict[str, Any]:
    kept = {word: value for word, value in field.items() if word != "default"}
    default = field.get("default")
    return kept if default in (None, "") else {**kept, "example": default}


def _split(url: str) -> tuple[str | None, str | None]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None, None
    if not parts.scheme or not parts.netloc:
        return None, parts.path or None
    return f"{parts.scheme}://{parts.netloc}", parts.path or "/"


def _template_of(endpoint: dict[str, Any]) -> Any:
    template = endpoint.get("template_response", endpoint.get("schema"))
    if isinstance(template, str) and template[:1] in ("{", "["):
        try:
            return orjson.loads(template)
        except orjson.JSONDecodeError:
            return None  # cut off in the middle, in the data sets that are about
    return template


def _template(value: Any, depth: int) -> dict[str, Any]:
    """The schema of values such as the one that `value` names the types of."""
    if depth > _DEPTH:
        return {}
    if isinstance(value, dict):
        fields = {name: _template(inner, depth + 1) for name, inner in value.items()
                  if name != "_list_length"}  # fmt: skip
        return {"type": "object", "properties": fields} if value else {}
    if isinstance(value, list):
        return {"type": "array", "items": _template(value[0], depth + 1) if value else {}}
    if isinstance(value, str):
        listed = _LIST_OF.match(value)
        if listed:
            return {"type": "array", "items": _word(listed[1])}
        return {"type": "array"} if value == "empty list" else _word(value)
    return {}


def _word(word: str) -> dict[str, Any]:
    known = type_word(word)
    # A null in the one answer that was seen says nothing about other answers.
    return {} if known in (None, "null") else {"type": known}
