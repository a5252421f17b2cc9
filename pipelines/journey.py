"""The stages that demo and student share: simulate, train, evaluate, compare.

Each stage leaves its files in a folder of its own and does nothing where they are complete
already, so that a journey that was stopped anywhere goes on when it is started again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import orjson
from autogen_core.models import ChatCompletionClient
from pydantic import BaseModel, ConfigDict, Field

from ..evaluation.bootstrap import Gain, paired_gain
from ..evaluation.calls import Constraint, evaluate_calls, unanswered
from ..evaluation.episodes import EpisodeReport, evaluate_episodes
from ..evaluation.gold import CallItem, call_items
from ..evaluation.report import EvaluationReport, read_results
from ..models.errors import ModelUnavailable
from ..scenarios import load_scenarios, render
from ..simulation import Watchers, resume, simulate
from ..simulation.episodes import Progress as RunProgress
from ..simulation.run_directory import Execution, RunConfig, RunDirectory
from ..train.card import TrainResult
from ..train.config import TrainConfig
from ..train.precision import best_device, fastest_type
from ..train.sft import train
from ..trajectories.reading import read_trajectories
from ..trajectories.whole_file import write_whole

Progress = Callable[[str, int, int, str], None]
"""Told the stage, how much of it is done, of how much (0: unknown), and a line for people."""

PACKAGE = Path(__file__).parent.parent


class ToolsOverlap(ValueError):
    """Held-out scenarios use tools that were trained on; the message names them."""


class JourneyConfig(BaseModel):
    """What a journey from scenarios to a comparison is told."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    training: list[str] = Field(default_factory=lambda: [str(PACKAGE / "scenarios" / "training")])
    """Files, folders, globs or library names of the scenarios that are simulated."""
    heldout: list[str] = Field(default_factory=lambda: [str(PACKAGE / "scenarios" / "heldout")])
    """The same of those that are evaluated; their tools must be others."""
    repeat: int = Field(default=20, ge=1)
    """Episodes of each training scenario."""
    workers: int = Field(default=1, ge=1)
    seed: int = 7
    calls: int | None = Field(default=None, ge=1)
    """At most this many evaluated calls, spread over the scenarios; None: all."""
    constraint: Constraint = "required"
    concurrency: int = Field(default=8, ge=1)
    """Questions asked at the same time, which a local model answers as batches."""
    ceiling: bool = True
    """Evaluate the rule-based policy too."""
    episodes: int = Field(default=24, ge=0)
    """Held-out scenarios that base and student also play as whole conversations."""


def simulated(config: JourneyConfig, folder: Path, say: Progress) -> Path:
    """The file with the trajectories of the training scenarios, played by `rules`.

    A run that is complete is taken as it is, whatever has changed in the package since.
    """
    run = RunDirectory(folder)
    done = folder / "done.json"
    if done.exists():
        return run.trajectories

    def on_progress(progress: RunProgress) -> None:
        line = f"{progress.done} of {progress.total} episodes, {progress.accepted} accepted"
        say("simulate", progress.done, progress.total, line)

    watchers = Watchers(on_progress=on_progress)
    execution = Execution(workers=config.workers)
    if (folder / "run.json").exists():
        resume(folder, execution=execution, watchers=watchers)
    else:
        scenarios = load_scenarios(config.training)
        run_config = RunConfig(seed=config.seed, repeat=config.repeat)
        simulate(scenarios, run_config, folder, execution=execution, watchers=watchers)
    whole(done, "{}\n")
    return run.trajectories


def items_of(config: JourneyConfig, trained_tools: Iterable[str]) -> list[CallItem]:
    """The held-out questions. Raises `ToolsOverlap` where their tools are not disjoint."""
    scenarios = [render(scenario, config.seed) for scenario in load_scenarios(config.heldout)]
    items = asyncio.run(call_items(scenarios))
    shared = sorted({t.name for i in items for t in i.tools} & set(trained_tools))
    if shared:
        raise ToolsOverlap(f"held-out scenarios use tools of the training: {', '.join(shared)}")
    return spread(items, config.calls)


def spread(items: Sequence[CallItem], limit: int | None) -> list[CallItem]:
    """At most `limit` items: the scenarios' first calls, then their second ones, and so on."""
    if limit is None or len(items) <= limit:
        return list(items)
    by_scenario: dict[str, list[CallItem]] = {}
    for item in items:
        by_scenario.setdefault(item.scenario.name, []).append(item)
    rounds = zip_longest(*by_scenario.values())
    return [item for one in rounds for item in one if item is not None][:limit]


def tools_in(trajectories: Path) -> list[str]:
    """Names of the tools that a file of trajectories offers, in order."""
    return sorted({t.name for one in read_trajectories(trajectories) for t in one.tools})


def base_checkpoint(config: TrainConfig, folder: Path, say: Progress) -> Path:
    """The folder of the base model, exported once where the config says `smollm2`."""
    if config.base != "smollm2":
        return Path(config.base)
    from ..models.checkpoint import export_smollm2

    say("base", 0, 1, "exporting SmolLM2 from its package")
    export_smollm2(folder)
    say("base", 1, 1, f"base model in {folder}")
    return folder


def trained(
    config: TrainConfig, trajectories: Path, folder: Path, base: Path, say: Progress
) -> TrainResult:
    """The adapter in `folder`/adapter, trained on what the filter accepts."""
    return train(config, read_trajectories(trajectories), folder, base=base, on_progress=say)


def evaluated(
    name: str,
    kept: str,
    make_client: Callable[[], ChatCompletionClient],
    items: Sequence[CallItem],
    folder: Path,
    config: JourneyConfig,
    say: Progress,
) -> EvaluationReport:
    """One model's report; its answers lie in `folder`/<kept>.jsonl (`evaluation.kept_names`). The
    client is made only where an answer is missing."""
    path = folder / f"{kept}.jsonl"
    client: Any = None
    if unanswered(items, path, config.constraint):
        say(f"evaluate {name}", 0, len(items), f"loading {name}")
        client = make_client()
    right = 0

    def on_result(done: int, total: int, result: Any) -> None:
        nonlocal right
        right += result.correct
        say(f"evaluate {name}", done, total, f"{done} of {total} calls, {result.reason[:60]}")

    async def ask() -> EvaluationReport:
        try:
            return await evaluate_calls(
                client,
                items,
                path,
                model=name,
                constraint=config.constraint,
                concurrency=config.concurrency,
                on_progress=on_result,
            )
        finally:
            if client is not None:
                await client.close()

    report = asyncio.run(ask())
    whole(folder / f"{kept}.json", report.model_dump_json(indent=2))
    return report


def local_model(
    base: Path, adapter: Path | None, config: TrainConfig, batch: int
) -> ChatCompletionClient:
    """The base model on the training's device, with the adapter where one is given.

    Raises `ModelUnavailable`.
    """
    from ..models.huggingface import HuggingFaceClient

    try:
        dtype = fastest_type(best_device(config.device))
    except ImportError as error:
        raise ModelUnavailable(
            f"local models need the extra: pip install callsheet[train] ({error})"
        ) from None
    return HuggingFaceClient(
        base,
        adapter=adapter,
        rounding=None if adapter is None else config.quantization.rounding,
        threads=config.threads,
        batch_size=batch,
        dtype=dtype,
    )


def played(
    name: str, kept: str, config: JourneyConfig, model_folder: Path, folder: Path, say: Progress
) -> EpisodeReport:
    """Whole conversations with the model that `model_folder`/<name>.yaml configures; the run lies
    in `folder`/<kept>.run."""
    path = folder / f"{kept}.episodes.json"
    if path.exists():
        return EpisodeReport.model_validate_json(path.read_bytes())
    scenarios = load_scenarios(config.heldout)
    # Evenly over the files, so that every environment has its share.
    chosen = scenarios[:: max(1, len(scenarios) // config.episodes)][: config.episodes]

    def on_progress(progress: RunProgress) -> None:
        line = f"{progress.done} of {progress.total} conversations, {progress.accepted} accepted"
        say(f"play {name}", progress.done, progress.total, line)

    report = evaluate_episodes(
        name,
        chosen,
        folder / f"{kept}.run",
        model_folders=[model_folder],
        seed=config.seed,
        concurrency=config.concurrency,
        on_progress=on_progress,
    )
    whole(path, report.model_dump_json(indent=2))
    return report


def model_file(
    name: str, base: Path, adapter: Path | None, config: TrainConfig, batch: int, folder: Path
) -> None:
    """Configure the local model under `name`, for `callsheet run --model assistant=<name>`."""
    rounding = None if adapter is None else config.quantization.rounding
    settings: dict[str, Any] = {
        "path": str(base.resolve()),
        "adapter": None if adapter is None else str(adapter.resolve()),
        "rounding": None if rounding is None else rounding.model_dump(),
        "threads": config.threads,
        "batch_size": batch,
        "dtype": fastest_type(best_device(config.device)),
    }
    # JSON is YAML, and needs no quoting rules of its own.
    text = orjson.dumps(
        {
            "provider": "callsheet.models.huggingface.HuggingFaceClient",
            "config": {key: value for key, value in settings.items() if value is not None},
            "concurrency": {"start": batch, "most": batch},
        },
        option=orjson.OPT_INDENT_2,
    )
    whole(folder / f"{name}.yaml", text.decode() + "\n")


def gain_between(folder: Path, before: str, after: str, seed: int) -> Gain:
    """The second model's gain over the first, from the answers that `folder` keeps of them under
    these names."""
    return paired_gain(
        read_results(folder / f"{before}.jsonl"),
        read_results(folder / f"{after}.jsonl"),
        seed=seed,
    )


def whole(path: Path, text: str) -> None:
    """Write all of the file or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, [text.encode()])
