"""Values that are introduced by their parameter's name: "the topic is hiring", "pin 4821"."""

from __future__ import annotations

import re
from functools import lru_cache

from .reading import BLANK
from .tool_index import Param
from .words import tokens


def named(
    param: Param,
    text: str,
    *,
    siblings: frozenset[str] = frozenset(),
    rivals: tuple[str, ...] = (),
) -> str | None:
    """The value in "the <name> is <value>", "<name>: <value>", "<name> <quoted>"; None where the
    text does not name the parameter so. `siblings`: words that would make it another parameter;
    what is said to be old or current will do where nothing is said without. `rivals`: names of
    other parameters, which may end as this one's does."""
    said = _spaced(text)
    if not any(name in said for name in _names(param)):
        return None  # most parameters are not spoken of; their patterns need not be made
    second: str | None = None
    for pattern in _named_patterns(param):
        for match in pattern.finditer(text):
            before = tokens(text[: match.start()])[-1:]
            value = match.group("quoted")
            if value is None:
                value = _cleaned(match.group("value") or match.group("coded"))
            if not value or '"' in value or BLANK in value or value.lower().startswith(rivals):
                continue
            led = " ".join((*before, *tokens(match.group()[:40])))
            if any(led.startswith(rival) for rival in rivals if not rival.startswith(param.spoken)):
                continue
            if not before or before[0] not in siblings or before[0] in param.parts:
                return value
            if before[0] in ("old", "current") and second is None:
                second = value
    return second


_POLITE_TAIL = re.compile(r"\s+(?:for me|please|thanks|thank you)$", re.IGNORECASE)


def _cleaned(value: str) -> str:
    """A value without what the sentence around it left on it."""
    value = value.strip().strip("\"'“”").rstrip(".")
    return _POLITE_TAIL.sub("", value)


_NAME_SYNONYMS = {
    "username": ("user name", "account name", "login name", "user"),
    "password": ("pass word",),
    "email": ("e-mail", "email address", "mail address"),
    "phone": ("phone number", "number"),
    "topic": ("subject", "title"),
    "title": ("name",),
    "location": ("place", "venue"),
}


def _said_names(param: Param) -> list[str]:
    """Names under which a parameter may be spoken of."""
    names = [param.spoken, param.name, param.spoken.replace(" ", "")]
    names += _NAME_SYNONYMS.get(param.name, ())
    words = param.spoken.split()
    if len(words) > 1 and words[-1] not in ("id", "name", "number", "date", "time"):
        names.append(words[-1])
    if len(words) > 1 and words[-1] in ("id", "name", "number"):
        names.append(words[0])
    return list(dict.fromkeys(names))


@lru_cache(maxsize=16_384)
def _names(param: Param) -> tuple[str, ...]:
    return tuple(_spaced(name) for name in _said_names(param) if name)


def _spaced(text: str) -> str:
    return text.lower().replace("_", " ").replace("-", " ")


@lru_cache(maxsize=4096)
def _named_patterns(param: Param) -> tuple[re.Pattern[str], ...]:
    names = _said_names(param)
    single = param.kind in ("credential", "opaque", "email", "url")
    value = (
        r"(?P<value>\S+?)(?=[,;!?]*(?:\s|$)|\.\s)"
        if single
        else (
            r"(?P<value>[^,;!?\x00\n]+?)(?=\s*(?:[,;!?\x00\n]|\.(?:\s|$)|$|\sand\s(?:the|my|its"
            r"|a)\b|\sand\s[a-z ]{2,24}(?:\sis\s|:)))"
        )
    )
    quoted = r"[\"“'](?P<quoted>[^\"”']+)[\"”']"
    # Behind the bare name only what looks like no ordinary word is a value.
    bare = r"(?P<coded>[\w.-]*\d[\w.-]*)"
    if param.kind == "credential":
        bare = r"(?P<coded>(?!(?:is|and|or|for|of|to|was|the|in|on|so|that|please)\b)[\w.#@-]+)"
    built = []
    for name in names:
        said = re.escape(name).replace(r"\ ", r"[ _-]")
        built.append(
            re.compile(
                rf"\b{said}\b\s*(?:is|are|was|=|:|should be|will be|would be|be|of"
                rf"|to)?:?\s*{quoted}"
                rf"|\b{said}\b\s*(?:is now|is|are|=|:|should be|will be|would be)\s*(?-i:the |a )?"
                rf"{value}"
                rf"|\b{said}\b\s+(?:number\s+)?{bare}",
                re.IGNORECASE,
            )
        )
    return tuple(built)
