"""OpenAI's fine-tuning file: one `{"messages", "tools", "parallel_tool_calls"}` a line.

Arguments are JSON text, calls have ids, and an assistant's message may have a `weight` of 0. The
older form with `functions` and `function_call` is read too. What has no calls at all is written
the same in many other places, and is read here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..trajectory import Message, Trajectory
from .anthropic_parts import holds_calls, holds_results
from .chat_messages import CALLS, RESULTS, read_messages
from .conversation import list_in, one_branch
from .format import Format, Losses
from .tools import read_tools, write_tools

_OTHERS = frozenset(("subset_name", "scenario"))
"""Fields of Toucan's and callsheet's own records, which have messages with roles as well."""
TEXT_CALLS = ("<tool_call>", "<functioncall>")
"""Tags of calls in Hermes' and Glaive's text."""
PAIRS = (("chosen", "rejected"), ("chosen_response", "rejected_response"),
         ("preferred_output", "non_preferred_output"))  # fmt: skip
"""Fields of the preferred answer and the other."""
_PARALLEL = "parallel_tool_calls"
_KNOWN = frozenset(("messages", "tools", "functions"))
_HELD = frozenset(("weight", "other_information"))


def recognize(record: Any) -> str | None:
    """Messages with roles, whose calls have arguments as text."""
    messages = role_messages(record)
    if messages is None or parts_with_values(messages) or _OTHERS & record.keys():
        return None
    if is_pair(record):
        return None
    calls = [call for message in messages for call in calls_of(message)]
    if any(not isinstance(arguments_of(call), str) for call in calls):
        return None
    if calls:
        return "it has messages with roles, and calls with arguments as text"
    if any(m["role"] == CALLS or holds_calls(m) for m in messages):
        return "it has messages with roles, some of them calls"
    # Calls that are written in another way would be taken for words, and their results for
    # results of nothing.
    if any(m["role"] in RESULTS or holds_results(m) or _marked(m) for m in messages):
        return None
    return "it has messages with roles, and no calls"


def _marked(message: dict[str, Any]) -> bool:
    content = message.get("content") if message["role"] == "assistant" else None
    return isinstance(content, str) and any(mark in content for mark in TEXT_CALLS)


def is_pair(record: Mapping[str, Any]) -> bool:
    """Whether it has two answers, of which one is preferred."""
    return any(better in record and worse in record for better, worse in PAIRS)


def role_messages(record: Any, key: str = "messages") -> list[dict[str, Any]] | None:
    """Its messages with roles, where all are."""
    messages = record.get(key) if isinstance(record, dict) else None
    if not isinstance(messages, list) or not messages:
        return None
    return messages if all(isinstance(m, dict) and "role" in m for m in messages) else None


def parts_with_values(messages: list[dict[str, Any]]) -> bool:
    """Whether contents are typed parts with a `value` each, as LLaMA-Factory v1 has them."""
    content = messages[0].get("content")
    return isinstance(content, list) and any(isinstance(p, dict) and "value" in p for p in content)


def calls_of(message: dict[str, Any]) -> list[Any]:
    """The calls of a message as it has them."""
    calls = message.get("tool_calls")
    if isinstance(calls, list):
        return calls
    return [message["function_call"]] if message.get("function_call") else []


def arguments_of(call: Any) -> Any:
    """The arguments of a call as it has them."""
    function = call.get("function", call) if isinstance(call, dict) else None
    return function.get("arguments") if isinstance(function, dict) else None


def read(record: Any, losses: Losses) -> Iterable[Trajectory]:
    """One conversation."""
    tools = read_tools(record.get("tools") or record.get("functions"), losses)
    messages, known = with_system(record, list_in(record, "messages"))
    conversation = read_messages(messages, tools, losses)
    return [conversation.trajectory("openai", tools, record, _KNOWN | known)]


def with_system(
    record: Mapping[str, Any], messages: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], frozenset[str]]:
    """The messages with the record's `system` before them, as Anthropic has it, and the field that
    is known by that; they alone where they have a system message, or the record has no system."""
    system = record.get("system")
    words = isinstance(system, str | list) and bool(system)
    if not words or any(message.get("role") in ("system", "developer") for message in messages):
        return messages, frozenset()
    return [{"role": "system", "content": system}, *messages], frozenset(("system",))


def write(trajectory: Trajectory, losses: Losses) -> Any:
    """The main branch."""
    path = one_branch(trajectory, "openai", losses, _HELD)
    information = dict(trajectory.other_information)
    record: dict[str, Any] = {"messages": [_message(message) for message in path]}
    if trajectory.tools:
        record["tools"] = write_tools(trajectory.tools, losses)
    if isinstance(information.get(_PARALLEL), bool):
        record[_PARALLEL] = information.pop(_PARALLEL)
    losses.lose("other information", bool(information))
    return record


def _message(message: Message) -> dict[str, Any]:
    shaped = message.chat()
    if message.weight is not None:
        shaped["weight"] = message.weight
    return shaped


FORMAT = Format(
    "openai",
    "OpenAI's fine-tuning file with tools; also read by Axolotl, Unsloth and many others",
    recognize,
    read,
    write,
)
