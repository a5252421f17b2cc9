"""The identity of a run: what must be equal between two runs that claim to be the same.

Canonical bytes of all events without their ambient part, ordered by (episode, seq).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from .event import Event
from .log import read_episodes


def episode_identity(events: Iterable[Event]) -> str:
    """Hex BLAKE2b-128 of the canonical bytes of one episode's events, in order."""
    hasher = hashlib.blake2b(digest_size=16)
    for event in events:
        hasher.update(event.identity())
        hasher.update(b"\n")
    return hasher.hexdigest()


def run_identity(run: Path) -> tuple[str, dict[str, str]]:
    """The run's digest, and those of its episodes by id. Raises `LogDamaged`."""
    episodes = {episode: episode_identity(events) for episode, events in read_episodes(run)}
    hasher = hashlib.blake2b(digest_size=16)
    for episode in sorted(episodes):
        hasher.update(f"{episode} {episodes[episode]}\n".encode())
    return hasher.hexdigest(), episodes
