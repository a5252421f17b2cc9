"""Dates, encyclopedia, documents, and what once came from the network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from callsheet.environments.api_bank import (
    ApiBankData,
    Behaviour,
    CallRaised,
    Session,
    api_bank_data,
    level_1,
    level_3,
)
from callsheet.environments.api_bank.data import SEED


def opened(behaviour: Behaviour = "reference", data: ApiBankData | None = None) -> Session:
    return Session(level_1(), data=data or api_bank_data(SEED), behaviour=behaviour)


@pytest.fixture(params=["reference", "strict-upstream"])
def session(request: pytest.FixtureRequest) -> Session:
    return opened(request.param)


def answer(session: Session, tool: str, /, **arguments: Any) -> Any:
    """The output, or the refusal."""
    envelope = session.call(tool, arguments)
    assert envelope["output"] is None or envelope["exception"] is None
    return envelope["exception"] or envelope["output"]


def test_today(session: Session) -> None:
    assert session.call("GetToday", {}) == {
        "api_name": "GetToday", "input": None, "output": "2023-03-31", "exception": None
    }  # fmt: skip


def test_calculator_by_behaviour_in_both_levels() -> None:
    for catalog in (level_1(), level_3()):
        plain = Session(catalog, data=api_bank_data(SEED))
        strict = Session(catalog, data=api_bank_data(SEED), behaviour="strict-upstream")
        assert answer(plain, "Calculator", formula=" ( 1 + 2 ) * 3 ") == 9.0
        assert answer(strict, "Calculator", formula="(1+2)*3") == 9.0
        assert answer(plain, "Calculator", formula="-5+3") == -2.0
        with pytest.raises(CallRaised) as raised:
            strict.call("Calculator", {"formula": "-5+3"})
        assert raised.value.kind == "Hang"
        assert answer(plain, "Calculator", formula="1/0") == "float division by zero"
        assert answer(strict, "Calculator", formula="((1+2))+1") == "')' is not in list"


@pytest.mark.parametrize("formula", [12, None, ["1+2"]])
def test_a_formula_that_is_no_text(session: Session, formula: Any) -> None:
    """Upstream takes the spaces out before it looks at anything."""
    kind = type(formula).__name__
    said = f"'{kind}' object has no attribute 'replace'"
    assert answer(session, "Calculator", formula=formula) == said


EINSTEIN = (
    "Title: Birth of Albert Einstein, Date: 1879-03-14, "
    "Description: The physicist was born in Ulm, on the Danube."
)


@pytest.mark.parametrize("date", ["03-14", " 3-14 ", "2023-03-14", "23-3-14"])
def test_history_by_day_of_the_year(session: Session, date: str) -> None:
    assert answer(session, "QueryHistoryToday", date=date)[1] == EINSTEIN


@pytest.mark.parametrize(
    ("date", "message"),
    [
        ("1-1", "The date is not in the database."),
        ("2024-02-29", "The date is not in the database."),
        ("02-29", "day is out of range for month"),
        ("14 March", "time data '14 March' does not match format '%m-%d'"),
        ("2023/03/14", "time data '2023/03/14' does not match format '%m-%d'"),
    ],
)
def test_dates_without_history(session: Session, date: str, message: str) -> None:
    assert answer(session, "QueryHistoryToday", date=date) == message


def test_encyclopedia(session: Session) -> None:
    found = answer(session, "Wiki", keyword="_Tidal_Power ")
    assert found == {
        "url": "https://encyclopedia.example/tidal_power",
        "summary": "Tidal power turns the rise and fall of the sea into electricity.",
    }
    assert answer(session, "Wiki", keyword="wave power") == "Keyword not found."


def test_no_question_about_a_document_is_ever_answered(session: Session) -> None:
    url = "https://documents.example/lease.txt"
    ask = "How long does the lease run?"
    assert answer(session, "DocumentQA", url=f" {url} ", question=ask) == (
        "The question is too difficult to answer."
    )
    assert answer(session, "DocumentQA", url="x", question=" ") == "The question is empty."
    assert answer(session, "DocumentQA", url="x", question=ask) == (
        "The document of this url failed to be processed."
    )


def test_dictionary(session: Session) -> None:
    found = answer(session, "Dictionary", keyword=" Drizzle ")
    assert [part["partOfSpeech"] for part in found] == ["noun", "verb"]
    found[0].clear()
    assert answer(session, "Dictionary", keyword="drizzle")[0]["partOfSpeech"] == "noun"
    assert answer(session, "Dictionary", keyword="qwxz") == "Failed."


def test_translation(session: Session) -> None:
    envelope = session.call("Translate", {"src": "Good morning", "tgt_lang": "German"})
    assert envelope["output"] == "Guten Morgen"
    assert envelope["input"] == {"src": "Good morning", "tgt_lang": "German"}
    morning = {"src": " good  MORNING "}
    assert answer(session, "Translate", **morning, tgt_lang="it", src_lang="english") == (
        "Buongiorno"
    )
    assert answer(session, "Translate", src="Guten Morgen") == "Good morning"
    unsupported = "Language not supported."
    assert answer(session, "Translate", **morning, tgt_lang="Quenya") == unsupported
    assert answer(session, "Translate", **morning, src_lang="Quenya") == unsupported
    assert answer(session, "Translate", **morning, tgt_lang="Zulu") == (
        "There is no recorded translation of this text."
    )


def test_recorded_answers_of_the_folder_come_first(tmp_path: Path) -> None:
    (tmp_path / "init_database").mkdir()
    for path in (SEED / "init_database").iterdir():
        (tmp_path / "init_database" / path.name).write_bytes(path.read_bytes())
    dialogues = tmp_path / "level-1-given-desc"
    dialogues.mkdir()
    calls = [
        ("Dictionary", {"keyword": "Drizzle"}, [{"partOfSpeech": "noun", "definitions": []}]),
        ("Dictionary", {"keyword": "sturdy"}, None),
        ("Translate", {"src": "Harbour", "tgt_lang": "spanish"}, "Puerto"),
        ("Translate", {"src": "Hafen"}, "Harbour"),
    ]
    lines = [
        {"role": "API", "api_name": name, "param_dict": given,
         "result": {"api_name": name, "input": given, "output": output, "exception": None}}
        for name, given, output in calls
    ]  # fmt: skip
    (dialogues / "a.jsonl").write_bytes(b"\n".join(map(orjson.dumps, lines)))
    session = opened(data=ApiBankData(tmp_path))
    assert answer(session, "Dictionary", keyword="drizzle") == calls[0][2]
    assert answer(session, "Dictionary", keyword="sturdy")[0]["partOfSpeech"] == "adjective"
    assert answer(session, "Translate", src="harbour", tgt_lang="es") == "Puerto"
    assert answer(session, "Translate", src="HAFEN", tgt_lang="English") == "Harbour"
    assert answer(session, "Translate", src="harbour", tgt_lang="fr") != "Puerto"
