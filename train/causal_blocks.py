"""Attention of rows without a mask on a processor, block by block.

A block of queries is multiplied with the keys up to it and no others, by plain matrix products:
half the work of plain attention, and faster than torch's fused kernel. A training step of SmolLM2
(two rows, bfloat16, one thread) takes 7 % less time at 300 tokens than with plain attention, and
18 % less at 750 and 15 % less at 1200 than with the fused kernel. What is kept for the gradients
still grows with the square of the length.

Covers causal attention to all that went before. Imported only where training starts: this file
needs the train extra at import time.
"""

from __future__ import annotations

from typing import Any

import torch
from transformers import AttentionInterface

NAME = "causal_blocks"
"""What transformers knows this attention by."""

_BLOCK = 128
_OTHERS = ("attention_mask", "sliding_window", "softcap", "s_aux", "position_bias")
"""What a model may hand to its attention that is not computed here."""


def attends_to_all(model: Any) -> bool:
    """Whether the layers of a model of transformers attend to all that went before, by a function
    that can be exchanged, and so can attend by this one."""
    config = model.config
    kinds = set(getattr(config, "layer_types", None) or ()) - {"full_attention"}
    windowed = bool(kinds) or getattr(config, "sliding_window", None) is not None
    return bool(model._supports_sdpa and model._supports_attention_backend and not windowed)


def causal_blocks(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None = None,
    *,
    scaling: float | None = None,
    dropout: float = 0.0,
    **others: Any,
) -> tuple[torch.Tensor, None]:
    """The attention's output (rows by tokens by heads by width), as transformers calls for it.

    Of `query` there may be several heads to one of `key` and `value`. Raises `ValueError` where
    more is asked for, such as a mask or a window.
    """
    others["attention_mask"] = attention_mask
    asked = [name for name in _OTHERS if others.get(name) is not None]
    if asked:
        raise ValueError(f"attention in blocks takes no {asked[0]}")
    rows, heads, length, width = query.shape
    shared = key.shape[1]
    query = query * (width**-0.5 if scaling is None else scaling)
    query = query.reshape(rows, shared, heads // shared, length, width)
    later = torch.ones(_BLOCK, _BLOCK, dtype=torch.bool, device=query.device).triu(1)
    blocks = []
    for start in range(0, length, _BLOCK):
        end = min(length, start + _BLOCK)
        block = query[:, :, :, start:end].flatten(2, 3)
        scores = block @ key[:, :, :end].transpose(2, 3)
        # In place, and unknown to autograd: a weight of zero has no gradient anyway.
        diagonal = scores.detach().unflatten(2, (-1, end - start))[..., start:]
        diagonal.masked_fill_(later[: end - start, : end - start], float("-inf"))
        weights = torch.nn.functional.dropout(scores.softmax(-1), dropout)
        blocks.append((weights @ value[:, :, :end]).unflatten(2, (-1, end - start)))
    return torch.cat(blocks, 3).flatten(1, 2).transpose(1, 2), None


AttentionInterface.register(NAME, causal_blocks)
