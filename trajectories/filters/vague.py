"""Arguments that stand in for a value instead of being one: "my city", "<email>", "TODO".

Not vague: what the user put in quotes or the tool's documentation allows, and a possessive in a
text that is written for people (a note that says "my address").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .branch import Branch, Call
from .config import FilterConfig
from .defect import Defect, defect, shown
from .evidence import leaves
from .parameters import SEARCHED, Parameter, parameters_of
from .words import folded, word_set

_FACTS = (
    r"(?:e-?mail|address|city|town|country|state|location|place|name|full name|first name|"
    r"last name|"
    r"user ?name|password|pass ?word|phone|phone number|number|mobile|zip|zip code|postcode|"
    r"postal code|birthday|birth ?date|date of birth|age|id|user id|account|account number|"
    r"account id|order|order id|order number|card|card number|token|api key|key|date|time|"
    r"destination|origin|hotel|flight|doctor|appointment|meeting|budget|company|employer|"
    r"preference|preferences|choice|value|current location|home address|work address|"
    r"office address|e-?mail address|departure city|username|identifier|code)"
)
_POSSESSIVE = re.compile(
    rf"(?:(?:my|your|his|her|their|our|the|this|that|user'?s|the user'?s|the customer'?s|"
    rf"the client'?s|the patient'?s|customer'?s|same|the same|some|any|a|an) )"
    rf"(?:\w+ )?{_FACTS}(?: (?:that (?:was|is) )?(?:mentioned|given|provided|specified|stated|"
    rf"supplied|"
    r"requested))?(?: (?:above|earlier|before|here|as before|from before|by (?:the |my )?(?:user|"
    r"customer|client|patient)|in (?:the|this) (?:conversation|chat|message|context|request)))?"
    rf"|{_FACTS} (?:of (?:the|my|your) (?:user|customer|client|patient)|provided by the user|here|"
    rf"goes here|from (?:above|before|context|the user|the conversation))",
)
_ARTICLE = re.compile(r"(?:the|this|that|same|the same|some|any|a|an) ")
_BRACKETS = re.compile(
    r"<\s*[a-z][a-z0-9 _.'-]{0,40}>|\[\s*[a-z][a-z0-9 _.'-]{1,40}\]|"
    r"\{\{?\s*[a-z][a-z0-9 _.'-]{0,40}\}?\}|"
    r"\$\{[a-z0-9_. ]+\}|%[a-z_]+%|__[a-z_]+__"
)
_STAND_IN = re.compile(
    r"todo|tbd|t\.b\.d\.|to be (?:determined|decided|confirmed|announced|filled(?: in)?)|fixme|"
    r"xxx+|"
    r"placeholder|dummy|foo ?bar|lorem ipsum.*|not (?:provided|specified|given|known|available|"
    r"mentioned)|unspecified|undefined|unknown|n/?a|none|null|nil|nan|string|\?+|\.{2,}|…|-{2,}|_{2,}|"
    r"(?:your|my|insert|enter|put|fill(?: in)?|replace(?: with)?|example|sample|user|the)[_ -]"
    r"(?:api|access|secret|auth|real|actual|own|user|email|e-mail|name|city|token|id|key|password|"
    r"phone|address|location|value|here|account|username|date|your)(?:[_ -](?:key|token|id|name|"
    r"here|address|number|value|email|city|password|secret|code|date)){0,3}|"
    r"(?:api|access|secret|auth)[_ -](?:key|token|secret)(?:[_ -]here)?|"
    r"(?:as|same as) (?:above|before|mentioned|given|provided|discussed|requested|stated)"
    r"(?: (?:above|before|earlier))?|(?:previously|above|earlier)[ -]?(?:mentioned|given|"
    r"provided)?|"
    r"user[ _]?input|whatever|something|somewhere|someone|anything|anywhere"
)
_WEAK = word_set(
    """none null nil nan unknown n/a na string something anything someone somewhere anywhere
    whatever undefined unspecified"""
)
"""Also plain words: vague only where the user did not say them."""


def vague(branch: Branch, config: FilterConfig) -> Iterator[Defect]:
    """A defect for each argument that is a stand-in."""
    for call in branch.calls:
        if call.spec is None or not isinstance(call.arguments, dict):
            continue
        known = parameters_of(call.spec)
        for name, value in call.arguments.items():
            for path, leaf in leaves(value):
                if isinstance(leaf, str) and _is_vague(leaf, known.get(name), branch, call):
                    detail = f"{call.name}: {'.'.join((name, *path))} = {shown(repr(leaf), 80)}"
                    yield defect("vague_argument", detail, call.message)
                    break


def _is_vague(value: str, about: Parameter | None, branch: Branch, call: Call) -> bool:
    if not 1 <= len(value) <= 80:
        return False
    low = " ".join(folded(value).split()).strip(" .!,;:\"'") or value.strip()
    # A dot at the end is taken off above; dots alone are what is looked for.
    low = low if low.strip(".") else "..."
    if about is not None and (low in about.allowed or f'"{low}"' in about.text):
        return False
    composed = about is not None and about.composed
    if _BRACKETS.fullmatch(low):
        return not _said(value, branch, call)
    if _STAND_IN.fullmatch(low):
        if about is not None and about.words & SEARCHED:
            return False
        if composed or low in _WEAK:
            return not _said(low, branch, call) and not (composed and low in _WEAK)
        return not _quoted(low, branch, call)
    if composed or not _POSSESSIVE.fullmatch(low):
        return False
    # "the time", "a number" may be a name; "my city" said back by the assistant is not.
    return not _quoted(low, branch, call) and not (_ARTICLE.match(low) and _is_name(value))


def _is_name(value: str) -> bool:
    return value[:1].isupper()


def _said(text: str, branch: Branch, call: Call) -> bool:
    low = folded(text)
    return any(low in folded(branch.text(at)) for at in range(call.at)
               if branch.messages[at].role in ("user", "tool"))  # fmt: skip


def _quoted(low: str, branch: Branch, call: Call) -> bool:
    """Whether the user put it in quotes: then it is a text, and meant."""
    marks = ((f'"{low}"'), f"'{low}'", f"“{low}”", f"`{low}`", f"«{low}»")
    for at in range(call.at):
        if branch.messages[at].role == "user":
            text = " ".join(folded(branch.text(at)).split())
            if any(mark in text for mark in marks):
                return True
    return False
