"""Thoughts that an assistant speaks before its action, in one text: taken apart, and put together
again to the letter.

A text is a label (`Thought: `), the thought, and the action from the line break before its own
label (`Action:`) on. The label of a record is its first text's; a text that begins otherwise stays
whole, so joining always gives back what was split.
"""

from __future__ import annotations

import re

_LABEL = re.compile(r"(?:THOUGHT|Thought|Think):\s*")
_ACTION = re.compile(r"^[ \t]*(?:ACTION|Action|Act|Answer|Final Answer):", re.M)


def label_in(text: str) -> str | None:
    """How the thought of `text` begins: the words and space before it, empty where there are none;
    None where no thought stands before an action."""
    parts = _parts(text)
    return None if parts is None else parts[0]


def split(text: str, label: str | None) -> tuple[str | None, str]:
    """The thought and the rest of `text`; no thought where it does not begin with `label`."""
    parts = None if label is None else _parts(text)
    if parts is None or parts[0] != label:
        return None, text
    return parts[1], parts[2]


def join(thought: str | None, rest: str, label: str | None) -> str:
    """The text again."""
    return rest if thought is None else f"{label or ''}{thought}{rest}"


def _parts(text: str) -> tuple[str, str, str] | None:
    """Label, thought and action."""
    action = _ACTION.search(text)
    if action is None:
        return None
    spoken = text[: action.start()].rstrip()
    label = _LABEL.match(spoken)
    start = label.end() if label else 0
    thought = spoken[start:]
    if not thought or thought[0].isspace():
        return None
    return spoken[:start], thought, text[len(spoken) :]
