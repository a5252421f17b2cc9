"""The adapter's card: what it was trained on, how, and with which versions."""

from __future__ import annotations

import hashlib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from .config import TrainConfig
from .metrics import StepMetrics
from .samples import SampleReport

PACKAGES = ("callsheet", "torch", "transformers", "peft", "trl", "bitsandbytes", "accelerate")


class TrainResult(BaseModel):
    """What a finished training run left behind; `train.json` in its folder."""

    schema_version: int = 1
    adapter: str
    """Folder of the adapter, relative to the run's."""
    base: str
    config_digest: str
    data_digest: str
    """Over the tokens and labels of the samples."""
    base_digest: str
    """Over the base model's weight files."""
    adapter_digest: str
    steps: int
    stopped: str
    """Why training ended: all steps, or the time limit."""
    seconds: float
    seconds_per_step: float
    first_loss: float
    last_loss: float
    """Means over the first and the last tenth of the steps."""
    samples: SampleReport
    versions: dict[str, str]
    device: str


def installed_versions() -> dict[str, str]:
    found: dict[str, str] = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def weights_digest(folder: Path) -> str:
    """Hex BLAKE2b-128 over the names and bytes of the folder's safetensors files."""
    hasher = hashlib.blake2b(digest_size=16)
    for path in sorted(folder.glob("*.safetensors")):
        hasher.update(path.name.encode() + b"\n")
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                hasher.update(block)
    return hasher.hexdigest()


def mean_loss(metrics: list[StepMetrics], *, last: bool) -> float:
    """The mean over the first or last tenth of the steps, at least one."""
    if not metrics:
        return float("nan")
    share = max(1, len(metrics) // 10)
    part = metrics[-share:] if last else metrics[:share]
    return sum(m.loss for m in part) / len(part)


def card(config: TrainConfig, result: TrainResult) -> str:
    """The card in Markdown, with the front matter that model hubs read."""
    rows: list[tuple[str, Any]] = [
        ("base", f"{result.base} (weights {result.base_digest})"),
        ("adapter weights", result.adapter_digest),
        ("data", f"{result.samples.trained} samples, digest {result.data_digest}"),
        ("trajectories", f"{result.samples.accepted} accepted of {result.samples.trajectories}"),
        ("accepted when", f"{config.accept.field} >= {config.accept.at_least:g}"),
        ("tokens", f"{result.samples.tokens}, {result.samples.labelled_tokens} with loss"),
        ("config digest", result.config_digest),
        ("steps", f"{result.steps} ({result.stopped})"),
        ("loss", f"{result.first_loss:.3f} -> {result.last_loss:.3f}"),
        (
            "time",
            f"{result.seconds:.0f} s on {result.device}, {result.seconds_per_step:.2f} a step",
        ),
    ]
    table = "\n".join(f"| {name} | {value} |" for name, value in rows)
    versions = ", ".join(f"{name} {number}" for name, number in result.versions.items())
    return f"""---
library_name: peft
tags: [callsheet, tool-calling, qlora]
---
# {config.name}: a QLoRA adapter for tool calling

Trained by callsheet on simulated conversations with tools, with loss on the assistant's own
tokens only. Use it with callsheet's chat template; another template gives it prompts that it has
never seen.

| | |
|---|---|
{table}

Versions: {versions}.

The config:

```json
{config.model_dump_json(indent=2)}
```

The data are what the simulation's rule-based agents said and did, so the adapter has learned a
form (read the schemas, copy what was said, call) and no knowledge of the world.
"""
