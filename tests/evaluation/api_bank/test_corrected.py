"""The corrected protocol: the state in which a call was made, and ids of this world."""

from __future__ import annotations

from pathlib import Path

import pytest
from api_bank_data import FOLDER, needs_data
from api_bank_dialogues import (
    AMARA,
    alarm_dialogue,
    api,
    appointment_dialogue,
    dialogue,
    posts_record,
    recorded,
    user,
    write_folder,
)

from callsheet.environments.api_bank import ApiBankData, Session, api_bank_data, level_1
from callsheet.environments.api_bank.data import SEED
from callsheet.evaluation.api_bank.annotations import every_call
from callsheet.evaluation.api_bank.benchmark import Benchmark, read_benchmark
from callsheet.evaluation.api_bank.predictions import Prediction
from callsheet.evaluation.api_bank.reading import gold_prediction, read_text
from callsheet.evaluation.api_bank.replay import Replay


@pytest.fixture(autouse=True)
def lexical(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLSHEET_ENCODER", "lexical")


@pytest.fixture
def seed() -> ApiBankData:
    return api_bank_data(SEED)


def level(seed: ApiBankData, *turns: object, name: str = "D.jsonl") -> Benchmark:
    return Benchmark(1, seed, [dialogue(name, turns)], 1)  # type: ignore[arg-type]


def test_what_depends_on_earlier_calls_is_right(seed: ApiBankData, tmp_path: Path) -> None:
    dialogues = [alarm_dialogue(seed), appointment_dialogue(seed)]
    folder = write_folder(tmp_path / "d", dialogues, [posts_record(seed)])
    data = api_bank_data(folder)
    for number in (1, 3):
        benchmark = read_benchmark(data, number)  # type: ignore[arg-type]
        scores = benchmark.scores("corrected", benchmark.gold("corrected"))
        assert scores and all(score.correct for score in scores), scores


def test_one_mistake_does_not_spoil_the_next_sample(seed: ApiBankData) -> None:
    source = alarm_dialogue(seed)
    benchmark = Benchmark(1, seed, [source], 1)
    predictions = benchmark.gold("corrected")
    login, add, delete = (gold.key for gold in every_call(source))
    # The model deletes the account in place of logging in, and sets another alarm.
    predictions[login] = read_text(f"[DeleteAccount(token='{AMARA}')]", "corrected")
    predictions[add] = read_text(
        f"[AddAlarm(token='{AMARA}', time='2023-05-01 06:31:00')]", "corrected"
    )
    kinds = {(s.file, s.id): s.kind for s in benchmark.scores("corrected", predictions)}
    assert kinds == {login: "api_name_mismatch", add: "input_mismatch", delete: None}


def test_a_predicted_call_leaves_the_world_as_it_was(seed: ApiBankData) -> None:
    source = alarm_dialogue(seed)
    replay = Replay(level_1(), seed, "reference", "corrected")
    login, add, _ = every_call(source)
    replay.advance(login)
    before, chance = replay.session.world.digest(), replay.session.random.getstate()
    assert replay.judged(gold_prediction(add, "corrected"), add).correct
    register = Prediction("", "RegisterUser", {"username": "n", "password": "p", "email": "e"})
    assert replay.judged(register, add).kind == "api_name_mismatch"
    assert replay.session.world.digest() == before
    assert replay.session.random.getstate() == chance


def test_ids_of_the_recording_are_exchanged(seed: ApiBankData) -> None:
    source = appointment_dialogue(seed, seed=77)
    number = source.calls[0].result["output"]
    replay = Replay(level_1(), seed, "reference", "corrected")
    calls = every_call(source)
    replay.advance(calls[0])
    (drawn,) = replay.renamed.values()
    assert replay.renamed == {number: drawn} and drawn != number
    # The one that the recording has, and any other number.
    cancel = calls[2]
    assert replay.judged(gold_prediction(cancel, "corrected"), cancel).correct
    other = read_text("[CancelRegistration(appointment_id='20417733')]", "corrected")
    assert replay.judged(other, cancel).kind == "input_mismatch"
    # A key of the recorded output is an id too.
    assert replay.judged(gold_prediction(calls[1], "corrected"), calls[1]).correct


def test_the_notation_is_read_as_it_is_meant(seed: ApiBankData) -> None:
    session = Session(level_1(), data=seed)
    note = {"token": AMARA, "content": "Ring Joss's mother's", "time": "2023-04-09 10:00:00"}
    measured = {
        "user_id": "AM101",
        "time": "2023-04-01 07:00:00",
        "health_data": [{"name": "pulse", "value": "64"}],
    }
    benchmark = level(
        seed,
        user("..."),
        recorded(session, "AddReminder", note),
        recorded(session, "RecordHealthData", measured),
    )
    scores = benchmark.scores("corrected", benchmark.gold("corrected"))
    assert [score.correct for score in scores] == [True, True]
    assert [s.correct for s in benchmark.scores("paper", benchmark.gold("paper"))] == [
        False,
        False,
        False,
    ]


def test_a_broken_call_is_told_from_none(seed: ApiBankData) -> None:
    benchmark = level(seed, user("?"), api("GetToday", {}, "2023-03-31", input=None))
    for text, kind in (
        ("[GetToday()]", None),
        ("[GetToday(", "failed_parse_api_call"),
        ("It is Friday.", "no_api_call"),
        ("[GetTomorrow()]", "api_name_mismatch"),
        ("[GetToday(day=1)]", "invalid_input_parameter"),
    ):
        predictions = {("D.jsonl", 0): read_text(text, "corrected")}
        (score,) = benchmark.scores("corrected", predictions)
        assert score.kind == kind, text
    (score,) = benchmark.scores("corrected", {})
    assert score.kind == "no_api_call" and "no prediction" in str(score)


@needs_data
@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_real_annotations_are_right(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert FOLDER is not None
    monkeypatch.delenv("CALLSHEET_ENCODER")
    benchmark = read_benchmark(api_bank_data(FOLDER), number)  # type: ignore[arg-type]
    scores = benchmark.scores("corrected", benchmark.gold("corrected"))
    right = sum(score.correct for score in scores)
    assert right / len(scores) >= 0.99
