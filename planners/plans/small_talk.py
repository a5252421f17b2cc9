"""Remarks that ask for nothing, as transitions between requests."""

from __future__ import annotations

from random import Random

_ON_THING = (
    "good to have the {thing} sorted",
    "that {thing} has been on my mind all week",
    "my colleagues keep asking me about the {thing}, so that helps",
    "I always forget how much there is behind a single {thing}",
    "the {thing} was easier than I expected",
    "I was a bit nervous about that {thing}, to be honest",
    "who would have thought a {thing} could keep me this busy",
    "the {thing} alone took me an hour the last time",
    "my manager will be happy to hear about the {thing}",
    "it feels good to be done with that {thing}",
)
_AT_LARGE = (
    "thanks, that was quick",
    "great, you are saving me a lot of time today",
    "it has been one of those days",
    "I really need a coffee after this",
    "I am glad I do not have to click through all of that myself",
    "it is raining here again, so I have all the time in the world",
    "I promised my team to have all of this ready before lunch",
    "this is going better than I thought",
    "I am new to all of this, so thank you for being patient",
    "I have been putting this off for weeks",
)
_CLOSING = (
    "thanks for everything, that was really helpful",
    "thank you, I think I can take it from here",
    "that is a load off my mind, thank you",
    "great, now I can finally have lunch",
    "wonderful, you have been a great help today",
)


def remark(thing: str, last: bool, chance: Random) -> str:
    """Small talk after `thing` was dealt with; thanks at the end of a dialogue."""
    if last:
        return chance.choice(_CLOSING)
    if thing and chance.random() < 0.6:
        return chance.choice(_ON_THING).format(thing=thing)
    return chance.choice(_AT_LARGE)
