"""ShareGPT with function calling, as LLaMA-Factory reads it (Glaive's data in that form).

`{"conversations": [{"from", "value"}], "tools": JSON text, "system"}`: turns of human, gpt,
function_call (one call, or a list of parallel ones, as JSON text) and observation. LLaMA-Factory
wants human and observation in turn with gpt and function_call; so the results of parallel calls are
one observation, a JSON list with an item for each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson

from ..trajectory import Message, Trajectory
from . import toolace
from .conversation import (
    Conversation,
    in_call_order,
    list_in,
    one_branch,
    read_call,
    split_results,
    text_in,
    write_call,
)
from .format import Format, Losses, Refused
from .openai import TEXT_CALLS, is_pair
from .tools import Tools, read_tools, write_tools

SAID = {"human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant",
        "chatgpt": "assistant", "model": "assistant", "system": "system"}  # fmt: skip
"""Who speaks, by the words that files have for it."""
_CALLS = ("function_call", "tool_call")
_RESULTS = ("observation", "tool", "function_response")
_OTHERS_MARKS = (*TEXT_CALLS, "<tools>")
"""Tags of Hermes' and Glaive's text."""
_TURN = frozenset(("from", "value", "weight"))
_KNOWN = frozenset(("conversations", "tools", "system"))
_THOUGHT = re.compile(r"\s*<think>(.*?)</think>\s*", re.DOTALL)


def recognize(record: Any) -> str | None:
    """Turns of speakers this form has, without the tags and fields of others."""
    turns = from_turns(record)
    if turns is None or is_pair(record) or "reward" in record:
        return None
    speakers = {turn["from"] for turn in turns}
    if not speakers <= {*SAID, *_CALLS, *_RESULTS}:
        return None
    if not all(turn.keys() <= _TURN for turn in turns):
        return None
    if any(mark in turn["value"] for turn in turns for mark in _OTHERS_MARKS):
        return None
    # Calls that are written in another way would be taken for words, and their results for
    # results of nothing.
    if (speakers & set(_RESULTS) and not speakers & set(_CALLS)) or toolace.recognize(record):
        return None
    calls = ", with function calls" if speakers & set(_CALLS) else ""
    return f"its conversations have turns from {', '.join(sorted(speakers))}{calls}"


def from_turns(record: Any) -> list[dict[str, Any]] | None:
    """Its turns with a speaker and text, where all are."""
    turns = record.get("conversations") if isinstance(record, dict) else None
    if not isinstance(turns, list) or not turns:
        return None
    whole = all(
        isinstance(turn, dict)
        and isinstance(turn.get("from"), str)
        and isinstance(turn.get("value"), str)
        for turn in turns
    )
    return turns if whole else None


def texts(record: dict[str, Any]) -> Iterator[str]:
    """The texts of its turns or messages, of whatever form; a quick look, as every record of every
    format is asked for it."""
    for key in ("conversations", "messages"):
        turns = record.get(key)
        for turn in turns if isinstance(turns, list) else ():
            text = turn.get("value", turn.get("content")) if isinstance(turn, dict) else None
            if isinstance(text, str):
                yield text


def read(record: Any, losses: Losses) -> Iterable[Trajectory]:
    """One conversation."""
    tools = read_tools(record.get("tools"), losses)
    conversation = Conversation(losses, parallel=True)
    if record.get("system"):
        conversation.say("system", text_in(record["system"], "system"))
    turns = list_in(record, "conversations")
    for number, turn in enumerate(turns, 1):
        around = (*turns[max(0, number - 2) : number - 1], *turns[number : number + 1])
        alone = not any(other.get("from") in _RESULTS for other in around)
        try:
            _read(conversation, turn, tools, alone=alone)
        except Refused as problem:
            raise Refused(f"turn {number}: {problem}") from None
    return [conversation.trajectory("sharegpt", tools, record, _KNOWN)]


def _read(conversation: Conversation, turn: dict[str, Any], tools: Tools, *, alone: bool) -> None:
    speaker, text = turn.get("from"), text_in(turn.get("value"), "the value")
    if speaker in _CALLS:
        thought, text = split_thought(text)
        calls = [read_call(call, tools) for call in _calls_in(text)]
        conversation.call(calls, thought=thought, weight=turn.get("weight"))
    elif speaker in _RESULTS:
        for result in split_results(text, conversation.open_calls if alone else 1):
            conversation.result(result)
    elif SAID.get(str(speaker)) == "assistant":
        thought, text = split_thought(text)
        conversation.say("assistant", text, thought=thought, weight=turn.get("weight"))
    elif speaker in SAID:
        conversation.say(SAID[speaker], text)
    else:
        raise Refused(f"the speaker {speaker!r:.40} is not known")


def split_thought(text: str) -> tuple[str | None, str]:
    """A thought in tags before the rest, and the rest."""
    found = _THOUGHT.match(text)
    return (found.group(1).strip() or None, text[found.end() :]) if found else (None, text)


def join_thought(message: Message, text: str) -> str:
    """`text` with the message's thought in tags before it. Raises `Refused` where the text could
    not be told from a thought."""
    if message.thought:
        if "</think>" in message.thought:
            raise Refused("a thought holds the tag that ends thoughts")
        return f"<think>\n{message.thought}\n</think>\n\n{text}"
    if _THOUGHT.match(text):
        raise Refused("an answer begins with the tags of a thought")
    return text


def _calls_in(text: str) -> list[Any]:
    try:
        calls = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Refused(f"the calls are no JSON ({error}): {text!r:.80}") from None
    calls = calls if isinstance(calls, list) else [calls]
    if not calls:
        raise Refused("the list of calls is empty")
    return calls


def write(trajectory: Trajectory, losses: Losses) -> Any:
    """The main branch. Raises `Refused` for system messages amid it."""
    path = in_call_order(one_branch(trajectory, "sharegpt", losses, ("id", "thought")), losses)
    record: dict[str, Any] = {"id": trajectory.id}
    turns: list[dict[str, str]] = []
    results: list[str] = []
    for number, message in enumerate(path):
        if message.role == "tool":
            results.append(message.content or "")
            if number + 1 == len(path) or path[number + 1].role != "tool":
                turns.append({"from": "observation", "value": _observation(results, path, number)})
                results = []
        elif message.role == "system":
            if number:
                raise Refused("a system message stands amid the conversation")
            record["system"] = message.content or ""
        else:
            turns.append(_turn(message, losses))
    tools = write_tools(trajectory.tools, losses)
    bare = [tool["function"] for tool in tools]
    return {**record, "conversations": turns, "tools": orjson.dumps(bare).decode()}


def _observation(results: Sequence[str], path: Sequence[Message], last: int) -> str:
    """One text for the results that end at `last`."""
    calls = len(path[last - len(results)].tool_calls or ()) if last >= len(results) else 0
    if calls > 1 and calls == len(results):
        return orjson.dumps(results).decode()
    if len(results) > 1:
        raise Refused("several results stand together, and not one for each call")
    return results[0]


def _turn(message: Message, losses: Losses) -> dict[str, str]:
    if message.role == "user":
        return {"from": "human", "value": message.content or ""}
    if not message.tool_calls:
        return {"from": "gpt", "value": join_thought(message, message.content or "")}
    losses.lose("words beside calls", bool(message.content))
    calls = [write_call(call, losses) for call in message.tool_calls]
    text = orjson.dumps(calls if len(calls) > 1 else calls[0]).decode()
    return {"from": "function_call", "value": join_thought(message, text)}


FORMAT = Format(
    "sharegpt",
    "ShareGPT with function calls, as LLaMA-Factory trains on it (Glaive)",
    recognize,
    read,
    write,
    ".json",
)
