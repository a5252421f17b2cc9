"""Talk between requests, with what an assistant says to it."""

from __future__ import annotations

from random import Random

from ....agents.rules.assistant_phrasing import small_talk

TALK: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("What a long day it has been.", ("I can imagine. Let me know how I can make it easier.",)),
    ("It's raining cats and dogs here.", ("Then it's a good day to get things done inside.",)),
    ("You are quick!", ("Thank you! What else can I do for you?",)),
    ("I had the best coffee this morning.", ("That sounds like a good start into the day!",)),
    ("My cat is sleeping on the keyboard again.", ("Cats do choose their places well.",)),
    ("I'm so looking forward to the weekend.", ("I hope it is a relaxing one.",)),
    ("That was easier than I thought.", ("I'm glad it went smoothly. Is there more I can do?",)),
    ("My boss called twice during lunch.", ("That sounds stressful. I'm here to help.",)),
    ("Technology is amazing, isn't it?", ("It can be very handy indeed.",)),
    ("I should do this more often.", ("I'm here whenever you need me.",)),
)
"""Lines in the middle of a dialogue."""

HELLO: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Hello there!", ("Hello! How can I help you today?", "Hi! What can I do for you?")),
    ("Good morning.", ("Good morning! How can I help you?",)),
    ("Hi, are you available?", ("Yes, I am. What can I do for you?",)),
    (
        "Hey assistant, I have a couple of things for you.",
        ("Sure, I'm listening. What is the first one?",),
    ),
    ("Good evening, I could use some help.", ("Good evening! What do you need help with?",)),
)
BYE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Perfect, thanks a lot!", ("You're welcome! Have a nice day.", "You're welcome!")),
    ("Great, that was everything.", ("Glad I could help. Goodbye!",)),
    ("Thanks, you've been a great help.", ("My pleasure. Have a great day!",)),
    ("That's it, bye!", ("Goodbye! Have a great day.",)),
    ("Wonderful. Nothing else for now.", ("All right. Just let me know when you need something.",)),
    ("Okay, many thanks.", ("You're welcome. Have a nice day!",)),
)
_REPLIES = dict((*TALK, *HELLO, *BYE))


def reply_to(line: str, chance: Random) -> str:
    """The assistant's words to a line of talk."""
    known = _REPLIES.get(line)
    return chance.choice(known) if known else small_talk(line, chance)
