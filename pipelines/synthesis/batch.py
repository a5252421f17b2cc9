"""One batch of a synthesis: planned, played, sorted. Done where `batch.json` is there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import orjson

from ...models.accounting import Ledger
from ...planners.planning_spent import planning_spent
from ...scenarios.schema import Scenario
from ...simulation import Watchers, resume, run_progress, simulate
from ...simulation.cast import Cast
from ...simulation.episodes import Progress
from ...simulation.run_directory import Execution, RunConfig, RunDirectory
from ...trajectories.filters.sorting import sort_trajectories
from .config import SynthesisConfig
from .folder import BatchResult, SynthesisFolder, total_cost, write_text
from .planning import ScenarioSource

OnPlayed = Callable[[Progress], None]


def play_batch(
    number: int,
    config: SynthesisConfig,
    folder: SynthesisFolder,
    source: ScenarioSource,
    execution: Execution,
    ledger: Ledger,
    model_folders: Sequence[Path],
    on_played: OnPlayed,
) -> BatchResult:
    """Make batch `number`, or go on with it; what planning and playing spend is entered in
    `ledger`. Raises what planning and `simulate` raise."""
    place = folder.batch(number)
    done = place / "batch.json"
    if done.exists():
        return BatchResult.model_validate_json(done.read_bytes())
    lost = _played(number, config, place, source, execution, ledger, model_folders, on_played)
    run = RunDirectory(place / "run")
    planning = planning_spent(place)
    result = BatchResult(
        number=number,
        dialogues=config.batch,
        unplanned=lost,
        prompt_tokens=planning.prompt_tokens,
        completion_tokens=planning.completion_tokens,
        cost=planning.cost or None,
    )
    if run.trajectories.exists():
        played = run_progress(run.path)
        report = sort_trajectories(
            [run.trajectories], place / "accepted.jsonl", place / "rejected.jsonl", config.filters
        )
        result = result.model_copy(
            update={
                "accepted": report.accepted,
                "rejected": report.rejected,
                "reasons": report.by_reason,
                "blames": report.by_blame,
                "prompt_tokens": result.prompt_tokens + played.prompt_tokens,
                "completion_tokens": result.completion_tokens + played.completion_tokens,
                "cost": total_cost([result.cost, played.cost]),
            }
        )
    write_text(done, result.model_dump_json())
    return result


def _played(
    number: int,
    config: SynthesisConfig,
    place: Path,
    source: ScenarioSource,
    execution: Execution,
    ledger: Ledger,
    model_folders: Sequence[Path],
    on_played: OnPlayed,
) -> int:
    """Play the batch's dialogues; returns for how many there was no plan."""
    path, watchers = place / "run", Watchers(on_progress=on_played)
    unplanned = place / "unplanned.jsonl"
    if (path / "run.json").exists():
        resume(path, execution=execution, watchers=watchers, ledger=ledger)
        return sum(bool(line) for line in unplanned.read_bytes().splitlines())
    first = number * config.batch
    cast = Cast({}, model_folders, ledger=ledger)

    async def planned() -> tuple[list[Scenario], list[dict[str, str]]]:
        try:
            return await source.scenarios(range(first, first + config.batch), cast, place)
        finally:
            await cast.close()

    scenarios, lost = asyncio.run(planned())
    write_text(unplanned, "\n".join(orjson.dumps(one).decode() for one in lost))
    if scenarios:
        run_config = RunConfig(
            seed=config.seed,
            models={
                "user": config.models.user,
                "assistant": config.models.assistant,
                "tool": config.models.tool,
            },
            model_folders=[str(folder) for folder in model_folders],
        )
        judged = [_judged(scenario, config.models.judge) for scenario in scenarios]
        simulate(judged, run_config, path, execution=execution, watchers=watchers, ledger=ledger)
    return len(lost)


def _judged(scenario: Scenario, judge: str | None) -> Scenario:
    if judge is None:
        return scenario
    tester = scenario.tester.model_copy(update={"judge": judge})
    return scenario.model_copy(update={"tester": tester})
