"""Training: trajectories become samples, samples become a QLoRA adapter with a card.

May import simulation and everything below it. torch, transformers, peft, trl and bitsandbytes
are the `train` extra and are imported inside functions, so that importing this folder is cheap.
"""

from .augment import AugmentConfig
from .config import TrainConfig, load_train_config
from .filters import ScoreFilter
from .samples import LabelMissing, Sample, SampleReport, build_samples

__all__ = [
    "AugmentConfig",
    "LabelMissing",
    "Sample",
    "SampleReport",
    "ScoreFilter",
    "TrainConfig",
    "build_samples",
    "load_train_config",
]
