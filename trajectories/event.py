"""The event: one line of an episode's log.

An event's identity is its canonical bytes without `ambient`; two runs are the same when the
identities of their events, ordered by (episode, seq), are.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from .canonical import canonical

SCHEMA_VERSION = 1
"""Version of every record that callsheet stores."""

Kind = Literal[
    "message",
    "tool_call",
    "tool_result",
    "model_call",
    "plan",
    "state_diff",
    "verdict",
    "decision",
    "status",
]
KINDS: tuple[str, ...] = get_args(Kind)


class Event(BaseModel):
    """One thing that happened in an episode."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    episode: str
    seq: int
    """Position in the episode, from 0, without gaps; written by the episode's journal alone."""
    kind: Kind
    source: str
    """Who caused it: user, assistant, tool, tester or driver."""
    data: dict[str, Any] = Field(default_factory=dict)
    ambient: dict[str, Any] = Field(default_factory=dict)
    """What differs between two runs of the same episode: wall clock, host, latency, retries."""

    def identity(self) -> bytes:
        """Canonical bytes without `ambient`."""
        return canonical([self.episode, self.seq, self.kind, self.source, self.data])

    def line(self) -> bytes:
        """The event as one line of a log segment, newline included."""
        return (
            canonical(
                {
                    "ambient": self.ambient,
                    "data": self.data,
                    "episode": self.episode,
                    "kind": self.kind,
                    "seq": self.seq,
                    "source": self.source,
                    "v": SCHEMA_VERSION,
                }
            )
            + b"\n"
        )
