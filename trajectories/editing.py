"""Editing a trajectory: other words or arguments on the main branch become a branch beside it.

The original stays as it is; `main` names the edited branch. What was edited is checked: calls
against their tools' schemas, and that anything changed at all. Where only the assistant's part was
edited, the two branches are a preference too: edited over original.

What followed an edited message is taken over as it stands: nothing is played again. A result that
no longer follows from its call is best cut off (`Revision.last`).
"""

from __future__ import annotations

import orjson
from pydantic import BaseModel, ConfigDict, Field

from ..tools.validation import SchemaUnusable, check_arguments
from .trajectory import Message, Preference, ToolCallPart, Trajectory


class EditRefused(ValueError):
    """An edit that cannot be made; the message says of which message, why, and what to do."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Edit(_Part):
    """One message said otherwise."""

    message: int
    """Id of the message; it is on the main branch."""
    content: str | None = Field(default=None, max_length=100_000)
    """The new words; None leaves them."""
    arguments: dict[int, str] = Field(default_factory=dict)
    """New arguments (JSON text) by the call's place in the message, from 0."""


class Revision(_Part):
    """All that is edited in one trajectory."""

    edits: tuple[Edit, ...] = Field(min_length=1, max_length=1_000)
    last: int | None = None
    """Id of the message after which the edited conversation ends; None: where the original does."""


def edited(trajectory: Trajectory, revision: Revision, by: str = "") -> Trajectory:
    """The trajectory with the edited branch as its main one; `by` goes into the preference.

    Scores, verdicts and ratings were of the original, and are taken off. Raises `EditRefused`.
    """
    path = trajectory.path()
    changed = _changed(trajectory, path, revision)
    upto = _end(path, revision, changed)
    first = min(changed)
    new = max(message.id for message in trajectory.messages) + 1
    branch = [
        changed.get(at, message).model_copy(
            update={"id": new + at - first, "parent": _parent(path, at, first, new)}
        )
        for at, message in enumerate(path[:upto])
        if at >= first
    ]
    pairs = list(trajectory.preferences)
    if all(message.role == "assistant" for message in changed.values()):
        pairs.append(Preference(chosen=branch[-1].id, rejected=path[-1].id, by=by))
    return trajectory.model_copy(
        update={
            "messages": [*trajectory.messages, *branch],
            "main": branch[-1].id,
            "preferences": pairs,
            "user_query": _query(trajectory, path, changed),
            "verdicts": [],
            **dict.fromkeys(("score", "review_score", "rater_score", "rate_model",
                             "rater_explanation")),
        }
    )  # fmt: skip


def _query(trajectory: Trajectory, path: list[Message], changed: dict[int, Message]) -> str:
    """What the user asked for: other words where the first of the user's messages is edited."""
    first = next((at for at, message in enumerate(path) if message.role == "user"), None)
    edited_first = None if first is None else changed.get(first)
    return trajectory.user_query if edited_first is None else edited_first.content or ""


def changed_messages(trajectory: Trajectory, revision: Revision) -> list[tuple[Message, Message]]:
    """Each message that is edited, as it was and as it is. Raises `EditRefused`."""
    path = trajectory.path()
    changed = _changed(trajectory, path, revision)
    _end(path, revision, changed)
    return [(path[at], message) for at, message in sorted(changed.items())]


def _changed(trajectory: Trajectory, path: list[Message], revision: Revision) -> dict[int, Message]:
    """The edited messages by their place on the branch."""
    places = {message.id: at for at, message in enumerate(path)}
    changed: dict[int, Message] = {}
    for edit in revision.edits:
        at = places.get(edit.message)
        if at is None:
            raise EditRefused(f"message {edit.message} is not on the main branch")
        if at in changed:
            raise EditRefused(f"message {edit.message} is edited twice; say it once")
        now = _said_otherwise(trajectory, path[at], edit)
        if now != path[at]:
            changed[at] = now
    if not changed:
        raise EditRefused("nothing is changed; edit something, or accept the conversation")
    return changed


def _said_otherwise(trajectory: Trajectory, message: Message, edit: Edit) -> Message:
    where = f"message {message.id}"
    if message.role not in ("user", "assistant"):
        raise EditRefused(f"{where}: only what the user or the assistant said can be edited")
    now = message
    if edit.content is not None and edit.content != (message.content or ""):
        if not edit.content.strip() and not message.tool_calls:
            raise EditRefused(f"{where}: it would say nothing; write something")
        now = now.model_copy(update={"content": edit.content or None})
    calls = list(message.tool_calls or ())
    for place, text in edit.arguments.items():
        if not 0 <= place < len(calls):
            raise EditRefused(f"{where}: it makes {len(calls)} calls, there is no number {place}")
        if text != calls[place].function.arguments:
            calls[place] = _called_otherwise(trajectory, calls[place], text, where)
    if calls != list(message.tool_calls or ()):
        now = now.model_copy(update={"tool_calls": calls})
    # A thought led to what was said, not to what stands there now.
    return now if now == message else now.model_copy(update={"thought": None})


def _called_otherwise(
    trajectory: Trajectory, call: ToolCallPart, text: str, where: str
) -> ToolCallPart:
    name = call.function.name
    spec = next((tool for tool in trajectory.tools if tool.name == name), None)
    if spec is None:
        raise EditRefused(f"{where}: {name} is not documented, so its arguments cannot be checked")
    try:
        wrong = check_arguments(spec, orjson.loads(text))
    except (ValueError, RecursionError) as error:
        if isinstance(error, SchemaUnusable):
            raise EditRefused(f"{where}: {name}: {error}") from None
        raise EditRefused(f"{where}: {name}: the arguments are no JSON: {error}") from None
    if wrong:
        raise EditRefused(f"{where}: {name}: {'; '.join(wrong)}")
    return call.model_copy(
        update={"function": call.function.model_copy(update={"arguments": text})}
    )


def _end(path: list[Message], revision: Revision, changed: dict[int, Message]) -> int:
    """The place after the edited branch's last message."""
    if revision.last is None:
        return len(path)
    at = next((at for at, message in enumerate(path) if message.id == revision.last), None)
    if at is None or at < max(changed):
        raise EditRefused(
            f"the conversation cannot end at message {revision.last}: "
            "choose the last edited message, or one after it on the main branch"
        )
    return at + 1


def _parent(path: list[Message], at: int, first: int, new: int) -> int | None:
    """Of the copy of the message at a place: the copy before it, or where the branches part."""
    return new + at - first - 1 if at > first else path[first].parent
