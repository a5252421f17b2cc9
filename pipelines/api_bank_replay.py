"""The recorded dialogues of API-Bank, played through `simulate`, and their calls compared.

Every dialogue is an episode with a fresh database: its script plays user and assistant, the run is
recorded like any other, and each result in the event log is compared with the recorded envelope
(input, output and exception). Ids that the benchmark draws by chance are equal when each recorded
one is the same one of the episode everywhere; how many calls that concerns is told apart.
Level 3's keywords, which are tools' names, are taken apart before capitals, as upstream's evaluator
does before it searches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import orjson

from ..environments.api_bank import (
    ApiBankData,
    Behaviour,
    CallRaised,
    Catalog,
    api_bank_data,
    level_1,
    level_3,
)
from ..environments.api_bank.arguments import taken
from ..environments.api_bank.recordings import (
    read_dialogues,
    read_requirements,
)
from ..planners.api_bank.annotated import cast_annotated, renamings, substituted
from ..planners.api_bank.from_dialogues import (
    as_searched,
    scenario_of_dialogue,
    scenario_of_requirement,
    script_of_dialogue,
    script_of_requirement,
)
from ..planners.api_bank.offer import SEARCH
from ..planners.api_bank.script import Script
from ..scenarios.schema import Scenario
from ..simulation import (
    RunConfig,
    RunDirectory,
    Watchers,
    resume,
    run_progress,
    simulate,
)
from ..trajectories.event import Event
from ..trajectories.log import read_episodes

Level = Literal[1, 2, 3]
Reason = Literal[
    "random id", "online", "retired argument", "capital", "tool search", "output", "input", "error"
]
"""Why a call is not to the letter what was recorded. random id: equal but for ids drawn by chance.
online: a dictionary or translation that was fetched. retired argument: the tool no longer has it.
capital: equal but for capitals. tool search: another tool, or other words about it. Others say
which part of the envelope differs."""
_ONLINE = ("Dictionary", "Translate")


@dataclass(frozen=True, slots=True)
class RecordedEnvelope:
    """A recorded call, and where it comes from."""

    source: str
    """The dialogue's file, or the number of the record."""
    number: int
    """Which of its calls, from 0."""
    tool: str
    arguments: Mapping[str, Any]
    envelope: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """A call that is not to the letter what was recorded."""

    call: RecordedEnvelope
    reason: Reason
    found: Mapping[str, Any]
    """input, output and exception of the episode."""

    @property
    def equal(self) -> bool:
        """Whether the call counts as exact all the same: only ids drawn by chance differ."""
        return self.reason == "random id"

    def __str__(self) -> str:
        where = f"{self.call.source} call {self.call.number}: {self.call.tool}"
        recorded = {k: self.call.envelope.get(k) for k in ("input", "output", "exception")}
        parts = [
            f"{k} {_short(recorded[k])} recorded, {_short(self.found[k])} found"
            for k in recorded
            if recorded[k] != self.found[k]
        ]
        return f"{where}: {self.reason}: {'; '.join(parts)}"


@dataclass
class LevelReport:
    """One level's calls."""

    level: Level
    dialogues: int = 0
    total: int = 0
    searched: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def identical(self) -> int:
        """Calls whose envelopes are equal byte for byte."""
        return self.total - len(self.differences)

    @property
    def exact(self) -> int:
        """Calls that are equal up to ids drawn by chance."""
        return self.total - sum(not difference.equal for difference in self.differences)

    @property
    def searches(self) -> tuple[int, int]:
        """Of the calls, those of ToolSearcher: exact ones and all."""
        wrong = sum(d.call.tool == SEARCH and not d.equal for d in self.differences)
        return self.searched - wrong, self.searched

    def lines(self) -> Iterator[str]:
        share = f" ({self.exact / self.total:.2%})" if self.total else ""
        found, searched = self.searches
        of_them = f" ({found}/{searched} of them searches for tools)" if searched else ""
        yield (
            f"level {self.level}: {self.exact}/{self.total} calls exact{share} in "
            f"{self.dialogues} dialogues{of_them}; {self.identical} to the letter"
        )
        for difference in self.differences:
            yield f"  {difference}"


def replay_dialogues(
    out: Path,
    *,
    data: Path | None = None,
    levels: Sequence[Level] = (1, 2, 3),
    watchers: Watchers | None = None,
) -> list[LevelReport]:
    """Play the recorded dialogues of `data` (default: the folder of the environment), one run a
    level in `out`/level-N, and compare.

    Raises `ApiBankDataError` for a folder without dialogues, and what `simulate` raises. The
    environment's variable decides what the tools answer from; the command line sets it.
    """
    known = api_bank_data(data)
    return [replay_level(out / f"level-{level}", known, level, watchers) for level in levels]


def replay_level(
    directory: Path, data: ApiBankData, level: Level, watchers: Watchers | None = None
) -> LevelReport:
    """Play one level's dialogues as a run in `directory`, and compare. A run of the same dialogues
    that was cut off goes on."""
    scripted, recorded = _scripted(data, level)
    scenarios, clients = cast_annotated(scripted)
    if _interrupted(directory, scenarios):
        # `callsheet resume` could not: the scripts are no models that it knows.
        resume(directory, watchers=watchers, clients=clients)
    else:
        # The whole dialogue is wanted, however many calls and turns it takes.
        simulate(scenarios, RunConfig(), directory, watchers=watchers, clients=clients)
    report = LevelReport(level, dialogues=len(scenarios))
    for episode, events in read_episodes(directory):
        compare(report, events, recorded[int(episode.partition("-")[0])], _catalog(level))
    return report


def _interrupted(directory: Path, scenarios: Sequence[Scenario]) -> bool:
    """Whether these scenarios are a run in `directory` that did not come to its end."""
    run = RunDirectory(directory)
    if not (directory / "run.json").exists() or run.scenarios() != list(scenarios):
        return False
    progress = run_progress(directory)
    return progress.done < progress.total


def _scripted(
    data: ApiBankData, level: Level
) -> tuple[list[tuple[Scenario, Script]], list[list[RecordedEnvelope]]]:
    scripted: list[tuple[Scenario, Script]] = []
    recorded: list[list[RecordedEnvelope]] = []
    if level == 3:
        for record in map(as_searched, read_requirements(data.folder)):
            scripted.append(
                (
                    scenario_of_requirement(record, listed=True, data=data),
                    script_of_requirement(record),
                )
            )
            recorded.append(
                [
                    RecordedEnvelope(f"record {record.sample_id}", i, c.api_name, c.input, c.output)
                    for i, c in enumerate(record.apis)
                ]
            )
    else:
        for dialogue in read_dialogues(data.folder, level):
            scripted.append(
                (
                    scenario_of_dialogue(dialogue, listed=True, data=data),
                    script_of_dialogue(dialogue),
                )
            )
            recorded.append(
                [
                    RecordedEnvelope(dialogue.name, i, c.api_name, c.param_dict, c.result)
                    for i, c in enumerate(dialogue.calls)
                ]
            )
    return scripted, recorded


def compare(
    report: LevelReport,
    events: Sequence[Event],
    recorded: Sequence[RecordedEnvelope],
    catalog: Catalog,
) -> None:
    """Add an episode's calls to the report; a recorded call that was not made is a difference."""
    renamed: dict[str, str] = {}
    generated = Script(()).generated
    made = list(envelopes(events, catalog))
    for number, call in enumerate(recorded):
        report.total += 1
        report.searched += call.tool == SEARCH
        if number >= len(made):
            found = {"input": None, "output": None, "exception": "the call was not made"}
            report.differences.append(Difference(call, "error", found))
            continue
        found = made[number]
        if call.tool in generated:
            renamed.update(renamings(call.envelope.get("output"), found["output"]))
        reason = reason_of(call, found, renamed)
        if reason is not None:
            report.differences.append(Difference(call, reason, found))


def reason_of(
    call: RecordedEnvelope, found: Mapping[str, Any], renamed: Mapping[str, str]
) -> Reason | None:
    """Why an envelope is not the recorded one; None where it is."""
    wanted = {name: call.envelope.get(name) for name in ("input", "output", "exception")}
    if _same(wanted, found):
        return None
    if _same(substituted(wanted, renamed), found):
        return "random id"
    if call.tool in _ONLINE and wanted["input"] == found["input"]:
        return "online"
    if str(found["exception"] or "").startswith("invalid parameter name"):
        return "retired argument"
    if _same(_folded(wanted), _folded(found)):
        return "capital"
    if call.tool == SEARCH:
        return "tool search"
    if wanted["exception"] != found["exception"]:
        return "error"
    return "output" if _same({"": wanted["input"]}, {"": found["input"]}) else "input"


def envelopes(
    events: Sequence[Event], catalog: Catalog, behaviour: Behaviour = "reference"
) -> Iterator[dict[str, Any]]:
    """input, output and exception of an episode's calls, in order, from its log.

    The log holds what the model wrote and what it read; the input is what the tool's coercion
    makes of the former, as the benchmark's envelope echoes it.
    """
    asked = {e.data["call_id"]: e.data for e in events if e.kind == "tool_call"}
    for event in events:
        if event.kind != "tool_result":
            continue
        call = asked[event.data["call_id"]]
        ok, content = event.data["ok"], event.data["content"]
        yield {
            "input": _echoed(catalog, call["name"], call["arguments"], behaviour),
            "output": content if ok else None,
            "exception": None if ok else content["error"],
        }


def _echoed(
    catalog: Catalog, name: str, arguments: Mapping[str, Any], behaviour: Behaviour
) -> dict[str, Any] | None:
    api = catalog.apis.get(name)
    if api is None:
        return dict(arguments)
    try:
        return taken(api, arguments, behaviour).echo()
    except CallRaised:
        return dict(arguments)


def _catalog(level: Level) -> Catalog:
    return level_3() if level == 3 else level_1()


def _same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal: 2 and 2.0 are, true and 1 are not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


def _folded(value: Any) -> Any:
    if isinstance(value, str):
        return value.casefold()
    if isinstance(value, Mapping):
        return {k: _folded(item) for k, item in value.items()}
    return [_folded(item) for item in value] if isinstance(value, list) else value


def _short(value: Any) -> str:
    text = orjson.dumps(value, default=str).decode()
    return text if len(text) <= 120 else text[:119] + "…"
