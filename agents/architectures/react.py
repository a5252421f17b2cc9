"""ReAct: a thought before every action (Yao et al. 2023, "ReAct: Synergizing Reasoning and Acting
in Language Models").

Thought and action come in one model answer. Where an endpoint gives the thought apart from the
words it is taken from there, else from the lines that the prompt asks for.
"""

from __future__ import annotations

from ..prompting import prompt
from .base import Ask, Decision

THOUGHT = "Thought:"
ANSWER = "Answer:"


class ReAct:
    """Asks once, for a thought and an action."""

    def __init__(self) -> None:
        self.instructions = prompt("react")

    async def decide(self, ask: Ask) -> Decision:
        result = await ask()
        if isinstance(result.content, str):
            thought, words = split_thought(result.content)
            return Decision(words, thought or result.thought)
        thought, rest = split_thought(result.thought or "")
        return Decision(result.content or "", thought or rest or None)


def split_thought(text: str) -> tuple[str | None, str]:
    """The thought in a text and the words for the user.

    A text without the marks is all words; a thought without an answer is said as it is, because
    a user must hear something.
    """
    text = text.strip()
    if not text.startswith(THOUGHT):
        return None, text.removeprefix(ANSWER).strip()
    thought, mark, words = text.removeprefix(THOUGHT).partition(f"\n{ANSWER}")
    if not mark:
        thought, mark, words = text.removeprefix(THOUGHT).partition("\n")
    thought, words = thought.strip(), words.strip()
    return thought or None, words or thought
