"""Words, as entropy and distinct n-grams count them.

A word is a run of letters and digits, case folded, with apostrophes inside ("don't"). Marks and
white space separate and are not counted. Languages that write without spaces come out as runs of
characters: for them compare only figures of the same language.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

RULE = "runs of letters and digits, case folded, apostrophes inside; no punctuation"
"""The rule in words, for reports."""


def words(text: str) -> list[str]:
    """The words of `text` in order."""
    return _WORD.findall(text.casefold())
