"""Recorded dialogues are played through the event log, and every difference has a reason."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest
from api_bank_data import FOLDER, needs_data

from callsheet.environments.api_bank import VARIABLE, api_bank_data
from callsheet.environments.api_bank.data import SEED, ApiBankDataError
from callsheet.pipelines.api_bank_replay import (
    LevelReport,
    RecordedEnvelope,
    reason_of,
    replay_dialogues,
    replay_level,
)
from callsheet.simulation import RunError, make_run
from callsheet.trajectories.log import read_episodes

ALARM = "2023-05-06 07:00:00"


def turn(tool: str, output: Any, exception: str | None = None, **arguments: Any) -> dict[str, Any]:
    envelope = {
        "api_name": tool,
        "input": arguments or None,
        "output": output,
        "exception": exception,
    }
    return {"role": "API", "api_name": tool, "param_dict": arguments, "result": envelope}


def said(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "text": text}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small API-Bank folder over the package's own databases."""
    place = tmp_path / "data"
    shutil.copytree(SEED / "init_database", place / "init_database")
    monkeypatch.setenv(VARIABLE, str(place))
    return place


def write(folder: Path, name: str, *turns: dict[str, Any]) -> None:
    level = folder / "level-1-given-desc"
    level.mkdir(exist_ok=True)
    (level / name).write_bytes(b"\n".join(orjson.dumps(t) for t in turns))


def account(folder: Path) -> tuple[str, dict[str, Any]]:
    return next(iter(api_bank_data(folder).file("Account").items()))


def write_alarm(folder: Path, name: str, result: Any = "success") -> None:
    user, row = account(folder)
    login = turn("GetUserToken", {"token": row["token"]}, username=user, password=row["password"])
    write(
        folder,
        name,
        said("User", "An alarm, please."),
        said("AI", "One moment."),
        login,
        turn("AddAlarm", result, token=row["token"], time=ALARM),
        said("AI", "Done."),
        said("User", "Thanks. Is it there?"),
        turn(
            "QueryAlarm",
            {"username": user, "time": ALARM},
            token=row["token"],
            time=ALARM,
        ),
        said("AI", "It is."),
    )


def test_exact_dialogues_are_exact_and_the_log_holds_their_words(
    folder: Path, tmp_path: Path
) -> None:
    write_alarm(folder, "One-level-1-1.jsonl")
    write_alarm(folder, "Two-level-1-1.jsonl")
    (report,) = replay_dialogues(tmp_path / "out", levels=[1])
    assert (report.dialogues, report.total, report.exact, report.identical) == (2, 6, 6, 6)
    assert next(report.lines()).startswith("level 1: 6/6 calls exact (100.00%) in 2 dialogues")
    episodes = dict(read_episodes(tmp_path / "out" / "level-1"))
    assert len(episodes) == 2
    for events in episodes.values():
        messages = [e.data["message"] for e in events if e.kind == "message"]
        words = [m["content"] for m in messages if m["content"]]
        assert words == [
            "An alarm, please.",
            "One moment.",
            "Done.",
            "Thanks. Is it there?",
            "It is.",
        ]
        assert events[-1].data["status"] == "completed" and events[-1].data["score"] == 1.0


def test_every_dialogue_has_a_database_of_its_own(folder: Path, tmp_path: Path) -> None:
    _, row = account(folder)
    for name in ("One-level-1-1.jsonl", "Two-level-1-1.jsonl"):
        write(
            folder,
            name,
            said("User", "Delete my account."),
            turn("DeleteAccount", {"status": "success"}, token=row["token"]),
        )
    # This tool leaves its name out of the envelope, which is not compared.
    report = replay_level(tmp_path / "run", api_bank_data(folder), 1)
    assert report.exact == report.total == 2


def test_other_answers_are_differences_with_the_dialogue_and_the_reason(
    folder: Path, tmp_path: Path
) -> None:
    write_alarm(folder, "One-level-1-1.jsonl", result="something else")
    report = replay_level(tmp_path / "run", api_bank_data(folder), 1)
    (difference,) = report.differences
    assert (report.exact, report.total, difference.reason) == (2, 3, "output")
    assert str(difference) == (
        'One-level-1-1.jsonl call 1: AddAlarm: output: output "something else" recorded, '
        '"success" found'
    )


def test_ids_by_chance_are_equal_where_they_are_used_alike(folder: Path, tmp_path: Path) -> None:
    values = {"username": "nobody_yet", "password": "p", "email": "a@b.org"}
    write(
        folder,
        "One-level-1-1.jsonl",
        said("User", "Register me, check it, delete me."),
        turn("RegisterUser", {"token": "recordedtoken00001"}, **values),
        turn("GetUserToken", {"token": "recordedtoken00001"}, username="nobody_yet", password="p"),
        turn("DeleteAccount", {"status": "success"}, token="recordedtoken00001"),
    )
    report = replay_level(tmp_path / "run", api_bank_data(folder), 1)
    assert (report.exact, report.identical, report.total) == (3, 0, 3)
    assert {d.reason for d in report.differences} == {"random id"}


def test_a_retired_argument_is_named(folder: Path, tmp_path: Path) -> None:
    write(
        folder,
        "One-level-1-1.jsonl",
        said("User", "Delete it."),
        turn("DeleteScene", "success", gadget="5"),
    )
    report = replay_level(tmp_path / "run", api_bank_data(folder), 1)
    assert [d.reason for d in report.differences] == ["retired argument"]


def test_a_replay_that_was_cut_off_goes_on(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2):
        write_alarm(folder, f"Alarm-level-1-{number}.jsonl")
    data = api_bank_data(folder)

    def killed(*arguments: Any, watchers: Any, **more: Any) -> None:
        make_run(*arguments, **more)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("callsheet.pipelines.api_bank_replay.simulate", killed)
        for place in ("run", "other"):
            with pytest.raises(KeyboardInterrupt):
                replay_level(tmp_path / place, data, 1)
    again = replay_level(tmp_path / "run", data, 1)
    assert (again.total, again.exact, again.dialogues) == (6, 6, 2)
    # One that came to its end stays what it was, and so does a run of other dialogues.
    with pytest.raises(RunError, match="there is a run already"):
        replay_level(tmp_path / "run", data, 1)
    write_alarm(folder, "Alarm-level-1-3.jsonl")
    with pytest.raises(RunError, match="there is a run already"):
        replay_level(tmp_path / "other", data, 1)


def test_a_folder_without_dialogues_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ApiBankDataError, match="no dialogues of level 2"):
        replay_dialogues(tmp_path / "out", levels=[2])


def recorded(tool: str, **envelope: Any) -> RecordedEnvelope:
    whole = {"input": {}, "output": None, "exception": None} | envelope
    return RecordedEnvelope("x", 0, tool, {}, whole)


@pytest.mark.parametrize(
    ("tool", "wanted", "found", "reason"),
    [
        ("Wiki", {"output": {"a": 2}}, {"output": {"a": 2.0}}, None),
        ("Wiki", {"output": 1}, {"output": True}, "output"),
        ("Wiki", {"output": "Light"}, {"output": "light"}, "capital"),
        ("Dictionary", {"output": [1]}, {"output": None, "exception": "Failed."}, "online"),
        ("ToolSearcher", {"output": {"name": "A"}}, {"output": {"name": "B"}}, "tool search"),
        ("Wiki", {"output": "a"}, {"output": None, "exception": "no"}, "error"),
        ("Wiki", {"input": {"k": "a"}}, {"input": {"k": "b"}}, "input"),
        ("RegisterUser", {"output": "old"}, {"output": "new"}, "random id"),
    ],
)
def test_reasons(tool: str, wanted: Any, found: Any, reason: str | None) -> None:
    whole = {"input": {}, "output": None, "exception": None} | found
    assert reason_of(recorded(tool, **wanted), whole, {"old": "new"}) == reason


def test_an_empty_level_has_a_line_too() -> None:
    assert list(LevelReport(2).lines()) == [
        "level 2: 0/0 calls exact in 0 dialogues; 0 to the letter"
    ]


def test_keywords_of_level_3_are_taken_apart(folder: Path, tmp_path: Path) -> None:
    (folder / "level-3").mkdir()
    envelope = {"input": {"keywords": "TaxCalculator"}, "output": {}, "exception": None}
    call = {"api_name": "ToolSearcher", "input": {"keywords": "TaxCalculator"}, "output": envelope}
    record = {"requirement": "Net pay?", "response": "None.", "apis": [call]}
    (folder / "level-3" / "level-3.json").write_bytes(orjson.dumps([record]))
    report = replay_level(tmp_path / "run", api_bank_data(folder), 3)
    assert report.searches == (0, 1)
    (difference,) = report.differences
    assert difference.reason == "tool search"
    assert difference.found["input"] == {"keywords": "Tax Calculator"}


@needs_data
def test_the_benchmarks_dialogues_are_reproduced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert FOLDER is not None
    monkeypatch.setenv(VARIABLE, str(FOLDER))
    for report in replay_dialogues(tmp_path / "out"):
        # The search needs an encoder, and has tests of its own.
        others = [d for d in report.differences if d.reason not in ("tool search", "random id")]
        assert {d.reason for d in others} <= {"retired argument", "capital"}, list(report.lines())
        assert report.total > 90
        assert len(others) <= 0.025 * report.total
