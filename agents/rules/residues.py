"""What is left of a request when everything that the tool's documentation and common speech
account for is taken away: it is what the request is about."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .reading import BLANK, Reading
from .tool_index import CompiledTool, Param
from .user_phrasing import IMPERATIVES, MANNER_WORDS
from .words import STOP, act_of, stem, tokens, word_set


def residues(
    param: Param, tool: CompiledTool, reading: Reading, used: Iterable[str]
) -> list[tuple[int, str]]:
    """Words that the tool's documentation and common speech do not account for, with a rank: in
    "do we have flour in the pantry" it is the flour. 0: behind the parameter's own name; 1:
    behind a preposition; 2: elsewhere. Sorted by rank."""
    text = reading.unquoted
    for value in used:
        if value:
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", BLANK, text, flags=re.IGNORECASE)
    found: list[tuple[int, str]] = []
    for match in _RUN.finditer(text):
        words = list(_WORD.finditer(match.group()))
        run: list[re.Match[str]] = []
        for word in [*words, None]:
            if word is not None and _unexplained(word.group(), tool):
                run.append(word)
            elif run:
                start = match.start() + run[0].start()
                value = match.group()[run[0].start() : run[-1].end()]
                found.append((_rank(param, tokens(text[:start])), value))
                run = []
    return sorted(found, key=lambda item: item[0])


def _rank(param: Param, before: tuple[str, ...]) -> int:
    if before and stem(before[-1]) in param.stems:
        return 0
    return 1 if any(word in _INTRODUCING for word in before[-2:]) else 2


_RUN = re.compile(r"[^,;:.!?\x00\n()]+")
_WORD = re.compile(r"[A-Za-z][\w'’-]*")
_INTRODUCING = frozenset(
    {"for", "with", "about", "of", "to", "use", "uses", "using", "called", "into"}
)


def _unexplained(said: str, tool: CompiledTool) -> bool:
    word = said.lower()
    if said.isupper() and len(said) > 1:
        return word not in STOP and all(said != p.spoken.upper() for p in tool.params)
    return (
        word not in STOP
        and word not in IMPERATIVES
        and not act_of(word)
        and len(word) > 2
        and "'" not in word
        and stem(word) not in tool.weights
        and word not in _COMMON_SPEECH
        and word not in MANNER_WORDS
    )


_COMMON_SPEECH = word_set(
    """day days time thing things mind day ahead long help lot trouble day today tomorrow able
    before after again also already always another anything something everything nothing because
    been being both did done during either else enough ever few first good great last later least
    less lot many maybe might more most much never next nice now off often only other others own
    quite rather really right same second several sure still such thinking third too under until
    upon very way while within without yet would yourself kind glad possible myself left new old
    done reading just going think really excuse grateful apart exactly actually per number
    somebody said say says needs need look looks wants feels reaches sorry
    kindly besides grateful ask finally honestly moment minute afterwards
    back away myself here soon between"""
)
