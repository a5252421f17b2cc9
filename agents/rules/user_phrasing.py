"""How the rules' user words a plan step: by style, with variety that the seed decides.

A request keeps every word that matters: only what stands around it varies.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from .verbs import VERBS
from .words import ACTS, word_set

_VERBS = frozenset().union(*ACTS.values()) - {
    "what", "which", "when", "who", "any", "times", "know", "see", "no",
}  # fmt: skip
_MORE_VERBS = word_set(
    """help give turn start stop run explain describe compare recommend suggest answer ask
    compose draft call invite pick choose summarize summarise simplify rewrite print download
    open try use confirm verify test sum total solve list name spell define estimate pause
    play skip block unlock lock attach copy merge split sort filter wake warn borrow lend
    return renew place join switch dim log transfer withdraw deposit read enter raise lower
    assign tag close rate review pay refund ship track reply mute archive approve reject
    pull measure water feed lift load mark hold rent charge apply enrol sign record"""
)
IMPERATIVES = _VERBS | _MORE_VERBS

_REQUEST: dict[str, tuple[str, ...]] = {
    "casual": (
        "{Request}, please.",
        "Hey, can you {request}?",
        "Can you {request}?",
        "I need you to {request}.",
        "Could you {request} for me?",
        "I'd like you to {request}.",
        "Please {request}.",
        "{Request}.",
    ),
    "polite": (
        "Could you please {request}?",
        "Would you {request}, please?",
        "Please {request}.",
        "Would you be so kind as to {request}?",
        "If it is no trouble, could you {request}?",
        "When you have a moment, please {request}.",
        "I would appreciate it if you could {request}.",
        "May I ask you to {request}, please?",
    ),
    "terse": ("{Request}.", "{Request}.", "Please {request}.", "Now {request}."),
    "chatty": (
        "So, I was just thinking, could you {request}? That would help me a lot.",
        "Okay, here is one more thing on my mind. Please {request}.",
        "You know what, can you {request}? I would never get to it myself.",
        "I have a long day ahead of me, so could you {request}?",
        "Right, where was I. Ah yes: {request}, please!",
        "Okay, my list is long today. Could you {request}?",
        "I was talking to a friend about this just now. Please {request}.",
        "Oh, and please {request}!",
        "I almost forgot about this one. Can you {request}?",
        "You will laugh, but I have no idea how to do this myself. Could you {request}?",
    ),
    "formal": (
        "I would be grateful if you could {request}.",
        "I would like you to {request}.",
        "Kindly {request}.",
        "May I ask you to {request}?",
        "Would you please {request}?",
        "Please {request} at your convenience.",
    ),
}

_OPENERS: dict[str, tuple[str, ...]] = {
    "casual": ("", "", "Hey, ", "Okay, "),
    "polite": ("", "", "Excuse me, ", "If I may, "),
    "terse": ("",),
    "chatty": ("", "So, ", "Right, ", "Oh, and "),
    "formal": ("", "", "Good day, "),
}

_CHAT: dict[str, tuple[str, ...]] = {
    "casual": (
        "{Topic}.",
        "{Topic}!",
        "By the way, {topic}.",
        "Honestly, {topic}.",
        "Oh, {topic}.",
    ),
    "polite": ("{Topic}.", "If I may say so, {topic}.", "By the way, {topic}."),
    "terse": ("{Topic}.",),
    "chatty": ("You know, {topic}.", "Between us, {topic}.", "Ah, {topic}!", "Phew, {topic}."),
    "formal": ("{Topic}.", "Incidentally, {topic}.", "If I may remark upon it, {topic}."),
}

_FACT: tuple[str, ...] = ("{name} is {value}", "{name}: {value}", "the {name} is {value}")

_SENTENCE = re.compile(r"(?<=[.!?:])\s+")
MANNERS = frozenset(
    sentence
    for patterns in _REQUEST.values()
    for pattern in patterns
    for sentence in _SENTENCE.split(pattern)
    if "{" not in sentence
)
"""Sentences that only go with a request and say nothing of what is wanted."""
MANNER_WORDS = frozenset(
    word.lower()
    for patterns in (*_REQUEST.values(), *_OPENERS.values())
    for pattern in patterns
    for word in re.findall(r"[A-Za-z']+", re.sub(r"\{\w+\}", " ", pattern))
)
"""All words that the manners of asking are made of."""
_KEPT_CAPITAL = ("I ", "I'", "I’")


def word_request(request: str, style: str, chance: Random, said: Sequence[str] = ()) -> str:
    """A request in a person's words; not in the manner of one of those `said` before, where
    another is found."""
    begins = _parts(request.strip())[1][:20].lower()
    for _ in range(_MANNERS):
        text = _worded(request, style, chance)
        at = text.lower().find(begins)
        manner = text[max(0, at - 24) : max(0, at)]
        late = not said and text.startswith(_NOT_AT_FIRST)
        if not late and (len(manner) < 8 or not any(manner in other for other in said)):
            break
    return text


_NOT_AT_FIRST = ("Now ", "Okay, here is one more", "Oh, and", "I almost forgot", "Right, where")
"""How nobody begins a conversation."""
_MANNERS = 5
"""Manners of putting a request that are tried."""


def _worded(request: str, style: str, chance: Random) -> str:
    text = request.strip()
    lead, command, rest = _parts(text)
    if lead or rest:
        said = _worded(command, "terse" if lead and style == "chatty" else style, chance)
        if lead:
            said = _LEADING.sub("", said)
            said = said if said.startswith(_KEPT_CAPITAL) else said[:1].lower() + said[1:]
            said = f"{_capital(lead)} {said}"
        return f"{said} {rest}".strip() if not rest or rest[-1:] in ".!?" else f"{said} {rest}."
    if not _is_command(text):
        opener = chance.choice(_OPENERS[style])
        return _sentence(opener + (_lowered(text) if opener else text))
    pattern = chance.choice(_REQUEST[style])
    return _filled(pattern, "request", text)


_LEADING = re.compile(
    r"^(?:(?:Hey|So, I was just thinking|You know what|I have a long day ahead of me, so),\s+"
    r"|Okay, here is one more thing on my mind\.\s+|Now\s+)"
)
"""Openers that a lead takes the place of."""
TIES = re.compile(
    r"(?:Next|Besides|In the same go|After that|While you are at it|One more thing|Apart from[^,.]*"
    r"|Now that[^,.]*|With the[^,.]*|After the[^,.]*|Besides the[^,.]*|Since we[^,.]*"
    r"|Still on[^,.]*|To go with[^,.]*|Staying with[^,.]*|Back to[^,.:]*|For the same[^,.]*)[,:]"
    r"|(?:Then|Now|Also|And now)(?!\w)"
)
"""What ties a request to the one before it, at its beginning."""


def _parts(text: str) -> tuple[str, str, str]:
    """A tie, the command, and the sentences behind it; the whole text where there is neither."""
    tie = TIES.match(text)
    lead = tie.group() if tie is not None else ""
    command = text[len(lead) :].strip()
    covered = re.sub(r'"[^"]*"', lambda m: "q" * len(m.group()), command)
    end = covered.find(". ")
    rest = command[end + 2 :] if end > 0 else ""
    command = command[:end] if end > 0 else command
    if not _is_command(command) or not (lead or rest):
        return "", text, ""
    return lead, command, rest


def word_chat(topic: str, style: str, chance: Random) -> str:
    """Small talk in a person's words."""
    text = topic.strip()
    if text[-1:] in ".!?":
        return _sentence(text)
    return _filled(chance.choice(_CHAT[style]), "topic", text)


def tell_facts(facts: list[tuple[str, str]], style: str, chance: Random) -> str:
    """Facts by their spoken names: "My username is foo and the password is bar."."""
    if len(facts) == 1 and style in ("terse", "casual"):
        name, value = facts[0]
        # A value keeps its letters: "bar" as the first word of a sentence is still "bar".
        return chance.choice((f"{value}.", f"It's {value}.", f"The {name} is {value}."))
    pattern = chance.choice(_FACT)
    told = [pattern.format(name=name, value=value) for name, value in facts]
    if ":" in pattern:
        words = ", ".join(told)
    else:
        words = ", ".join(told[:-1]) + (" and " if len(told) > 1 else "") + told[-1]
    if pattern.startswith("{name} is"):
        words = f"My {words}"
    closing = " Thank you." if style == "polite" and chance.random() < 0.4 else ""
    return _sentence(words) + closing


def plead_ignorance(name: str, style: str, chance: Random) -> str:
    """Says that a fact is not known."""
    patterns = (
        f"I don't know the {name}.",
        f"I can't tell you the {name}, sorry.",
        f"I have no {name} to give you.",
    )
    return chance.choice(patterns[:1] if style == "terse" else patterns)


def _is_command(text: str) -> bool:
    """Whether "could you" can stand before the text: it is one sentence that begins with a verb
    in its base form."""
    first, _, rest = text.partition(" ")
    one_sentence = not any(mark in rest[:-1] for mark in (". ", "! ", "? "))
    verb = first.lower().strip(",") in IMPERATIVES or (first in VERBS and first.islower())
    return one_sentence and verb and text[-1:] != "?"


def _filled(pattern: str, slot: str, text: str) -> str:
    text = text.rstrip(".!")
    filled = pattern.replace("{" + slot.capitalize() + "}", _capital(text))
    return filled.replace("{" + slot + "}", _lowered(text))


def _sentence(text: str) -> str:
    # What is no common word may be a name or a code, which keeps its letters.
    if text.split(" ", 1)[0].strip(",.!?'").lower() in _COMMON | _OPENING:
        text = _capital(text)
    return text if text[-1:] in ".!?…\"'" else text + "."


def _capital(text: str) -> str:
    """First letter large; an address or a code keeps its letters."""
    first = text.split(" ", 1)[0].strip(",.!?\"'")
    return text[:1].upper() + text[1:] if first.replace("'", "").isalpha() else text


def _lowered(text: str) -> str:
    """First letter small, unless the word must keep its capital (a name cannot be told from a
    sentence's first word, so only words that are known to be common are lowered)."""
    first = text.split(" ", 1)[0].strip(",.!?'")
    if text.startswith(_KEPT_CAPITAL) or first.lower() not in _COMMON:
        return text
    return text[:1].lower() + text[1:]


_OPENING = frozenset({"hey", "okay", "excuse", "right", "oh", "good", "so", "has", "have", "any"})
_COMMON = IMPERATIVES | word_set(
    """what which when who where why how is are was were do does did can could will would should
    please the a an my our your this that these those there it we you they he she so too and but
    or if in on at for to from with not no any some all every never always"""
)
