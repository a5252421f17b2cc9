"""Other names for tools and parameters, so that a student reads schemas instead of recalling them.

Names keep their meaning: words are exchanged for synonyms and the spelling style changes. A name
is never made up. Covers identifiers only; descriptions stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from .arguments import arguments_of, json_text, properties_of
from .dialogue import Dialogue

SYNONYMS: dict[str, tuple[str, ...]] = {
    "get": ("fetch", "read", "look_up", "retrieve"),
    "query": ("find", "search", "look_up", "list"),
    "find": ("search", "look_up", "locate"),
    "search": ("find", "query", "look_up"),
    "list": ("show", "get_all", "enumerate"),
    "show": ("get", "display", "view"),
    "add": ("create", "new", "register", "insert"),
    "create": ("add", "make", "new"),
    "book": ("reserve", "arrange"),
    "order": ("buy", "request"),
    "send": ("deliver", "post", "dispatch"),
    "delete": ("remove", "drop", "cancel"),
    "cancel": ("call_off", "drop", "revoke"),
    "modify": ("update", "change", "edit"),
    "update": ("modify", "change", "set"),
    "set": ("change", "put", "configure"),
    "check": ("test", "inspect", "verify"),
    "calculate": ("compute", "evaluate"),
    "convert": ("change", "translate"),
    "transfer": ("move", "send"),
    "open": ("start", "begin"),
    "close": ("end", "shut"),
    "name": ("title", "label"),
    "title": ("heading", "name"),
    "topic": ("subject", "theme"),
    "content": ("text", "body"),
    "text": ("content", "message"),
    "message": ("text", "note"),
    "id": ("identifier", "ref", "number"),
    "date": ("day", "on_date"),
    "time": ("at_time", "when", "hour"),
    "start": ("begin", "from"),
    "end": ("finish", "until"),
    "amount": ("sum", "value", "quantity"),
    "quantity": ("count", "amount", "number_of_units"),
    "username": ("login", "user_name", "account_name"),
    "password": ("passphrase", "secret_word"),
    "token": ("access_key", "session_token"),
    "location": ("place", "site", "venue"),
    "city": ("town", "municipality"),
    "attendees": ("participants", "invitees"),
    "recipient": ("receiver", "addressee"),
    "keyword": ("search_term", "query_text"),
    "expression": ("formula", "term"),
}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
Style = str


def words_of(name: str) -> list[str]:
    """The lower-case words of an identifier in snake, kebab, dotted or camel case."""
    return [word.lower() for word in _WORD.findall(name)]


def spelled(words: Sequence[str], style: Style) -> str:
    """The words as one identifier: snake, camel, pascal or kebab."""
    if style == "snake":
        return "_".join(words)
    if style == "kebab":
        return "-".join(words)
    head, *tail = words
    first = head if style == "camel" else head.capitalize()
    return first + "".join(word.capitalize() for word in tail)


def other_name(name: str, style: Style, chance: Random, taken: frozenset[str]) -> str:
    """Another name for the same thing, or `name` where none is free."""
    words: list[str] = []
    for word in words_of(name):
        choices = SYNONYMS.get(word, ())
        new = chance.choice(choices) if choices and chance.random() < 0.6 else word
        words.extend(new.split("_"))
    if not words:
        return name
    candidate = spelled(words, style)
    return candidate if candidate not in taken and candidate[0].isalpha() else name


def renamed(dialogue: Dialogue, chance: Random, *, tools: bool, parameters: bool) -> Dialogue:
    """The dialogue with new names for its tools, its parameters or both, in schemas and calls.

    One style for the whole toolset, as an API has. What tools returned keeps its keys.
    """
    style = chance.choice(("snake", "snake", "camel", "pascal", "kebab"))
    parameter_style = chance.choice(("snake", "snake", "camel"))
    names: dict[str, str] = {}
    keys: dict[str, dict[str, str]] = {}
    specs: list[dict[str, Any]] = []
    for tool in dialogue.tools:
        function = tool["function"]
        old = function["name"]
        taken = frozenset(names.values()) | {t["function"]["name"] for t in dialogue.tools}
        names[old] = other_name(old, style, chance, taken - {old}) if tools else old
        keys[old] = _new_keys(tool, parameter_style, chance) if parameters else {}
        specs.append(_respelled(tool, names[old], keys[old]))
    mentioned = _mentions(names)
    messages = tuple(
        mentioned(_with_new_calls(message, names, keys)) for message in dialogue.messages
    )
    return replace(dialogue, messages=messages, tools=tuple(mentioned(spec) for spec in specs))


def _mentions(names: dict[str, str]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Puts new names where descriptions, errors and words mention the old ones.

    Only names that are no plain words, such as GetUserToken: a tool named `calculator` is not
    meant by everybody who says so.
    """
    changed = {old: new for old, new in names.items() if old != new and len(words_of(old)) > 1}
    if not changed:
        return lambda value: value
    pattern = re.compile(r"\b(?:" + "|".join(re.escape(name) for name in changed) + r")\b")

    def put(value: Any) -> Any:
        if isinstance(value, str):
            return pattern.sub(lambda found: changed[found.group()], value)
        if isinstance(value, dict):
            return {key: put(item) for key, item in value.items()}
        return [put(item) for item in value] if isinstance(value, list) else value

    return put


def _new_keys(tool: dict[str, Any], style: Style, chance: Random) -> dict[str, str]:
    keys: dict[str, str] = {}
    old_names = frozenset(properties_of(tool))
    for old in properties_of(tool):
        keys[old] = other_name(old, style, chance, (old_names | set(keys.values())) - {old})
    return keys


def _respelled(tool: dict[str, Any], name: str, keys: dict[str, str]) -> dict[str, Any]:
    function = tool["function"]
    schema = dict(function["parameters"])
    if keys:
        schema["properties"] = {keys[k]: v for k, v in schema["properties"].items()}
        if isinstance(schema.get("required"), list):
            schema["required"] = [keys.get(k, k) for k in schema["required"]]
    return {**tool, "function": {**function, "name": name, "parameters": schema}}


def _with_new_calls(
    message: dict[str, Any], names: dict[str, str], keys: dict[str, dict[str, str]]
) -> dict[str, Any]:
    if not message.get("tool_calls"):
        return message
    calls = []
    for call in message["tool_calls"]:
        function = call["function"]
        old = function["name"]
        known = keys.get(old, {})
        text = json_text({known.get(k, k): v for k, v in arguments_of(call).items()})
        calls.append({**call, "function": {"name": names.get(old, old), "arguments": text}})
    return {**message, "tool_calls": calls}
