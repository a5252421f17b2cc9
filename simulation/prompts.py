"""Prompts as models were given them, rebuilt from an episode's events.

A model call is recorded with what it adds to the role's previous prompt, with references to events
that hold the text already (`callsheet.simulation.journaled_model`). Here they become whole again,
and their recorded digest proves it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..trajectories.canonical import canonical
from ..trajectories.event import Event
from ..trajectories.from_events import tool_message


def views(event: Event) -> list[tuple[dict[str, Any], str | None]]:
    """The chat messages that an event can stand for, each with its role if not the event's own.

    The user agent hears the dialogue with the roles changed over.
    """
    if event.kind == "tool_result":
        return [(tool_message(event.data), None)]
    if event.kind != "message":
        return []
    message = event.data["message"]
    if message.get("tool_calls"):
        return [(message, None)]
    other = "user" if message["role"] == "assistant" else "assistant"
    return [(message, None), ({"role": other, "content": message["content"]}, other)]


def message_digest(payload: bytes) -> bytes:
    """Of one chat message's canonical bytes, as a prompt's digest is made of."""
    return hashlib.blake2b(payload, digest_size=16).digest()


def digest_of(messages: Iterable[bytes]) -> str:
    """A prompt's digest: of its messages' digests, in order."""
    return hashlib.blake2b(b"".join(messages), digest_size=16).hexdigest()


def offered(before: Sequence[Event]) -> list[dict[str, Any]]:
    """The tools that were on offer after these events of an episode, which begin with its first."""
    found = [tool for event in before for tool in event.data.get("offers", ())]
    return [*before[0].data["tools"], *found]


def rebuild_prompts(events: Sequence[Event]) -> dict[str, list[dict[str, Any]]]:
    """The whole prompt of every model call of an episode, by its key such as "assistant.3".

    Raises `ValueError` where a rebuilt prompt does not have the recorded digest.
    """
    return {event.data["key"]: _verified(event, prompt) for event, prompt in _prompts(events)}


def rebuild_prompt(events: Sequence[Event], key: str) -> list[dict[str, Any]]:
    """One of them, without the work for the others. Raises `KeyError` for a call that is none."""
    for event, prompt in _prompts(events):
        if event.data["key"] == key:
            return _verified(event, prompt)
    raise KeyError(key)


def _prompts(events: Sequence[Event]) -> Iterator[tuple[Event, list[dict[str, Any]]]]:
    by_seq = {event.seq: event for event in events}
    latest: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        if event.kind != "model_call":
            continue
        role, delta = event.data["role"], event.data["prompt"]
        prompt = latest.get(role, [])[: delta["keep"]]
        for item in delta["new"]:
            prompt.append(_referred(by_seq, item) if "ref" in item else item)
        if "scope" not in event.data:
            latest[role] = prompt
        yield event, prompt


def _verified(event: Event, prompt: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if digest_of(message_digest(canonical(m)) for m in prompt) != event.data["prompt_digest"]:
        raise ValueError(f"{event.episode}: the prompt of {event.data['key']} does not rebuild")
    return prompt


def _referred(by_seq: Mapping[int, Event], item: Mapping[str, Any]) -> dict[str, Any]:
    role = item.get("as")
    return next(message for message, seen_as in views(by_seq[item["ref"]]) if seen_as == role)
