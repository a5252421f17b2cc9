"""How a request is connected to what was talked about before."""

from __future__ import annotations

from random import Random

from ...agents.rules.tool_index import CompiledTool

_PLAIN = (
    "Next, {}", "Then {}", "Now {}", "After that, {}", "Also {}", "While you are at it, {}",
    "And now {}", "One more thing: {}", "Besides, {}", "In the same go, {}",
)  # fmt: skip
_WITH_THING = (
    "Now that the {thing} is dealt with, {}",
    "With the {thing} out of the way, {}",
    "Apart from the {thing}, {}",
    "After the {thing}, {}",
    "Besides the {thing}, {}",
    "Since we are talking about the {thing}, {}",
    "To go with the {thing}, {}",
)
_SAME_THING = (
    "Staying with the {thing}, {}",
    "Still on the {thing}, {}",
    "Back to the {thing}: {}",
)


def connected(text: str, before: CompiledTool | None, after: CompiledTool, chance: Random) -> str:
    """The request with words that tie it to the tool used before."""
    thing = before.spoken.thing if before is not None else ""
    if thing and len(thing) < 30 and thing.isascii() and chance.random() < 0.6:
        same = thing == after.spoken.thing
        pattern = chance.choice(_SAME_THING if same else _WITH_THING)
        return pattern.replace("{thing}", thing).replace("{}", text)
    return chance.choice(_PLAIN).replace("{}", text)
