"""Turns that say nothing."""

from __future__ import annotations

from collections.abc import Iterator

from ..trajectory import Blame
from .branch import Branch
from .config import FilterConfig
from .defect import Defect, defect

_NOTHING = " \t\r\n\f\v.…-–—_*#`~\"'|\u200b\u200c\u200d\u2060\ufeff\u00a0\u00ad"
"""Space and marks that stand for nothing; an emoji, a "?" and a number say something."""


def empty(branch: Branch, config: FilterConfig) -> Iterator[Defect]:
    """A defect for each empty turn of the user's or the assistant's; a call is never empty, and a
    tool may have nothing to say."""
    for message in branch.messages:
        if message.role not in ("user", "assistant") or message.tool_calls:
            continue
        if not (message.content or "").strip(_NOTHING):
            blame: Blame = "user" if message.role == "user" else "assistant"
            yield defect("empty_turn", repr(message.content), message.id, blame)
