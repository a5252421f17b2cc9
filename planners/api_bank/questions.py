"""How a scripted assistant asks for what is missing, and how a scripted user answers.

The parameter's name stands in every question, as people say it, so that any user that answers
questions from its facts knows which one is meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

_NAMES = {
    "account": "account identifier",
    "adult_count": "number of adults (adult count)",
    "appointment_id": "appointment ID",
    "attendees": "attendees",
    "check_in_date": "check-in date",
    "check_in_time": "check-in date (check in time)",
    "check_out_date": "check-out date",
    "check_out_time": "check-out date (check out time)",
    "child_count": "number of children (child count)",
    "content": "content",
    "devices": "devices",
    "doctor_name": "name of the doctor",
    "email": "email",
    "from_time": "time that it is set for now (from time)",
    "health_data": "health data",
    "hotel_name": "name of the hotel",
    "keyword": "keyword",
    "meeting_topic": "topic of the meeting",
    "music_name": "name of the music",
    "new_appointment_date": "new appointment date",
    "new_appointment_doctor": "new appointment doctor",
    "patient_name": "name of the patient",
    "question": "question",
    "receiver": "receiver",
    "room_count": "number of rooms (room count)",
    "src": "text (src)",
    "stock_code": "stock code",
    "tgt_lang": "target language (tgt lang)",
    "to_time": "new time (to time)",
    "url": "URL",
    "user_id": "user ID",
}
_LOGIN = ("username", "password")
_ASK = (
    "What is the {names}?", "Could you tell me the {names}?", "Please tell me the {names}.",
    "Sure. What is the {names}?", "I can do that. Could you give me the {names}?",
    "To do this, I need the {names}.", "May I have the {names}, please?",
    "Happy to help. Which {names} is it about?", "All right, and the {names}?",
    "Of course. Please provide the {names}.",
)  # fmt: skip
_ASK_LOGIN = (
    "I need to log in for that. What are your username and password?",
    "Could you give me your username and password, please?",
    "For that I need your username and password. Could you provide them?",
    "Sure. Please tell me your username and password first.",
    "To verify who you are, I need your username and your password.",
    "Let me authenticate you first. Your username and password, please?",
    "Which username and password shall I use?",
)  # fmt: skip
_ANSWER_LOGIN = (
    "{username}, and the password is {password}.", "{username} and {password}.",
    "Take {username} with the password {password}.", "Sure: {username} / {password}.",
    "It's {username}; password {password}.", "login {username}, password {password}",
    "I log in as {username} with {password}.", "The user is {username}, the password {password}.",
)  # fmt: skip
_ANSWER_ONE = (
    "{value}.",
    "{value}",
    "It's {value}.",
    "That would be {value}.",
    "{value}, please.",
    "{Name}: {value}.",
    "Oh right, {value}.",
)


def question(names: Sequence[str], chance: Random) -> str:
    """A question that names every parameter in `names`."""
    if set(names) == set(_LOGIN):
        return chance.choice(_ASK_LOGIN)
    spoken = [spoken_name(name) for name in names]
    return chance.choice(_ASK).replace("{names}", _joined(spoken))


def answer(facts: Mapping[str, str], chance: Random) -> str:
    """What the user says to a question for these facts, by parameter."""
    if set(facts) == set(_LOGIN):
        return chance.choice(_ANSWER_LOGIN).format(**facts)
    if len(facts) == 1:
        ((name, value),) = facts.items()
        said = chance.choice(_ANSWER_ONE)
        if value.endswith((".", "?", "!")):
            said = said.removesuffix(".")
        return said.replace("{Name}", _plain(name).capitalize()).replace("{value}", value)
    joint = chance.choice((": ", " is ", " = "))
    told = [f"{_plain(name)}{joint}{value}" for name, value in facts.items()]
    text = _joined(told) if joint == " is " else ", ".join(told)
    return f"The {text}." if joint == " is " else text[:1].upper() + text[1:] + "."


def spoken_name(name: str) -> str:
    return _NAMES.get(name, name.replace("_", " "))


def _plain(name: str) -> str:
    """The name without what is added for those who look for the parameter's own."""
    return spoken_name(name).partition(" (")[0]


def _joined(parts: Sequence[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    return f"{', '.join(parts[:-1])} and the {parts[-1]}"
