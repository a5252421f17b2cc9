"""The agents' prompts: files in `agents/prompts`, read once a process.

A prompt's text decides what a model answers, so that `prompts_digest` belongs to every run's
record.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=64)
def prompt(name: str) -> str:
    """The text of `prompts/<name>.md`, without space around it.

    Raises `KeyError` for a prompt that does not exist.
    """
    known = _all()
    if name not in known:
        raise KeyError(f"no prompt named {name!r}; there are {', '.join(known)}")
    return known[name]


@lru_cache(maxsize=1)
def prompts_digest() -> str:
    """Hex BLAKE2b-128 over the names and texts of all prompts."""
    running = hashlib.blake2b(digest_size=16)
    for name, text in _all().items():
        running.update(f"{name}\0{text}\0".encode())
    return running.hexdigest()


@lru_cache(maxsize=1)
def _all() -> dict[str, str]:
    """Texts by name, in the order of the names."""
    folder = files(__package__) / "prompts"
    texts = {
        entry.name.removesuffix(".md"): entry.read_text("utf-8").strip()
        for entry in folder.iterdir()
        if entry.name.endswith(".md")
    }
    return dict(sorted(texts.items()))
