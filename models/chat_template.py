"""The project's own chat template: what a local model reads, in training and at work.

ChatML with tools, tool calls, tool results and marks around all that the assistant wrote
(`templates/chatml_tools.jinja`). An assistant turn that could call tools is one JSON object, so
that one JSON Schema constrains words and calls alike:

    {"tool_calls": [{"name": "GetWeather", "arguments": {"city": "Rome"}}]}
    {"say": "It will rain in Rome."}

Words that go with calls are a turn before them. Without tools the assistant's turn is plain text.
`callsheet.models.call_parsing` reads answers back, and reading what was rendered gives what was
there. No text can end a turn or begin one: the marks of turns are broken up in words and escaped
in JSON.

Rendering here and by `transformers` (`apply_chat_template`) gives the same text, and the prompt
of a generation is exactly the beginning of the training text. Covers one conversation; batching,
tokens and truncation are the clients' and the trainer's.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import Template, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

END_OF_TURN = "<|im_end|>"
"""The special token that ends every turn."""


class ToolUnwritable(ValueError):
    """A tool whose parameters cannot be listed; names it and says why."""


def template_text() -> str:
    """The template's Jinja source, as a tokenizer stores it."""
    return _text()


def render(
    messages: Sequence[Mapping[str, Any]],
    tools: Sequence[Mapping[str, Any]] | None = None,
    add_generation_prompt: bool = True,
) -> str:
    """The conversation as text, special tokens included.

    `messages` in OpenAI's chat shape, with a call's arguments as JSON text or as an object;
    `tools` in the shape of OpenAI's `tools` parameter. `add_generation_prompt` opens the
    assistant's next turn at the end.
    Raises `ToolUnwritable`.
    """
    offered = ordered(tools) if tools else None
    return _template().render(
        messages=normalized(messages, offered),
        tools=offered,
        add_generation_prompt=add_generation_prompt,
    )


def ordered(tools: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The tools with each one's parameters in the order in which models read and write them: the
    required ones as they are listed, then the others by name. What a record keeps of an object's
    keys is no order, and a model must meet at work what it met in training.

    Raises `ToolUnwritable`.
    """
    return [_ordered(tool) for tool in tools]


def _ordered(tool: Mapping[str, Any]) -> dict[str, Any]:
    if "function" in tool:
        return {**tool, "function": _ordered(tool["function"])}
    parameters = tool.get("parameters") or {}
    properties = parameters.get("properties") or {}
    required = parameters.get("required") or ()
    if not isinstance(properties, Mapping):
        raise ToolUnwritable(f"tool {tool['name']}: its `properties` are no object")
    if not isinstance(required, Sequence) or not all(isinstance(name, str) for name in required):
        raise ToolUnwritable(f"tool {tool['name']}: its `required` is no list of names")
    names = dict.fromkeys([*(name for name in required if name in properties), *sorted(properties)])
    placed = {name: properties[name] for name in names}
    return {**tool, "parameters": {**parameters, "properties": placed}} if placed else dict(tool)


def normalized(
    messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]] | None = None
) -> list[dict[str, Any]]:
    """Messages in the shape that the template takes: arguments as objects, content as text.

    With `tools` given, arguments stand in the order of the tool's parameters, which is the order
    that constrained decoding writes them in. Arguments that are no JSON object stay text.
    """
    orders = {name: list(properties) for name, properties in _parameters(tools or ())}
    return [part for message in messages for part in _parts(_normal(message, orders))]


def _parts(message: dict[str, Any]) -> list[dict[str, Any]]:
    """Words that go with calls as a turn of their own: an answer is either, and so is history."""
    if not (message.get("tool_calls") and message["content"]):
        return [message]
    return [{"role": message["role"], "content": message["content"]}, message | {"content": ""}]


def _normal(message: Mapping[str, Any], orders: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    shaped: dict[str, Any] = {"role": message["role"], "content": _words(message.get("content"))}
    if calls := message.get("tool_calls"):
        shaped["tool_calls"] = [_normal_call(call, orders) for call in calls]
    if (call_id := message.get("tool_call_id")) is not None:
        shaped["tool_call_id"] = call_id
    return shaped


def _normal_call(call: Mapping[str, Any], orders: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    function = call.get("function", call)
    name, arguments = function["name"], _object(function.get("arguments"))
    if isinstance(arguments, dict) and name in orders:
        ordered = {key: arguments[key] for key in orders[name] if key in arguments}
        arguments = {**ordered, **arguments}
    return {"type": "function", "function": {"name": name, "arguments": arguments}}


def _parameters(tools: Sequence[Mapping[str, Any]]) -> list[tuple[str, Mapping[str, Any]]]:
    functions = [tool.get("function", tool) for tool in tools]
    return [(f["name"], (f.get("parameters") or {}).get("properties") or {}) for f in functions]


def _object(arguments: Any) -> Any:
    """Arguments as an object where the text is one that can be written again, else the text."""
    if not isinstance(arguments, str):
        return {} if arguments is None else arguments
    if not arguments.strip():
        return {}
    try:
        value = json.loads(arguments)
    except (ValueError, RecursionError):
        return arguments
    return value if isinstance(value, dict) and _finite(value) else arguments


def _finite(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(_finite(item) for item in value.values())
    if isinstance(value, list):
        return all(_finite(item) for item in value)
    return True


def _words(content: Any) -> str:
    """A message's text; of content in parts, the text parts."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, Sequence):
        return "".join(str(part.get("text") or "") for part in content if isinstance(part, Mapping))
    return str(content)


class _Generation(Extension):
    """Takes the trainers' `{% generation %}` marks; for rendering they mean nothing."""

    tags = {"generation"}  # noqa: RUF012 - jinja2 declares it so

    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


@lru_cache(maxsize=1)
def _text() -> str:
    return (files(__package__) / "templates" / "chatml_tools.jinja").read_text("utf-8")


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[_Generation]
    )
    environment.filters["tojson"] = _to_json
    return environment.from_string(_text())


def _to_json(value: Any) -> str:
    """As `transformers` writes it: text stays text. Jinja's own filter escapes for HTML."""
    return json.dumps(value, ensure_ascii=False)
