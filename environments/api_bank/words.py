"""Words of a text in the manner of the Penn Treebank, as the documents of SearchEngine have them.

Marks stand alone, a final period leaves its word, and English clitics leave theirs ("health's"
gives "health" and "'s"). Made for lower-cased queries and titles: of the periods inside a text,
those after an abbreviation known only to a trained model are split off too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_MARKS = r";@#$%&?!*()\[\]{}<>"
_QUOTES = '"“”«»‘’„'
_DASHES = "\u2012-\u2015"
_CLOSING = "])}>\"'»”’''"
_PIECE = re.compile(
    rf"""
      \.{{2,}} | -- | [{_DASHES}]                     # an ellipsis or dash
    | [{_MARKS}{_QUOTES}] | '' | `+ | [:,](?!\d)      # a mark
    | (?: [^\s{_MARKS}{_QUOTES}{_DASHES}`:,.'-]       # a word,
        | [:,](?=\d) | \.(?!\.) | -(?!-) | '(?!')     # with marks that do not end it
      )+
    """,
    re.VERBOSE,
)
_CLITIC = re.compile(r"(?<=[^'])(?:n't|'(?:s|m|d|ll|re|ve)?)$", re.IGNORECASE)
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+")
_QUOTED = re.compile(r"'\w")
_ENDINGS = {"'re", "'ve", "'ll", "'m", "'t", "'s", "'d", "'n", "''"}
"""Words that begin with an apostrophe of their own; others begin with a quote."""
_JOINED = {
    "cannot": ("can", "not"),
    "d'ye": ("d", "'ye"),
    "gimme": ("gim", "me"),
    "gonna": ("gon", "na"),
    "gotta": ("got", "ta"),
    "lemme": ("lem", "me"),
    "more'n": ("more", "'n"),
    "wanna": ("wan", "na"),
}


def words(text: str) -> list[str]:
    """The words and marks of `text` in order."""
    chunks = text.split()
    found: list[str] = []
    for number, chunk in enumerate(chunks, start=1):
        pieces = _PIECE.findall(chunk)
        # Behind the last word of a chunk stand only brackets and quotes.
        last = len(pieces) - 1
        while last > 0 and pieces[last] in _CLOSING:
            last -= 1
        for place, piece in enumerate(pieces):
            if piece == '"':
                opening = place == 0 or pieces[place - 1] in "([{<"
                found.append("``" if opening else "''")
            else:
                found += _split(piece, place == last, number == len(chunks))
    return found


def _split(piece: str, last: bool, final: bool) -> Iterator[str]:
    """`piece`, less the period of a sentence and a clitic, then these.

    `last` says that it is the last word of its chunk, `final` that its chunk is the last.
    """
    ends = last and piece.endswith(".") and piece.strip(".") != ""
    if ends and not final:
        ends = _INITIALS.fullmatch(piece) is None
    word = piece[:-1] if ends else piece
    if _QUOTED.match(word) and word.lower() not in _ENDINGS:
        yield "'"
        word = word[1:]
    if word.lower() in _JOINED:
        yield from _JOINED[word.lower()]
    else:
        clitic = _CLITIC.search(word)
        if clitic is None:
            yield word
        else:
            yield word[: clitic.start()]
            yield clitic.group()
    if ends:
        yield "."
