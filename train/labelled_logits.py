"""Logits where a model learns, and nowhere else.

To project every position onto the whole vocabulary is a quarter of a small model's work, and labels
need a fifth of it. Where logits are the head's product with what the layers give, only that fifth
is projected. Models that scale or cap them after the head (Granite, Cohere, Gemma 2) are asked for
their own. Which a model is, is tried out on a few tokens, not known by name.

Imported only where training starts: this file needs the train extra at import time.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

import torch

from . import causal_blocks

_SHORT = 640
"""Tokens up to which plain attention is faster than torch's fused kernel on a processor, and its
score matrices small."""
_LONG = 1536
"""Tokens up to which what attention in blocks keeps for the gradients is as small: six bytes for
each score of plain attention, two for one of half of them."""

_GIVEN = ("input_ids", "position_ids", "attention_mask")
"""What a model is told of a batch. Where positions start again, attention does (transformers'
masking_utils)."""


class LabelledLogits:
    """The logits of one model; it may have an adapter in its layers."""

    def __init__(self, model: Any) -> None:
        """`model`: a causal language model of transformers."""
        self._model = model
        self._projects = _only_projects(model)
        self._chooses = "logits_to_keep" in inspect.signature(model.forward).parameters
        self._blocks = causal_blocks.attends_to_all(model)

    def __call__(self, inputs: Mapping[str, Any], chosen: Any) -> Any:
        """Logits of the tokens after the `chosen` positions (rows by all positions but the last),
        row by row."""
        model = self._model
        ids = inputs["input_ids"]
        packed = "position_ids" in inputs
        attention = _attention(model, ids.shape[1], ids.device.type, packed, self._blocks)
        model.set_attn_implementation(attention)
        given = {name: inputs[name] for name in _GIVEN if name in inputs}
        if attention in ("sdpa", causal_blocks.NAME) and not packed:
            # Padding stands behind the words, which see nothing behind them; and without a mask
            # the half of the scores that nothing sees is not computed.
            given.pop("attention_mask", None)
        if self._projects:
            hidden = model.base_model(**given, use_cache=False).last_hidden_state
            logits = model.get_output_embeddings()(hidden[:, :-1][chosen])
        elif self._chooses:
            # One choice for all rows: the positions that any of them has a label at.
            kept = chosen.any(0).nonzero()[:, 0]
            logits = model(**given, use_cache=False, logits_to_keep=kept).logits[chosen[:, kept]]
        else:
            logits = model(**given, use_cache=False).logits[:, :-1][chosen]
        return logits.float()


def _only_projects(model: Any) -> bool:
    """Whether its logits are its head's product with its layers' output, and nothing else."""
    layers, head = model.base_model, model.get_output_embeddings()
    if layers is model or head is None:
        return False
    learning = model.training
    model.eval()  # Dropout would give two answers to one question, and use up chance.
    ids = torch.arange(8, device=model.device)[None]
    with torch.no_grad():
        own = model(input_ids=ids, use_cache=False).logits
        projected = head(layers(input_ids=ids, use_cache=False).last_hidden_state)
    model.train(learning)
    # Exactly: a cap changes small logits little.
    return bool(torch.equal(own.float(), projected.float()))


def _attention(model: Any, length: int, device: str, packed: bool, blocks: bool) -> str:
    """The attention for rows of `length` tokens. On a processor, plain matrix products take less
    time than torch's fused kernel, in `blocks` (where the model can attend so and the rows are not
    packed) the least, but their memory grows with the square. On a GPU flash attention, where it is
    installed, leaves out what packed samples do not see. Models whose attention neither kernel
    computes (Gemma 2 caps its scores) have the plain one."""
    flash = packed and model._supports_flash_attn and find_spec("flash_attn") is not None
    if device == "cuda" and flash:
        return "flash_attention_2"
    if device == "cpu" and blocks and not packed and length <= _LONG:
        return causal_blocks.NAME
    short = device == "cpu" and length <= _SHORT
    return "eager" if short or not model._supports_sdpa else "sdpa"
