"""One training in a process of its own, to be killed or launched several times:
python train_run.py BASE OUT STEPS [sft|packed|mixture|dpo|start]."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

from conversations import result, trajectory

from callsheet.train import dpo, sft
from callsheet.train.config import TrainConfig
from callsheet.train.pairs import PairConfig, PairReport, score_pairs
from callsheet.trajectories.trajectory import Trajectory


def config(steps: int, **changes: Any) -> TrainConfig:
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
        | changes
    )


def answers() -> list[Trajectory]:
    """Two models' answers to the same four queries, one well rated and one badly."""
    found = []
    for number in range(4):
        asked = [{"role": "user", "content": f"How many of item {number}?"}]
        calls = trajectory().chat()[6]
        good = [*asked, calls, result({"units": 3}, 1), {"role": "assistant", "content": "Three."}]
        bad = [*asked, {"role": "assistant", "content": "I would not know that, sorry."}]
        for model, rating, messages in (("one", 5.0, good), ("two", 2.0, bad)):
            told = trajectory(f"{model}{number}", messages=messages)
            found.append(told.model_copy(update={"model_name": model, "rater_score": rating}))
    return found


def pairs() -> list[Trajectory]:
    return list(score_pairs(answers(), PairConfig(), PairReport()))


def mixture(folder: Path) -> dict[str, Any]:
    """Two sources in files."""
    folder.mkdir(exist_ok=True)
    sources = []
    for name, weight in (("a", 1.0), ("b", 2.0)):
        path = folder / f"{name}.jsonl"
        told = [
            trajectory(f"{name}{at}").model_copy(update={"user_query": f"{name} {at}"})
            for at in range(12)
        ]
        path.write_text("".join(one.model_dump_json() + "\n" for one in told))
        sources.append({"name": name, "path": str(path), "weight": weight})
    return {"sources": sources, "evaluation": 0.3, "buffer": 5}


def run(base: Path, out: Path, steps: int, kind: str = "sft") -> None:
    lock = threading.Lock()

    def say(stage: str, done: int, total: int, line: str) -> None:
        with lock:  # As a terminal has one, which cannot be pickled.
            print(stage, done, flush=True)

    held_out = [trajectory(f"h{at}") for at in range(3)]
    given = [trajectory(f"e{at}") for at in range(3)]
    plain = {"augment": None, "held_out": {"every": 3}}
    if kind == "sft":
        sft.train(config(steps), given, out, base=base, on_progress=say)
    elif kind == "packed":
        samples = {"copies": 8, "max_length": 4000, "packing": True}
        told = config(steps, samples=samples, held_out={"every": 3})
        sft.train(told, given, out, base=base, held_out=held_out, on_progress=say)
    elif kind == "mixture":
        told = config(steps, mixture=mixture(out.parent / "sources"), **plain)
        sft.train(told, (), out, base=base, on_progress=say)
    else:
        start = {"start": str(out.parent / "sft" / "adapter")} if kind == "start" else {}
        told = config(steps, method="dpo", learning_rate=0.001, **plain, **start)
        dpo.train(told, pairs(), out, base=base, held_out=pairs()[:2], on_progress=say)


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
