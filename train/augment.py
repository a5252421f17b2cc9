"""Seeded variations of a dialogue that change what is called what, never what happens.

Each is there to keep a small student from learning the training tools by heart: tools are
shuffled, unused ones are dropped and others added as distractors, tools and parameters get other
names, and values that the conversation says aloud are exchanged. The student's samples so differ
in everything but the one thing to be learned: read the schemas, read the conversation, call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from .dialogue import Dialogue
from .renaming import renamed
from .values import WORDS, with_other_choices, with_other_values


class AugmentConfig(BaseModel):
    """How often each variation is made; 0 everywhere leaves dialogues as they were."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    shuffle_tools: bool = True
    tools: tuple[int, int] | None = (2, 5)
    """How many tools a sample offers (least, most), drawn evenly; those that are called always
    stay, the others are the dialogue's own first, then distractors. None: as in the scenario."""
    rename_tools: float = Field(default=0.7, ge=0, le=1)
    rename_parameters: float = Field(default=0.5, ge=0, le=1)
    swap_values: float = Field(default=0.9, ge=0, le=1)
    swap_choices: float = Field(default=0.0, ge=0, le=1)
    """Other words, in another order, for what schemas enumerate."""
    join: tuple[int, int] = (1, 1)
    """How many dialogues follow each other in one sample (least, most), drawn evenly. More calls
    for the same system prompt, and a choice among the tools of all of them."""


def augmented(
    dialogue: Dialogue,
    pool: Sequence[dict[str, Any]],
    config: AugmentConfig,
    chance: Random,
    words: Sequence[str] = WORDS,
) -> Dialogue:
    """One variation. `pool` has the tools (OpenAI shape) that may serve as distractors, and `words`
    what exchanged phrases are made of."""
    if config.tools is not None and dialogue.learnt is None:
        dialogue = _with_toolset(dialogue, pool, config.tools, chance)
    if config.shuffle_tools:
        tools = list(dialogue.tools)
        chance.shuffle(tools)
        dialogue = replace(dialogue, tools=tuple(tools))
    rename_tools = chance.random() < config.rename_tools
    rename_parameters = chance.random() < config.rename_parameters
    if rename_tools or rename_parameters:
        dialogue = renamed(dialogue, chance, tools=rename_tools, parameters=rename_parameters)
    if chance.random() < config.swap_choices:
        dialogue = with_other_choices(dialogue, chance)
    if chance.random() < config.swap_values:
        dialogue = with_other_values(dialogue, chance, words)
    return dialogue


def joined(
    dialogue: Dialogue, others: Sequence[Dialogue], size: tuple[int, int], chance: Random
) -> Dialogue:
    """`dialogue` followed by others that were drawn from `others` and go with it: those with the
    same system prompt and without a tool of the same name and another schema."""
    for _ in range(chance.randint(*size) - 1):
        other = chance.choice(others)
        if dialogue.learnt is not None or other.learnt is not None:
            # What was on offer when is part of such a dialogue.
            continue
        known = {tool["function"]["name"]: tool for tool in dialogue.tools}
        fits = all(known.get(t["function"]["name"], t) == t for t in other.tools)
        system = [m for m in dialogue.messages if m["role"] == "system"]
        if not fits or system != [m for m in other.messages if m["role"] == "system"]:
            continue
        new = [t for t in other.tools if t["function"]["name"] not in known]
        said = [m for m in other.messages if m["role"] != "system"]
        dialogue = replace(
            dialogue,
            messages=(*dialogue.messages, *said),
            tools=(*dialogue.tools, *new),
        )
    return dialogue


def _with_toolset(
    dialogue: Dialogue,
    pool: Sequence[dict[str, Any]],
    size: tuple[int, int],
    chance: Random,
) -> Dialogue:
    called = {
        call["function"]["name"]
        for message in dialogue.messages
        for call in message.get("tool_calls") or ()
    }
    kept = [tool for tool in dialogue.tools if tool["function"]["name"] in called]
    own = [tool for tool in dialogue.tools if tool["function"]["name"] not in called]
    names = {tool["function"]["name"] for tool in dialogue.tools}
    strangers = [tool for tool in pool if tool["function"]["name"] not in names]
    chance.shuffle(own)
    chance.shuffle(strangers)
    wanted = chance.randint(*size)
    tools = (kept + (own + strangers)[: max(0, wanted - len(kept))]) or list(dialogue.tools)
    return replace(dialogue, tools=tuple(tools))
