"""API-Bank's dialogues and goals as files that `callsheet validate` and `callsheet run` take.

Goals that say a line of the recorded dialogues are left out, where the folder has dialogues.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Literal

from ..environments.api_bank import ApiBankData
from ..environments.api_bank.recordings import read_dialogues, read_requirements
from ..planners.api_bank.from_dialogues import scenario_of_dialogue, scenario_of_requirement
from ..planners.api_bank.goals import ABILITIES, Ability, generate
from ..planners.api_bank.leak import recorded_lines
from ..scenarios.schema import Scenario
from ..scenarios.yaml_text import yaml_of

Level = Literal[1, 2, 3]


def dialogue_scenarios(
    data: ApiBankData, levels: Sequence[Level] = (1, 2, 3), *, verbatim: bool = True
) -> list[Scenario]:
    """A scenario of every recorded dialogue. Raises `ApiBankDataError` for a folder without."""
    made: list[Scenario] = []
    for level in levels:
        if level == 3:
            made += [
                scenario_of_requirement(record, verbatim=verbatim, data=data)
                for record in read_requirements(data.folder)
            ]
        else:
            made += [
                scenario_of_dialogue(dialogue, verbatim=verbatim, data=data)
                for dialogue in read_dialogues(data.folder, level)
            ]
    return made


def goal_scenarios(
    data: ApiBankData,
    levels: Sequence[Level] = (1, 2, 3),
    *,
    count: int,
    seed: int = 0,
    tools: Collection[str] | None = None,
    exclude_tools: Collection[str] = (),
    recorded: Path | None = None,
) -> list[Scenario]:
    """`count` generated scenarios of the abilities that the levels stand for (1 call, 2 retrieve,
    3 plan), none with a recorded line of `recorded` (default: the data's own folder).

    Raises what `generate` raises, and `ValueError` where hardly any is without one.
    """
    abilities: list[Ability] = [ABILITIES[level - 1] for level in levels]
    lines = recorded_lines(recorded or data.folder)
    wanted = count
    while True:
        made = generate(
            wanted, seed, abilities=abilities, tools=tools, exclude_tools=exclude_tools, data=data
        )
        clean = [scenario for scenario in made if not lines.leaks(scenario)]
        if len(clean) >= count:
            return clean[:count]
        if wanted > 4 * count + 100:
            raise ValueError("too many goals say recorded lines")
        # What was left out is drawn anew; a longer list begins with the shorter one.
        wanted += 2 * (count - len(clean)) + 1


def write_scenarios(scenarios: Sequence[Scenario], folder: Path) -> list[Path]:
    """One file each, named as the scenario. Raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for scenario in scenarios:
        path = folder / f"{scenario.name}.yaml"
        path.write_text(yaml_of(scenario), encoding="utf-8")
        paths.append(path)
    return paths
