"""An adapter and its base as one checkpoint, in safetensors.

The base is rounded as it was in training first: the adapter has learnt to make up for that. The
tokenizer gets the chat template that the adapter was trained with, so that transformers and vLLM
write prompts as it knows them. Other forms (GGUF) are for their own converters, which read this
one; no library that callsheet uses writes them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..models.adapted import MARK, configured, made_ready
from ..models.checkpoint import whole_folder
from ..models.errors import ModelUnavailable
from ..models.quantized import Rounding, round_weights
from .fitting import TEMPLATE


def merged(adapter: Path, out: Path, *, base: str | None = None) -> Path:
    """Write the checkpoint into `out`, which is whole afterwards or absent.

    `adapter`: PEFT's folder, or that of a whole training. `base`: `smollm2`, a checkpoint's folder
    or a configured model; None: the folder that the adapter names.
    Raises `ModelUnavailable` where something is missing or does not fit, and `FileExistsError`
    where `out` has files already.
    """
    if out.exists() and any(out.iterdir()):
        raise FileExistsError(17, "has files already; choose another folder", str(out))
    file, _ = configured(f"{base or _named_base(adapter)}{MARK}{adapter}")
    made_ready(file)
    folder = Path(file.config["adapter"])
    rounding = file.config.get("rounding")
    model, tokenizer = _merged(
        Path(file.config["path"]), folder, Rounding.model_validate(rounding) if rounding else None
    )
    if (folder / TEMPLATE).is_file():
        tokenizer.chat_template = (folder / TEMPLATE).read_text(encoding="utf-8")
    with whole_folder(out) as beside:
        model.save_pretrained(beside)
        tokenizer.save_pretrained(beside)
    return out


def _named_base(adapter: Path) -> str:
    """The base's folder, as PEFT wrote it down."""
    from peft import PeftConfig

    inner = adapter / "adapter"
    folder = inner if (inner / "adapter_config.json").is_file() else adapter
    try:
        name = PeftConfig.from_pretrained(folder).base_model_name_or_path
    except (OSError, ValueError):
        raise ModelUnavailable(f"{adapter}: no adapter here (no adapter_config.json)") from None
    if not name or not (Path(name) / "config.json").is_file():
        raise ModelUnavailable(f"{adapter}: its base {name} is not there; name it with --base")
    return str(Path(name).resolve())


def _merged(base: Path, adapter: Path, rounding: Rounding | None) -> tuple[Any, Any]:
    try:
        import torch
        from peft import PeftModel
        from transformers import AutoModelForCausalLM, AutoTokenizer
    except ImportError as error:
        raise ModelUnavailable(
            f"merging needs the extra: pip install callsheet[train] (no module {error.name})"
        ) from error
    try:
        model = AutoModelForCausalLM.from_pretrained(
            base, dtype=torch.float32, local_files_only=True
        )
        if rounding is not None:
            round_weights(model, rounding)
        over = PeftModel.from_pretrained(model, adapter, local_files_only=True)
        return over.merge_and_unload(), AutoTokenizer.from_pretrained(base, local_files_only=True)
    except (OSError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:300]
        raise ModelUnavailable(f"{adapter}: cannot be merged into {base} ({reason})") from None
