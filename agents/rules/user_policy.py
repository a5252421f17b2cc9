"""The user's rules: words the plan's next step, and answers the assistant's questions from facts.

A step is met when the assistant has answered without asking for something. Saying clearly that it
cannot be done is an answer, too; whether it was a good one is the tester's question.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from random import Random
from typing import Any

from autogen_core.models import AssistantMessage, LLMMessage, UserMessage

from .improvising import improvised
from .user_phrasing import plead_ignorance, tell_facts, word_chat, word_request
from .words import STOP, spoken, stem, stems, tokens

_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")

_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”")
_WANTS = re.compile(
    r"\b(?:please (?:tell|give|provide|enter|share)|i(?: still|'ll| will)? need|i would need"
    r"|let me know)\b",
    re.IGNORECASE,
)
"""What asks without a question mark."""

_OFFERS = frozenset({"else", "further", "anything", "help", "assist", "helpful", "more"})
"""Words of questions that only offer more help."""

_HINTS: dict[str, frozenset[str]] = {
    "when": frozenset({"time", "date", "day", "start", "deadline", "due"}),
    "where": frozenset({"location", "place", "city", "address", "venue", "room"}),
    "who": frozenset({"person", "name", "attendees", "participant", "recipient", "contact"}),
    "whom": frozenset({"person", "name", "attendees", "participant", "recipient", "contact"}),
    "long": frozenset({"duration", "length", "minutes", "hours"}),
    "much": frozenset({"amount", "price", "budget", "quantity"}),
    "many": frozenset({"quantity", "count", "number", "people", "guests"}),
    "called": frozenset({"name", "title", "topic"}),
    "about": frozenset({"topic", "subject", "content", "title"}),
    "credentials": frozenset({"username", "password"}),
    "log": frozenset({"username", "password"}),
    "login": frozenset({"username", "password"}),
    "account": frozenset({"username", "password"}),
}
"""Words of a question → words that names of facts may hold."""


def reply(brief: dict[str, Any], messages: Sequence[LLMMessage], chance: Random) -> dict[str, Any]:
    """A `UserReply` to a `UserBrief`."""
    current, style = brief["current"], brief["style"]
    if current is None:
        return {"step_met": True, "message": _next(brief, messages, chance)}
    heard = _heard(messages)
    asked = [] if current["kind"] == "chitchat" else questions(heard)
    if asked or not heard:
        said = _answer(asked, current, brief["facts"], style, chance)
        return {"step_met": False, "message": said}
    return {"step_met": True, "message": _next(brief, messages, chance)}


def questions(heard: str) -> list[str]:
    """Sentences that ask the user for something; offers of more help are not among them."""
    asked = []
    for sentence in _SENTENCES.split(_QUOTED.sub("…", heard)):
        wants = sentence.rstrip().endswith("?") or _requests(sentence)
        if wants and not _only_offers(sentence):
            asked.append(sentence)
    return asked


def known_facts(question: str, facts: dict[str, Any]) -> list[str]:
    """Names of the facts that a question asks for, in the order in which they are known."""
    words = tokens(question)
    wanted = frozenset(stem(word) for word in words)
    hinted = frozenset().union(*(_HINTS.get(word, frozenset()) for word in words))
    pairs = frozenset(a + b for a, b in itertools.pairwise(words))
    found = []
    for name in facts:
        parts = [part for part in tokens(name) if part not in _FILLERS] or list(tokens(name))
        joined = "".join(parts)
        if (
            all(stem(part) in wanted for part in parts)
            or joined in words
            or joined in pairs
            or any(part in hinted for part in parts)
            or (len(parts) > 1 and parts[-1] not in STOP and _is_bare(parts, words))
        ):
            found.append(name)
    low = " ".join(words)
    spelled = [name for name in found if " ".join(tokens(name)) in low]
    if spelled and not hinted:
        for name in sorted(spelled, key=len, reverse=True):
            said = " ".join(tokens(name))
            if said not in low:
                spelled.remove(name)  # it only stood in a longer one
            low = low.replace(said, "\x00")
        return [name for name in found if name in spelled]
    exact = [name for name in found if all(p in words for p in tokens(name))]
    return exact if exact and len(exact) < len(found) and not hinted else found


def _is_bare(parts: Sequence[str], words: Sequence[str]) -> bool:
    """Whether a question asks for a name's last word alone: "the time" may be the start time, but
    "the end time" is not."""
    last = stem(parts[-1])
    return any(
        stem(word) == last and (at == 0 or words[at - 1] in STOP or words[at - 1] in parts)
        for at, word in enumerate(words)
    )


_FILLERS = frozenset({"my", "the", "of", "user", "new"})


def _next(brief: dict[str, Any], messages: Sequence[LLMMessage], chance: Random) -> str:
    """What is brought up next: the plan's step, or something of the user's own choice."""
    said = [m.content for m in messages if isinstance(m, AssistantMessage)]
    own = [text for text in said if isinstance(text, str)]
    tools = brief.get("improvise")
    if not tools:
        return _word(brief["upcoming"], brief["style"], chance, own)
    return improvised(tools, brief["facts"], own, brief["style"], chance)


def _word(step: dict[str, Any] | None, style: str, chance: Random, said: Sequence[str]) -> str:
    if step is None:
        return ""
    if step["kind"] == "chitchat":
        return word_chat(step["request"], style, chance)
    return word_request(step["request"], style, chance, said)


def _answer(
    asked: list[str], current: dict[str, Any], facts: dict[str, Any], style: str, chance: Random
) -> str:
    names: list[str] = []
    for question in asked:
        names.extend(name for name in known_facts(question, facts) if name not in names)
    if names:
        told = [(spoken(name), _told(facts[name])) for name in names]
        return tell_facts(told, style, chance)
    request = str(current["request"])
    shared = frozenset(stems(request)).intersection(*[stems(q) for q in asked[:1]])
    if not asked or shared:
        return word_request(request, style, chance)
    return plead_ignorance(_topic(asked[0]), style, chance)


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        told = [_told(item) for item in value]
        return told[0] if len(told) == 1 else ", ".join(told[:-1]) + " and " + told[-1]
    if isinstance(value, dict):
        return ", ".join(f"{spoken(name)} {_told(item)}" for name, item in value.items())
    return str(value)


def _topic(question: str) -> str:
    """What a question asks for, as words."""
    found = re.search(
        r"\b(?:the|your) ([a-z][a-z ]{2,40}?)(?: of| for| to|,| and|\.|\?|$)", question
    )
    return found.group(1) if found else "answer"


def _requests(sentence: str) -> bool:
    return _WANTS.search(sentence) is not None


def _only_offers(sentence: str) -> bool:
    words = frozenset(tokens(sentence))
    return bool(words & {"else", "further"}) or (
        bool(words & _OFFERS) and bool(words & {"can", "may", "there", "how"})
    )


def _heard(messages: Sequence[LLMMessage]) -> str:
    """The assistant's last words: the message before the brief."""
    for message in reversed(messages):
        if isinstance(message, UserMessage) and isinstance(message.content, str):
            text = message.content
            if not text.startswith('{"') and "This answer cannot be used" not in text:
                return "" if text == "(no answer)" else text
    return ""
