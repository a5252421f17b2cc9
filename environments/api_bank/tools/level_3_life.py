"""Level 3 outside work: journeys, places, weather, films and posts.

Like those for work, these tools look things up in constant tables and remember nothing. The one
exception is upstream's: a flight or hotel that was shown once makes later searches for it fail,
which `strict-upstream` keeps.
"""

from __future__ import annotations

from typing import Any

from ..coercion import CallRaised
from ..declaration import LEVEL_3, Param, Refusal
from ..desk import DATE, Desk, strict_time
from .answers import INTEGER, NUMBER, TEXT, record, several
from .constants import copied, table

_LATITUDE = Param("float", "Latitude of the place.")
_LONGITUDE = Param("float", "Longitude of the place.")
_DESTINATION = Param("str", "City to go to.")
_MOVIES_OUT = Param("list", "Titles of films.")


@LEVEL_3.api(
    "Search for flights on a day.",
    {
        "source": Param("str", "City to leave from."),
        "destination": _DESTINATION,
        "travel_dates": Param("str", f"Day of departure. Format: {DATE}"),
    },
    {"flights": Param("list", "The flights with their times.")},
    returns=record(
        flights=several(
            record(source=TEXT, destination=TEXT, departure_date=TEXT, arrival_date=TEXT)
        )
    ),
)
def FlightSearch(desk: Desk, source: str, destination: str, travel_dates: str) -> dict[str, Any]:
    day = str(strict_time(travel_dates, DATE).date())
    found = []
    for number, flight in enumerate(table(desk, "FlightSearch", "flight_data")):
        if (flight["source"], flight["destination"]) != (source, destination):
            continue
        _refuse_spoilt(desk, "FlightSearch", number, "'str' object has no attribute 'date'")
        if flight["departure_date"].startswith(day):
            _spoil(desk, "FlightSearch", number)
            found.append(dict(flight))
    return {"flights": found}


@LEVEL_3.api(
    "Search for hotels that are free during a stay.",
    {
        "destination": _DESTINATION,
        "check_in_date": Param("str", f"First day of the stay. Format: {DATE}"),
        "check_out_date": Param("str", f"Last day of the stay. Format: {DATE}"),
    },
    {"hotels": Param("list", "The hotels with the days on which they are free.")},
    returns=record(
        hotels=several(record(destination=TEXT, check_in_date=TEXT, check_out_date=TEXT))
    ),
)
def HotelAvailability(
    desk: Desk, destination: str, check_in_date: str, check_out_date: str
) -> dict[str, Any]:
    first = str(strict_time(check_in_date, DATE).date())
    last = str(strict_time(check_out_date, DATE).date())
    found = []
    for key, hotel in table(desk, "HotelAvailability", "hotel_database").items():
        opens, closes = hotel["check_in_date"][:10], hotel["check_out_date"][:10]
        # Days in this form sort as text.
        if hotel["destination"] != destination or first < opens or last > closes:
            continue
        _refuse_spoilt(desk, "HotelAvailability", key, "'str' object has no attribute 'strftime'")
        _spoil(desk, "HotelAvailability", key)
        found.append(dict(hotel, check_in_date=opens, check_out_date=closes))
    return {"hotels": found}


def _refuse_spoilt(desk: Desk, tool: str, item: int | str, message: str) -> None:
    sql = "select 1 from touched where tool = ? and item = ?"
    if desk.strict and desk.row(sql, tool, item) is not None:
        raise Refusal(message)


def _spoil(desk: Desk, tool: str, item: int | str) -> None:
    if desk.strict:
        desk.change("insert into touched values (?, ?)", tool, item)


@LEVEL_3.api(
    "Find the coordinates of a place.",
    {"address": Param("str", "Address or name of the place.")},
    {"latitude": _LATITUDE, "longitude": _LONGITUDE},
    returns=record(latitude=NUMBER, longitude=NUMBER),
)
def Geocoding(desk: Desk, address: str) -> dict[str, Any]:
    latitude, longitude = table(desk, "Geocoding", "address_to_coordinates")[address]
    return {"latitude": latitude, "longitude": longitude}


@LEVEL_3.api(
    "Look up the weather at a place.",
    {"latitude": _LATITUDE, "longitude": _LONGITUDE},
    {
        "temperature": Param("float", "Temperature in degrees Celsius."),
        "humidity": Param("float", "Humidity."),
        "description": Param("str", "The weather in a word."),
    },
    returns=record(temperature=NUMBER, humidity=NUMBER, description=TEXT),
)
def GetWeatherForCoordinates(desk: Desk, latitude: float, longitude: float) -> dict[str, Any]:
    places = table(desk, "GetWeatherForCoordinates", "coordinates_to_weather")
    for place, weather in places:
        if place == [latitude, longitude]:
            return dict(weather)
    # The one failure that upstream does not catch inside a tool.
    raise CallRaised("TypeError", "'NoneType' object is not subscriptable")


@LEVEL_3.api(
    "Find restaurants near a place.",
    {
        "latitude": _LATITUDE,
        "longitude": _LONGITUDE,
        "distance": Param("int", "How far to look, in metres."),
    },
    {"restaurants": Param("list", "The restaurants.")},
    returns=record(restaurants=several(record(coordinates=several(NUMBER), name=TEXT))),
)
def NearbyRestaurants(
    desk: Desk, latitude: float, longitude: float, distance: int
) -> dict[str, Any]:
    # Upstream measures nothing.
    return {"restaurants": copied(table(desk, "NearbyRestaurants", "restaurants"))}


@LEVEL_3.api(
    "Say what to wear in some weather.",
    {
        "temperature": Param("float", "Temperature in degrees Celsius."),
        "humidity": Param("float", "Relative humidity in percent."),
        "weather_conditions": Param("str", "The weather in words."),
    },
    {"clothing_options": Param("list", "Things to wear.")},
    returns=record(clothing_options=several(TEXT)),
)
def ClothingRecommendation(
    desk: Desk, temperature: float, humidity: float, weather_conditions: str
) -> dict[str, Any]:
    if temperature < 10:
        options = ["Warm coat", "Hat", "Gloves"]
    elif temperature < 20:
        options = ["Light jacket", "Long-sleeved shirt"]
    elif temperature < 30:
        options = ["T-shirt", "Shorts"]
    else:
        options = ["Sun hat", "Sunglasses", "Loose-fitting clothes"]
    if humidity > 70:
        options += ["Umbrella", "Waterproof shoes"]
    if "rain" in weather_conditions.lower():
        options.append("Raincoat")
    return {"clothing_options": options}


@LEVEL_3.api(
    "Look up which genres of film somebody likes.",
    {"user_name": Param("str", "Whose preferences.")},
    {"preferences": Param("list", "The genres.")},
    returns=record(preferences=several(TEXT)),
)
def UserMoviePreferences(desk: Desk, user_name: str) -> dict[str, Any]:
    return {"preferences": list(table(desk, "UserMoviePreferences")[user_name])}


@LEVEL_3.api(
    "List the films that somebody has seen.",
    {"user_name": Param("str", "Who has seen them.")},
    {"watched_movies": _MOVIES_OUT},
    returns=several(TEXT),
)
def UserWatchedMovies(desk: Desk, user_name: str) -> list[str]:
    watched = table(desk, "UserWatchedMovies").get(user_name)
    if watched is None:
        raise Refusal("User not found.")
    return list(watched)


@LEVEL_3.api(
    "Recommend films of some genres.",
    {"preferences": Param("list", "The genres.", items={"type": "string"})},
    {"recommended_movies": _MOVIES_OUT},
    returns=record(recommended_movies=several(TEXT)),
)
def MovieRecommendations(desk: Desk, preferences: list[str]) -> dict[str, Any]:
    films = table(desk, "MovieRecommendations")
    return {"recommended_movies": [film for genre in preferences for film in films[genre]]}


@LEVEL_3.api(
    "List the posts of a user.",
    {"user_id": Param("int", "Number of the user.")},
    {"post_ids": Param("list", "Numbers of the posts.")},
    returns=record(post_ids=several(INTEGER)),
)
def UserPosts(desk: Desk, user_id: int) -> dict[str, Any]:
    posts = table(desk, "UserPosts").get(str(user_id))
    if posts is None:
        raise Refusal(str(user_id))
    return {"post_ids": list(posts)}


@LEVEL_3.api(
    "Count the likes of a post.",
    {"post_id": Param("int", "Number of the post.")},
    {"like_count": Param("int", "How many like it.")},
    returns=record(like_count=INTEGER),
)
def LikeCount(desk: Desk, post_id: int) -> dict[str, Any]:
    count = table(desk, "LikeCount").get(str(post_id))
    if count is None:
        raise Refusal(f"Post with ID {post_id} does not exist.")
    return {"like_count": count}
