"""A tool's documentation in a person's words: what it does, as a verb and its object.

Descriptions in the wild are long, marked up and written for programmers ("This endpoint allows you
to retrieve the specified <b>widget</b>."). What is left here is the first sentence's act and
object ("retrieve", "the widget"), or what the name says where there is no sentence.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import lru_cache

from .labels import words_of
from .verbs import READS, VERBS
from .words import act_of, word_set

_LOOKED_AT = 600
"""Characters of a description that are read."""
_MARKUP = (
    (re.compile(r"<[^<>]{0,200}>"), " "),
    (re.compile(r"!?\[([^\[\]]{0,200})\]\([^()]{0,300}\)"), r"\1"),
    (re.compile(r"\[\[?|\]\]?"), " "),
    (re.compile(r"https?://\S+"), " "),
    (re.compile(r"[`*#~|\"“”]+"), ""),
    (re.compile(r"\([^()]{0,200}\)"), " "),
    (re.compile(r"\{[^{}]{0,100}\}"), " "),
    (re.compile(r"\s*[→➜>]+\s*"), " "),
)
_SENTENCE_END = re.compile(
    r"(?<=[a-z0-9)\]'’])[.!?](?:\s|$)|\n\s*\n|\s[-–—]\s|[;:]\s|\.\s+(?=[A-Z])"
)
_LEADS = re.compile(
    r"^(?:(?:this|the|an?)\s+(?:api|call|method|operation|endpoint|request|action|function|service"
    r"|resource|route|command|tool|query|mutation|rest)\b[^.]{0,40}?\b(?:to|lets you|allows? you to"
    r"|will|can be used to|is used to|allows?)\s+"
    r"|(?:allows?|enables?|lets?|permits?)\s+(?:(?:you|users?|clients?|an?|the|us|app|caller"
    r"|developers?|admins?|authenticated|client|merchants?)\s+){0,3}(?:to\s+)?"
    r"|(?:use(?:d)?|call|invoke|make)\s+(?:this|the|an?)?\s*(?:\w+\s+){0,3}?to\s+|used\s+to\s+"
    r"|(?:this|the)\s+(?:api|call|method|operation|endpoint|request|action|function|service)\s+"
    r"|you can(?: use \w+(?: \w+){0,3} to)?\s+|can be used to\s+|please\s+|it\s+"
    r"|(?:api|endpoint|method|operation|request|action|call|service)\s+(?:call\s+)?(?:to|that)\s+"
    r"|(?:synchronously|asynchronously|deprecated|beta|preview|experimental|optional|required"
    r"|admin|internal|public|bulk|batch)[:.,]?\s+)",
    re.IGNORECASE,
)
_CUT = re.compile(
    r",\s|\s(?:which|where|when|whose|while|if|because|so|after|before|unless|using|via|based|given"
    r"|given by|as well|specified|identified|according|including|and returns?|and then|along"
    r"|through"
    r"|by (?:its|their|the|an?)?\s*(?:[a-z]+\s+)?(?:id|ids|uuid|identifier|name|key|slug|code|sid"
    r"|number)|from the (?:request|database|system|server|api)|in the (?:request|response|system"
    r"|database)"
    r"|that (?:match\w*|is|are|has|have|was|were|you|can|will|the|belong\w*|meets?)|matching"
    r"|associated|belonging|depending|without|regardless|optionally|similar|rather|as a|as an"
    r"|in accordance|for use|in order|on behalf|under the|with the (?:given|specified|provided"
    r"|following|supplied|id))\b",
    re.IGNORECASE,
)
_EMPTY = re.compile(
    r"\b(?:specified|given|requested|existing|provided|corresponding|particular|current|supplied"
    r"|following|desired|certain|various|new|entire|actual|respective|relevant|appropriate|"
    r"specific|individual|authenticated|calling)\s+",
    re.IGNORECASE,
)
_LISTING = re.compile(
    r"^(?:an?|the)?\s*(?:paginated|paged|filtered|sorted|full|complete)?\s*(?:list|collection|array"
    r"|set|listing)\s+(?:of|with|containing)\s+(?:all\s+)?(?:the\s+|of\s+the\s+)?",
    re.IGNORECASE,
)
_YOURS = (
    (re.compile(r"\b(?:your|the user's|a user's|the customer's|the caller's)\b", re.I), "my"),
    (re.compile(r"\b(?:you|the user|the caller) (?=have|created?|own|has)", re.I), "I "),
    (re.compile(r"\bthe (?:authenticated|current|logged[- ]in|calling) user\b", re.I), "me"),
)
_NAME_NOISE = word_set(
    """v api rest by id ids using get post put patch delete list all the of for in and to a an with
    from on action op operation request rpc endpoint method json xml do it its self single one many
    http data info per query v1 v2 v3 beta alpha or as is no"""
)
_VERBS_BY_ACT = {
    "read": ("show me", "look up", "get me", "find", "pull up", "check"),
    "list": ("list", "show me", "give me", "get me", "find", "pull up"),
    "create": ("create", "add", "set up"),
    "delete": ("delete", "remove"),
    "update": ("update", "change"),
}
_LONGEST = 12
"""Words of an object; a longer one is cut at its end."""
_DANGLING = word_set(
    "a an the of for to in on at by from with and or as its their this that these those which is"
    " are be not all any each my via into per when than using within about such only your it under"
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a tool does, in words."""

    act: str
    """read, list, create, update, delete, or other."""
    verb: str
    """In its base form."""
    object: str
    """With its article or none: "the invoices of a customer"; never empty."""
    thing: str
    """The object's head, singular, one or two words: "invoice"; may be empty."""

    @property
    def verbs(self) -> tuple[str, ...]:
        """Other ways to say the verb, the plainest first."""
        return _VERBS_BY_ACT.get(self.act, (self.verb,))


@lru_cache(maxsize=50_000)
def spoken_tool(name: str, description: str) -> Spoken:
    """The documentation of a tool in a person's words; total, for any text."""
    sentence = first_sentence(description)
    found = _from_sentence(sentence) if sentence else None
    verb, what = found or _from_name(name, sentence)
    act = _act(verb, what)
    if act in ("read", "list"):
        listed = _LISTING.match(what)
        if listed is not None and len(what) > listed.end() + 2:
            act, what = "list", "the " + what[listed.end() :]
    what = _tidy(what) or _tidy(_from_name(name, "")[1]) or "that"
    if what.split()[0] in ("if", "whether"):
        return Spoken("other", "check", "whether " + what.partition(" ")[2], "")
    if act == "read" and is_plural(what):
        act = "list"
    return Spoken(act, verb, what, thing_of(what))


def first_sentence(description: str) -> str:
    """The first sentence, without markup; empty where there is none."""
    text = html.unescape(description[:_LOOKED_AT])
    for pattern, instead in _MARKUP:
        text = pattern.sub(instead, text)
    text = "\n".join(" ".join(line.split()) for line in text.splitlines()).strip()
    found = next((m for m in _SENTENCE_END.finditer(text) if m.start() > 8), None)
    sentence = text[: found.start()] if found is not None else text
    return " ".join(sentence.split()).strip(" .,:;-_/")


def thing_of(what: str) -> str:
    """The head noun of a phrase, singular, with the word before it: "order item"."""
    head = re.split(r"\s(?:of|for|in|to|from|on|by|with|and|or|at|that|which|into|within)\s", what)[
        0
    ]
    words = [
        w
        for w in head.split()
        if w.lower() not in _DANGLING and w.isascii() and not w[:1].isdigit()
    ]
    words = [w.strip(",.'’") for w in words][-2:]
    if not words:
        return ""
    words[-1] = singular(words[-1])
    return " ".join(w if w.isupper() else w.lower() for w in words if w)


def singular(word: str) -> str:
    """A noun without its plural ending."""
    low = word.lower()
    if word.endswith("s") and word[:-1].isupper() and len(word) > 2:
        return word[:-1]
    if low.endswith("ies") and len(low) > 4:
        return word[:-3] + "y"
    if low.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if low.endswith("s") and not low.endswith(("ss", "us", "is")) and len(low) > 3:
        return word[:-1]
    return word


def _from_sentence(sentence: str) -> tuple[str, str] | None:
    """Verb and object, where the sentence is an act; a bare noun phrase is looked at."""
    promised = False
    for _ in range(3):
        led = _LEADS.match(sentence)
        if led is None:
            break
        sentence = sentence[led.end() :]
        promised = led.group().rstrip().endswith((" to", "you"))
    first, _, rest = sentence.partition(" ")
    verb = base_verb(first)
    if verb is None and len(first) > 4 and first.lower().endswith("ly"):
        first, _, rest = rest.partition(" ")
        verb = base_verb(first)
    if verb is None and promised and first.isalpha() and first.islower():
        verb = first
    if verb is None and _ACT_LIKE.match(sentence):
        verb = re.sub(r"(?<=ch|sh|ss)es$|(?<=[xz])es$|s$", "", first.lower())
    if verb is not None and rest:
        joined = re.match(r"(?:s?/|or|and|,)\s*([A-Za-z]+)\s+(.*)", rest)
        if joined is not None and base_verb(joined.group(1)) is not None:
            rest = joined.group(2)
        return verb, rest
    return None


_ACT_LIKE = re.compile(r"[A-Z][a-z]+s\s+(?:the|an?|all|your|one|this|any)\s", re.IGNORECASE)
"""A verb nobody listed: "Trains the specified flow"."""


def base_verb(word: str) -> str | None:
    """The verb in its base form, or None for a word that is no verb known."""
    low = word.lower().strip(",.:")
    forms: list[str] = []
    if low.endswith("ies"):
        forms.append(low[:-3] + "y")
    if low.endswith("s"):
        forms += [low[:-1], low[:-2]] if low.endswith("es") else [low[:-1]]
    if low.endswith("ing"):
        forms += [low[:-3] + "e", low[:-3], low[:-4]]
    forms.append(low)
    return next((form for form in forms if form in VERBS and len(form) > 2), None)


def _from_name(name: str, sentence: str) -> tuple[str, str]:
    """Verb and object from an identifier; a description that is a noun phrase is the object."""
    words = words_of(name)
    low = [w.lower() for w in words]
    verb = next((w for w in low if w in VERBS and act_of(w)), None)
    verb = verb or next((w for w in low if w in VERBS), None)
    if verb in (None, "post", "put", "patch"):
        verb = {"post": "create", "put": "update", "patch": "update"}.get(verb or "", "get")
    inner = sentence.split()
    opens = (inner[0].lower() if inner else "") in (_DANGLING - {"a", "an", "the"})
    if inner and not opens and len(inner) <= _LONGEST and not sentence.isupper():
        if all(word[:1].isupper() for word in inner):
            inner = [w.lower() if w[1:].islower() else w for w in inner]
        return verb, " ".join(inner)
    nouns = [w for w, x in zip(words, low, strict=True)
             if x not in _NAME_NOISE and x != verb and not x.isdigit()]  # fmt: skip
    if "list" in low and nouns:
        nouns = nouns[-3:]
    return verb, " ".join(nouns[-4:]) or sentence or "that"


def _act(verb: str, what: str) -> str:
    if verb in READS:
        return "list" if verb in ("list", "enumerate") else "read"
    for act in ("delete", "create", "update"):
        if verb in _STRICT[act]:
            return act
    return "other"


_STRICT = {
    "create": word_set("create add make register insert provision"),
    "delete": word_set("delete remove destroy"),
    "update": word_set("update modify change edit patch replace alter"),
}


_ABOUT = re.compile(
    r"^\s*(?:information|details|info|data)\s+(?:about|on|for|of)\s+(?=\w)", re.IGNORECASE
)
_SOME_OF = re.compile(
    r"^\s*(?:one or more|zero or more|one|either|a single|all of the|any of the)\s+(?:of\s+)?"
    r"(?:the\s+)?",
    re.IGNORECASE,
)


def _tidy(what: str) -> str:
    text = " " + what.strip(" .,:;-_/") + " "
    text = re.sub(r"\b(?:new|empty|single|simple),\s+", "", text)
    found = next((m for m in _CUT.finditer(text) if m.start() > 4), None)
    if found is not None:
        text = text[: found.start()]
    for pattern, instead in _YOURS:
        text = pattern.sub(instead, text)
    text = _EMPTY.sub("", text)
    text = _SOME_OF.sub("the ", _ABOUT.sub("", text))
    words = [_unglued(w) for w in text.split()][:_LONGEST]
    words = [w for w in words if w]
    while words and words[-1].lower().strip(",") in _DANGLING:
        words = words[:-1]
    while len(words) > 1 and words[0].lower() in ("of", "for", "to", "by", "in", "on"):
        words = words[1:]
    if not words:
        return ""
    first = words[0]
    if first[:1].isupper() and not first.isupper() and first[1:].islower():
        words[0] = first.lower()
    if words[0].lower() in ("a", "an"):
        words[0] = "the" if len(words) > 1 else words[0]
    elif words[0].lower() not in _ARTICLED and not words[0][:1].isupper():
        words.insert(0, "the")
    return " ".join(words).strip(",.")


_ARTICLED = word_set(
    "if whether the a an my all any this that these those every each whether how what who its"
)


def _unglued(word: str) -> str:
    """A word as it is said: identifiers within prose are taken apart, punctuation is dropped."""
    word = word.strip("\"'“”()[]{}<>,;:")
    if "_" in word or re.fullmatch(
        r"[a-z]+(?:[A-Z][a-z]+)+|(?:[A-Z][a-z]{3,})+[A-Z][a-z]{3,}", word
    ):
        return " ".join(words_of(word))
    return word if re.search(r"[A-Za-z0-9]", word) else ""


def is_plural(what: str) -> bool:
    """Whether the head of a phrase is a plural."""
    head = re.split(r"\s(?:of|for|in|to|from|on|by|with|at)\s", what)[0].split()
    last = head[-1].lower() if head else ""
    return last.endswith("s") and not last.endswith(("ss", "us", "is", "status", "details", "news"))
