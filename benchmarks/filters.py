"""How many planted defects the filters find, and how many clean dialogues they reject.

    python benchmarks/filters.py [TRAJECTORIES...] [--defects 500] [--clean 500] [--seed 0] [--show]

Clean dialogues come from the files given, else from the packaged scenarios, which are played first
(by `rules`, some seconds); only those that the tester accepted count. Defects of every kind, in
equal numbers, are planted into them by code that shares nothing with the filters
(`planting_calls.py`, `planting_turns.py`); one in twelve lies in a side branch of a fork. A defect
counts as found where its own reason is among those reported.

Bars: 95 % of the planted defects found, at most 2 % of the clean dialogues rejected. Not covered:
defects that only sense tells (`agents/dialogue_judge.py`).
"""

from __future__ import annotations

import argparse
import copy
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from random import Random

import planting_calls  # noqa: F401 - registers its planters
import planting_turns  # noqa: F401
from planting import PLANTERS, Record, chained

from callsheet.trajectories.filters import find_defects
from callsheet.trajectories.reading import read_trajectories
from callsheet.trajectories.trajectory import Trajectory

RECALL, REJECTIONS = 0.95, 0.02
FORKED = 1 / 12
_OF_THE_WHOLE = {"plan_step_unanswered", "not_completed", "execution_failed", "check_failed",
                 "judge_failed", "no_assistant_turn", "unknown_tool"}  # fmt: skip


def packaged(folder: Path) -> list[Path]:
    """Play the packaged scenarios, four variations of each; the files of their trajectories."""
    import callsheet.scenarios
    from callsheet.simulation import RunConfig, simulate

    root = Path(str(callsheet.scenarios.__file__)).parent
    parts = [str(root / part) for part in ("library", "training", "heldout")]
    scenarios = callsheet.scenarios.load_scenarios(parts)
    run = folder / "run"
    simulate(scenarios, RunConfig(seed=1, repeat=4), run)
    return [run / "trajectories.jsonl"]


def clean_ones(paths: Iterable[Path]) -> list[Trajectory]:
    """The dialogues that ended well, in all that was checked."""
    return [
        one
        for path in paths
        for one in read_trajectories(path)
        if one.outcome.status == "completed" and all(verdict.passed for verdict in one.verdicts)
    ]


def planted(clean: list[Trajectory], count: int, seed: int) -> list[tuple[str, Trajectory]]:
    """`count` damaged dialogues, as evenly over the kinds as they allow; each with its reason."""
    made: list[tuple[str, Trajectory]] = []
    impossible: set[str] = set()
    turn = 0
    while len(made) < count and len(impossible) < len(PLANTERS):
        for reason in PLANTERS:
            if reason in impossible or len(made) == count:
                continue
            damaged = _plant(reason, clean, Random(f"{reason}/{turn}/{seed}"))
            if damaged is None:
                impossible.add(reason)
            else:
                made.append((reason, damaged))
        turn += 1
    for reason in sorted(impossible):
        print(f"no dialogue has a place for {reason}")
    return made


def _plant(reason: str, clean: list[Trajectory], rng: Random) -> Trajectory | None:
    for trajectory in rng.sample(clean, len(clean)):
        record: Record = trajectory.model_dump(mode="json")
        if len(trajectory.leaves()) > 1:
            continue
        damaged = PLANTERS[reason](copy.deepcopy(record), rng)
        if damaged is None:
            continue
        damaged = chained(damaged)
        if reason not in _OF_THE_WHOLE and rng.random() < FORKED:
            damaged = _forked(record, damaged)
        return Trajectory.model_validate(damaged)
    return None


def _forked(clean: Record, damaged: Record) -> Record:
    """The damaged dialogue as a side branch of the clean one."""
    same = 0
    for left, right in zip(clean["messages"], damaged["messages"], strict=False):
        if left != right:
            break
        same += 1
    tail = damaged["messages"][same:]
    if not tail:  # cut short, it would be no branch
        return damaged
    for number, message in enumerate(tail, len(damaged["messages"]) + len(clean["messages"])):
        message["parent"] = number - 1 if message is not tail[0] else (same - 1 if same else None)
        message["id"] = number
    return damaged | {"messages": damaged["messages"][:same] + tail + clean["messages"][same:]}


def measure_recall(made: list[tuple[str, Trajectory]], show: bool) -> tuple[int, int]:
    """Print recall by kind; how many were found by their own reason, and rejected at all."""
    total, own, any_ = Counter[str](), Counter[str](), Counter[str]()
    for reason, trajectory in made:
        found = {one.reason for one in find_defects(trajectory)}
        total[reason] += 1
        own[reason] += reason in found
        any_[reason] += bool(found)
        if show and reason not in found:
            print(f"missed {reason} in {trajectory.id}; found {sorted(found)}")
            _print(trajectory)
    print(f"{'planted':26}{'n':>5}{'found':>7}{'rejected':>10}")
    for reason in PLANTERS:
        if total[reason]:
            print(f"{reason:26}{total[reason]:5}{own[reason]:7}{any_[reason]:10}")
    print(f"{'all':26}{total.total():5}{own.total():7}{any_.total():10}")
    return own.total(), any_.total()


def _print(trajectory: Trajectory) -> None:
    for message in trajectory.messages:
        calls = [f"{c.function.name}{c.function.arguments}" for c in message.tool_calls or ()]
        if message.role != "system":
            print(
                f"    {message.id} {message.role}: {(message.content or '')[:300]!r} {calls or ''}"
            )


def measure_rejections(clean: list[Trajectory], show: bool) -> int:
    """Print which clean dialogues are rejected, and why; how many."""
    reasons, rejected = Counter[str](), 0
    for trajectory in clean:
        found = find_defects(trajectory)
        rejected += bool(found)
        reasons.update({one.reason for one in found})
        for one in found if show else ():
            print(f"rejected {trajectory.id}: {one.reason} at {one.message}: {one.detail}")
    for reason, count in reasons.most_common():
        print(f"  {count:5}  {reason}")
    return rejected


def measure_speed(clean: list[Trajectory]) -> float:
    """Dialogues a second of CPU."""
    before = time.process_time()
    for trajectory in clean:
        find_defects(trajectory)
    return len(clean) / (time.process_time() - before)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("trajectories", nargs="*", type=Path)
    parser.add_argument("--defects", type=int, default=500)
    parser.add_argument("--clean", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", action="store_true", help="every miss and every rejection")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clean = clean_ones(given.trajectories or packaged(Path(folder)))
    if not clean:
        print("no dialogue to begin with", file=sys.stderr)
        return 2
    rng = Random(given.seed)
    sample = rng.sample(clean, min(given.clean, len(clean)))
    made = planted(clean, given.defects, given.seed)
    own, rejected = measure_recall(made, given.show)
    print(f"\nfalse rejections among {len(sample)} clean dialogues")
    wrong = measure_rejections(sample, given.show)
    recall, share = own / len(made), wrong / len(sample)
    print(f"\nfound by their own reason {recall:.1%} (bar {RECALL:.0%})")
    print(f"rejected for any reason {rejected / len(made):.1%}")
    print(f"clean dialogues rejected {share:.1%} (bar {REJECTIONS:.0%})")
    print(f"{measure_speed(sample):,.0f} dialogues a second of CPU")
    return 0 if recall >= RECALL and share <= REJECTIONS else 1


if __name__ == "__main__":
    sys.exit(main())
