"""A person as the user: says what is typed, and nothing of a plan's.

Stands where a `UserAgent` stands. What the person says comes from a model client like anybody
else's words, so that it is recorded and a conversation with a person can be replayed and forked.
"""

from __future__ import annotations

from autogen_core import CancellationToken
from autogen_core.models import ChatCompletionClient, UserMessage

from .brief import UserReply
from .user import SILENCE, UserTurn


class HumanUser:
    """The person of one conversation, which is one open request that ends when they say so."""

    def __init__(self, model_client: ChatCompletionClient) -> None:
        """`model_client` answers each prompt, the assistant's latest words, with a `UserReply`; an
        empty message ends the conversation."""
        self._client = model_client

    async def next(
        self, heard: str | None, cancellation_token: CancellationToken | None = None
    ) -> UserTurn:
        """The person's next message, after hearing the assistant's words (None: nothing yet)."""
        prompt = (
            [] if heard is None else [UserMessage(content=heard or SILENCE, source="assistant")]
        )
        result = await self._client.create(prompt, cancellation_token=cancellation_token)
        assert isinstance(result.content, str)
        reply = UserReply.model_validate_json(result.content)
        done = not reply.message
        return UserTurn(message=reply.message, step=1 if done else 0, met=reply.step_met, done=done)
