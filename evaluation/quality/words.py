"""Words, as entropy and distinct n-grams count them.

A word is a run of letters and digits with their combining marks, in NFC and case folded, with
apostrophes inside ("don't"). Punctuation and white space separate and are not counted. Languages
that write without spaces come out as runs of characters: for them compare only figures of the same
language.
"""

from __future__ import annotations

import re
import unicodedata


def _combining() -> str:
    """Unicode's combining marks as a part of a character class; `\\w` has none of them."""
    kinds = "".join(unicodedata.category(chr(at))[0] for at in range(0x1F000))
    runs = (f"{chr(run.start())}-{chr(run.end() - 1)}" for run in re.finditer("M+", kinds))
    return "".join(runs) + "\U000e0100-\U000e01ef"


RUN = rf"\w[\w{_combining()}]*"
"""A pattern: letters, digits and underscores with the marks on them."""
_WORD = re.compile(rf"{RUN}(?:['’]{RUN})*")

RULE = (
    "runs of letters and digits with their combining marks, NFC, case folded, apostrophes inside; "
    "no punctuation"
)
"""The rule in words, for reports."""


def words(text: str) -> list[str]:
    """The words of `text` in order."""
    return _WORD.findall(unicodedata.normalize("NFC", text).casefold().replace("_", " "))
