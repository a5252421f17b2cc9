"""Values that the user plainly gave and the call left out.

Looked for in one round: an optional parameter that the call does not have, and a value for it in
the user's words that no call of the round uses. "Plainly" means that it is named ("budget: 900",
"a limit of 5", "3 packs"), that it is one of the values that the parameter allows, or that it is
the only mail address, link or date of the round and the parameter is made for such a thing.

Not covered: a value whose meaning only the sense of the sentence gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

import orjson

from .branch import Branch, Call, Round
from .config import FilterConfig
from .defect import Defect, defect, shown
from .evidence import Evidence, Reading, compact, leaves
from .numbers import WORDS, numbers_in
from .parameters import Parameter, parameters_of
from .words import STOP, folded, stem, tokens, word_set

_LINK = r"(?:\s+(?:is|are|was|of|to|as|at|be|being|should be|must be|set to|with)|\s*[:=])"
_VALUE = (
    r"\s*(?:the\s+|a\s+|an\s+)?(?:\"([^\"]{1,80})\"|'([^']{1,80})'|“([^”]{1,80})”|"
    r"([^\s,;!?\"]{1,60}))"
)
_GOES_ON = re.compile(r"\s*(?:is|are|=|:)\s")
_CAPITAL = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]+")
_TOLD = re.compile(r"(?![^\W_])(" + _LINK + ")?" + _VALUE)
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_LINKED = re.compile(r"https?://[^\s\"'<>]+")
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_QUOTED = re.compile(r"\"([^\"]{2,120})\"|“([^”]{2,120})”")
_ENDS = re.compile(r"\s*(?:[.,;!?]|$|and\b)")
_PLAIN = word_set(
    """all any none other default true false yes no new open high low on off active normal standard
    name date time id first last next best good"""
)
"""Allowed values that are also everyday words: saying one does not mean the parameter."""
_EMPTY_WORDS = STOP | word_set(
    """it that one ok fine good not set only also later optional possible required unknown missing
    given same what how which who sure just me my it's don't doesn't"""
)
_GENERIC = word_set("name value type data info text id number code key list item option")


def left_out(branch: Branch, config: FilterConfig) -> Iterator[Defect]:
    """A defect for each optional parameter whose value the user stated in vain."""
    for part in branch.rounds:
        calls = [call for call in branch.calls_in(part) if isinstance(call.arguments, dict)]
        if not calls or not any(call.spec for call in calls):
            continue
        words = _asked(branch, part)
        asked, names = Reading(words), _names(words)
        used = _Used(calls)
        told: set[tuple[str, str]] = set()
        for call in calls:
            for parameter in _omitted(call):
                value = _stated(parameter, asked, used, call, names)
                if value is not None and (call.name, parameter.name) not in told:
                    told.add((call.name, parameter.name))
                    detail = f"{call.name}: the user said {shown(value, 60)!r} for {parameter.name}"
                    yield defect("left_out_value", detail, call.message)


class _Used:
    """What the calls of a round already say."""

    def __init__(self, calls: Sequence[Call]) -> None:
        self._calls = calls
        self._whole: set[float] = set()
        """Numbers that are an argument of their own; the 3 of a date is none."""
        said = Evidence()
        for call in calls:
            for _, leaf in leaves(call.arguments):
                said.add(str(leaf))
                self._whole.update(numbers_in(str(leaf)) if _is_number(leaf) else ())
        self._said = said
        self._text = " ".join(folded(orjson.dumps(call.arguments).decode()) for call in calls)

    @cached_property
    def topics(self) -> set[str]:
        """Stems of what the tools of the round are about."""
        texts = [
            f"{_spaced(c.name)} {c.spec.description[:400] if c.spec else ''}" for c in self._calls
        ]
        return {stem(word) for text in texts for word in tokens(folded(text))}

    def has(self, value: str) -> bool:
        low = folded(value)
        if low in self._text or self._said.has_text(value):
            return True
        found = numbers_in(low)
        return bool(found) and found <= self._said.numbers

    def has_number(self, value: float) -> bool:
        return value in self._whole


def _is_number(leaf: Any) -> bool:
    return isinstance(leaf, int | float) or (isinstance(leaf, str) and leaf.strip().isdecimal())


def _asked(branch: Branch, part: Round) -> str:
    """The user's words of the round; those before it too where the assistant asked back."""
    texts = [branch.text(part.user)]
    rounds = branch.rounds
    at = rounds.index(part)
    while at and not branch.calls_in(rounds[at - 1]) and _asks(branch, rounds[at - 1]):
        at -= 1
        texts.append(branch.text(rounds[at].user))
    return "\n".join(text[:4000] for text in reversed(texts))


def _names(words: str) -> frozenset[str]:
    """Words written with a capital within a sentence, folded."""
    return frozenset(folded(found) for found in _CAPITAL.findall(words))


def _asks(branch: Branch, part: Round) -> bool:
    answer = branch.answer_of(part)
    return answer is not None and "?" in branch.text(answer)


def _omitted(call: Call) -> Iterator[Parameter]:
    if call.spec is None:
        return
    for name, parameter in parameters_of(call.spec).items():
        if not parameter.required and name not in call.arguments:
            yield parameter


def _stated(
    about: Parameter, asked: Reading, used: _Used, call: Call, names: frozenset[str]
) -> str | None:
    return (
        _labelled(about, asked, used, call, names)
        or _allowed(about, asked, used)
        or _counted(about, asked, used)
        or _typed(about, asked, used)
        or _only_quote(about, asked, used, call)
    )


def _labelled(
    about: Parameter, asked: Reading, used: _Used, call: Call, names: frozenset[str]
) -> str | None:
    """`<label> is <value>`: the label in all its words, then the value or a linking word and it."""
    label = tokens(_spaced(about.name))
    text = asked.text
    if not label or label[-1] not in text or label[0] not in text:
        return None
    labels = [label]
    generic = set(label) <= _GENERIC
    if generic:  # "name" alone is anybody's; "program name" is not
        about_tool = {w for word in tokens(_spaced(call.name)) for w in (word, word.rstrip("s"))}
        labels += [[word, *label] for word in sorted(about_tool) if word in asked.tokens]
    for one, link_at in ((said, at) for said in labels for at in _after_label(said, text)):
        match = _TOLD.match(text, link_at)
        if match is None:
            continue
        link, *readings = match.groups()
        value = next(reading for reading in readings if reading)
        quoted = readings[-1] is None
        if generic and one is label and not quoted:
            continue
        value = value if quoted else value.strip(".,;:!?)('\"-")
        if not value or value in _EMPTY_WORDS or not _fits(about, value) or used.has(value):
            continue
        if not quoted and _GOES_ON.match(text, match.end()):
            continue  # "key 2 is ...": the value is yet to come
        # A plain word after the label is mostly just the sentence going on.
        documented = stem(value) in about.documented and _ENDS.match(text, match.end())
        meant = quoted or documented or (value in names and _ENDS.match(text, match.end()))
        if value.isalpha() and not meant and not _is_told(link or "", text[match.end() :]):
            continue
        return value
    return None


def _is_told(link: str, after: str) -> bool:
    link = link.strip()
    return link in (":", "=") or (link in ("is", "are", "as") and _ENDS.match(after) is not None)


def _after_label(label: list[str], asked: str) -> Iterator[int]:
    """The places in `asked` right after the label's words, in a row."""
    first, at = label[0], asked.find(label[0])
    while at >= 0:
        end: int | None = at
        if at == 0 or not asked[at - 1].isalnum():
            for word in label:
                end = _word_end(asked, end, word)
                if end is None:
                    break
            else:
                assert end is not None
                yield end + (asked[end : end + 1] == "s")
        at = asked.find(first, at + 1)


def _word_end(text: str, at: int | None, word: str) -> int | None:
    assert at is not None
    while text[at : at + 1] in (" ", "_", "-", "\n") and at < len(text):
        at += 1
    return at + len(word) if text.startswith(word, at) else None


def _fits(about: Parameter, value: str) -> bool:
    kind = about.schema.get("type")
    if kind in ("integer", "number"):
        return bool(numbers_in(value))
    if kind == "boolean":
        return value in ("true", "false", "yes", "no", "on", "off")
    if kind in ("array", "object"):
        return False
    return not about.allowed or value in about.allowed


def _allowed(about: Parameter, asked: Reading, used: _Used) -> str | None:
    """Exactly one of the values that the parameter allows, as a word of its own."""
    if not about.allowed:
        return None
    said = set(asked.tokens)
    found = []
    topic = used.topics
    for value in about.allowed:
        words = tokens(value.replace("_", " "))
        # What the tool is about is said without choosing anything.
        if any(stem(word) in topic for word in words):
            continue
        if value in _PLAIN or len(value) < 4 or not words or value.isdigit():
            continue
        if all(word in said for word in words) and " ".join(words) in " ".join(asked.tokens):
            found.append(value)
    if len(found) != 1 or used.has(found[0]):
        return None
    return found[0]


def _counted(about: Parameter, asked: Reading, used: _Used) -> str | None:
    """`3 packs` for packs, `2 adults` for adult_count."""
    if about.schema.get("type") not in ("integer", "number"):
        return None
    names = {stem(w) for w in tokens(_spaced(about.name)) if w not in STOP} - {
        stem(w) for w in ("count", "number", "num", "total", "max", "min", "maximum", "minimum",
                          "per", "page", "size", "value", "amount", "limit", "id", "day", "days")
    }  # fmt: skip
    found = asked.tokens
    for word, after in pairwise(found):
        value = float(word) if word.isdigit() and len(word) < 16 else WORDS.get(word)
        if value is None or word in ("a", "an", "second", "first", "third", "once", "both"):
            continue
        if stem(after) in names and not used.has_number(value):
            return f"{word} {after}"
    return None


def _typed(about: Parameter, asked: Reading, used: _Used) -> str | None:
    """The round's one mail address, link or date, for a parameter that is made for it."""
    kind = about.schema.get("format")
    words = about.words
    if "email" in words or kind == "email" or {"e", "mail"} <= words:
        return _only(_MAIL, asked, used)
    if words & {"url", "uri", "link", "website", "webhook"} or kind in ("uri", "url"):
        return _only(_LINKED, asked, used)
    if kind == "date" or ("date" in words and about.schema.get("type") == "string"):
        return _only(_DATE, asked, used)
    return None


def _only(pattern: re.Pattern[str], asked: Reading, used: _Used) -> str | None:
    found = sorted(set(pattern.findall(asked.text)))
    if len(found) != 1 or used.has(found[0]):
        return None
    return str(found[0])


def _only_quote(about: Parameter, asked: Reading, used: _Used, call: Call) -> str | None:
    """The one quoted text of the round, for the one text that the call could still take."""
    if about.schema.get("type") != "string" or about.allowed or about.schema.get("format"):
        return None
    found = [a or b for a, b in _QUOTED.findall(asked.text)]
    if len(found) != 1 or used.has(found[0]) or not compact(found[0]):
        return None
    takes = [p for p in _omitted(call) if p.schema.get("type") == "string" and not p.allowed]
    return found[0] if len(takes) == 1 else None


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ").lower()
