"""Words as the rules compare them: stems of lower-case tokens, and which kind of act a verb means.

English only. The stemmer takes off common endings so that "meetings", "meeting" and "meet" meet;
it is not a morphology.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ...trajectories.filters.words import FUNCTION_WORDS
from ...trajectories.filters.words import word_set as word_set

_TOKEN = re.compile(r"[A-Za-z]+|\d+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


STOP = FUNCTION_WORDS | word_set(
    """one new use using used given user users data information info value string number text name
    parameter api tool returns based"""
)
"""Words that tell no tool from another."""

ACTS: dict[str, frozenset[str]] = {
    "create": word_set(
        """add create book schedule set make register open new insert post reserve order plan
        arrange put save write record log note remind enter submit store sign organize start buy
        purchase upload subscribe enroll"""
    ),
    "read": word_set(
        """query find search get look show list check read tell see fetch lookup what which when
        who view display retrieve know any browse track monitor"""
    ),
    "delete": word_set(
        """delete cancel remove drop clear erase unbook discard revoke unsubscribe forget"""
    ),
    "update": word_set(
        """modify move change update reschedule edit shift rename postpone alter push adjust
        correct replace bring reset extend shorten delay rebook fix set turn switch renew"""
    ),
    "compute": word_set(
        """calculate compute convert translate count sum add multiply divide subtract work evaluate
        times plus minus"""
    ),
    "send": word_set("send email mail message text transfer pay forward share notify"),
}
"""Verbs by what they do to the world; a verb may stand in several."""

_SYNONYMS = {
    "appointment": "meeting",
    "appoint": "meeting",
    "meet": "meeting",
    "event": "meeting",
    "temperature": "weather",
    "forecast": "weather",
    "sunny": "weather",
    "rain": "weather",
    "climate": "weather",
    "quote": "price",
    "cost": "price",
    "mail": "email",
    "e-mail": "email",
    "remind": "reminder",
    "remember": "reminder",
    "todo": "task",
    "calc": "calculator",
    "calculate": "calculator",
    "calculation": "calculator",
    "compute": "calculator",
    "expression": "calculator",
    "formula": "calculator",
    "times": "calculator",
    "plus": "calculator",
    "minus": "calculator",
    "divide": "calculator",
    "divided": "calculator",
    "multiply": "calculator",
    "multiplied": "calculator",
    "percent": "calculator",
    "login": "token",
    "authenticate": "token",
    "town": "city",
    "exchange": "currency",
    "translation": "translate",
    "calendar": "agenda",
    "wake": "alarm",
    "telephone": "phone",
    "mobile": "phone",
    "trip": "travel",
    "journey": "travel",
    "film": "movie",
    "picture": "image",
    "photo": "image",
    "shop": "store",
    "definition": "define",
    "meaning": "define",
    "mean": "define",
    "synonym": "thesaurus",
    "doctor": "medical",
    "purchase": "buy",
    "colleague": "contact",
    "people": "person",
    "someone": "person",
    "employee": "person",
    "balance": "account",
    "summary": "summarize",
    "total": "sum",
    "written": "author",
    "wrote": "author",
    "writer": "author",
    "hear": "play",
    "listen": "play",
    "cook": "recipe",
    "dish": "recipe",
    "rename": "name",
    "practise": "practice",
}

_ENDINGS = (
    "izations", "ization", "ations", "ation", "ments", "ment", "ings", "ing", "ions", "ion",
    "ers", "er", "ied", "est", "ed", "es", "ly", "s",
)  # fmt: skip


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The stem of a lower-case word; words of up to three letters stay as they are."""
    word = said = _SYNONYMS.get(word, word)
    if len(word) <= 3 or word.isdigit():
        return word
    if word.endswith("ies"):
        word = word[:-3] + "y"
    if len(word) > 5 and word[-1] == "y":
        word = word[:-1]
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)] + ("y" if ending == "ied" else "")
            break
    if len(word) > 5 and word.endswith("er"):  # here "delivered" and "delivery" meet
        word = word[:-2]
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiousl":
        word = word[:-1]
    if len(word) > 3 and word[-1] == "e":
        word = word[:-1]
    if word in STOP:
        return said  # a note is no "not"
    return _SYNONYMS.get(word, word)


@lru_cache(maxsize=20_000)
def tokens(text: str) -> tuple[str, ...]:
    """Lower-case words and numbers of a text or an identifier, in order: camelCase and
    snake_case are taken apart."""
    return tuple(t.lower() for t in _TOKEN.findall(_CAMEL.sub(" ", text)))


@lru_cache(maxsize=20_000)
def stems(text: str) -> tuple[str, ...]:
    """Stems of the words of a text that say something, in order."""
    return tuple(stem(t) for t in tokens(text) if t not in STOP)


@lru_cache(maxsize=20_000)
def act_of(word: str) -> frozenset[str]:
    """What a lower-case verb may mean, of `ACTS`; empty for other words."""
    forms = [word, word.removesuffix("s"), word.removesuffix("ing"), word.removesuffix("ed")]
    forms += [word.removesuffix("ing") + "e", word.removesuffix("d")]
    return frozenset(act for act, verbs in ACTS.items() if any(form in verbs for form in forms))


@lru_cache(maxsize=20_000)
def spoken(identifier: str) -> str:
    """An identifier as a person would say it: "start_time" and "startTime" are "start time"."""
    return " ".join(_CAMEL.sub(" ", identifier).replace("_", " ").replace("-", " ").split()).lower()
