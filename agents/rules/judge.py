"""The tester's rules: whether every user message got an answer, and none of them an empty one."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from autogen_core.models import LLMMessage

_FAILED = ("could not finish", "something went wrong")


def judge(brief: dict[str, Any], messages: Sequence[LLMMessage], chance: Random) -> dict[str, Any]:
    """A `TesterReply` to a `TesterBrief`. Looks at form, not at truth."""
    unanswered: str | None = None
    users = 0
    for message in brief["conversation"]:
        words = message.get("content") or ""
        if message["role"] == "user":
            users += 1
            unanswered = words
        elif message["role"] == "assistant" and not message.get("tool_calls"):
            if any(mark in words.casefold() for mark in _FAILED):
                return {"passed": False, "reason": f"The assistant gave up: {words[:200]}"}
            if words.strip():
                unanswered = None
    if unanswered is not None:
        return {"passed": False, "reason": f"This got no answer: {unanswered[:200]}"}
    if users < len(brief["plan"]):
        return {"passed": False, "reason": "The user did not come to say the whole plan."}
    return {"passed": True, "reason": "Every request got an answer."}
