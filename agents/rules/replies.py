"""What a reply to a question says: the bare value, or that there is none."""

from __future__ import annotations

import re

_ANSWER_LEAD = re.compile(
    r"^\W*(?:(?:it'?s|it is|that'?s|that is|sure|yes|ok|okay|well|of course|make it|let's say"
    r"|use|the|my|in|at|for|to|on"
    r"|take)\b[\s,:]*)+",
    re.IGNORECASE,
)


_EVADES = re.compile(
    r"\b(?:i don'?t|i do not|i can'?t|i cannot|no idea|not sure|i have no"
    r"|unknown)\b",
    re.IGNORECASE,
)


def evades(answer: str) -> bool:
    """Whether a reply says that there is no answer."""
    return _EVADES.search(answer) is not None


def bare_answer(answer: str) -> str:
    """An answer without the words around it: "It's at the office, thanks." is "office"."""
    text = re.sub(r"[\s,.!]*\b(?:please|thanks|thank you)\b.*$", "", answer, flags=re.IGNORECASE)
    text = _ANSWER_LEAD.sub("", text).strip().rstrip(".!")
    head, _, tail = text.rpartition(" is ")
    return (tail if head else text).strip().strip("\"'“”")
