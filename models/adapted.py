"""Names of models that need no YAML file: a checkpoint's folder, and a base with an adapter.

    ./merged                    a folder with a checkpoint; a path has a slash in it
    smollm2+out/adapter         a configured model's weights under a PEFT adapter
    ./base+out/adapter          the same over a folder with a checkpoint
    smollm2+                    the same weights in the same engine without an adapter

An adapter is the folder that PEFT wrote, or that of a whole training of `callsheet train`. Its
record (`train.json`) says how the base was rounded in training; an adapter without one is put
over the base as it is. The first `+` is the one that counts, so no base's path may have one.

All of these run in `models.huggingface`, so that base and adapter differ in the adapter alone.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from .errors import ModelUnavailable
from .model_file import Concurrency, ModelFile, find, read
from .quantized import Rounding
from .user_cache import user_cache

MARK = "+"
_BATCH = 8
"""Answers decoded together, and so calls at a time, where no file says otherwise."""
_RECORD = "train.json"
_ADAPTER = "adapter_config.json"


class AdapterRecord(BaseModel):
    """What whoever serves an adapter must know of its training; the rest of the record is not
    read here."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    adapter: str
    """Folder of the adapter, relative to the run's."""
    rounding: Rounding | None = None
    """How the base was held in training; None: as it is."""


def configured(name: str, search: Sequence[Path] = ()) -> tuple[ModelFile, str]:
    """The configuration behind a model's name, and what it is to be called in messages.

    Raises `ModelUnavailable` where there is no such model, folder or adapter.
    """
    base, mark, adapter = name.partition(MARK)
    if mark:
        return _over(base, adapter, search), name
    if _is_checkpoint(name):
        return _local({"path": str(_folder(name))}), name
    path = find(name, search)
    return read(path), str(path)


def made_ready(file: ModelFile) -> None:
    """Unpack SmolLM2's checkpoint where `file` wants it and it is not there yet (half a minute).

    Raises `ModelUnavailable` without the weights or the train extra, and `OSError`.
    """
    if file.config.get("path") == str(smollm2_checkpoint()):
        from .checkpoint import export_smollm2

        export_smollm2(smollm2_checkpoint())


def smollm2_checkpoint() -> Path:
    """Where SmolLM2's checkpoint is kept for all projects of the user."""
    return user_cache() / "checkpoints" / "SmolLM2-135M-Instruct"


def _over(base: str, adapter: str, search: Sequence[Path]) -> ModelFile:
    if _is_checkpoint(base):
        below = _local({"path": str(_folder(base))})
    else:
        below = _weights_of(base, search)
    if not adapter:
        return below
    folder, rounding = _adapter(_folder(adapter))
    over: dict[str, Any] = {"adapter": str(folder)}
    if rounding is not None:
        over["rounding"] = rounding.model_dump()
    return below.model_copy(update={"config": {**below.config, **over}})


def _weights_of(base: str, search: Sequence[Path]) -> ModelFile:
    """A configured model as a checkpoint, its other settings kept."""
    path = find(base, search)
    file = read(path)
    if file.kind == "huggingface":
        kept = {k: v for k, v in file.config.items() if k not in ("adapter", "rounding")}
        return file.model_copy(update={"config": kept})
    if file.kind != "smollm2":
        raise ModelUnavailable(
            f"{base}: an adapter needs the model's weights here, and {path} has none (its provider "
            f"is {file.kind}); give the folder of a checkpoint"
        )
    if file.config.get("path"):
        raise ModelUnavailable(
            f"{base}: an adapter needs a checkpoint, and {path} names a GGUF file; give the folder "
            "of the checkpoint that it was made from"
        )
    kept = {k: v for k, v in file.config.items() if k != "prompt_cache"}
    return _local({**kept, "path": str(smollm2_checkpoint())})


def _local(config: dict[str, Any]) -> ModelFile:
    return ModelFile(
        provider="huggingface",
        config={"batch_size": _BATCH, **config},
        concurrency=Concurrency(start=_BATCH, most=_BATCH),
    )


def _adapter(folder: Path) -> tuple[Path, Rounding | None]:
    """The adapter's own folder, and how the base below it is rounded."""
    if (folder / _ADAPTER).is_file():
        record = _record(folder.parent / _RECORD)
        ours = record is not None and record.adapter == folder.name
        return folder, record.rounding if ours and record else None
    record = _record(folder / _RECORD)
    if record is None or not (folder / record.adapter / _ADAPTER).is_file():
        raise ModelUnavailable(f"{folder}: no adapter here (neither {_ADAPTER} nor {_RECORD})")
    return folder / record.adapter, record.rounding


def _record(path: Path) -> AdapterRecord | None:
    try:
        return AdapterRecord.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise ModelUnavailable(f"{path}: no record of a training ({reason})") from None


def _is_checkpoint(name: str) -> bool:
    return os.sep in name and (_folder(name) / "config.json").is_file()


def _folder(name: str) -> Path:
    return Path(name).expanduser().resolve()
