"""A served base has the very weights that the adapter was trained over."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
from tiny_model import tiny_checkpoint

from callsheet.models.quantized import Rounding, round_weights
from callsheet.train.config import QuantizationConfig

torch = pytest.importorskip("torch", reason="needs the train extra")
pytest.importorskip("bitsandbytes", reason="needs the train extra")


def load(path: Path, **options: Any) -> Any:
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(
        path, dtype=torch.float32, local_files_only=True, **options
    ).eval()


def test_a_kernel_that_is_never_used_is_not_said_to_be_missing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    from bitsandbytes.backends.cpu.ops import logger

    said = "Failed to load CPU gemm_4bit_forward from kernels-community: %s. Please make sure"
    logger.warning(said, ImportError("No module named 'kernels'"))
    logger.warning("Another warning")
    assert caplog.messages == ["Another warning"]


@pytest.mark.parametrize("kind", ["nf4", "fp4"])
@pytest.mark.parametrize("double", [True, False])
def test_it_answers_as_the_model_in_training_does(
    tmp_path: Path, kind: Literal["nf4", "fp4"], double: bool
) -> None:
    from transformers import BitsAndBytesConfig

    path = tiny_checkpoint(tmp_path / "base")
    trained_over = load(
        path,
        quantization_config=BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type=kind,
            bnb_4bit_use_double_quant=double,
            bnb_4bit_compute_dtype=torch.float32,
        ),
        device_map={"": "cpu"},
    )
    whole, served = load(path), load(path)
    round_weights(served, Rounding(kind=kind, double=double))
    tokens = torch.arange(5, 45).reshape(2, 20)
    with torch.inference_mode():
        want = trained_over(input_ids=tokens).logits
        got = served(input_ids=tokens).logits
        before = whole(input_ids=tokens).logits
    # The 4-bit product sums in lower precision.
    assert 10 * (got - want).abs().max() < (before - want).abs().max()


def test_what_an_unquantized_training_says() -> None:
    assert QuantizationConfig(bits=16).rounding is None
    assert QuantizationConfig(kind="fp4", double=False).rounding == Rounding(
        kind="fp4", double=False
    )
