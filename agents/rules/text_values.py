"""Values that are words: what something is called or about, what to say, where, who.

Each finder returns candidates in the order in which they are to be believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .reading import BLANK, Reading, Span
from .tool_index import Param
from .words import stem, tokens, word_set

_END = (
    r"(?=\s*(?:[,;!?\x00\n]|\.(?:\s|$)|$|\b(?:please|so that|because|thanks|thank you|for me)\b))"
)
_SHORT_END = (
    r"(?=\s*(?:[,;!?\x00\n]|\.(?:\s|$)|$|\s(?:at|on|in|from|to|with|and|for|by|until|please|so"
    r"|because"
    r"|titled|called|named|that|which|as|into|using|of my)\b))"
)
_VALUE = r"(?-i:the |a |an |my |our |some )?(?P<value>[^,;!?\x00\n]+?)"
_CALLED = re.compile(
    r"\b(?:called|named|titled|entitled|labell?ed)\s+" + _VALUE + _SHORT_END, re.IGNORECASE
)
_ABOUT = re.compile(
    r"\b(?:about|regarding|concerning|on the topic of|on the subject of|covering|matching"
    r"|related to)\s+" + _VALUE + _SHORT_END,
    re.IGNORECASE,
)
_TO_DO = re.compile(
    r"\b(?:remind(?:er)?\s+(?:me|us|myself|everybody|everyone)?\s*(?:\x00+\s*)?(?:to|about|of"
    r"|that|for)"
    r"|reminder\s*(?:\x00+\s*)?(?:to|about|of|for|that)|(?:note|task|todo|to-do)\s+(?:to|that"
    r"|about|for|saying)"
    r"|(?:saying|says|say|tell (?:him|her|them|[A-Z]\w+)|telling (?:him|her|them)|write|writes"
    r"|with the (?:text|message|content|note))"
    r"(?:\s+(?:that|:))?)[\s:]+(?:\x00+\s*(?:to\s+)?)?" + r"(?P<value>[^;!?\x00\n]+?)" + _END,
    re.IGNORECASE,
)
_MEANING = re.compile(
    r"\b(?:mean(?:ing|s)? of|define|definition of|what does|what is meant by|synonyms? (?:of"
    r"|for)|look up|"
    r"the (?:word|term)|translat\w+|spell)\s+(?:the (?:word"
    r"|term)s?\s+)?(?P<value>[A-Za-z'-]+)(?:\s+mean\b)?",
    re.IGNORECASE,
)
_OBJECT = re.compile(
    r"^\W*(?:[A-Za-z']+\s+){0,2}?(?:the|my|our|a|an|this|that|all"
    r"|any)\s+(?P<value>[^,;!?\x00\n]+?)" + _SHORT_END,
    re.IGNORECASE,
)
_SEARCHED = re.compile(
    r"\b(?:search(?: \w+)?(?: \w+)? for|look(?:ing)? for|find|search|query)\s+"
    + _VALUE
    + _SHORT_END,
    re.IGNORECASE,
)
_PLACED = re.compile(
    r"\b(?P<lead>in|at|to|from|for|near|of|around"
    r"|via)\s+(?:the\s+)?(?P<value>[A-Z\d][\w'’.-]*(?:[ -](?:[A-Z\d][\w'’-]*|de|of(?= [A-Z])))*)"
)
_ROOM = re.compile(
    r"\b(?:in|at)\s+(?:the\s+)?(?P<value>(?:[a-z]+ )?(?:room|office|building|hall|studio"
    r"|cafeteria|canteen|lobby|library|hq|headquarters|kitchen|garden|terrace)\b(?: [A-Z\d]\w*)?)",
    re.IGNORECASE,
)
_PERSON_LEAD = word_set(
    """with for to of invite contact email call ask from by and tell message as named called reach
    text"""
)
_ONLINE = re.compile(r"\b(online|remotely|virtual(?:ly)?)\b", re.IGNORECASE)


def things(param: Param, reading: Reading, nouns: frozenset[str]) -> Iterator[str]:
    """What something is called or is about. `nouns`: stems that name the tool's own kind of
    thing, such as meeting, which are no part of what it is called."""
    for pattern in (_CALLED, _ABOUT):
        for match in pattern.finditer(reading.unquoted):
            yield _trimmed(match.group("value"), frozenset())
    if param.kind == "topic":
        searched = _SEARCHED.search(reading.unquoted)
        if searched is not None:
            yield _trimmed(searched.group("value"), nouns)
    for match in _OBJECT.finditer(_command(reading.unquoted)):
        value = _trimmed(match.group("value"), nouns)
        if value:
            yield value


def contents(reading: Reading) -> Iterator[str]:
    """What is to be remembered, written or said."""
    for match in _TO_DO.finditer(reading.masked):
        value = match.group("value").replace(BLANK, "").strip()
        if value:
            yield value.removeprefix("to ").rstrip(".")


_CODE = re.compile(
    r"(?<![\w-])(?=[A-Za-z-]*\d)[A-Z]+[-_]?\d[\w-]*|(?<![\w-])#\d+|(?<![\w-])\d+-[\d-]*\d(?![\w-])"
)


def codes(param: Param, reading: Reading, nouns: frozenset[str]) -> Iterator[str]:
    """Ids as they stand in the text: of the parameter's form, else of any, else numbers behind
    the name of the thing ("order 1042")."""
    if param.shape is not None:
        yield from (m.group() for m in param.shape.finditer(reading.masked))
        return
    if not param.required:
        return
    yield from (m.group().lstrip("#") for m in _CODE.finditer(reading.masked))
    for amount in reading.amounts:
        before = tokens(reading.text[: amount.start])[-1:]
        if before and (before[0] in _NUMBERED or stem(before[0]) in param.stems | nouns):
            yield reading.text[amount.start : amount.end]


def bare_numbers(reading: Reading) -> Iterator[str]:
    """Numbers of at least three digits, as the last thing that an id can be."""
    for amount in reading.amounts:
        said = reading.text[amount.start : amount.end]
        if said.isdigit() and len(said) > 2:
            yield said


_NUMBERED = frozenset({"number", "id", "no", "code", "reference"})


def terms(reading: Reading) -> Iterator[str]:
    """A word that is asked about."""
    for match in _MEANING.finditer(reading.masked):
        if match.group("value").lower() not in ("the", "a", "word", "it", "this", "that"):
            yield match.group("value")
    for span in reading.propers:
        yield span.value


def places(param: Param, reading: Reading) -> Iterator[str]:
    """Where: names behind a preposition; for a parameter that says from or to, behind that one."""
    wanted = leads(param)
    found = [
        (m.group("lead").lower(), m.group("value").rstrip(".").removesuffix("'s"))
        for m in _PLACED.finditer(reading.masked)
    ]
    for lead, value in found:
        if lead in wanted and not value.replace(".", "").isdigit():
            yield value
    if wanted == _ANYWHERE:
        for match in _ROOM.finditer(reading.masked):
            yield match.group("value")
        if _ONLINE.search(reading.masked) is not None:
            yield "Online"
        for span in reading.propers:
            yield span.value


_ANYWHERE = ("in", "at", "near", "around", "for", "of", "to")
_FROM = frozenset(["origin", "from", "source", "departure", "start"])
_TO = frozenset(["destination", "to", "target", "arrival"])


def leads(param: Param) -> tuple[str, ...]:
    """Prepositions behind which the parameter's value stands."""
    if param.parts & _FROM:
        return ("from",)
    if param.parts & _TO:
        return ("to", "into", "in", "for", "at")
    return _ANYWHERE


def persons(reading: Reading) -> Iterator[Span]:
    """Who: names behind words that people stand behind come first."""
    later = []
    for span in reading.propers:
        before = tokens(reading.text[: span.start])[-1:]
        if before and before[0] in _PERSON_LEAD:
            yield span
        else:
            later.append(span)
    yield from later


def run_of(spans: list[Span], text: str) -> list[Span]:
    """The first of the spans and those that follow it in a list: "Ann, Bob and Cleo"."""
    run: list[Span] = []
    for span in sorted(spans, key=lambda s: s.start):
        if run and not re.fullmatch(
            r"\s*(?:,|and|&|,\s*and)\s*(?:in\s+|the\s+)?", text[run[-1].end : span.start]
        ):
            break
        run.append(span)
    return run


_COMMAND = re.compile(
    r"\b(?:can|could|would|will) you\b|\bplease\b|\bkindly\b|\bi(?:'d"
    r"| would) like (?:you )?to\b|\bi need (?:you )?to\b"
    r"|\bi want (?:you )?to\b|\bmay i ask you to\b|\bbe so kind as to\b|\bif you could\b",
    re.IGNORECASE,
)


def _command(text: str) -> str:
    """What follows the polite words of a request."""
    opener = re.match(r"(?:[A-Za-z']+(?: [A-Za-z']+)?,\s+)+", text)
    end = opener.end() if opener is not None else 0
    for match in _COMMAND.finditer(text):
        end = match.end()
    return text[end:]


def _trimmed(value: str, nouns: frozenset[str]) -> str:
    """A phrase without articles, quotation marks, and the words at its edges that say only what
    kind of thing it is."""
    words = value.replace(BLANK, " ").strip().strip("\"'“”:").rstrip(".").split()
    while words and words[0] in _ARTICLES:
        words = words[1:]
    while words and (stem(words[-1].lower()) in nouns or words[-1].lower() in _LIGHT):
        words = words[:-1]
    while len(words) > 1 and (stem(words[0].lower()) in nouns or words[0] in _EDGES):
        words = words[1:]
    return " ".join(words)


_ARTICLES = frozenset({"the", "a", "an", "my", "our", "this", "that", "all", "any", "new", "about"})
_EDGES = frozenset({"of", "for", "to", "in", "on", "with", "the", "a", "an", "my", "our"})
_LIGHT = frozenset(
    {
        "left",
        "there",
        "available",
        "entry",
        "one",
        "it",
        "of",
        "mine",
        "again",
        "called",
        "named",
        "please",
    }
)
