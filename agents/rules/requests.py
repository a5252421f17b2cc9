"""Requests in what a user says: whether there is one, and where one ends and the next begins."""

from __future__ import annotations

import re
from functools import lru_cache

from .reading import Reading, read
from .user_phrasing import IMPERATIVES, TIES
from .words import act_of, tokens, word_set

_LEAD = re.compile(
    r"^(?:[\s,:\"'\x00]|\b(?:so|and|also|then|please|kindly|hey|hi|hello|okay|ok|right|well|now|oh"
    r"|just|next|first|finally|afterwards|after that|by the way|excuse me|good day|if i may|ah|yes"
    r"|great|can|could|would|will|may|might|you|i|i'd|i’d|we|need|want|like|to|should|let's|us"
    r"|go ahead|help me|you know what|for me|me|maybe|perhaps|possible)\b)+",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\?\s*$|\b(?:can|could|would|will) (?:you|we|i)\b|\bplease\b|\bkindly\b"
    r"|\b(?:i|we)(?:'d|’d| would) (?:like|love|rather|appreciate)\b|\b(?:i|we)(?:'ll"
    r"| will) (?:take|have|need|go)\b"
    r"|\b(?:i|we) (?:really |just |also |still )?(?:need|want|must|have to|should|gotta)\b"
    r"|\b(?:i'm|i am|we're|we are|i was|we were) (?:looking|trying|hoping|after|wondering"
    r"|searching|planning)\b"
    r"|\bi wonder\b|\bany chance\b|\bhow about\b|\bwhat about\b|\bmind \w+ing\b|\bwant to\b"
    r"|\bwanna\b"
    r"|\blet's\b|\blet me\b|\btell me\b|\bgrateful\b|\bmay i\b|\bhelp me\b|\bmake sure\b"
    r"|\bdon't forget\b"
    r"|\bgo ahead\b|\bdo me a favou?r\b|\btime to\b|\bsee (?:if|whether|what)\b|\bfind out\b",
    re.IGNORECASE,
)
_OPENER = re.compile(
    r"^(?:\W*\b(?:hey|hi|hello|okay|ok|so|right|well|now|oh|and|also|then|good day|excuse me"
    r"|if i may|by the way)\b[\s,]*)+",
    re.IGNORECASE,
)
_COMMAND_LIKE = re.compile(
    r"^\W*(?!(?:i|we|you|he|she|it|they|what|which|all|half|both|quite|such|many|only|even"
    r"|still|today"
    r"|yesterday|tomorrow|maybe|perhaps|never|always|sometimes|once|this|that|there|here|in|on"
    r"|at|for"
    r"|to|of|with|from|by|about|after|before|since|until|during|not|no|too|so|as|if|but|and|or"
    r"|because"
    r"|love|hate|like|enjoy|miss|wish|hope|thanks|between|is|are|was|were|am|be|been|has|had"
    r"|nothing"
    r"|\w+ly|\w+ing|\w+ed|my|your|our|their|his|her|its|the|a|an)\b)"
    r"[a-z]+\s+(?:the|my|our|a|an|this|these|those|every|each|me|us|\d+)\b",
    re.IGNORECASE,
)
"""A verb nobody listed, at the start, with an object behind it."""
_POLITE = re.compile(
    r"\b(?:can|could|would|will) you\b(?=\s+\w)|\bplease\b(?=\s+\w)|\bkindly\b|\bi(?:'d"
    r"| would) like (?:you )?to\b"
    r"|\bi need (?:you )?to\b|\bi want (?:you )?to\b|\bask you to\b|\bso kind as to\b"
    r"|\bif you could\b",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"^\W*(?:what|which|when|where|who|whose|how|is|are|do|does|did|will|am|was|were|has|have"
    r"|any)\b",
    re.IGNORECASE,
)
_OPINION = re.compile(
    r"\b(?:isn't|aren't|don't you|do you (?:like|think|ever|enjoy|feel|believe|prefer|also)"
    r"|how are you|how do you"
    r"|how's your|are you (?:a|an|ok|human|real|tired|always|happy)|right\?$|who are you"
    r"|have you ever"
    r"|what do you think|your favou?rite|can you believe|would you believe|why (?:is|are|do"
    r"|does))\b",
    re.IGNORECASE,
)
_BREAK = re.compile(
    r"(?<=[.!?;])\s+|\n+|,?\s+(?:and then|and also|and|then|plus|as well as|but|so)\s+"
    r"(?=(?:please\s+|also\s+|then\s+|can you\s+|could you\s+|i(?:'d"
    r"| would) like (?:you )?to\s+)*([A-Za-z']+))"
    r"|[,:]\s+(?=(?:please\s+)?(?P<bare>[A-Za-z']+))"
)
_ALSO_THINGS = word_set(
    """order book ticket file track record post plan note mark request review rate place sign charge
    report load text mail call display date line card loan room point model"""
)
_WH = word_set("what which when where who how what's")
_SENTENCES = re.compile(r"(?<=[.!?])\s+")
_NONE: frozenset[str] = frozenset()


@lru_cache(maxsize=8192)
def is_request(text: str, verbs: frozenset[str] = _NONE) -> bool:
    """Whether the user wants something, be it possible or not. `verbs`: lower-case words that
    begin a command besides the common ones."""
    if _OPINION.search(text):
        return False
    tie = TIES.match(text)
    for sentence in _SENTENCES.split(text[tie.end() :] if tie is not None else text):
        sentence = _OPENER.sub("", sentence)
        if _ASKS.search(sentence) or _QUESTION.search(sentence):
            return True
        first = tokens(_LEAD.sub("", sentence))[:1]
        if first and (first[0] in IMPERATIVES or first[0] in verbs):
            return True
        if _COMMAND_LIKE.match(sentence):
            return True
    return False


def acts_in(text: str) -> tuple[str, frozenset[str]]:
    """The leading verb of a clause (lower case; empty where there is none) and what it means; a
    question without one wants to know."""
    polite = 0
    for match in _POLITE.finditer(text):
        polite = match.end()
    first = tokens(_LEAD.sub("", text[polite:]))[:1]
    verb = first[0] if first else ""
    acts = act_of(verb)
    if not acts and not polite and _QUESTION.search(_OPENER.sub("", text)):
        return verb, frozenset({"read", "compute"})
    return verb, acts


def clauses(reading: Reading, verbs: frozenset[str]) -> list[Reading]:
    """The message cut where a new request may begin; never inside a quotation."""
    text = reading.text
    covered = text
    for quote in reading.quotes:
        width = quote.end - quote.start
        covered = covered[: quote.start] + "q" * width + covered[quote.end :]
    start = 0
    pieces: list[str] = []
    tie = TIES.match(covered)
    if tie is not None and tie.group()[-1:] in ",:":
        # "Apart from the invoice, …" says what is not meant.
        pieces.append(text[: tie.end()])
        start = tie.end()
    for match in _BREAK.finditer(covered, start):
        word, bare = match.group(1), match.group("bare")
        if bare is not None:
            # "order 5004" behind a comma is a thing.
            numbered = covered[match.end("bare") :].lstrip(" #")[:1].isdigit()
            opens = not (numbered and bare.lower() in _ALSO_THINGS) and (
                bare.lower() in IMPERATIVES or bare.lower() in verbs
            )
        else:
            opens = word is None or word.lower() in IMPERATIVES | verbs or word.lower() in _WH
        if opens:
            pieces.append(text[start : match.start()].strip())
            start = match.end()
    pieces.append(text[start:].strip())
    return [read(piece, reading.now) for piece in pieces if piece]
