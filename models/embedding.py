"""Encoders: texts to vectors whose inner product says how near two texts are in meaning.

Which encoder ranks decides which tool is found, so that the choice is never silent: it has a name
for people and a digest for caches and for the record of a run. `auto` is the one that the
environment variable `CALLSHEET_ENCODER` names, else the best that is installed. What is heavy is
imported when the first text is encoded; every encoder computes in one thread.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from .errors import ModelUnavailable

AUTO = "auto"
VARIABLE = "CALLSHEET_ENCODER"
MAX_CHARACTERS = 16_384
"""Characters of a text that are looked at; no encoder reads as many tokens."""


class Encoder(Protocol):
    """Makes vectors of texts. Two are equal where they are the same object."""

    def __hash__(self) -> int: ...

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def digest(self) -> str:
        """Hex digest of all that its vectors depend on; known before anything is loaded."""
        ...

    @property
    def sparse(self) -> bool:
        """Whether a vector is a mapping from dimension to value, the others being 0."""
        ...

    def encode(self, texts: Sequence[str]) -> Any:
        """L2-normalised vectors, one a text: an array of float32 (n, d), or n mappings.

        Any text can be encoded, an empty one too. Raises `ModelUnavailable` where the model
        cannot be loaded.
        """
        ...


SparseVector = Mapping[int, float]

_MADE_BY = {
    "paraphrase-minilm-l3": "onnx:ParaphraseMiniLM",
    "all-minilm-l6": "sentence:AllMiniLM",
    "wordllama": "wordllama:WordLlamaEncoder",
    "lexical": "lexical:LexicalEncoder",
}
"""`module:class` in `encoders`, the best first."""
NAMES = tuple(_MADE_BY)


def encoder(name: str = AUTO) -> Encoder:
    """The encoder of that name, one object a process: one of `NAMES`, `auto`, or the path of a
    sentence-transformers folder.

    Raises `ModelUnavailable` for what is not installed, and `ValueError` for an unknown name.
    """
    if name == AUTO:
        name = os.environ.get(VARIABLE) or AUTO
    return _best() if name == AUTO else _made(name)


def encodable_text(text: str) -> str:
    """`text` as encoders take it: cut to `MAX_CHARACTERS`, with a mark for half a surrogate."""
    return text[:MAX_CHARACTERS].encode("utf-8", "replace").decode()


@lru_cache(maxsize=1)
def _best() -> Encoder:
    for name in NAMES:
        try:
            return _made(name)
        except ModelUnavailable:
            continue
    raise AssertionError("the lexical encoder needs nothing")


@lru_cache(maxsize=8)
def _made(name: str) -> Encoder:
    if name in _MADE_BY:
        module, attribute = _MADE_BY[name].split(":")
        make: Callable[[], Encoder] = getattr(
            import_module(f".encoders.{module}", __package__), attribute
        )
        return make()
    folder = Path(name).expanduser()
    if folder.is_dir():
        from .encoders.sentence import SentenceEncoder

        return SentenceEncoder(folder)
    close = difflib.get_close_matches(name, [AUTO, *NAMES], n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are {AUTO}, {', '.join(NAMES)}"
    raise ValueError(f"unknown encoder {name!r}, and no such folder; {hint}")
