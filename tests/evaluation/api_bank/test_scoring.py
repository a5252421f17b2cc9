"""One call against the annotated one: the order of the questions, and the kinds of error."""

from __future__ import annotations

from typing import Any

import pytest
from api_bank_dialogues import AMARA, LOGIN
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.environments.api_bank import ApiBankData, Session, api_bank_data, level_1, level_3
from callsheet.environments.api_bank.data import SEED
from callsheet.evaluation.api_bank.annotations import GoldCall
from callsheet.evaluation.api_bank.call_score import scored
from callsheet.evaluation.api_bank.checkers import Mode
from callsheet.evaluation.api_bank.predictions import Prediction
from callsheet.evaluation.api_bank.reading import read_text
from callsheet.evaluation.api_bank.scoring import Verdict, score_call
from callsheet.evaluation.api_bank.taxonomy import GROUP_OF, KINDS, counted, grouped

ALARM = {"token": AMARA, "time": "2023-05-01 06:30:00"}


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> ApiBankData:
    monkeypatch.setenv("CALLSHEET_ENCODER", "lexical")
    return api_bank_data(SEED)


def gold(data: ApiBankData, name: str, arguments: Any, three: bool = False) -> GoldCall:
    session = Session(level_3() if three else level_1(), data=data)
    return GoldCall("f", 0, name, arguments, session.call(name, arguments))


def score(
    data: ApiBankData,
    wanted: GoldCall,
    name: str,
    arguments: Any,
    *,
    mode: Mode = "published",
    three: bool = False,
) -> Verdict:
    session = Session(level_3() if three else level_1(), data=data)
    return score_call(
        session, name, arguments, wanted, mode=mode, behaviour="reference", any_name=three
    )


def test_the_kinds_in_their_order(data: ApiBankData) -> None:
    wanted = gold(data, "AddAlarm", ALARM)

    def kind(name: str, arguments: Any) -> Any:
        return score(data, wanted, name, arguments).kind

    assert kind("AddAlarm", ALARM) is None
    # A wrong name is told before anything else that is wrong with the call.
    assert kind("DeleteAlarm", {"x": 1}) == "api_name_mismatch"
    assert kind("AddAlarm", {**ALARM, "x": 1}) == "invalid_input_parameter"
    assert kind("AddAlarm", {"token": AMARA}) == "miss_input_argument"
    assert kind("AddAlarm", {**ALARM, "token": "t"}) == "has_exception"
    assert kind("AddAlarm", {**ALARM, "time": "2023-05-01 06:31:00"}) == "input_mismatch"
    login = gold(data, *LOGIN)
    other = {"username": "lukas", "password": "tin-whistle"}
    # Another user gives another token: the output is told before the input.
    verdict = score(data, login, "GetUserToken", other)
    assert verdict == Verdict("output_mismatch", ("output", "input"))


def test_text_that_is_no_number_is_an_invalid_parameter(data: ApiBankData) -> None:
    given = {"hotel_name": "Mill", "check_in_time": "2023-05-01", "check_out_time": "2023-05-02",
             "room_count": "1", "adult_count": "1", "child_count": "0"}  # fmt: skip
    wanted = gold(data, "BookHotel", given)
    assert score(data, wanted, "BookHotel", given).correct
    for bad in ("-1", "one", "", [1]):
        verdict = score(data, wanted, "BookHotel", {**given, "room_count": bad})
        assert verdict.kind == "invalid_input_parameter", bad


def test_a_checker_that_fails_is_told_apart(data: ApiBankData) -> None:
    given = {"token": AMARA, "meeting_topic": "Seed catalogue", "start_time": "",
             "end_time": "", "location": "", "attendees": []}  # fmt: skip
    wanted = gold(data, "DeleteMeeting", given)
    verdict = score(data, wanted, "DeleteMeeting", given)
    assert verdict.kind == "key_error" and "KeyError" in verdict.detail
    assert score(data, wanted, "DeleteMeeting", given, mode="corrected").correct


def test_a_search_that_finds_another_tool(data: ApiBankData) -> None:
    wanted = gold(data, "ToolSearcher", {"keywords": "add alarm"})
    found = wanted.envelope["output"][-1]["name"]
    verdict = score(data, wanted, "ToolSearcher", {"keywords": "translate a text"})
    assert verdict.kind == "failed_retrieval" and f"in place of {found}" in verdict.detail
    same = score(data, wanted, "ToolSearcher", {"keywords": "alarm add"})
    assert same.correct


def test_the_same_tool_in_other_words_is_an_output_as_published(data: ApiBankData) -> None:
    right = gold(data, "ToolSearcher", {"keywords": "add alarm"})
    old = [{**tool, "description": "as it was"} for tool in right.envelope["output"]]
    wanted = GoldCall("f", 0, "ToolSearcher", {}, {**right.envelope, "output": old})
    arguments = {"keywords": "add alarm"}
    assert score(data, wanted, "ToolSearcher", arguments).kind == "output_mismatch"
    assert score(data, wanted, "ToolSearcher", arguments, mode="corrected").correct


def test_level_3_leaves_other_tools_to_the_annotated_checker(data: ApiBankData) -> None:
    wanted = gold(data, "TravelStatus", {"member_name": "Oskar"}, three=True)
    verdict = score(data, wanted, "UserWatchedMovies", {"user_name": "Nuria"}, three=True)
    assert verdict.kind == "api_name_mismatch" and "api_name" in verdict.differs
    assert score(data, wanted, "Nonsense", {}, three=True).kind == "api_name_mismatch"
    # The weather of nowhere is the one error that leaves its tool.
    here = {"latitude": "59.9139", "longitude": "10.7522"}
    weather = gold(data, "GetWeatherForCoordinates", here, three=True)
    lost = {**here, "latitude": "1"}
    verdict = score(data, weather, "GetWeatherForCoordinates", lost, three=True)
    assert verdict.kind == "has_exception" and "subscriptable" in verdict.detail


def test_level_3_takes_keywords_apart_before_it_searches(data: ApiBankData) -> None:
    apart = gold(data, "ToolSearcher", {"keywords": "Travel Status"}, three=True)
    assert score(data, apart, "ToolSearcher", {"keywords": "TravelStatus"}, three=True).correct


def test_kinds_and_groups_are_whole() -> None:
    assert set(GROUP_OF) == set(KINDS)
    found = counted(["has_exception", None, "input_mismatch", "output_mismatch", "has_exception"])
    assert found == {"has_exception": 2, "output_mismatch": 1, "input_mismatch": 1}
    assert grouped(found) == {"exception": 2, "wrong result": 2}


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(["2023-05-01 06:30:00", "2023-05-01", "1+2", AMARA, "amara", "a.wav"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(st.data(), st.booleans(), st.sampled_from(["published", "corrected"]))
@settings(max_examples=150, deadline=None)
def test_no_call_makes_the_judge_fail(drawn: st.DataObject, three: bool, mode: Mode) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALLSHEET_ENCODER", "lexical")
        catalog = level_3() if three else level_1()
        data = api_bank_data(SEED)
        name = drawn.draw(st.sampled_from(sorted(catalog.apis)))
        inputs = catalog.apis[name].inputs
        arguments = {key: drawn.draw(VALUES) for key in inputs if drawn.draw(st.booleans())}
        wanted = GoldCall("f", 0, name, {}, {"input": {}, "output": [], "exception": None})
        for behaviour in ("reference", "strict-upstream"):
            session = Session(catalog, data=data, behaviour=behaviour)
            verdict = score_call(
                session, name, arguments, wanted, mode=mode, behaviour=behaviour, any_name=three
            )
            assert verdict.kind in (*KINDS, None)
            scored(wanted, Prediction(), verdict).model_dump_json()


@given(st.text() | st.builds("[{}({})]".format, st.text(max_size=9), st.text(max_size=30)))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    for protocol in ("paper", "corrected"):
        found = read_text(text, protocol)
        assert (found.failure is None) == bool(found.name)
