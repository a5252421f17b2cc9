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
_ASK_ALL = (
    "Sure. What are the details?", "Of course. Tell me more, please.",
    "Gladly. What exactly do you have in mind?", "Certainly. What do I need to know?",
    "I can help with that. Please give me the details.",
)  # fmt: skip
"""For everything that a request has left open."""
_CONFIRM = (
    "Shall I go ahead?", "Do you want me to do that now?", "May I proceed?",
    "All right, I can do that. Shall I?", "I have all that I need. Shall I start?",
)  # fmt: skip
_RECAP = ("Just to be sure: {facts}. Is that right?", "So that is {facts}, correct?",
          "Let me repeat: {facts}. Do you confirm this?")  # fmt: skip
_GO_ON = (
    "Thank you, you are logged in. Shall I go on?", "The login worked. Do you want me to continue?",
    "I have your token now. May I use it?",
)  # fmt: skip
_YES = (
    "Yes, please.", "Yes.", "Yes, go ahead.", "Sure.", "Please do.", "Go on.",
)  # fmt: skip
_RIGHT = ("Yes.", "Yes, that's right.", "Correct.", "Right.", "Exactly.", "Yes, please go ahead.")
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
_ANSWER_SEVERAL = (
    ("{name}: {value}", "", "{}."), ("{name} = {value}", "", "{}."),
    ("{name} is {value}", " and the ", "The {}."), ("{value} for the {name}", " and ", "{}."),
    ("the {name} to be {value}", " and ", "I want {}."),
    ("{value} as the {name}", " and ", "I'd like {}."),
    ("{name} {value}", ", ", "{}, please."),
)  # fmt: skip
"""How each fact is said, what joins the last to the others (else a comma), and what is around."""


def question(names: Sequence[str], chance: Random, *, whole: bool = False) -> str:
    """A question that names every parameter in `names`. `whole`: there is nothing else to ask for,
    so that it may be an open one."""
    if set(names) == set(_LOGIN):
        return chance.choice(_ASK_LOGIN)
    if whole and len(names) > 1 and chance.random() < 0.35:
        return chance.choice(_ASK_ALL)
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
    form, joint, around = chance.choice(_ANSWER_SEVERAL)
    told = [form.format(name=_plain(name), value=value) for name, value in facts.items()]
    text = _joined(told, joint) if joint else ", ".join(told)
    if form.startswith("{name}") and around.startswith("{"):
        text = text[:1].upper() + text[1:]
    return around.replace("{}", text)


def confirmation(facts: Mapping[str, str], chance: Random) -> tuple[str, str]:
    """The assistant makes sure before it acts: its question, and the user's consent. `facts`: what
    it may say again, by parameter."""
    if facts and chance.random() < 0.5:
        told = _joined([f"the {_plain(name)} {value}" for name, value in facts.items()], " and ")
        return chance.choice(_RECAP).replace("{facts}", told), chance.choice(_RIGHT)
    return chance.choice(_CONFIRM), chance.choice(_YES)


def going_on(chance: Random) -> tuple[str, str]:
    """The assistant has logged in and asks whether to go on; and the user's consent."""
    return chance.choice(_GO_ON), chance.choice(_YES)


def spoken_name(name: str) -> str:
    return _NAMES.get(name, name.replace("_", " "))


def _plain(name: str) -> str:
    """The name without what is added for those who look for the parameter's own."""
    return spoken_name(name).partition(" (")[0]


def _joined(parts: Sequence[str], last: str = " and the ") -> str:
    if len(parts) == 1:
        return parts[0]
    return f"{', '.join(parts[:-1])}{last}{parts[-1]}"
