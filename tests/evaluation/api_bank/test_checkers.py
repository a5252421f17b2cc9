"""The checkers, tool by tool, on envelopes; their defects, and what is corrected."""

from __future__ import annotations

from typing import Any

import pytest

from callsheet.environments.api_bank import Catalog, level_1, level_3
from callsheet.evaluation.api_bank.checkers import Comparison, Mode, compare
from callsheet.evaluation.api_bank.rules import (
    CORRECTED_1,
    CORRECTED_3,
    PUBLISHED_1,
    PUBLISHED_3,
)


def envelope(
    name: str, given: Any, output: Any = "success", exception: str | None = None
) -> dict[str, Any]:
    return {"api_name": name, "input": given, "output": output, "exception": exception}


def check(
    name: str,
    ours: tuple[Any, ...],
    theirs: tuple[Any, ...],
    mode: Mode = "published",
    catalog: Catalog | None = None,
) -> Comparison:
    return compare(catalog or level_1(), name, envelope(name, *ours), envelope(name, *theirs), mode)


def test_every_tool_has_a_checker_and_no_other_has_one() -> None:
    assert set(PUBLISHED_1) == set(level_1().apis)
    assert set(PUBLISHED_3) == set(level_3().apis)
    assert set(CORRECTED_1) <= set(PUBLISHED_1) and set(CORRECTED_3) <= set(PUBLISHED_3)
    with pytest.raises(KeyError):
        compare(level_1(), "Geocoding", envelope("x", {}), envelope("x", {}), "published")


def test_most_tools_are_compared_to_the_letter() -> None:
    given = {"username": "amara", "password": "river-stone"}
    right = (given, {"token": "k4"})
    assert check("GetUserToken", right, right).equal
    assert check("GetUserToken", (given, {"token": "k5"}), right).differs == ("output",)
    other = ({**given, "username": "Amara"}, {"token": "k4"})
    assert check("GetUserToken", other, right).differs == ("input",)
    failed = (given, None, "The password is incorrect.")
    assert check("GetUserToken", failed, right).differs == ("exception", "output")
    # Numbers are compared as Python compares them.
    stay = {"hotel_name": "Mill", "room_count": 2}
    assert check("BookHotel", (stay, "11"), ({**stay, "room_count": 2.0}, "11")).equal


@pytest.mark.parametrize(
    ("tool", "ours", "theirs", "same"),
    [
        ("CancelRegistration", {"appointment_id": " 20 "}, {"appointment_id": "20"}, True),
        ("CancelRegistration", {"appointment_id": "2 0"}, {"appointment_id": "20"}, False),
        ("QueryStock", {"stock_code": " aapl", "date": "2023-3-1"},
         {"stock_code": "AAPL", "date": "2023-03-01"}, True),
        ("QueryStock", {"stock_code": "AAPL", "date": "23-3-1"},
         {"stock_code": "AAPL", "date": "2023-03-01"}, False),
        ("SymptomSearch", {"symptom": "Dizziness "}, {"symptom": "dizziness"}, True),
        ("QueryHistoryToday", {"date": "2001-4-21"}, {"date": "04-21"}, True),
        ("QueryHistoryToday", {"date": "04-22"}, {"date": "04-21"}, False),
        ("Calculator", {"formula": "1 + 2"}, {"formula": "1+2"}, True),
        ("Calculator", {"formula": "2+1"}, {"formula": "1+2"}, False),
        ("SendEmail", {"receiver": "A@b.org", "subject": "s ", "content": "c"},
         {"receiver": "a@b.org", "subject": "s", "content": "c"}, True),
        ("TimedSwitch", {"name": "Lamp", "time": "2023-4-1 07:00:00", "on": True},
         {"name": "lamp", "time": "2023-04-01 07:00:00", "on": True}, True),
        ("TimedSwitch", {"name": "Lamp", "time": "2023-4-1 07:00:00", "on": False},
         {"name": "lamp", "time": "2023-04-01 07:00:00", "on": True}, False),
        ("ModifyRegistration",
         {"appointment_id": "1", "new_appointment_date": None, "new_appointment_doctor": "Dr. O "},
         {"appointment_id": "1", "new_appointment_date": None, "new_appointment_doctor": "Dr. O"},
         True),
        ("QueryScene", {"name": " Away"}, {"name": "away"}, True),
        ("QueryBalance", {"token": " t"}, {"token": "t"}, False),
    ],
)  # fmt: skip
def test_some_normalise_what_they_are_given(tool: str, ours: Any, theirs: Any, same: bool) -> None:
    assert check(tool, (ours,), (theirs,)).equal is same
    # Whatever is given, output and exception count too.
    assert check(tool, (ours, "other"), (theirs,)).differs[:1] == ("output",)


def test_texts_are_compared_by_their_words() -> None:
    base = {"token": "t", "content": "Return the library books", "time": "T", "location": "L"}
    near = {**base, "content": "Return the library books today", "token": "another"}
    assert check("AddAgenda", (near,), (base,)).equal
    half = {**base, "content": "Return the bicycle and pump"}  # 2 of 7 words
    assert check("AddAgenda", (half,), (base,)).differs == ("input",)
    # Just half of the words is not enough: 1 of 2.
    two, one = {**base, "content": "a b"}, {**base, "content": "a"}
    assert not check("AddAgenda", (two,), (one,)).equal
    loud = {**base, "content": "RETURN THE LIBRARY BOOKS"}
    assert not check("AddAgenda", (loud,), (base,)).equal
    reminder = {"token": "t", "content": "return the library books", "time": "T"}
    assert check("AddReminder", ({**reminder, "content": "RETURN THE LIBRARY BOOKS"},),
                 (reminder,)).equal  # fmt: skip
    assert not check("AddAgenda", ({**base, "location": "M"},), (base,)).equal


def test_meetings_compare_all_but_the_topic_to_the_letter() -> None:
    base = {"token": "t", "meeting_topic": "Seed catalogue", "start_time": "S", "end_time": "E",
            "location": "L", "attendees": ["A"]}  # fmt: skip
    near = {**base, "meeting_topic": "Seed catalogue review"}
    for tool, catalog in (("AddMeeting", level_1()), ("AddMeeting", level_3())):
        assert check(tool, (near,), (base,), catalog=catalog).equal
        for name in ("token", "attendees", "location"):
            other = {**base, name: "['A']"}
            assert not check(tool, (other,), (base,), catalog=catalog).equal


def test_deleting_compares_the_time_alone_on_success() -> None:
    base = {"token": "t", "content": "c", "time": "T", "location": "L"}
    other = {"token": "u", "content": "d", "time": "T", "location": ""}
    assert check("DeleteAgenda", (other,), (base,)).equal
    assert not check("DeleteAgenda", ({**base, "time": "U"},), (base,)).equal
    refused = (other, None, "no")
    assert check("DeleteAgenda", refused, ({**base, "time": "U"}, None, "no")).equal


def test_deleting_a_meeting_is_never_right_unless_corrected() -> None:
    base = {"meeting_topic": "m", "start_time": "S", "end_time": "E"}
    assert check("DeleteMeeting", (base,), (base,)) == Comparison(("input",), "KeyError")
    assert check("DeleteMeeting", (base,), (base,), "corrected").equal
    later = {**base, "start_time": "X"}
    assert check("DeleteMeeting", (later,), (base,), "corrected").differs == ("input",)
    # What is refused is compared as upstream compares it.
    refused = (base, None, "You have no meeting about m")
    assert check("DeleteMeeting", refused, refused).equal


def test_what_is_drawn_by_chance_is_not_compared() -> None:
    given = {"username": "n", "password": "p", "email": "e"}
    assert check("RegisterUser", (given, {"token": "a"}), (given, {"token": "b"})).equal
    assert check("RegisterUser", (given, {"token": "a"}), (given, None)).differs == ("output",)
    who = {"patient_name": "W ", "date": "2023-6-2", "doctor_name": "D"}
    same = {"patient_name": "W", "date": "2023-06-02", "doctor_name": "D"}
    assert check("AppointmentRegistration", (who, "11111111"), (same, "22222222")).equal


def test_measurements_are_not_compared() -> None:
    given = {"user_id": "am101", "time": "2023-4-1 07:00:00", "health_data": [1]}
    other = {"user_id": "AM101 ", "time": "2023-04-01 07:00:00", "health_data": [2]}
    assert check("RecordHealthData", (given,), (other,)).equal


def test_tools_whose_input_is_free() -> None:
    for tool in ("ToolSearcher", "Wiki", "Dictionary"):
        assert check(tool, ({"k": 1}, ["x"]), ({"k": 2}, ["x"])).equal
        assert not check(tool, ({"k": 1}, ["x"]), ({"k": 1}, ["y"])).equal
    translate = {"src": "a", "tgt_lang": "french"}
    assert check("Translate", (translate, "b"), ({"src": "a"}, "b")).equal
    assert check("Translate", ({"src": "c"}, "b"), ({"src": "a"}, "b")).differs == ("input",)
    # Music: the output alone, whatever else.
    assert check("PlayMusic", ({}, "music://a", "no"), ({"x": 1}, "music://a")).equal
    assert check("GetToday", (None, "2023-03-31"), ({"x": 1}, "another day")).equal
    assert check("GetToday", ({}, "2023-03-31"), (None, "2023-03-31")).differs == ("input",)


def test_search_results_are_a_set_and_null_is_a_crash() -> None:
    one = {"title": "a", "url": "u", "abstract": "x"}
    two = {"title": "b", "url": "v", "abstract": "y"}
    assert check("SearchEngine", ({}, [one, two]), ({}, [two, one])).equal
    assert check("SearchEngine", ({}, [one]), ({}, [two, one])).differs == ("output",)
    failed = ({}, None, "no")
    assert check("SearchEngine", failed, ({}, [one])).crashed == "TypeError"
    mended = check("SearchEngine", failed, ({}, [one]), "corrected")
    assert mended.crashed is None and mended.differs == ("exception", "output")


def test_level_3_asserts_the_name_and_reads_inside_outputs() -> None:
    three = level_3()
    given = {"member_name": "Oskar"}
    wrong = envelope("UserPosts", given, "At home")
    right = envelope("TravelStatus", given, "At home")
    assert compare(three, "TravelStatus", wrong, right, "published").differs == ("api_name",)
    assert check("NearbyRestaurants", ({"a": 1}, [1], "no"), ({"a": 1}, [2]), catalog=three).equal
    assert check("PersonalInfoUpdate", ({"a": 1}, "s", "no"), ({"a": 1}, "s"), catalog=three).equal
    stay = {"destination": "Oslo", "check_in_date": "a", "check_out_date": "b"}
    hotels = {"hotels": [1], "more": 1}
    assert check("HotelAvailability", (stay, {"hotels": [1]}), (stay, hotels), catalog=three).equal
    null = (stay, None, "no")
    assert check("HotelAvailability", null, (stay, hotels), catalog=three).crashed == "TypeError"
    mended = check("HotelAvailability", null, (stay, hotels), "corrected", three)
    assert mended == Comparison(("output",))
    mail = {"content": "x", "time": "T", "location": "L", "recipient": "r"}
    assert check("EmailReminder", ({**mail, "content": "y"},), (mail,), catalog=three).equal
    tax = {"salary": 2.0}
    assert check("TaxCalculator", (tax, {"salary_after_tax": 1.0}),
                 ({"salary": 2}, {"salary_after_tax": 1}), catalog=three).equal  # fmt: skip


def test_retired_arguments_are_read_when_corrected() -> None:
    ours = {"name": "10000025", "time": "2023-03-19 9:00:00"}
    theirs = {"device_id": "10000025", "time": "2023-03-19 09:00:00"}
    assert check("CancelTimedSwitch", (ours,), (theirs,)).crashed == "KeyError"
    assert check("CancelTimedSwitch", (ours,), (theirs,), "corrected").equal
    assert check("CancelTimedSwitch", (theirs,), (theirs,), "corrected").equal


def test_a_search_is_right_by_the_tool_it_finds_when_corrected() -> None:
    ours, theirs = {"name": "AddAlarm", "description": "new"}, {"name": "AddAlarm"}
    login = {"name": "GetUserToken"}
    assert not check("ToolSearcher", ({}, ours), ({}, theirs)).equal
    assert check("ToolSearcher", ({}, ours), ({}, theirs), "corrected").equal
    assert check("ToolSearcher", ({}, [login, ours]), ({}, [login, theirs]), "corrected").equal
    assert not check("ToolSearcher", ({}, login), ({}, theirs), "corrected").equal
    assert not check("ToolSearcher", ({}, None), ({}, theirs), "corrected").equal


def test_capitals_of_a_scene_do_not_count_when_corrected() -> None:
    small = [{"name": "floor lamp", "description": "Lamp"}]
    large = [{"name": "Floor Lamp", "description": "Lamp"}]
    assert not check("QueryScene", ({"name": "a"}, small), ({"name": "a"}, large)).equal
    assert check("QueryScene", ({"name": "a"}, small), ({"name": "a"}, large), "corrected").equal


@pytest.mark.parametrize("value", [None, 7, ["x"], {}, True, "no date"])
@pytest.mark.parametrize("mode", ["published", "corrected"])
def test_no_value_makes_the_judge_fail(value: Any, mode: Mode) -> None:
    for catalog in (level_1(), level_3()):
        for tool, declared in catalog.apis.items():
            ours = dict.fromkeys(declared.inputs, value)
            theirs = dict.fromkeys(declared.inputs, "2023-04-01")
            found = check(tool, (ours, value), (theirs, {"a": 1}), mode, catalog)
            assert not found.equal
