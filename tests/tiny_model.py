"""A tokenizer and a model that need no download and no time. For tests with the train extra."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from callsheet.train.config import TrainConfig

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")


def byte_tokenizer() -> Any:
    """One token a byte, and ChatML's marks."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {char: at for at, char in enumerate([*SPECIAL, *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(mark, special=True) for mark in SPECIAL])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<|im_start|>",
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        clean_up_tokenization_spaces=False,
    )


def tiny_checkpoint(folder: Path) -> Path:
    """A random Llama with two layers, saved with its tokenizer."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    tokenizer = byte_tokenizer()
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=4096,
        tie_word_embeddings=True,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def tiny_training(folder: Path) -> TrainConfig:
    """Two steps of training such a model; skips the test without the train extra."""
    for module in ("torch", "trl", "peft", "bitsandbytes", "llguidance"):
        pytest.importorskip(module, reason="needs the train extra")
    return TrainConfig.model_validate(
        {
            "name": "tiny",
            "base": str(tiny_checkpoint(folder / "base")),
            "samples": {"max_length": 6000},
            "lora": {"rank": 2, "alpha": 4},
            "batch_size": 1,
            "accumulate": 1,
            "max_steps": 2,
            "device": "cpu",
        }
    )
