"""Records whose turns stand where no format looks for them, brought to where formats do.

Columns hold turns as JSON text, and turns stand under other names. Both say the same as the plain
shape, so nothing is lost by it. A record that some format knows as it stands is not brought here.
"""

from __future__ import annotations

from typing import Any

import orjson

_PLACES = ("messages", "conversations", "conversation", "trajectory", "dialogue", "dialog")
"""Where turns stand, in the order in which they are looked for."""


def plain(record: Any) -> dict[str, Any] | None:
    """The record with its turns as a list, under `messages` where they have roles and contents and
    under `conversations` where they have speakers and values; None where it has no such turns, or
    has them there already."""
    if not isinstance(record, dict):
        return None
    for place in _PLACES:
        turns = _turns(record.get(place))
        if turns is None:
            continue
        proper = "messages" if "role" in turns[0] else "conversations"
        if proper == place and turns == record[place]:
            return None
        if proper != place and proper in record:
            continue
        rest = {key: value for key, value in record.items() if key != place}
        return {**rest, proper: turns}
    return None


def _turns(value: Any) -> list[dict[str, Any]] | None:
    """`value`, or the JSON text that it or each of its items is, where that is a list of turns."""
    parsed = _parsed(value)
    if not isinstance(parsed, list) or not parsed:
        return None
    turns = [_parsed(item) for item in parsed]
    for words in (("role",), ("from", "value")):
        if all(isinstance(turn, dict) and all(word in turn for word in words) for turn in turns):
            return turns
    return None


def _parsed(value: Any) -> Any:
    if not isinstance(value, str) or value.lstrip()[:1] not in ("[", "{"):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return value
