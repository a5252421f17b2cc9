"""WordLlama: averaged token vectors distilled from a large model's, from the package `wordllama`,
which has both the weights and the vocabulary. Small and quick, and blind to the order of words."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..errors import ModelUnavailable


class WordLlamaEncoder:
    """See `Encoder`; 256 dimensions."""

    name = "wordllama"
    sparse = False

    def __init__(self) -> None:
        """Raises `ModelUnavailable` where the package is not installed."""
        found = find_spec("wordllama")
        if found is None or found.origin is None:
            raise ModelUnavailable("the encoder wordllama needs its package: pip install wordllama")
        self._folder = Path(found.origin).parent

    @cached_property
    def digest(self) -> str:
        identity = f"wordllama {version('wordllama')} {version('tokenizers')}"
        return hashlib.blake2b(identity.encode(), digest_size=16).hexdigest()

    def encode(self, texts: Sequence[str]) -> Any:
        import numpy

        if not texts:
            return numpy.zeros((0, 256), dtype=numpy.float32)
        rows = numpy.concatenate([self._model.embed([text]) for text in texts])
        lengths = numpy.linalg.norm(rows, axis=1, keepdims=True)
        # A text without a known token is near to nothing.
        return (rows / numpy.where(lengths > 0, lengths, 1)).astype(numpy.float32)

    @cached_property
    def _model(self) -> Any:
        try:
            from wordllama import WordLlama

            return WordLlama.load(cache_dir=self._folder, disable_download=True)
        except Exception as error:
            first = next(iter(str(error).splitlines()), type(error).__name__)
            raise ModelUnavailable(f"the encoder wordllama cannot be loaded: {first}") from None
