"""ToolSearcher: what it finds, in which form, and that it is what the dialogues recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from api_bank_data import FOLDER, needs_data
from hypothesis import given
from hypothesis import strategies as st

from callsheet.environments.api_bank import (
    ApiBankData,
    Catalog,
    Session,
    api_bank_data,
    level_1,
    level_3,
)
from callsheet.environments.api_bank.data import SEED
from callsheet.environments.api_bank.declaration import LEVEL_1, Param, Refusal
from callsheet.environments.api_bank.recordings import read_dialogues, read_requirements
from callsheet.environments.api_bank.search import ToolSearcher, search_text, split_keywords
from callsheet.models.embedding import VARIABLE, encoder
from callsheet.models.errors import ModelUnavailable

UPSTREAM = "paraphrase-minilm-l3"


def has_upstreams_encoder() -> bool:
    try:
        return encoder(UPSTREAM) is not None
    except ModelUnavailable:
        return False


needs_upstreams_encoder = pytest.mark.skipif(
    not has_upstreams_encoder(), reason=f"the encoder {UPSTREAM} is not installed"
)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv(VARIABLE, raising=False)


def seed_searcher(catalog: Catalog, **options: Any) -> ToolSearcher:
    return ToolSearcher.of(catalog, api_bank_data(SEED), "reference", "lexical", **options)


def names(output: Any) -> list[str]:
    return [entry["name"] for entry in (output if isinstance(output, list) else [output])]


class TestForm:
    def test_a_tool_without_token_is_one_entry(self) -> None:
        api = level_1().apis["Calculator"]
        assert seed_searcher(level_1()).search("calculator") == {
            "name": "Calculator",
            "description": api.description,
            "input_parameters": {
                "formula": {"type": "str", "description": api.inputs["formula"].description}
            },
            "output_parameters": {
                name: {"type": part.type, "description": part.description}
                for name, part in api.outputs.items()
            },
        }

    def test_a_tool_with_token_comes_behind_the_login(self) -> None:
        output = seed_searcher(level_1()).search("add alarm")
        assert names(output) == ["GetUserToken", "AddAlarm"]
        assert list(output[0]) == ["name", "description", "input_parameters", "output_parameters",
                                   "desc_for_search"]  # fmt: skip
        description = level_1().apis["GetUserToken"].description
        assert output[0]["desc_for_search"] == f"get user token{description}"
        assert "desc_for_search" not in output[1]

    def test_the_login_itself_needs_none(self) -> None:
        assert names(seed_searcher(level_1()).search("exchange password for token")) == [
            "GetUserToken"
        ]

    def test_level_3_has_no_login(self) -> None:
        searcher = seed_searcher(level_3())
        for keywords in ("add meeting", "tax", "account info"):
            assert isinstance(searcher.search(keywords), dict)

    @pytest.mark.parametrize("catalog", [level_1(), level_3()], ids=["level 1", "level 3"])
    def test_every_tool_but_the_search_can_be_found(self, catalog: Catalog) -> None:
        searcher = seed_searcher(catalog)
        found = {
            names(searcher.search(search_text({"name": api.name, "description": api.description})))[
                -1
            ]
            for api in catalog.apis.values()
            if api.name != "ToolSearcher"
        }
        assert found == {*catalog.apis} - {"ToolSearcher"}

    def test_the_search_never_finds_itself(self) -> None:
        assert "ToolSearcher" not in names(seed_searcher(level_1()).search("tool searcher"))

    def test_an_output_may_be_changed_by_its_receiver(self) -> None:
        searcher = seed_searcher(level_1())
        before = json.dumps(searcher.search("add alarm"))
        output = searcher.search("add alarm")
        output[0].clear()
        output[1]["input_parameters"]["token"]["type"] = "int"
        assert json.dumps(searcher.search("add alarm")) == before

    def test_a_catalog_without_login_has_single_entries(self) -> None:
        catalog = Catalog("small")

        @catalog.api("Do it.", {"token": Param("str", "T")}, {}, returns=None)
        def DoIt(desk: Any, token: str) -> None: ...

        assert names(seed_searcher(catalog).search("do it")) == ["DoIt"]


class TestSharing:
    def test_all_sessions_of_a_process_share_one(self) -> None:
        data = api_bank_data(SEED)
        one = ToolSearcher.of(level_1(), data, "reference", "lexical")
        assert ToolSearcher.of(level_1(), data, "reference", "lexical") is one
        assert ToolSearcher.of(level_3(), data, "reference", "lexical") is not one
        assert ToolSearcher.of(level_1(), data, "strict-upstream", "lexical") is not one

    def test_the_variable_names_the_encoder(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(VARIABLE, "lexical")
        searcher = ToolSearcher.of(level_1(), api_bank_data(SEED), "reference")
        assert searcher.encoder.name == "lexical"

    def test_an_encoder_that_is_not_there_is_a_failed_call(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(VARIABLE, "nothing")
        session = Session(level_1(), data=api_bank_data(SEED))
        envelope = session.call("ToolSearcher", {"keywords": "alarm"})
        assert "unknown encoder 'nothing'" in envelope["exception"]


class TestInput:
    @pytest.mark.parametrize("keywords", [None, 5, 1.5, True, ["alarm"], {"a": 1}, b"alarm"])
    def test_what_is_no_text_is_refused_in_the_envelope(self, keywords: Any) -> None:
        searcher = seed_searcher(level_1())
        with pytest.raises(Refusal, match="should be a text"):
            searcher.search(keywords)
        session = Session(level_1(), data=api_bank_data(SEED), searcher=searcher)
        envelope = session.call("ToolSearcher", {"keywords": keywords})
        assert envelope["output"] is None and envelope["exception"]

    def test_keywords_near_nothing_are_refused(self) -> None:
        with pytest.raises(Refusal, match="No tool fits"):
            seed_searcher(level_1()).search("")

    def test_a_megabyte_is_looked_at_in_part(self) -> None:
        searcher = seed_searcher(level_1())
        assert names(searcher.search("calculator " + "x" * 1_000_000)) == ["Calculator"]

    @given(st.text())
    def test_any_text_finds_a_tool_or_is_refused(self, keywords: str) -> None:
        try:
            output = seed_searcher(level_1()).search(keywords)
        except Refusal:
            return
        assert names(output)[-1] in LEVEL_1.apis


class TestWords:
    @pytest.mark.parametrize(
        ("keywords", "split"),
        [
            ("AddMeeting", "Add Meeting"),
            ("DocumentQA", "Document Q A"),
            ("tax calculator", "tax calculator"),
            ("Add Meeting", "Add  Meeting"),
            ("getTokenX", "get Token X"),
            ("", ""),
            ("ÄnderungÖffnen", "ÄnderungÖffnen"),
        ],
    )
    def test_keywords_are_split_before_capitals(self, keywords: str, split: str) -> None:
        assert split_keywords(keywords) == split

    @given(st.text())
    def test_splitting_adds_spaces_and_nothing_else(self, keywords: str) -> None:
        assert split_keywords(keywords).replace(" ", "") == keywords.replace(" ", "")

    def test_name_and_description_are_joined_without_space(self) -> None:
        entry = {"name": "QueryStock", "description": "This API queries."}
        assert search_text(entry) == "query stockThis API queries."


def folder(tmp_path: Path) -> ApiBankData:
    """A small folder with descriptions of two releases."""
    (tmp_path / "init_database").mkdir()
    api = {
        "name": "Calculator", "group": "level-1/2", "description": "Newer words on sums.",
        "first_release_description": "First words on arithmetic.",
        "input_parameters": {"formula": {"type": "str", "description": "F"}},
        "output_parameters": {"result": {"type": "float", "description": "R"}},
    }  # fmt: skip
    (tmp_path / "apis.json").write_text(json.dumps({"apis": [api]}))
    return api_bank_data(tmp_path)


@pytest.mark.parametrize(
    ("behaviour", "description"),
    [
        ("reference", "First words on arithmetic."),
        ("strict-upstream", "Newer words on sums."),
    ],
)
def test_descriptions_are_those_of_the_data_and_behaviour(
    tmp_path: Path, behaviour: Any, description: str
) -> None:
    searcher = ToolSearcher.of(level_1(), folder(tmp_path), behaviour, "lexical")
    assert searcher.search(description) == {
        "name": "Calculator",
        "description": description,
        "input_parameters": {"formula": {"type": "str", "description": "F"}},
        "output_parameters": {"result": {"type": "float", "description": "R"}},
    }


@needs_data
@needs_upstreams_encoder
class TestRecordings:
    def test_every_recorded_search_of_level_2_is_found_to_the_letter(self) -> None:
        assert FOLDER is not None
        searcher = ToolSearcher.of(level_1(), api_bank_data(FOLDER), "reference", UPSTREAM)
        searches = [
            turn
            for dialogue in read_dialogues(FOLDER, 2)
            for turn in dialogue.calls
            if turn.api_name == "ToolSearcher"
        ]
        assert searches
        for turn in searches:
            found = searcher.search(turn.param_dict["keywords"])
            assert json.dumps(found) == json.dumps(turn.result["output"]), turn.param_dict

    @pytest.mark.parametrize(
        ("behaviour", "other"),
        # Upstream's gold here was not made by its search; its own evaluator misses this one.
        [("strict-upstream", {("AddMeeting", "QueryMeeting")}), ("reference", set())],
    )
    def test_level_3_agrees_where_upstreams_own_evaluator_does(
        self, behaviour: Any, other: set[tuple[str, str]]
    ) -> None:
        assert FOLDER is not None
        searcher = ToolSearcher.of(level_3(), api_bank_data(FOLDER), behaviour, UPSTREAM)
        missed = []
        searches = [
            call
            for record in read_requirements(FOLDER)
            for call in record.apis
            if call.api_name == "ToolSearcher"
        ]
        for call in searches:
            found = searcher.search(split_keywords(call.input["keywords"]))
            if json.dumps(found) != json.dumps(call.output["output"]):
                missed.append((call.input["keywords"], found["name"]))
        assert searches and {*missed} <= other

    def test_the_latest_descriptions_are_given_where_they_are_wanted(self) -> None:
        data = api_bank_data(FOLDER)
        searcher = ToolSearcher.of(level_1(), data, "strict-upstream", UPSTREAM)
        for (group, name), signature in data.signatures.items():
            if group == "level-1/2" and name in ("AddMeeting", "QueryStock", "GetToday"):
                output = searcher.search(search_text(signature))
                entry = output[-1] if isinstance(output, list) else output
                assert entry["description"] == signature["description"]
