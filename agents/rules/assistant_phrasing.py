"""How the rules' assistant words questions, results, refusals and small talk.

Only a question for something missing ends with a question mark: the policy reads that mark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from .dialogue import Made
from .summary import is_long, summed_up
from .tool_index import CompiledTool, Param
from .words import spoken, tokens, word_set


def ask_for(params: Sequence[Param], tool: CompiledTool, chance: Random) -> str:
    """A question that names every missing parameter."""
    names = _joined([f"the {param.label}" for param in params])
    plural = "are" if len(params) > 1 else "is"
    return chance.choice(
        (
            f"What {plural} {names}?",
            f"Could you tell me {names}?",
            f"I can do that. What {plural} {names}?",
            f"To do that I still need {names}. Could you tell me?",
        )
    )


def report(
    made: Sequence[Made], chance: Random, descriptions: Mapping[str, str] | None = None
) -> str:
    """What the calls gave, in words that contain the values. `descriptions`: of the tools, by
    name."""
    opening = chance.choice(("Done. ", "", "All right. ", "Here you are: "))
    parts = [_outcome(call, (descriptions or {}).get(call.name, ""), chance) for call in made]
    if opening == "Here you are: " and (len(parts) > 1 or not made[0].ok):
        opening = ""
    if any(not call.ok or is_long(call.output) for call in made):
        opening = "" if opening == "Here you are: " or not made[0].ok else opening
    if any(not call.ok for call in made):
        opening = ""
    return opening + " ".join(parts)


def refuse(chance: Random) -> str:
    """An honest no: nothing on offer can do it."""
    return chance.choice(
        (
            "I'm sorry, I can't do that: none of my tools is made for it.",
            "I can't help with that, I'm afraid. I have no tool for it.",
            "That is beyond what I can do here, since none of my tools covers it. Sorry.",
        )
    )


def small_talk(text: str, chance: Random) -> str:
    """A reply to talk that asks for nothing."""
    words = frozenset(tokens(text))
    for marks, replies in _SMALL_TALK:
        if words & marks:
            return chance.choice(replies)
    return chance.choice(_NEUTRAL)


_SMALL_TALK: tuple[tuple[frozenset[str], tuple[str, ...]], ...] = (
    (
        frozenset(["thanks", "thank", "grateful", "appreciate"]),
        ("You're welcome.", "Gladly.", "My pleasure."),
    ),
    (
        frozenset(["bye", "goodbye"]),
        ("Goodbye, and all the best.", "Bye, take care."),
    ),
    (
        word_set(
            """many tired exhausted stress stressed stressful annoying hate boring bored late busy
            terrible awful bad worst sad ugh rough rain raining cold overwhelmed headache sick
            long never tedious nobody worried nervous"""
        ),
        (
            "I can see why that wears you out.",
            "That sounds tiring. I hope it gets easier soon.",
            "I'm sorry to hear that. One thing at a time.",
        ),
    ),
    (
        word_set(
            """love great happy glad nice fun wonderful excited enjoy beautiful sunny favourite
            favorite good best cool amazing delicious looking holiday weekend concentrate
            relaxing helps"""
        ),
        ("That is lovely to hear.", "How nice. Enjoy it!", "I'm glad to hear it."),
    ),
    (
        frozenset(["hello", "hi", "hey", "morning", "evening"]),
        ("Hello! I'm here when you need something.", "Hi, good to hear from you."),
    ),
)
_NEUTRAL = (
    "I see what you mean.",
    "That is one way to look at it.",
    "Fair enough. I'm here when you need something.",
    "Indeed. Just tell me when there is something to do.",
)


def thought_of_call(tools: Sequence[CompiledTool], wanted: str, chance: Random) -> str:
    """What a ReAct agent thinks before calls."""
    names = _joined([tool.name for tool in tools])
    return chance.choice(
        (
            f"The user wants this: {wanted} I have what {names} needs, so I call it.",
            f"For this I need {names}; every required value is known.",
            f"Next comes {names}, with the values from the conversation.",
        )
    )


def thought_of_question(params: Sequence[Param]) -> str:
    names = _joined([param.spoken for param in params])
    return f"I cannot go on without the {names}, and nobody has told me. I ask the user."


def thought_of_report(made: Sequence[Made]) -> str:
    failed = [call.name for call in made if not call.ok]
    if failed:
        return f"{_joined(failed)} did not work out. I tell the user why."
    return "The results are there. I tell the user what they say."


def thought_of_talk(possible: bool) -> str:
    if possible:
        return "The user is only talking. No tool is needed."
    return "No tool on offer can do this. I say so."


def _outcome(call: Made, description: str, chance: Random) -> str:
    what = spoken(call.name)
    if not call.ok:
        error = call.error.strip() or "it gave no reason"
        return f"I could not do that ({what}): {_stop(error)}"
    if is_long(call.output):
        return _stop(summed_up(call, description, chance))
    said = _value(call.output)
    if call.output in ({}, [], None, "") or not said.strip(" ,;"):
        return f"The {what} went through, with nothing to show."
    if isinstance(call.output, dict) and len(call.output) == 1:
        (name, value), *_ = call.output.items()
        if value in ("success", "ok", True):
            shown = ", ".join(_value(v) for n, v in call.arguments.items() if _tellable(n))
            return f"The {what} went through{': ' + shown if shown else ''}."
        if not isinstance(value, dict | list):
            given = [_value(v) for n, v in call.arguments.items() if _tellable(n)]
            about = f" for {', '.join(given)}" if given else ""
            return _stop(f"The {spoken(name)}{about} is {_value(value)}")
    return _stop(said)


def _tellable(name: str) -> bool:
    return not frozenset(tokens(name)) & {"token", "password", "key", "secret"}


def _value(value: Any) -> str:
    """A result as a person reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "none"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dict):
        return ", ".join(f"{spoken(n)} {_value(v)}" for n, v in value.items() if _tellable(n))
    if isinstance(value, list):
        if not value:
            return "none"
        if all(not isinstance(item, dict | list) for item in value):
            return _joined([_value(item) for item in value])
        return "; ".join(_value(item) for item in value[:8])
    text = str(value)
    return f'"{text}"' if "?" in text or ". " in text else text


def _stop(text: str) -> str:
    """One sentence, and no question."""
    text = text.rstrip("?").rstrip()
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", '."', '?"')) else text + "."


def _joined(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return ", ".join(parts[:-1]) + " and " + parts[-1]
