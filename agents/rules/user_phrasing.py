"""How the rules' user words a plan step: by style, with variety that the seed decides.

A request keeps every word that matters: only what stands around it varies.
"""

from __future__ import annotations

from random import Random

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
    measure water feed lift load mark hold rent charge apply enrol sign record"""
)
IMPERATIVES = _VERBS | _MORE_VERBS

_REQUEST: dict[str, tuple[str, ...]] = {
    "casual": (
        "{Request}, please.",
        "Hey, can you {request}?",
        "Can you {request}?",
        "I need you to {request}.",
        "Could you {request} for me?",
        "{Request}.",
    ),
    "polite": (
        "Could you please {request}?",
        "Would you {request}, please?",
        "Please {request}.",
        "Would you be so kind as to {request}?",
        "If it is no trouble, could you {request}?",
    ),
    "terse": ("{Request}.", "{Request}.", "Please {request}.", "Now {request}."),
    "chatty": (
        "So, I was just thinking, could you {request}? That would help me a lot.",
        "Okay, here is one more thing on my mind. Please {request}.",
        "You know what, can you {request}? I would never get to it myself.",
        "I have a long day ahead of me, so could you {request}?",
        "Right, where was I. Ah yes: {request}, please!",
    ),
    "formal": (
        "I would be grateful if you could {request}.",
        "I would like you to {request}.",
        "Kindly {request}.",
        "May I ask you to {request}?",
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
    "casual": ("{Topic}.", "By the way, {topic}.", "Honestly, {topic}.", "Oh well, {topic}."),
    "polite": ("{Topic}.", "If I may say so, {topic}.", "By the way, {topic}."),
    "terse": ("{Topic}.",),
    "chatty": ("You know, {topic}. It is always the same!", "Between us, {topic}.", "Ah, {topic}!"),
    "formal": ("{Topic}.", "Incidentally, {topic}.", "If I may remark upon it, {topic}."),
}

_FACT: tuple[str, ...] = ("{name} is {value}", "{name}: {value}", "the {name} is {value}")

_KEPT_CAPITAL = ("I ", "I'", "I’")


def word_request(request: str, style: str, chance: Random) -> str:
    """A request in a person's words."""
    text = request.strip()
    if not _is_command(text):
        opener = chance.choice(_OPENERS[style])
        return _sentence(opener + (_lowered(text) if opener else text))
    pattern = chance.choice(_REQUEST[style])
    return _filled(pattern, "request", text)


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
    return one_sentence and first.lower().strip(",") in IMPERATIVES and text[-1:] != "?"


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
