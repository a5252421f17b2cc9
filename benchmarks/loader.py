"""Trajectories a second out of the mixing loader, beside a plain Hugging Face pipeline.

    python benchmarks/loader.py [--trajectories 100000] [--steps 3]

Three sources of made trajectories (3:2:1 in size; tools, a system prompt, two to five turns) are
mixed 0.5 : 0.3 : 0.2 with a filter each, a buffer of 1,000 and 5 % held out. Beside it, what
`datasets` alone offers for the same, without the split and without a resume that is exact:
`from_generator`, `filter`, `shuffle(1000)`, `interleave_datasets`. All yield parsed JSON; nothing
is tokenized. The bar: 20,000 a second on one core, and loading under 5 % of a training step.

Then the step: forward and backward of a model of SmolLM2-135M's shape (random weights, LoRA,
8 sequences of 512 tokens, one thread) against reading and validating its 8 trajectories.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import orjson

from callsheet.tools import ToolSpec
from callsheet.train.mixing import Mixture, MixtureConfig, index_sources
from callsheet.trajectories.trajectory import Trajectory, line_of

WEIGHTS = {"errands": 0.5, "library": 0.3, "garden": 0.2}
SIZES = {"errands": 3, "library": 2, "garden": 1}
BATCH, TOKENS = 8, 512
WORDS = "please find move the last open order parcel plant book shelf of this week and tell me why"


def tools(chance: Random) -> list[ToolSpec]:
    def one(number: int) -> ToolSpec:
        fields = {
            name: {"type": "string", "description": words(chance, 8)}
            for name in ("place", "day", "owner")[: chance.randint(1, 3)]
        }
        return ToolSpec(
            name=f"tool_{number}",
            description=words(chance, 14),
            parameters={"type": "object", "properties": fields, "required": ["place"]},
        )

    return [one(number) for number in range(chance.randint(2, 5))]


def words(chance: Random, count: int) -> str:
    return " ".join(chance.choices(WORDS.split(), k=count))


def made(name: str, number: int, chance: Random) -> Trajectory:
    """A dialogue of two to five turns, each with a call."""
    messages: list[dict[str, Any]] = [{"role": "system", "content": words(chance, 40)}]
    for turn in range(chance.randint(2, 5)):
        call = {"name": f"tool_{turn % 2}", "arguments": f'{{"place": "{words(chance, 3)}"}}'}
        messages += [
            {"role": "user", "content": f"{number} {words(chance, 16)}"},
            {
                "role": "assistant",
                "tool_calls": [{"id": f"call_{turn}", "type": "function", "function": call}],
            },
            {"role": "tool", "tool_call_id": f"call_{turn}", "content": words(chance, 25)},
            {"role": "assistant", "content": words(chance, 25)},
        ]
    return Trajectory(
        id=f"{name}-{number}",
        scenario=name,
        environment=name,
        tools=tools(chance),
        messages=line_of(messages),
        user_query=str(messages[1]["content"]),
    )


def write(folder: Path, count: int) -> dict[str, Path]:
    """Three files of `count` trajectories in all: 500 dialogues each, told apart by query."""
    chance = Random(0)
    files = {}
    for name, parts in SIZES.items():
        files[name] = folder / f"{name}.jsonl"
        kinds = [made(name, n, chance).model_dump(mode="json") for n in range(500)]
        with files[name].open("wb") as file:
            for number in range(count * parts // sum(SIZES.values())):
                kind = kinds[number % len(kinds)]
                scored = {"score": chance.choice([0.5, 0.9, 1.0]), "rater_score": 4.5}
                changed = {"id": f"{name}-{number}", "user_query": f"{number} {kind['user_query']}"}
                file.write(orjson.dumps({**kind, **scored, **changed}) + b"\n")
    return files


def config(files: dict[str, Path]) -> MixtureConfig:
    accept = {
        "errands": {"field": "score", "at_least": 0.8},
        "library": {"field": "rater_score", "at_least": 4},
    }
    return MixtureConfig.model_validate(
        {
            "sources": [
                {"name": n, "path": p, "weight": WEIGHTS[n], "accept": accept.get(n)}
                for n, p in files.items()
            ]
        }
    )


def plain(files: dict[str, Path], whole: bool) -> Iterable[Any]:
    """The same from `datasets` alone: over whole records, or over lines that are parsed after."""
    from datasets import IterableDataset, interleave_datasets

    def lines(path: str) -> Iterator[dict[str, Any]]:
        with Path(path).open("rb") as file:
            for line in file:
                yield orjson.loads(line) if whole else {"line": line.decode()}

    fields = {"errands": ("score", 0.8), "library": ("rater_score", 4)}

    def good(row: dict[str, Any], name: str) -> bool:
        record = row if whole else orjson.loads(row["line"])
        field, least = fields.get(name, ("score", 0))
        return bool(record["outcome"]["status"] == "completed" and record[field] >= least)

    sources = [
        IterableDataset.from_generator(lines, gen_kwargs={"path": str(path)})
        .filter(good, fn_kwargs={"name": name})
        .shuffle(seed=0, buffer_size=1000)
        for name, path in files.items()
    ]
    mixed = interleave_datasets(sources, probabilities=list(WEIGHTS.values()), seed=0)
    return mixed if whole else (orjson.loads(row["line"]) for row in mixed)


def rate(make: Callable[[], Iterable[Any]], count: int, rounds: int = 3) -> float:
    """Median of items a second of processor time over rounds of `count`, start-up included."""
    found = []
    for _ in range(rounds):
        start = time.process_time()
        got = sum(1 for _ in islice(iter(make()), count))
        found.append(got / (time.process_time() - start))
    return statistics.median(found)


def memory(mixture: MixtureConfig) -> int:
    """Most bytes that reading ahead and a tenth of the draws have at once."""
    tracemalloc.start()
    drawn = Mixture(mixture, seed=0)
    for _ in islice(drawn, len(drawn) // 10):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def step_seconds(steps: int) -> float:
    """Median seconds of one training step on one thread."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.set_num_threads(1)
    shape = LlamaConfig(
        vocab_size=49152,
        hidden_size=576,
        intermediate_size=1536,
        num_hidden_layers=30,
        num_attention_heads=9,
        num_key_value_heads=3,
        tie_word_embeddings=True,
    )
    model = get_peft_model(LlamaForCausalLM(shape), LoraConfig(r=16, target_modules="all-linear"))
    found = []
    for _ in range(steps):
        start = time.process_time()
        for _ in range(BATCH):
            ids = torch.randint(0, shape.vocab_size, (1, TOKENS))
            model(input_ids=ids, labels=ids).loss.backward()
        found.append(time.process_time() - start)
    return statistics.median(found)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--trajectories", type=int, default=100_000)
    asked.add_argument("--steps", type=int, default=3, help="training steps; 0: none")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = write(Path(folder), options.trajectories)
        size = sum(path.stat().st_size for path in files.values())
        print(
            f"{options.trajectories:,} trajectories, {size / options.trajectories:,.0f} bytes each"
        )
        measure(files, options.trajectories, options.steps)


def measure(files: dict[str, Path], total: int, steps: int) -> None:
    mixture = config(files)
    start = time.process_time()
    index = index_sources(mixture)
    indexing = total / (time.process_time() - start)
    print(f"reading ahead (filter, split, digest): {indexing:9,.0f} a second of processor")
    count = min(total // 2, len(Mixture(mixture, seed=0, index=index)))

    def fresh() -> Mixture:
        return Mixture(mixture, seed=0, index=index)

    lines = rate(fresh, count)
    parsed = rate(lambda: (orjson.loads(record.line) for _, record in fresh()), count)
    valid = rate(lambda: (record.trajectory() for _, record in fresh()), count // 10)
    both = 1 / (1 / indexing + 1 / parsed)
    print(f"records, as they stand:                {lines:9,.0f}")
    print(f"records, parsed:                       {parsed:9,.0f}")
    print(f"  with the reading ahead, one pass:    {both:9,.0f} (bar 20,000)")
    print(f"records, validated as trajectories:    {valid:9,.0f}")
    print(f"memory at most: {memory(mixture) / 2**20:.1f} MiB")
    for whole, what in ((True, "records:            "), (False, "lines, parsed after:")):
        alone = rate(lambda whole=whole: plain(files, whole), count // 4, rounds=1)  # type: ignore[misc]
        print(f"datasets alone over {what} {alone:7,.0f}", end="")
        print(f"; we {parsed / alone:.1f} times that, {both / alone:.1f} with the reading ahead")
    if steps:
        step = step_seconds(steps)
        share = BATCH / valid / step
        print(f"a step: {step:.1f} s; its {BATCH} trajectories: {share:.4%} of it (bar 5 %)")


if __name__ == "__main__":
    main()
