"""The tools of level 3 on the package's own data."""

from __future__ import annotations

from typing import Any

import pytest

from callsheet.environments.api_bank import CallRaised, Session, api_bank_data, level_3
from callsheet.environments.api_bank.data import SEED

NURIA = {"username": "Nuria", "password": "pebble7"}
FLIGHT = {"source": "Oslo", "destination": "Athens", "travel_dates": "2023-05-01"}
FLIGHT_FOUND = {"source": "Oslo", "destination": "Athens",
                "departure_date": "2023-05-01 07:40:00",
                "arrival_date": "2023-05-01 12:05:00"}  # fmt: skip
STAY = {"destination": "Athens", "check_in_date": "2023-05-05", "check_out_date": "2023-05-08"}
HOTELS_FOUND = [
    {"destination": "Athens", "check_in_date": "2023-05-01", "check_out_date": "2023-05-08"},
    {"destination": "Athens", "check_in_date": "2023-05-05", "check_out_date": "2023-05-12"},
]
MEETING = {"meeting_topic": "Maps", "start_time": "2023-05-01 09:00:00",
           "end_time": "2023-05-01 10:00:00", "location": "Annex 3",
           "attendees": ["Nuria"]}  # fmt: skip
EMAIL = {"content": "c", "time": "2023-05-01 09:00:00", "location": "l", "recipient": "r"}
COLD = ["Warm coat", "Hat", "Gloves"]
COOL = ["Light jacket", "Long-sleeved shirt"]
MILD = ["T-shirt", "Shorts"]
HOT = ["Sun hat", "Sunglasses", "Loose-fitting clothes"]
WET = ["Umbrella", "Waterproof shoes"]

ANSWERS: list[tuple[str, dict[str, Any], Any]] = [
    ("AccountInfo", NURIA, {"email": "nuria@example.org", "phone": "555-0141"}),
    ("PersonalInfoUpdate", NURIA | {"address": "Quay 1"}, {"status": "success"}),
    ("AddMeeting", MEETING, "success"),
    ("QueryMeeting", {"user_name": "Hugo"},
     {"meetings": [{"meeting_id": 3, "meeting_name": "Safety walk",
                    "meeting_time": "2023-05-05 08:00:00", "meeting_location": "Gate B",
                    "meeting_attendees": ["Hugo"]}]}),
    ("EmailReminder", EMAIL, "success"),
    ("OrganizationMembers", {"organization": "Tidewater Maps"}, {"members": ["Nuria", "Oskar"]}),
    ("TravelStatus", {"member_name": "Leila"}, "At home"),
    ("GetOccupationSalary", {"occupation": "Surveyor"}, {"salary": 52000}),
    ("FlightSearch", FLIGHT, {"flights": [FLIGHT_FOUND]}),
    ("FlightSearch", FLIGHT | {"travel_dates": "2023-5-1"}, {"flights": [FLIGHT_FOUND]}),
    ("FlightSearch", FLIGHT | {"travel_dates": "2023-05-02"}, {"flights": []}),
    ("HotelAvailability", STAY, {"hotels": HOTELS_FOUND}),
    ("HotelAvailability", STAY | {"check_out_date": "2023-05-09"}, {"hotels": HOTELS_FOUND[1:]}),
    ("HotelAvailability", STAY | {"check_in_date": "2023-05-04"}, {"hotels": HOTELS_FOUND[:1]}),
    ("Geocoding", {"address": "Oslo"}, {"latitude": 59.9139, "longitude": 10.7522}),
    ("GetWeatherForCoordinates", {"latitude": "59.9139", "longitude": "10.7522"},
     {"temperature": 2, "humidity": 70, "description": "Snowy"}),
    ("UserMoviePreferences", {"user_name": "Nuria"}, {"preferences": ["Mystery", "Animation"]}),
    ("UserWatchedMovies", {"user_name": "Hugo"}, []),
    ("UserWatchedMovies", {"user_name": "Oskar"}, ["The Ninth Lighthouse"]),
    ("MovieRecommendations", {"preferences": ["Documentary", "Mystery"]},
     {"recommended_movies": ["Salt", "The Last Glacier", "Glass Harbour",
                             "The Ninth Lighthouse"]}),
    ("MovieRecommendations", {"preferences": "['Animation']"},
     {"recommended_movies": ["Paper Moons", "Otter Street"]}),
    ("MovieRecommendations", {"preferences": []}, {"recommended_movies": []}),
    ("UserPosts", {"user_id": "13"}, {"post_ids": [304, 305, 306]}),
    ("UserPosts", {"user_id": 14}, {"post_ids": []}),
    ("LikeCount", {"post_id": "305"}, {"like_count": 0}),
]  # fmt: skip

REFUSALS: list[tuple[str, dict[str, Any], str]] = [
    ("AccountInfo", NURIA | {"password": "maple3"}, "User not found."),
    ("PersonalInfoUpdate", NURIA | {"password": "", "address": "a"}, "User not found."),
    ("AddMeeting", MEETING | {"meeting_topic": " "}, "Meeting Topic should not be null"),
    ("AddMeeting", MEETING | {"meeting_topic": " ", "end_time": ""},
     "time data '' does not match format '%Y-%m-%d %H:%M:%S'"),
    ("QueryMeeting", {"user_name": "hugo"}, "'hugo'"),
    ("EmailReminder", EMAIL | {"content": " "}, "Content should not be empty"),
    ("EmailReminder", EMAIL | {"content": " ", "time": "9"},
     "time data '9' does not match format '%Y-%m-%d %H:%M:%S'"),
    ("OrganizationMembers", {"organization": "it's"}, '"it\'s"'),
    ("TravelStatus", {"member_name": ""}, "''"),
    ("GetOccupationSalary", {"occupation": "surveyor"}, "The occupation is not in the database."),
    ("TaxCalculator", {"salary": -1}, ""),
    ("FlightSearch", FLIGHT | {"travel_dates": "1 May"},
     "time data '1 May' does not match format '%Y-%m-%d'"),
    ("HotelAvailability", STAY | {"check_out_date": "2023-05-32"},
     "unconverted data remains: 2"),
    ("Geocoding", {"address": "Rome"}, "'Rome'"),
    ("UserMoviePreferences", {"user_name": "x"}, "'x'"),
    ("UserWatchedMovies", {"user_name": "x"}, "User not found."),
    ("MovieRecommendations", {"preferences": ["Mystery", "Western"]}, "'Western'"),
    ("UserPosts", {"user_id": "15"}, "15"),
    ("LikeCount", {"post_id": "0"}, "Post with ID 0 does not exist."),
]  # fmt: skip


def opened(behaviour: Any = "reference") -> Session:
    return Session(level_3(), data=api_bank_data(SEED), behaviour=behaviour)


@pytest.mark.parametrize(("name", "arguments", "output"), ANSWERS)
def test_answers(name: str, arguments: dict[str, Any], output: Any) -> None:
    session = opened()
    for _ in range(2):  # nothing is spoilt by asking, nor by what a caller does to an answer
        envelope = session.call(name, arguments)
        assert envelope["api_name"] == name
        assert (envelope["output"], envelope["exception"]) == (output, None)
        empty(envelope["output"])
    assert opened().call(name, arguments)["output"] == output


@pytest.mark.parametrize(("name", "arguments", "message"), REFUSALS)
def test_refusals(name: str, arguments: dict[str, Any], message: str) -> None:
    session = opened()
    before = session.world.digest()
    envelope = session.call(name, arguments)
    assert (envelope["output"], envelope["exception"]) == (None, message)
    assert session.world.digest() == before


def empty(value: Any) -> None:
    """Ruin a JSON value in place, from the inside out."""
    if isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            empty(item)
        value.clear()


def test_changes_are_kept_in_the_world() -> None:
    session = opened()
    for address in ("Quay 1", "Quay 2"):
        session.call("PersonalInfoUpdate", NURIA | {"address": address})
    session.call("AddMeeting", MEETING)
    assert session.world.query("select username, address from addresses") == [["Nuria", "Quay 2"]]
    assert session.world.query("select meeting_topic, attendees from meetings") == [
        ["Maps", '["Nuria"]']
    ]
    info = session.call("AccountInfo", NURIA)["output"]
    assert info == {"email": "nuria@example.org", "phone": "555-0141"}


def test_unknown_weather_leaves_the_tool() -> None:
    with pytest.raises(CallRaised, match="'NoneType' object is not subscriptable") as raised:
        opened().call("GetWeatherForCoordinates", {"latitude": 1, "longitude": "2"})
    assert raised.value.kind == "TypeError"


@pytest.mark.parametrize(
    ("salary", "left"),
    [("0", 0.0), (999, 999.0), ("999.99", 999.99), ("1000", 900.0), (2999, 2699.1),
     ("3000", 2400.0), (4999, 3999.2), ("5000", 3500.0), (1e9, 7e8)],
)  # fmt: skip
def test_one_rate_for_the_whole_salary(salary: Any, left: float) -> None:
    output = opened().call("TaxCalculator", {"salary": salary})["output"]
    assert output == {"salary_after_tax": pytest.approx(left, abs=1e-6)}


@pytest.mark.parametrize(
    ("temperature", "humidity", "conditions", "options"),
    [("9.9", "70", "Clear", COLD), (-5, "70.1", "", COLD + WET),
     ("10", 0, "Train", [*COOL, "Raincoat"]), (19.9, 100, "RAINY", [*COOL, *WET, "Raincoat"]),
     ("20", "0.5", "ra in", MILD), ("29.99", "0", "", MILD), ("30", "0", "", HOT)],
)  # fmt: skip
def test_clothes(temperature: Any, humidity: Any, conditions: str, options: list[str]) -> None:
    weather = {"temperature": temperature, "humidity": humidity, "weather_conditions": conditions}
    output = opened().call("ClothingRecommendation", weather)["output"]
    assert output == {"clothing_options": options}


def test_every_restaurant_is_near() -> None:
    far = {"latitude": "0", "longitude": "0", "distance": "1"}
    restaurants = opened().call("NearbyRestaurants", far)["output"]["restaurants"]
    assert [r["name"] for r in restaurants] == [
        "The Copper Pan", "Juniper", "Casa Nube", "Acacia Grill",
    ]  # fmt: skip


def test_upstream_spoils_what_it_has_shown() -> None:
    session, fresh = opened("strict-upstream"), opened("strict-upstream")

    def flights(**changes: str) -> tuple[Any, Any]:
        envelope = session.call("FlightSearch", FLIGHT | changes)
        return envelope["output"], envelope["exception"]

    def hotels(**changes: str) -> tuple[Any, Any]:
        envelope = session.call("HotelAvailability", STAY | changes)
        return envelope["output"], envelope["exception"]

    assert flights() == ({"flights": [FLIGHT_FOUND]}, None)
    assert flights() == (None, "'str' object has no attribute 'date'")
    assert flights(source="Tbilisi") == ({"flights": []}, None)
    assert hotels(check_in_date="2023-05-01") == ({"hotels": HOTELS_FOUND[:1]}, None)
    assert hotels() == (None, "'str' object has no attribute 'strftime'")
    assert hotels(check_out_date="2023-05-12") == ({"hotels": HOTELS_FOUND[1:]}, None)
    assert hotels(check_out_date="2023-05-20") == ({"hotels": []}, None)
    assert fresh.call("FlightSearch", FLIGHT)["exception"] is None
    assert fresh.world.rows("touched") == [{"tool": "FlightSearch", "item": 0}]


def test_text_is_no_list_of_genres_for_upstream() -> None:
    envelope = opened("strict-upstream").call("MovieRecommendations", {"preferences": "['Salt']"})
    assert (envelope["input"], envelope["exception"]) == ({"preferences": "['Salt']"}, "'['")
