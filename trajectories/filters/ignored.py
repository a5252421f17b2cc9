"""Answers that deny what was returned: "I found nothing" after results that hold something.

English only. An answer that says so although it also tells of the results is believed, and so is
one whose result says, in words, that there is nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .branch import Branch, Call
from .config import FilterConfig
from .defect import Defect, defect, shown
from .evidence import leaves
from .words import STOP, folded, tokens, word_set

_DENIALS = ("n't", "not", "no ", "unable", "fail", "nothing", "error", "problem", "issue", "empty")
"""One of them is in everything that the pattern below matches; looking for them is cheap."""
_NOTHING = re.compile(
    r"(?:could|can|did|was|were|am|is|are|do|does)(?: ?n't| ?not) (?:able to |seem to |currently )?"
    r"(?:find|locate|get|retrieve|access|see|fetch|obtain|any|available|complete|process|return|"
    r"work|go through|do (?:that|this|it)|have (?:any|access|information|data|the))\b"
    r"|\b(?:unable|failed) to (?:find|locate|get|retrieve|access|see|fetch|obtain|complete|process|"
    r"do|load|look)\b"
    r"|\bno (?:\w+ ){0,2}(?:results?|data|information|match(?:es)?|records?|entries|entry|answer)\b"
    r"|\bno such\b|\bfound (?:nothing|no\b)|\bnothing (?:was found|came up|came back|found|there|"
    r"turned up)|\breturned (?:nothing|no\b|an error)|\bcame (?:back|up) empty"
    r"|\b(?:request|call|search|tool|lookup|query) (?:has )?failed"
    r"|\bran into an? (?:error|problem|issue)|\bthere was an? (?:error|problem|issue)"
)


def ignored(branch: Branch, config: FilterConfig) -> Iterator[Defect]:
    """A defect for each answer that denies the results of a round in which every call worked."""
    for part in branch.rounds:
        at = branch.answer_of(part)
        calls = branch.calls_in(part)
        if at is None or not calls or any(c.failed or c.result_at is None for c in calls):
            continue
        if _ignored(branch.reading(at).text[:20_000], calls):
            detail = f"{shown(calls[-1].result, 70)} was returned, told: {branch.text(at)}"
            yield defect("ignored_result", detail, branch.messages[at].id)


def _ignored(low: str, good: Sequence[Call]) -> bool:
    """ "Nothing found", though every call returned something, of which not a word is told."""
    if not any(hint in low for hint in _DENIALS) or not _NOTHING.search(low):
        return False
    told = set(tokens(low))
    for call in good:
        words = [w for _, leaf in leaves(call.result) if leaf not in (None, False, "", 0)
                 for w in tokens(folded(str(leaf)[:4000]))]  # fmt: skip
        telling = {w for w in words if (len(w) > 2 and w not in STOP) or w.isdigit()} - _IDLE
        if not telling or told & telling or _says_nothing(call):
            return False
    return True


_REFUSAL = re.compile(r"\b(?:no|not|none|nothing|empty|unable|cannot|fail\w*|0|n/a)\b|n't\b")
_IDLE = word_set(
    """success true false status okay done message result results null none data request failed
    information available match matches record records entry entries search query call tool error
    name type value code list item items sorry try again later moment time"""
)
"""Words of a result that an answer may share with it by chance."""


def _says_nothing(call: Call) -> bool:
    """Whether the result itself reports, in words, that there is nothing."""
    said = [folded(leaf[:500]) for _, leaf in leaves(call.result) if isinstance(leaf, str)]
    return any(len(text.split()) > 2 and _REFUSAL.search(text) for text in said)
