"""A task's request in words: a template, a polite frame around a command, what goes before it.

Says too which of the request's values were left out, for the user to tell when asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from .spoken import Said
from .task import Domain

_SLOT = re.compile(r"\{(?:(on):)?([a-z_]+)\}")

_ASKING = (
    "{Do}.", "{Do}, please.", "Please {do}.", "Can you {do}?", "Could you {do}?",
    "Could you please {do}?", "Would you {do}?", "Would you mind? I want you to {do}.",
    "I'd like you to {do}.", "It would be great if you could {do}.", "Kindly {do}.",
    "I was hoping you could {do}.", "Do me a favor and {do}.", "May I ask you to {do}?",
    "Are you able to {do}?", "{Do}, will you?", "Would it be possible for you to {do}?",
    "I wonder if you could {do}.", "Be so kind and {do}.",
)  # fmt: skip
"""Frames in which the assistant is the one who does it."""
_WANTING = (
    "I would like to {do}.", "I want to {do}.", "I need to {do}.", "Help me {do}.",
    "Would you mind helping me? I want to {do}.", "Is it possible to {do}?", "I have to {do}.",
    "I'm trying to {do}. Can you do that?", "I hope you can help me {do}.",
    "I'd love to {do}.", "My plan is to {do}. Please take care of it.",
)  # fmt: skip
"""Frames in which it is the user's own wish; "tell me" does not fit into them."""
_GREETING = (
    "Hi, please {do}.",
    "Hello! Could you {do}?",
    "Hey, can you {do}?",
    "Good day. Please {do}.",
)
_FOR_ME = re.compile(r"\b(?:me|us)\b")
_AFTER = ("Thanks!", "Thank you.", "That's all I need.", "It's a bit urgent.", "No hurry.")
_CONTEXT: Mapping[Domain, tuple[str, ...]] = {
    "account": ("I'm tidying up my accounts.", "I've just changed jobs.", "Security first.",
                "My laptop was replaced today."),
    "information": (
        "I'm preparing a quiz.", "My daughter asked me something.", "I'm working on an article.",
        "A little question in between.",
    ),
    "health": (
        "I haven't been feeling well lately.", "I'm looking after my father.",
        "My doctor told me to call.", "Health comes first.",
    ),
    "schedule": (
        "I have a full week ahead.", "I keep losing track of things.", "My plans have changed.",
        "It's going to be a busy day.",
    ),
    "home": ("I'm at work at the moment.", "We have guests soon.", "I've been redecorating.",
             "The house should be cozy when I'm back."),
    "finance": (
        "I'm going over my finances.", "I'm saving for a new kitchen.",
        "My tax adviser asks questions.", "Money matters again.",
    ),
    "travel": ("We're planning our holidays.", "I'm on a business trip.", "My bags are packed.",
               "I've been looking forward to this trip."),
}  # fmt: skip
_GO_ON = ("Also, ", "Then ", "One more thing: ", "And ", "Next, ", "Besides, ", "Now ", "")
LOGIN = (
    "I'm logged in as {username} with {password}.",
    "Use the login {username} and the password {password}.",
    "My account: {username}, {password}.", "Username {username}, password {password}.",
    "For the login: {username} and {password}.",
    "You can sign in as {username}; {password} is the password.", "({username}, {password})",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Worded:
    """What the user says, and the slots that it names."""

    text: str
    named: frozenset[str]


def slots_of(template: str) -> frozenset[str]:
    """The slots that a template names."""
    return frozenset(match.group(2) for match in _SLOT.finditer(template))


def filled(template: str, said: Mapping[str, Said | str]) -> str:
    """The template with its slots filled. Raises `KeyError` for a slot without value."""

    def value(match: re.Match[str]) -> str:
        found = said[match.group(2)]
        if isinstance(found, str):
            return found
        return found.placed if match.group(1) else found.bare

    return _capital(_SLOT.sub(value, template))


def framed(command: str, chance: Random, *, first: bool, terse: bool = False) -> str:
    """A command with its slots still open, in a frame; only who speaks first greets. `terse`: as it
    is, like a task that is handed over."""
    frames: tuple[str, ...] = (
        _ASKING if _FOR_ME.search(command) or chance.random() < 0.6 else _WANTING
    )
    if first and chance.random() < 0.12:
        frames = _GREETING
    if terse:
        frames = ("{Do}.",)
    frame = chance.choice(frames)
    return frame.replace("{Do}", command[:1].upper() + command[1:]).replace("{do}", command)


def worded(
    template: str,
    said: Mapping[str, Said | str],
    domain: Domain,
    chance: Random,
    *,
    first: bool,
    login: bool,
) -> Worded:
    """An utterance. `login`: the user names the account without being asked."""
    text = filled(template, said)
    named = set(slots_of(template))
    if first and chance.random() < 0.2:
        text = f"{chance.choice(_CONTEXT[domain])} {text}"
    elif not first and chance.random() < 0.5:
        joint = chance.choice(_GO_ON)
        text = joint + (_lowered(text, template) if joint.endswith((", ", " ")) else text)
    if login and not named & {"username", "password"}:
        template = chance.choice(LOGIN)
        text = f"{text} {filled(template, said)}"
        named |= slots_of(template)
    if chance.random() < 0.1:
        text = f"{text} {chance.choice(_AFTER)}"
    return Worded(text, frozenset(named))


def _capital(text: str) -> str:
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first.isalpha() else text


def _lowered(text: str, template: str) -> str:
    """The first letter small, where the utterance begins with a word of the template's own."""
    first = text.split(" ", 1)[0].split("'", 1)[0].strip(",.:!?")
    own = template[:1] not in '{"' and first != "I" and first.isalpha() and not first.isupper()
    return text[:1].lower() + text[1:] if own else text
