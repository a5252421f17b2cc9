"""One training in a process of its own, to be killed: python train_run.py BASE OUT STEPS."""

from __future__ import annotations

import sys
from pathlib import Path

from conversations import trajectory

from callsheet.train.config import TrainConfig
from callsheet.train.sft import train


def config(steps: int) -> TrainConfig:
    return TrainConfig.model_validate(
        {
            "name": "tiny",
            "samples": {"copies": 8, "max_length": 4000},
            "lora": {"rank": 4, "alpha": 8},
            "learning_rate": 0.01,
            "batch_size": 2,
            "accumulate": 1,
            "max_steps": steps,
            "save_every": 2,
            "device": "cpu",
        }
    )


def run(base: Path, out: Path, steps: int) -> None:
    train(
        config(steps),
        [trajectory(f"e{at}") for at in range(3)],
        out,
        base=base,
        on_progress=lambda stage, done, total, line: print(stage, done, flush=True),
    )


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
