"""A model's judgement of a finished dialogue, as defects like those that the rules find.

Asked after the rules (`trajectories/filters`), about what no rule can see: whether a call does what
was meant, whether a turn follows from the one before, whether a user would talk like that. The
judge must quote what it objects to; what cannot be found in the message it names is sent back to
it once, and then does not count.
"""

from __future__ import annotations

from typing import Any, Literal

import orjson
from autogen_core import CancellationToken
from autogen_core.models import ChatCompletionClient, LLMMessage, SystemMessage, UserMessage
from pydantic import BaseModel, ConfigDict, Field

from ..models.errors import InvalidAnswer
from ..models.structured import ask_structured
from ..trajectories.filters import REASONS, Defect
from ..trajectories.trajectory import Message, Trajectory
from .prompting import prompt

JudgedReason = Literal[
    "judged_unhelpful",
    "judged_wrong_call",
    "judged_ungrounded",
    "judged_incoherent",
    "judged_unnatural",
    "judged_bad_result",
]
_LONGEST = 6000
"""Characters of one message that the judge reads; a long result is cut, and says so."""


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class JudgedDefect(_Form):
    """One objection of the judge's."""

    reason: JudgedReason
    message: int
    quote: str = Field(min_length=1, max_length=400)
    why: str


class DialogueReply(_Form):
    """The judge's answer."""

    defects: list[JudgedDefect] = Field(max_length=20)


async def judge_dialogue(
    client: ChatCompletionClient,
    trajectory: Trajectory,
    *,
    leaf: int | None = None,
    cancellation_token: CancellationToken | None = None,
) -> list[Defect]:
    """What `client` finds wrong with the branch that ends at `leaf` (default: every branch); empty
    where it finds nothing. A judge that gives no usable answer is a defect too
    (`judge_unusable`): what was not judged is not accepted.

    Raises a `ModelError` of the client, and `KeyError` for a leaf that there is none of.
    """
    leaves: list[int | None] = [leaf] if leaf is not None else [*trajectory.leaves()]
    found: dict[Defect, None] = {}
    for end in leaves:
        for one in await _judged(client, trajectory, end, cancellation_token):
            found.setdefault(one)
    return list(found)


async def _judged(
    client: ChatCompletionClient,
    trajectory: Trajectory,
    leaf: int | None,
    cancellation_token: CancellationToken | None,
) -> list[Defect]:
    path = trajectory.path(leaf)
    texts = {message.id: _text(message) for message in path}
    brief = {
        "task": "judge_dialogue",
        "tools": [tool.openai["function"] for tool in trajectory.tools],
        "conversation": [_numbered(message) for message in path],
    }
    asked: list[LLMMessage] = [
        SystemMessage(content=prompt("dialogue_judge")),
        UserMessage(content=orjson.dumps(brief).decode(), source="director"),
    ]

    def unproven(reply: DialogueReply) -> list[str]:
        return [
            f"message {one.message} does not contain the quote {one.quote[:80]!r}"
            for one in reply.defects
            if not _proves(one, texts)
        ]

    try:
        reply = await ask_structured(
            client, asked, DialogueReply, check=unproven, cancellation_token=cancellation_token
        )
    except InvalidAnswer as error:
        unusable = REASONS["judge_unusable"].blame
        return [Defect(reason="judge_unusable", blame=unusable, detail=str(error)[:300])]
    return [
        Defect(
            reason=one.reason,
            blame=REASONS[one.reason].blame,
            message=one.message,
            detail=f"{one.why} ({one.quote!r})"[:300],
        )
        for one in reply.defects
    ]


def _numbered(message: Message) -> dict[str, Any]:
    """The message as the judge reads it."""
    shaped: dict[str, Any] = {"message": message.id, "role": message.role}
    if message.content is not None:
        shaped["content"] = _cut(message.content)
    if message.tool_calls:
        shaped["calls"] = [
            {"name": call.function.name, "arguments": _cut(call.function.arguments)}
            for call in message.tool_calls
        ]
    return shaped


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " [cut here]"


def _text(message: Message) -> str:
    """All that can be quoted of a message, its spaces made one."""
    parts = [message.content or ""]
    for call in message.tool_calls or ():
        parts += [call.function.name, call.function.arguments]
    return " ".join(" ".join(parts).split()).casefold()


def _proves(one: JudgedDefect, texts: dict[int, str]) -> bool:
    return " ".join(one.quote.split()).casefold() in texts.get(one.message, "")
