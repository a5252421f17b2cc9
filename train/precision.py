"""Which number type the matrix products run in, on the machine at hand."""

from __future__ import annotations

from typing import Literal

Compute = Literal["float32", "bfloat16"]


def fastest_type(device: str) -> Compute:
    """bfloat16 where `device` (cpu or cuda) multiplies it natively, else float32.

    Without such instructions bfloat16 is emulated and many times slower. Raises `ImportError`
    without torch.
    """
    import torch

    if device == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        native = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return "bfloat16" if native else "float32"


def best_device(wanted: Literal["auto", "cpu", "cuda"] = "auto") -> Literal["cpu", "cuda"]:
    """`wanted`, or for auto the GPU where there is one. Raises `ImportError` without torch."""
    if wanted != "auto":
        return wanted
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"
