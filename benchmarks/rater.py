"""A rater that was trained beside the same model with the prompt alone, on labelled trajectories.

    python benchmarks/rater.py JUDGED.json OUT [--held-out 24] [--steps 24] [--longest 1500]

JUDGED.json is ToolAlpaca's `evaluation_outputs_*.json`: a judge's verdicts on process and answer
with its analysis. Verdicts become ratings (both right 5, the answer alone 3, the process alone 2,
none 1), the analysis their explanation; some are held out, the others train an adapter of SmolLM2.
Then the rules, the base with the prompt and the base with the adapter rate what was held out, and
the table is each one's agreement with the verdict on the answer.

Minutes on one core, about 3 GB. Not covered: what a rater of useful size would gain; with two dozen
held-out runs the intervals are wide.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from random import Random

from callsheet.agents.rater import Rater, RaterAgent
from callsheet.agents.rules import RulesRater
from callsheet.evaluation.agreement import agreement, agreement_lines
from callsheet.models.cache import AnswerCache
from callsheet.models.registry import load
from callsheet.pipelines.rating import answers_path, rate_file, rater_samples
from callsheet.train.config import LoraSettings, SampleConfig, TrainConfig
from callsheet.train.sft import train
from callsheet.trajectories.formats.convert import convert_file
from callsheet.trajectories.reading import read_trajectories
from callsheet.trajectories.trajectory import Trajectory

LABEL = "judged.response"
RATINGS = {("Yes", "Yes"): 5, ("No", "Yes"): 3, ("Yes", "No"): 2, ("No", "No"): 1}
_WORDS = 70
"""Of an explanation: what a small model can learn to write."""


def labelled(judged: Path, out: Path) -> list[Trajectory]:
    """Those with a rating, which the verdicts make, and the judge's words as explanation."""
    path = out / "labelled.jsonl"
    convert_file(judged, path)
    found = []
    for one in read_trajectories(path):
        judgement = one.other_information["judged"]
        rating = RATINGS.get((judgement["process"], judgement["response"]))
        if rating is None:
            continue
        words = str(judgement.get("analysis", "")).partition("## Results")[0].split()
        given = {
            "rater_score": float(rating),
            "rate_model": "labels",
            "rater_explanation": " ".join(words[:_WORDS]) or "no analysis",
        }
        found.append(one.model_copy(update=given))
    return found


def trained(examples: list[Trajectory], out: Path, steps: int, longest: int) -> Path:
    """An adapter of SmolLM2 that was trained on them; its run's folder."""
    config = TrainConfig(
        name="rater",
        samples=SampleConfig(max_length=1280),
        lora=LoraSettings(rank=8, alpha=16),
        learning_rate=5e-4,
        warmup_steps=2,
        batch_size=1,
        accumulate=1,
        max_steps=steps,
        gradient_checkpointing=True,
    )
    train(config, rater_samples(examples, longest), out)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_Raw)
    parser.add_argument("judged", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--held-out", type=int, default=24)
    parser.add_argument("--steps", type=int, default=24)
    parser.add_argument("--longest", type=int, default=1_500)
    parser.add_argument("--seed", type=int, default=5)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    found = labelled(given.judged, given.out)
    Random(f"rater/{given.seed}").shuffle(found)
    held_out = given.out / "held-out.jsonl"
    lines = [one.model_dump_json(exclude_none=True) for one in found[: given.held_out]]
    held_out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    run = trained(found[given.held_out :], given.out / "run", given.steps, given.longest)
    for name, model in (("rules", ""), ("base", "smollm2+"), ("trained", f"smollm2+{run}")):
        path = given.out / f"{name}.jsonl"
        rater: Rater = RulesRater()
        if model:
            client = load(model, cache=AnswerCache(answers_path(path)))
            rater = RaterAgent(client, name, longest=given.longest)
        rate_file(held_out, path, rater, concurrency=4)
        print("\n".join(agreement_lines(agreement(read_trajectories(path), LABEL))), flush=True)


class _Raw(argparse.RawDescriptionHelpFormatter):
    """Keeps the description's lines."""


if __name__ == "__main__":
    main()
