"""A folder's files: one that is missing or of another shape is one clear line, never an answer."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from callsheet.environments.api_bank import (
    VARIABLE,
    ApiBankData,
    ApiBankDataError,
    Session,
    api_bank_data,
    level_1,
    level_3,
)
from callsheet.environments.api_bank.data import SEED
from callsheet.environments.api_bank.environment import API_BANK, API_BANK_LEVEL_3, tool_specs
from callsheet.environments.api_bank.recordings import read_dialogues
from callsheet.environments.api_bank.tables import FILES, LEVEL_3_PARTS

CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "History": ("QueryHistoryToday", {"date": "04-21"}),
    "ImageCaptioning": ("ImageCaption", {"url": "a.png"}),
    "QuestionAnswering": ("DocumentQA", {"url": "u", "question": "q"}),
    "SearchEngine": ("SearchEngine", {"keyword": "k"}),
    "SpeechRecognition": ("SpeechRecognition", {"url": "a.wav"}),
    "Stock": ("QueryStock", {"stock_code": "c", "date": "2022-01-01"}),
    "Symptom": ("SymptomSearch", {"symptom": "s"}),
    "Wiki": ("Wiki", {"keyword": "k"}),
}
"""A call that looks something up, by file."""
BROKEN = ["", "{", "null", "3", '"text"']


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for part in ("init_database", "level-3"):
        shutil.copytree(SEED / part, tmp_path / part)
    return tmp_path


def line(act: Callable[[], Any]) -> str:
    """What is wrong with the data, in one line."""
    with pytest.raises(ApiBankDataError) as raised:
        act()
    text = str(raised.value)
    assert text and len(text.splitlines()) == 1
    return text


def test_what_the_package_stands_in_for_is_told(folder: Path) -> None:
    assert not ApiBankData(SEED).borrowed
    assert list(ApiBankData(folder).borrowed) == ["apis.json"]
    (folder / "level-3" / "inline_database.json").unlink()
    assert list(ApiBankData(folder).borrowed) == ["apis.json", "level-3/inline_database.json"]


@pytest.mark.parametrize("name", [*FILES, *CALLS])
def test_a_missing_file_is_told_before_anything_is_played(folder: Path, name: str) -> None:
    (folder / "init_database" / f"{name}.json").unlink()
    said = line(lambda: Session(level_1(), data=ApiBankData(folder)))
    assert said.endswith(f"{name}.json: no such file")


@pytest.mark.parametrize("text", [*BROKEN, "[3]"])
@pytest.mark.parametrize("name", FILES)
def test_a_broken_table_is_told_before_anything_is_played(
    folder: Path, name: str, text: str
) -> None:
    (folder / "init_database" / f"{name}.json").write_text(text)
    assert f"{name}.json" in line(lambda: Session(level_1(), data=ApiBankData(folder)))


@pytest.mark.parametrize("name", FILES)
def test_rows_of_another_shape_are_told_with_their_file(folder: Path, name: str) -> None:
    (folder / "init_database" / f"{name}.json").write_text('{"a": 3}')
    assert f"{name}.json" in line(lambda: Session(level_1(), data=ApiBankData(folder)))


@pytest.mark.parametrize("text", BROKEN)
@pytest.mark.parametrize("name", CALLS)
def test_a_broken_look_up_is_no_answer_of_a_tool(folder: Path, name: str, text: str) -> None:
    (folder / "init_database" / f"{name}.json").write_text(text)
    session = Session(level_1(), data=ApiBankData(folder))
    assert f"{name}.json" in line(lambda: session.call(*CALLS[name]))
    assert session.call("GetToday", {})["output"] == "2023-03-31"


@pytest.mark.parametrize(
    ("name", "said"),
    [("init_database/Wiki.json", "Wiki.json: no JSON"),
     ("level-2-toolsearcher/a.jsonl", "a.jsonl:1: no turn")],
)  # fmt: skip
def test_a_run_is_told_of_broken_look_ups_before_it_begins(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    monkeypatch.setenv("CALLSHEET_ENCODER", "lexical")
    monkeypatch.setenv(VARIABLE, str(folder))
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("version 1\nsize 5")
    assert said in line(lambda: API_BANK.digest)
    assert API_BANK_LEVEL_3.digest


@pytest.mark.parametrize(
    "pages",
    [{}, {"raw_documents": []}, {"raw_documents": {}, "tokenized_documents": []},
     {"raw_documents": [], "tokenized_documents": [["a"]]}],
)  # fmt: skip
def test_pages_belong_to_their_words(folder: Path, pages: dict[str, Any]) -> None:
    (folder / "init_database" / "SearchEngine.json").write_bytes(orjson.dumps(pages))
    session = Session(level_1(), data=ApiBankData(folder))
    assert "same length" in line(lambda: session.call("SearchEngine", {"keyword": "k"}))


@pytest.mark.parametrize("text", [*BROKEN, "[]", "{}"])
def test_broken_tables_of_level_3(folder: Path, text: str) -> None:
    (folder / "level-3" / "inline_database.json").write_text(text)
    data = ApiBankData(folder)
    assert "inline_database.json" in line(lambda: Session(level_3(), data=data))
    assert Session(level_1(), data=data).call("GetToday", {})["exception"] is None


@pytest.mark.parametrize(("tool", "part"), LEVEL_3_PARTS)
def test_a_missing_table_of_level_3_is_named(folder: Path, tool: str, part: str) -> None:
    path = folder / "level-3" / "inline_database.json"
    tables = orjson.loads(path.read_bytes())
    for value in (None, 3, {} if LEVEL_3_PARTS[tool, part] is list else []):
        tables[tool][part] = value
        path.write_bytes(orjson.dumps(tables))
        said = line(lambda: Session(level_3(), data=ApiBankData(folder)))
        assert f"{tool} has no " in said and said.endswith(f" {part}")
    del tables[tool]
    path.write_bytes(orjson.dumps(tables))
    assert f"{tool} has no " in line(lambda: Session(level_3(), data=ApiBankData(folder)))


def test_a_folder_without_tables_of_level_3_has_the_packages_own(folder: Path) -> None:
    shutil.rmtree(folder / "level-3")
    assert ApiBankData(folder).level_3 == api_bank_data(SEED).level_3


WIKI = {"name": "Wiki", "group": "level-1/2"}


@pytest.mark.parametrize(
    "apis",
    [[], {"apis": [1]}, {"apis": [{}]}, {"apis": [WIKI | {"name": ["Wiki"]}]},
     {"apis": [WIKI | {"description": 3}]}, {"apis": [WIKI | {"first_release_description": [3]}]},
     {"apis": [WIKI | {"input_parameters": []}]}, {"apis": [WIKI | {"output_parameters": None}]},
     {"apis": [WIKI | {"input_parameters": {"keyword": "str"}}]}],
)  # fmt: skip
def test_descriptions_of_another_shape(
    folder: Path, apis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLSHEET_ENCODER", "lexical")
    (folder / "apis.json").write_bytes(orjson.dumps(apis))
    data = ApiBankData(folder)
    assert "apis.json" in line(lambda: tool_specs(level_1(), data, "reference"))
    session = Session(level_1(), data=data)
    assert "apis.json" in line(lambda: session.call("ToolSearcher", {"keywords": "wiki"}))


def test_a_tool_need_not_have_words_of_two_releases(folder: Path) -> None:
    api = WIKI | {"description": "Newest words.", "first_release_description": None}
    (folder / "apis.json").write_bytes(orjson.dumps({"apis": [api]}))
    specs = tool_specs(level_1(), ApiBankData(folder), "reference")
    assert specs["Wiki"].description == "Newest words."


def test_a_broken_dialogue_does_not_silence_the_others(folder: Path) -> None:
    """Recorded answers come from the dialogues: without one of them, an answer may be missing."""
    dialogues = folder / "level-1-given-desc"
    dialogues.mkdir()
    (dialogues / "a.jsonl").write_text('{"role": "API"')
    session = Session(level_1(), data=ApiBankData(folder))
    assert "a.jsonl:1" in line(lambda: session.call("Dictionary", {"keyword": "sturdy"}))


@pytest.mark.parametrize("gone", [True, False])
def test_a_dialogue_that_cannot_be_opened_is_no_answer_of_a_tool(folder: Path, gone: bool) -> None:
    dialogue = folder / "level-1-given-desc" / "a.jsonl"
    dialogue.parent.mkdir()
    if gone:
        dialogue.symlink_to(folder / "nowhere")
    else:
        dialogue.mkdir()
    session = Session(level_1(), data=ApiBankData(folder))
    for act in (
        lambda: read_dialogues(folder, 1),
        lambda: session.call("Dictionary", {"keyword": "sturdy"}),
    ):
        assert line(act).startswith(f"{dialogue}: ")


def test_a_folder_in_the_place_of_a_file_has_no_digest(folder: Path) -> None:
    path = folder / "init_database" / "Stock.json"
    path.unlink()
    path.mkdir()
    assert line(lambda: ApiBankData(folder).digest) == f"{path}: Is a directory"
