"""The adapter's card: what it was trained on, how, and with which versions."""

from __future__ import annotations

import hashlib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import Field

from ..models.adapted import AdapterRecord
from .config import TrainConfig
from .metrics import HeldOutMetrics, StepMetrics
from .samples import SampleReport

PACKAGES = ("callsheet", "torch", "transformers", "peft", "trl", "bitsandbytes", "accelerate")


class TrainResult(AdapterRecord):
    """What a finished training run left behind; `train.json` in its folder."""

    schema_version: int = 1
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
    first_margin: float | None = None
    last_margin: float | None = None
    """dpo: the reward margins' means over the same."""
    held_out: list[HeldOutMetrics] = Field(default_factory=list)
    """The measurements on held-out data, from before the first step to the end."""
    held_out_samples: SampleReport | None = None
    start_digest: str | None = None
    """Over the weights of the adapter that training went on with; None: a fresh one."""
    drawn: list[str] = Field(default_factory=list)
    """What each source of a mixture gave."""
    processes: int = 1
    own_template: bool = True
    """Whether it was trained with callsheet's chat template; the one that it was trained with lies
    in the adapter's folder."""
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


def mean_margin(metrics: list[StepMetrics], *, last: bool) -> float | None:
    """The same of the reward margins; None where there are none."""
    margins = [m.reward_margin for m in metrics if m.reward_margin is not None]
    if not margins:
        return None
    share = max(1, len(margins) // 10)
    return sum(margins[-share:] if last else margins[:share]) / share


def _filter(config: TrainConfig) -> str:
    if config.mixture is not None:
        return "as each source says"
    if config.method == "dpo":
        return "preferred"
    keep = config.accept
    return "always" if keep is None else f"{keep.field} >= {keep.at_least:g}"


def _measurements(result: TrainResult) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    if result.first_margin is not None:
        rows.append(("reward margin", f"{result.first_margin:.4f} -> {result.last_margin:.4f}"))
    if result.held_out and result.held_out_samples:
        first, last = result.held_out[0].held_out_loss, result.held_out[-1].held_out_loss
        number = result.held_out_samples.trained
        rows.append(("held-out loss", f"{first:.3f} -> {last:.3f} ({number} samples)"))
    return rows


_OWN = "callsheet's chat template; another template gives it prompts that it has\nnever seen."
_OTHER = "the chat template beside it (`chat_template.jinja`)."


def card(config: TrainConfig, result: TrainResult) -> str:
    """The card in Markdown, with the front matter that model hubs read."""
    rows: list[tuple[str, Any]] = [
        ("base", f"{result.base} (weights {result.base_digest})"),
        ("adapter weights", result.adapter_digest),
        ("data", f"{result.samples.trained} samples, digest {result.data_digest}"),
        ("trajectories", f"{result.samples.accepted} accepted of {result.samples.trajectories}"),
        ("accepted when", _filter(config)),
        ("tokens", f"{result.samples.tokens}, {result.samples.labelled_tokens} with loss"),
        ("config digest", result.config_digest),
        ("steps", f"{result.steps} ({result.stopped})"),
        ("loss", f"{result.first_loss:.3f} -> {result.last_loss:.3f}"),
        *_measurements(result),
        (
            "time",
            f"{result.seconds:.0f} s on {result.device}, {result.seconds_per_step:.2f} a step",
        ),
        *[("source", line) for line in result.drawn],
        *[("note", line) for line in result.samples.template],
    ]
    table = "\n".join(f"| {name} | {value} |" for name, value in rows)
    versions = ", ".join(f"{name} {number}" for name, number in result.versions.items())
    return f"""---
library_name: peft
tags: [callsheet, tool-calling, qlora]
---
# {config.name}: a QLoRA adapter for tool calling

Trained by callsheet on conversations with tools ({config.method}), with loss on the assistant's own
tokens only. Use it with {_OWN if config.samples.template == "own" else _OTHER}

| | |
|---|---|
{table}

Versions: {versions}.

The config:

```json
{config.model_dump_json(indent=2)}
```

Where the data are what the simulation's rule-based agents said and did, the adapter has learned a
form (read the schemas, copy what was said, call) and no knowledge of the world.
"""
