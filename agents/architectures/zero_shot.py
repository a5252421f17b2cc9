"""Zero-shot: the model's answer is the action."""

from __future__ import annotations

from .base import Ask, Decision


class ZeroShot:
    """Asks once, adds nothing."""

    instructions = ""

    async def decide(self, ask: Ask) -> Decision:
        result = await ask()
        return Decision(result.content or "", result.thought)
