"""The paper's protocol, with its defects and its denominators."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from api_bank_data import FOLDER, needs_data
from api_bank_dialogues import (
    AMARA,
    ai,
    alarm_dialogue,
    api,
    appointment_dialogue,
    dialogue,
    posts_record,
    user,
    write_folder,
)

from callsheet.environments.api_bank import ApiBankData, Session, api_bank_data, level_3
from callsheet.environments.api_bank.data import SEED
from callsheet.environments.api_bank.recordings import Requirement
from callsheet.evaluation.api_bank.benchmark import Benchmark, read_benchmark
from callsheet.evaluation.api_bank.examination import (
    Examination,
    score_gold,
    score_predictions,
)
from callsheet.evaluation.api_bank.gold_reasons import gold_reasons
from callsheet.evaluation.api_bank.predictions import PredictionsUnreadable, read_texts
from callsheet.evaluation.api_bank.reading import gold_prediction, read_text
from callsheet.evaluation.api_bank.report_table import report_lines


@pytest.fixture(autouse=True)
def lexical(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLSHEET_ENCODER", "lexical")


@pytest.fixture
def seed() -> ApiBankData:
    return api_bank_data(SEED)


@pytest.fixture
def data(tmp_path: Path, seed: ApiBankData) -> ApiBankData:
    dialogues = [alarm_dialogue(seed), appointment_dialogue(seed)]
    records = [posts_record(seed, 0), posts_record(seed, 1)]
    return api_bank_data(write_folder(tmp_path / "data", dialogues, records))


def wrong(benchmark: Benchmark) -> dict[tuple[str, int], str]:
    scores = benchmark.scores("paper", benchmark.gold("paper"))
    return {(s.file, s.id): str(s.kind) for s in scores if not s.correct}


def test_no_earlier_call_is_made(data: ApiBankData) -> None:
    benchmark = read_benchmark(data, 1)
    assert wrong(benchmark) == {
        # The alarm is not there to be deleted, the appointment not to be found or cancelled.
        ("Alarm-level-2-1.jsonl", 4): "has_exception",
        ("Appointment-level-2-1.jsonl", 2): "has_exception",
        ("Appointment-level-2-1.jsonl", 4): "has_exception",
    }
    scores = benchmark.scores("paper", benchmark.gold("paper"))
    assert set(gold_reasons(benchmark, scores).values()) == {"earlier calls"}


def test_a_call_after_a_call_is_counted_twice(data: ApiBankData) -> None:
    benchmark = read_benchmark(data, 1)
    keys = [(c.source[:5], c.number, c.name) for c in benchmark.calls("paper")]
    assert keys[:4] == [
        ("Alarm", 0, "GetUserToken"),
        ("Alarm", 1, "AddAlarm"),
        ("Alarm", 2, "AddAlarm"),
        ("Alarm", 4, "DeleteAlarm"),
    ]
    report, _ = score_gold(Examination(benchmark, "paper"))
    assert (report.calls.calls.right, report.calls.calls.of) == (4, 7)
    assert len(benchmark.calls("corrected")) == 6


def test_the_parser_and_the_latest_tools_have_their_share(seed: ApiBankData) -> None:
    measured = [{"name": "pulse", "value": "64"}]
    given = {
        "user_id": "AM101",
        "time": "2023-04-01 07:00:00",
        "health_data": "[{'name': 'pulse', 'value': '64'}]",
    }
    note = {"token": AMARA, "content": "Ring Joss's mother", "time": "2023-04-09 10:00:00"}
    turns = [
        user("..."),
        api("RecordHealthData", given, "success",
            input={**given, "health_data": measured}),
        ai("."),
        api("AddReminder", note, "success"),
        ai("."),
        api("QueryScene", {"name": "away"}, [{"name": "Old Lamp", "description": "Lamp"}]),
    ]  # fmt: skip
    benchmark = Benchmark(1, seed, [dialogue("A.jsonl", turns)], 1)
    scores = benchmark.scores("paper", benchmark.gold("paper"))
    assert [s.kind for s in scores] == ["has_exception", "input_mismatch", "output_mismatch"]
    # "Joss" ends at its apostrophe: two words of four are left.
    assert gold_reasons(benchmark, scores) == {
        ("A.jsonl", 0): "parser and tools",
        ("A.jsonl", 2): "parser",
        ("A.jsonl", 4): "unexplained",
    }


def test_level_3_is_one_world_and_counts_records(data: ApiBankData) -> None:
    benchmark = read_benchmark(data, 3)
    assert wrong(benchmark) == {}
    examination = Examination(benchmark, "paper")
    report, scores = score_gold(examination)
    assert (report.calls.whole.right, report.calls.whole.of) == (2, 2)
    texts = {key: p.said for key, p in benchmark.gold("paper").items()}
    texts["1", 3] = "[UserPosts(user_id='1')]"
    predictions = {key: read_text(text, "paper") for key, text in texts.items()}
    report, scores = examination.report("m", predictions)
    assert (report.calls.calls.right, report.calls.calls.of) == (7, 8)
    assert (report.calls.whole.right, report.calls.whole.of) == (1, 2)
    assert scores[-1].kind == "api_name_mismatch" and report.gold.calls.right == 8


def test_a_second_flight_is_spoilt_by_the_first_record(seed: ApiBankData) -> None:
    # One world for all records, as published; each record has its own when corrected.
    route = {"source": "Oslo", "destination": "Athens", "travel_dates": "2023-05-01"}
    envelope = Session(level_3(), data=seed).call("FlightSearch", route)
    assert envelope["exception"] is None
    records = [
        Requirement.model_validate(
            {"sample_id": number, "requirement": "A flight?", "response": "One.",
             "apis": [{"api_name": "FlightSearch", "input": route, "output": envelope}]}
        )
        for number in (0, 1)
    ]  # fmt: skip
    benchmark = Benchmark(3, seed, records, 2)
    assert wrong(benchmark) == {("1", 0): "has_exception"}
    scores = benchmark.scores("paper", benchmark.gold("paper"))
    assert gold_reasons(benchmark, scores) == {("1", 0): "earlier calls"}
    # A call of another tool is made too: here it is what spoils the flight.
    moved = Requirement.model_validate(
        {"sample_id": 0, "requirement": "Where is Oskar?", "response": "Away.",
         "apis": [{"api_name": "TravelStatus", "input": {"member_name": "Oskar"},
                   "output": Session(level_3(), data=seed).call(
                       "TravelStatus", {"member_name": "Oskar"})}]}
    )  # fmt: skip
    benchmark = Benchmark(3, seed, [moved, records[1]], 2)
    flight = gold_prediction(benchmark.calls("paper")[1], "paper")
    both = benchmark.scores("paper", {("0", 0): flight, ("1", 0): flight})
    assert [score.kind for score in both] == ["api_name_mismatch", "has_exception"]
    assert all(s.correct for s in benchmark.scores("corrected", benchmark.gold("corrected")))


def test_a_file_of_predictions(data: ApiBankData, tmp_path: Path) -> None:
    benchmark = read_benchmark(data, 1)
    lines = [
        {"file": "Alarm-level-2-1.jsonl", "id": 0,
         "pred": "API-Request: [GetUserToken(username='amara', password='river-stone')]"},
        {"file": "Alarm-level-2-1.jsonl", "id": 1, "pred": "I would rather talk."},
        {"file": "Alarm-level-2-1.jsonl", "id": 2, "pred": None},
        {"file": "Alarm-level-2-1.jsonl", "id": 3, "pred": "Your alarm is set."},
        {"file": "unknown.jsonl", "id": 0, "pred": "[GetToday()]"},
    ]  # fmt: skip
    path = tmp_path / "predictions.jsonl"
    path.write_bytes(b"\n".join(map(orjson.dumps, lines)) + b"\n\n")
    examination = Examination(benchmark, "paper")
    report, _ = score_predictions(examination, path, responses=True)
    # Four samples are not answered, and stay in the denominator.
    assert (report.calls.calls.right, report.calls.calls.of, report.calls.missing) == (1, 7, 4)
    assert report.calls.errors == {"no_api_call": 6}
    assert report.responses is not None and report.responses.samples == 5
    assert report.responses.missing == 4
    assert report.responses.rouge_l.standard == pytest.approx(1 / 5)
    text = "\n".join(report_lines([report]))
    assert "1/7 (14.29%)" in text and "4/7" in text and "counted as wrong: 4" in text
    records = read_benchmark(data, 3)
    path.write_bytes(
        orjson.dumps({"pred": "[TravelStatus(member_name='Oskar')]", "sample_id": 0, "api_id": 3})
    )
    report, _ = score_predictions(Examination(records, "paper"), path)
    assert (report.calls.calls.right, report.calls.calls.of) == (1, 8)
    text = "\n".join(report_lines([report]))
    assert "counted as wrong: 7; of the samples with one, as upstream counts level 3: 1/1" in text


def test_responses_of_level_3_have_the_number_of_the_last_call(
    data: ApiBankData, tmp_path: Path
) -> None:
    call = {
        "pred": "[TravelStatus(member_name='Oskar')]",
        "sample_id": 0,
        "api_id": 3,
        "output": "API-Request: [TravelStatus(member_name='Oskar')]",
    }
    words = {
        "pred": "AI: Oskar is on a journey.",
        "sample_id": 0,
        "api_id": 3,
        "output": "Nuria watched Glass Harbour and Paper Moons. Oskar is on a journey.",
    }
    path = tmp_path / "p.jsonl"
    examination = Examination(read_benchmark(data, 3), "paper")
    for lines in ([call, words], [words, call]):
        path.write_bytes(b"\n".join(map(orjson.dumps, lines)))
        report, _ = score_predictions(examination, path, responses=True)
        assert report.calls.calls.right == 1
        assert report.responses is not None and report.responses.missing == 1
        assert 0.3 < report.responses.rouge_l.published * 2 < 1
    # A line that does not say what it is for may be for either.
    path.write_bytes(b"\n".join(orjson.dumps({**line, "output": "x"}) for line in [words, call]))
    assert read_texts(path) == read_texts(path, words=True) == {("0", 3): call["pred"]}
    path.write_bytes(orjson.dumps(call))
    assert read_texts(path, words=True) == {}


@pytest.mark.parametrize(
    "line", [b"{", b"[]", b'{"file": "f", "id": "0", "pred": "x"}', b'{"file": "f", "id": 0}']
)
def test_a_file_that_is_none_names_its_line(line: bytes, tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_bytes(b"\n" + line)
    with pytest.raises(PredictionsUnreadable, match=r"p\.jsonl:2: ") as told:
        read_texts(path)
    assert "\n" not in str(told.value)


def test_a_total_says_what_it_is_of(data: ApiBankData) -> None:
    reports = [score_gold(Examination(read_benchmark(data, n), "paper"))[0] for n in (1, 3)]
    lines = list(report_lines(reports))
    assert any("1+3 (all 15 call samples)" in line and "12/15" in line for line in lines)
    assert all(report.schema_version == 1 for report in reports)
    assert reports[0].encoder is None and reports[1].encoder == "lexical"


def test_a_part_is_spread_evenly(data: ApiBankData) -> None:
    part = read_benchmark(data, 3, limit=1)
    assert (len(part.sources), part.available) == (1, 2)
    assert len(read_benchmark(data, 3, limit=9).sources) == 2


@needs_data
@pytest.mark.parametrize("level", [1, 2, 3])
def test_every_failure_of_the_real_annotations_is_explained(
    level: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert FOLDER is not None
    monkeypatch.delenv("CALLSHEET_ENCODER")
    benchmark = read_benchmark(api_bank_data(FOLDER), level)  # type: ignore[arg-type]
    scores = benchmark.scores("paper", benchmark.gold("paper"))
    reasons = gold_reasons(benchmark, scores)
    failed = [score for score in scores if not score.correct]
    assert failed and len(reasons) == len(failed)
    assert "unexplained" not in reasons.values() and "online" not in reasons.values()
    # What the published figures owe to: 347 of 399, 94 of 135 and 230 of 245 on all data.
    right = 1 - len(failed) / len(scores)
    assert abs(right - {1: 347 / 399, 2: 94 / 135, 3: 230 / 245}[level]) < 0.04
