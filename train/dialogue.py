"""A conversation on its way to becoming samples: messages and the tools offered with them.

A turn is learnt as it will be decoded. Where tools had to be found first, a conversation is several
dialogues, one for each set of tools that was on offer, so that no turn is learnt beside tools that
the assistant did not see. In the project's own template an answer is words or calls: words that go
with calls are shown, not learnt. Other templates have both in one turn, which is learnt whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..models.chat_template import ToolUnwritable, ordered
from ..trajectories.trajectory import Message, Trajectory
from .arguments import arguments_of

UNLEARNT = "unlearnt"
"""Key of an assistant message that stands in the prompt without being learnt."""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One branch of a trajectory, or the beginning of one."""

    id: str
    scenario: str
    messages: tuple[dict[str, Any], ...]
    """OpenAI's chat shape; a call's arguments are JSON text."""
    tools: tuple[dict[str, Any], ...]
    """OpenAI's `tools` shape."""
    learnt: int | None = None
    """How many of the last assistant turns are learnt, those apart that never are; None: all. The
    earlier ones were said when fewer tools were on offer."""


@dataclass(frozen=True, slots=True)
class Saying:
    """How a message of the assistant becomes turns."""

    apart: bool = True
    """Whether words before calls are a turn of their own, as in the project's template."""
    thoughts: bool = False
    """Whether thoughts are learnt, as words before what they led to."""


_PLAIN = Saying()


class OfferUnknown(ValueError):
    """A message puts a tool on offer that its trajectory does not have; says which."""


def dialogues(trajectory: Trajectory, saying: Saying = _PLAIN) -> list[Dialogue]:
    """A dialogue for each branch and set of tools; of branches that share a start, each has all
    of it. Where one branch is the main one, or some are worse than others, that is the only one."""
    leaves = trajectory.leaves()
    if trajectory.main is not None:
        leaves = [trajectory.main]
    elif trajectory.preferences:
        leaves = list(dict.fromkeys(pair.chosen for pair in trajectory.preferences))
    return [
        dialogue
        for leaf in leaves
        for dialogue in staged(
            trajectory,
            leaf,
            trajectory.id if len(leaves) == 1 else f"{trajectory.id}/{leaf}",
            saying,
        )
    ]


def unlearnable(
    messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]]
) -> str | None:
    """Why nothing is to be learnt of these messages: a call's arguments are no JSON object, or a
    tool's parameters cannot be listed. In such nothing can be renamed or exchanged either. None
    where all is well."""
    try:
        ordered(tools)
    except ToolUnwritable as why:
        return str(why)
    calls = [call for message in messages for call in message.get("tool_calls") or ()]
    return None if all(map(_is_object, calls)) else "a call's arguments are no JSON object"


def _is_object(call: Mapping[str, Any]) -> bool:
    try:
        return isinstance(arguments_of(call), dict)
    except ValueError:
        return False


def learnable(message: Mapping[str, Any]) -> bool:
    """Whether it is an assistant's message that gets labels."""
    return message["role"] == "assistant" and not message.get(UNLEARNT)


def staged(
    trajectory: Trajectory, leaf: int, name: str, saying: Saying = _PLAIN
) -> Iterator[Dialogue]:
    """The dialogues of one branch: as many as there were sets of tools on offer.

    Raises `OfferUnknown`.
    """
    path = trajectory.path(leaf)
    searched = any(message.offers for message in path)
    found_later = {found for message in trajectory.messages for found in message.offers or ()}
    offered = [spec for spec in trajectory.tools if spec.name not in found_later]
    by_name = {spec.name: spec for spec in trajectory.tools}
    for number, (start, end) in enumerate(_stages(path)):
        for found in (path[start - 1].offers or ()) if start else ():
            if found not in by_name:
                raise OfferUnknown(
                    f"trajectory {trajectory.id}: message {path[start - 1].id} offers {found!r}, "
                    "which is none of its tools; add it to them, or take the offer away"
                )
            offered.append(by_name[found])
        learnt = sum(learnable(part) for m in path[start:end] for part in said(m, saying))
        if learnt or not searched:
            yield Dialogue(
                id=f"{name}~{number}" if searched else name,
                scenario=trajectory.scenario,
                messages=tuple(part for message in path[:end] for part in said(message, saying)),
                tools=tuple(spec.openai for spec in offered),
                learnt=learnt if searched else None,
            )


def said(message: Message, saying: Saying = _PLAIN) -> Iterator[dict[str, Any]]:
    """The message as turns: words that stand apart come before the calls they go with."""
    chat = message.chat()
    if message.weight == 0:
        chat[UNLEARNT] = True
    thought = message.thought if saying.thoughts and message.role == "assistant" else None
    if not saying.apart:
        chat["content"] = "\n\n".join(filter(None, (thought, chat["content"]))) or None
        yield chat
        return
    if thought:
        yield {**chat, "content": thought, "tool_calls": None}
    if chat.get("tool_calls") and chat["content"]:
        yield {"role": "assistant", "content": chat["content"], UNLEARNT: True}
        chat["content"] = None
    yield chat


def _stages(path: list[Message]) -> Iterator[tuple[int, int]]:
    """Stretches of messages (start, end exclusive) after which other tools are on offer."""
    start = 0
    for at, message in enumerate(path, start=1):
        if message.offers or at == len(path):
            yield start, at
            start = at
