"""A call that was started in an earlier sitting, and whose result is not in the log.

External calls are made at least once. One that may safely be made twice is simply made again; any
other is a person's decision, because it may have taken effect already.
"""

from __future__ import annotations


class UnconfirmedCall(RuntimeError):
    """Stops the run, resumable; the message is one line and says how to go on."""

    @classmethod
    def of(cls, episode: str, tool: str, ordinal: int) -> UnconfirmedCall:
        """For one call of an episode."""
        return cls(
            f"{episode}: {tool} (call {ordinal}) was started before the run stopped and may have "
            "taken effect, but its result is not in the log; resume with --repeat-started to make "
            "such calls again"
        )
