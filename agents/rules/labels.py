"""What a person calls a parameter: "vaultUuid" is "the vault ID", `q` is "the search text".

A label comes from the parameter's name, or from its description where the name says nothing.
Speaker and listener use the same labels, so that a value that is introduced by one finds its
parameter. English only; a guess, not a translation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from .words import word_set

_PIECES = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ACRONYMS = word_set(
    "id ids url uri api ip sku vm dns http https arn vat iban bic isbn ssl tls ssh sso pdf csv "
    "html iso gps sms cpu gpu ram usb vpn vpc mac os tv dvd imei ean upc acl aws ssid sim pin aqi"
)
_PLAIN = {
    "uuid": "ID", "guid": "ID", "sid": "ID", "uid": "ID", "ids": "IDs", "uuids": "IDs",
    "lat": "latitude", "lng": "longitude", "lon": "longitude", "qty": "quantity",
    "num": "number", "nr": "number", "desc": "description", "lang": "language",
    "addr": "address", "msg": "message", "pwd": "password", "pw": "password", "img": "image",
    "org": "organization", "repo": "repository", "env": "environment", "cfg": "configuration",
    "config": "configuration", "dob": "date of birth", "acct": "account", "amt": "amount",
    "curr": "currency", "dest": "destination", "src": "source", "doc": "document",
    "dept": "department", "tz": "time zone", "param": "parameter", "params": "parameters",
    "info": "information", "max": "maximum", "min": "minimum", "cat": "category",
    "lastname": "last name", "firstname": "first name",
    "datetime": "date and time", "zipcode": "zip code", "timezone": "time zone",
    "startdate": "start date", "enddate": "end date", "attr": "attribute",
    "q": "search text", "idx": "index", "geo": "location", "pk": "key",
}  # fmt: skip
_HEADER = re.compile(r"^(?:x[-_](?=[A-Za-z])|\$\.?|@|_+)", re.IGNORECASE)
_HEAD = re.compile(
    r"^(?:required[.:]?|optional[.:]?|specifies|identifies|indicates|defines|provide|enter"
    r"|this is)?"
    r"\s*(?:the|a|an|your|one|list of)?\s*([A-Za-z][A-Za-z -]{2,34}?)"
    r"(?=\s+(?:of|for|to|that|in|from|on|which|used|by|with|is|as|where|you|if|or|and|must|when)\b"
    r"|[.,;:(]|$)",
    re.IGNORECASE,
)
_IS = re.compile(r"^(?:is|has|are)(?=[_A-Z-])[_-]?")
_LONGEST = 4
"""Words of a label; nobody says more."""
_TELLING_NOTHING = word_set("string value name parameter object id identifier unique optional the")


def label(name: str, schema: Mapping[str, Any] | None = None, thing: str = "") -> str:
    """What the parameter `name` is called in speech, without an article. `thing`: what the tool
    deals with; an id alone is that thing's."""
    description = schema.get("description") if schema else None
    if schema and schema.get("type") == "boolean":
        name = _IS.sub("", name) or name
    return _label(name, description if isinstance(description, str) else "", thing)


@lru_cache(maxsize=50_000)
def _label(name: str, description: str, thing: str) -> str:
    words = words_of(_HEADER.sub("", name))
    if not words or _cryptic(words):
        described = _described(description)
        if described:
            return described
        words = words or ["value"]
    if words in (["ID"], ["IDs"], ["name"], ["key"]) and thing:
        words = [*thing.split()[-2:], *words]
    return " ".join(words[-_LONGEST:])


def labels(tool: Mapping[str, Any], thing: str = "") -> dict[str, str]:
    """A label for each parameter of a tool's `parameters`, no two alike."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    properties = tool.get("properties", {})
    for name, schema in properties.items():
        said = label(name, schema, thing)
        if said in taken:
            said = " ".join(words_of(name)) or said
        if said in taken:
            said = f"{said} {sum(other.startswith(said) for other in taken) + 1}"
        taken.add(said)
        found[name] = said
    return found


def words_of(identifier: str) -> list[str]:
    """The words of an identifier as they are said: `accountNum` is "account number"."""
    words: list[str] = []
    for piece in _PIECES.findall(identifier):
        low = piece.lower()
        said = _PLAIN.get(low)
        if said is None:
            said = low.upper() if low in _ACRONYMS and low != "ids" else low
        for word in said.split():
            if not words or words[-1] != word:
                words.append(word)
    return words


def _cryptic(words: Sequence[str]) -> bool:
    """Whether words tell nobody anything: initials, or no vowel at all."""
    if "ID" in words and len(words) > 1:
        return False
    letters = "".join(words)
    if letters.isupper() and letters.lower() in _ACRONYMS:
        return False
    return len(letters) < 3 or not re.search(r"[aeiouyAEIOUY]", letters)


def _described(description: str) -> str:
    """The noun phrase with which a description begins."""
    found = _HEAD.match(" ".join(re.sub(r"<[^>]*>|[`*_]", " ", description[:200]).split()))
    if found is None:
        return ""
    words = [w for w in found.group(1).lower().split() if w not in ("the", "a", "an", "unique")]
    if not words or len(words) > _LONGEST or all(w in _TELLING_NOTHING for w in words):
        return ""
    return " ".join(_PLAIN.get(w, w.upper() if w in _ACRONYMS else w) for w in words)
