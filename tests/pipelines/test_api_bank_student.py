"""The API-Bank student: what it is trained on, what it never sees, and the whole journey."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest
from tiny_model import tiny_training

from callsheet.environments.api_bank import VARIABLE, api_bank_data, level_1, level_3
from callsheet.environments.api_bank.data import SEED, ApiBankDataError
from callsheet.evaluation.api_bank.annotations import GoldCall
from callsheet.pipelines.api_bank_student import (
    BASE,
    SEEN,
    UNSEEN,
    ApiBankStudentConfig,
    api_bank_student,
    fold_of_call,
)
from callsheet.pipelines.api_bank_training import played_goals, training_data
from callsheet.planners.api_bank.folds import FOLDS, fold_of, fold_tools
from callsheet.trajectories.reading import read_trajectories

DATA = api_bank_data(SEED)


def silent(*told: Any) -> None:
    pass


def envelope(tool: str, output: Any, **arguments: Any) -> dict[str, Any]:
    return {"api_name": tool, "input": arguments, "output": output, "exception": None}


def api(tool: str, output: Any, **arguments: Any) -> dict[str, Any]:
    return {
        "role": "API",
        "api_name": tool,
        "param_dict": arguments,
        "result": envelope(tool, output, **arguments),
    }


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one dialogue of each level, over the package's own databases."""
    place = tmp_path / "api-bank"
    shutil.copytree(SEED, place)
    user, row = next(iter(DATA.file("Account").items()))
    login = api("GetUserToken", {"token": row["token"]}, username=user, password=row["password"])
    found = {"name": "PlayMusic", "description": "", "input_parameters": {}}
    dialogues = {
        "level-1-given-desc/GetUserToken-level-1-1.jsonl": [
            {"role": "User", "text": f"The token of {user}, whose password is {row['password']}?"},
            login,
            {"role": "AI", "text": "Here it is."},
        ],
        "level-2-toolsearcher/PlayMusic-level-3-1.jsonl": [
            {"role": "User", "text": "Some music: Clocks."},
            api("ToolSearcher", found, keywords="play music"),
            api("PlayMusic", "music://clocks", music_name="Clocks"),
            {"role": "AI", "text": "Enjoy."},
        ],
    }
    for name, turns in dialogues.items():
        path = place / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"\n".join(map(orjson.dumps, turns)))
    record = {
        "requirement": "Likes of post 1",
        "response": "Some.",
        "apis": [{"api_name": "LikeCount", "input": {"post_id": "1"},
                  "output": envelope("LikeCount", {"like_count": 10}, post_id=1)}],
    }  # fmt: skip
    (place / "level-3" / "level-3.json").write_bytes(orjson.dumps([record]))
    monkeypatch.setenv(VARIABLE, str(place))
    return place


def test_every_tool_but_the_search_is_unseen_once() -> None:
    tools = {*level_1().apis, *level_3().apis} - {"ToolSearcher"}
    folds = [set(fold_tools(fold)) for fold in range(len(FOLDS))]
    assert set.union(*folds) == tools
    assert not set.intersection(*folds)
    assert fold_of("ToolSearcher") is None
    # The tools that take a token are left out with the one that gives it.
    takers = {name for name, one in level_1().apis.items() if "token" in one.inputs}
    assert {fold_of(name) for name in takers} == {fold_of("GetUserToken")}


def test_a_search_belongs_to_the_tool_that_it_found() -> None:
    def search(output: Any) -> GoldCall:
        return GoldCall("d", 0, "ToolSearcher", {}, {"output": output})

    assert fold_of_call(search({"name": "Wiki"})) == fold_of("Wiki")
    both = [{"name": "GetUserToken"}, {"name": "AddAlarm"}]
    assert fold_of_call(search(both)) == fold_of("AddAlarm")
    assert fold_of_call(search(None)) is None
    assert fold_of_call(GoldCall("d", 0, "Wiki", {}, {})) == fold_of("Wiki")


def test_goals_are_accepted_and_left_out_tools_are_not_even_shown(
    tmp_path: Path, folder: Path
) -> None:
    data = training_data(tmp_path / "data", api_bank_data(folder))
    left_out = set(fold_tools(0))
    run: dict[str, Any] = {"count": 20, "seed": 1, "say": silent, "name": "x"}
    path = played_goals(data, folder, tmp_path / "run", exclude_tools=left_out, **run)
    trajectories = list(read_trajectories(path))
    assert len(trajectories) == 20
    assert all(one.score == 1.0 for one in trajectories)
    shown = {tool.name for one in trajectories for tool in one.tools}
    assert shown and not shown & left_out
    # A finished run is taken as it is.
    before = path.stat().st_mtime_ns
    played_goals(data, folder, tmp_path / "run", **run)
    assert path.stat().st_mtime_ns == before


def test_training_data_are_never_the_benchmarks_own(tmp_path: Path, folder: Path) -> None:
    (folder / "init_database" / "Account.json").write_text('{"only": {"password": "here"}}')
    (folder / "apis.json").write_text('{"apis": [{"name": "Wiki", "group": "level-1/2"}]}')
    data = training_data(tmp_path / "data", api_bank_data(folder))
    assert data.file("Account") == DATA.file("Account")
    assert not list((tmp_path / "data").rglob("*.jsonl"))
    assert (tmp_path / "data" / "apis.json").exists()


def test_data_without_dialogues_are_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(ApiBankDataError, match="no dialogues"):
        api_bank_student(tmp_path / "out", DATA)
    assert not (tmp_path / "out").exists()


@pytest.mark.train
@pytest.mark.slow
def test_the_journey_ends_in_a_report_and_goes_on_where_it_was(
    tmp_path: Path, folder: Path
) -> None:
    config = ApiBankStudentConfig(goals=10)
    training = tiny_training(tmp_path)
    out = tmp_path / "out"
    told: list[str] = []

    def say(stage: str, *rest: Any) -> None:
        told.append(stage)

    report = api_bank_student(
        out, api_bank_data(folder), config=config, training=training, on_progress=say
    )
    assert set(report.training) == {"seen", "fold-0", "fold-1"}
    models = [(one.level, one.protocol, one.model) for one in report.reports]
    assert models == [
        (level, protocol, model)
        for level in (1, 2, 3)
        for protocol in ("paper", "corrected")
        for model in (BASE, SEEN, UNSEEN)
    ]
    assert all(one.calls.missing == 0 for one in report.reports)
    assert all(one.gold.calls.value == 1.0 for one in report.reports if one.level == 1)
    assert "| 2 | corrected | gold |" in report.markdown()
    assert any(stage.startswith("evaluate") for stage in told)
    told.clear()
    again = api_bank_student(
        out, api_bank_data(folder), config=config, training=training, on_progress=say
    )
    assert again.reports == report.reports
    assert not any(stage.startswith(("simulate", "evaluate", "train")) for stage in told)
