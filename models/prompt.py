"""The digest of a prompt: how records and caches name what a model was asked."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from autogen_core.models import LLMMessage

from ..trajectories.canonical import canonical, encodable
from .messages import chat_messages


def prompt_digest(messages: Sequence[LLMMessage]) -> str:
    """Hex BLAKE2b-128 over the digests of the messages in OpenAI's chat shape.

    Made of one digest a message, so that a growing prompt is digested by its new messages only.
    """
    joined = b"".join(_digest(message) for message in chat_messages(messages))
    return hashlib.blake2b(joined, digest_size=16).hexdigest()


def _digest(message: dict[str, object]) -> bytes:
    try:
        payload = canonical(message)
    except TypeError:
        payload = canonical(encodable(message)[0])
    return hashlib.blake2b(payload, digest_size=16).digest()
