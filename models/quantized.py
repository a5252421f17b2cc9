"""A base model with the weights that its adapter was trained over.

QLoRA trains an adapter over a base in 4 bits: what it learns makes up for the rounding too.
Over the unrounded base it is another model, a tenth worse where that was measured. Here the
linear layers are rounded as in training (Dettmers et al. 2023, sections 3.1 and 3.2) and widened
again, so that they can be merged with the adapter and multiplied at full speed. Needs the train
extra.
"""

from __future__ import annotations

import logging
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


def _of_use(record: logging.LogRecord) -> bool:
    """Not a kernel for decoding in 4 bits, which callsheet never does: it is said to be missing
    wherever bitsandbytes (0.50) is first imported, by itself or by PEFT."""
    return "Failed to load CPU gemm_4bit_forward" not in str(record.msg)


logging.getLogger("bitsandbytes.backends.cpu.ops").addFilter(_of_use)


class Rounding(BaseModel):
    """How the base was held in training."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    kind: Literal["nf4", "fp4"] = "nf4"
    double: bool = True
    """Whether the quantization constants were quantized too."""


def round_weights(model: Any, rounding: Rounding) -> None:
    """Replace the weights of every linear layer but the last by their 4-bit values.

    `model`: a causal language model of transformers, on any device, of any floating type. The
    last layer, which projects onto the vocabulary, is held whole in training as well.
    Raises `ImportError` without torch or bitsandbytes.
    """
    import torch
    from bitsandbytes.functional import dequantize_4bit, quantize_4bit

    last = model.get_output_embeddings()
    for module in model.modules():
        if not isinstance(module, torch.nn.Linear) or module is last:
            continue
        weights = module.weight.data
        packed, state = quantize_4bit(
            weights.contiguous(), quant_type=rounding.kind, compress_statistics=rounding.double
        )
        module.weight.data = dequantize_4bit(packed, state).to(weights.dtype).reshape(weights.shape)
