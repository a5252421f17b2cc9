"""Level 3: weather, clothes, restaurants, flights and hotels."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from .draw import Draw
from .task import Caller, Facts, task


def _places(draw: Draw) -> dict[str, list[float]]:
    found: dict[str, list[float]] = draw.data.level_3["Geocoding"]["address_to_coordinates"]
    return found


def _known_weather(draw: Draw) -> list[list[float]]:
    return [
        pair for pair, _ in draw.data.level_3["GetWeatherForCoordinates"]["coordinates_to_weather"]
    ]


def _place_with_weather(draw: Draw) -> str:
    known = _known_weather(draw)
    return draw.pick([name for name, pair in _places(draw).items() if pair in known])


@task(
    "coordinates", "travel", "Geocoding", level=3, weight=0.7,
    does=(
        "find the coordinates of {address}", "look up latitude and longitude of {address}",
        "geocode {address}", "tell me where {address} lies on the map",
        "find the coordinates of a place",
    ),
    says=("What are the coordinates of {address}?", "At which latitude and longitude is {address}?",
          "My GPS wants numbers for {address}.", "Where exactly is {address}, in coordinates?"),
)  # fmt: skip
def coordinates(draw: Draw) -> Facts:
    address = draw.pick(list(_places(draw)))
    return Facts({"address": address}, address=address)


@task(
    "weather-at", "travel", "GetWeatherForCoordinates", level=3,
    does=(
        "check the weather at latitude {latitude} and longitude {longitude}",
        "get the weather for {latitude}, {longitude}",
        "look up the weather at the coordinates {latitude} / {longitude}",
        "check the weather at some coordinates",
    ),
    says=(
        "How is the weather at latitude {latitude}, longitude {longitude}?",
        "Does it rain at {latitude} {longitude}?",
        "We anchor at latitude {latitude} and longitude {longitude}. What's the weather?",
    ),
)  # fmt: skip
def weather_at(draw: Draw) -> Facts:
    latitude, longitude = draw.pick(_known_weather(draw))
    said = {"latitude": str(latitude), "longitude": str(longitude)}
    return Facts(dict(said), latitude=latitude, longitude=longitude)


@task(
    "weather-in", "travel", "Geocoding", "GetWeatherForCoordinates", level=3, weight=1.5,
    does=(
        "look up the weather in {address}", "find out how the weather is in {address}",
        "get the current weather of {address}", "tell me about the weather in {address}",
        "report what the sky and the temperature are like in the city of {address}",
    ),
    says=(
        "What is it like outside in {address}?", "Is it warm in {address}?",
        "How's the weather in {address} right now?",
        "I'm about to travel to {address}. What weather do they have?",
    ),
)  # fmt: skip
def weather_in(draw: Draw) -> Facts:
    address = _place_with_weather(draw)

    def solve(call: Caller) -> None:
        call("GetWeatherForCoordinates", **_at(call("Geocoding", address=address)))

    return Facts({"address": address}, solve)


def _at(found: dict[str, Any]) -> dict[str, Any]:
    return {"latitude": found["latitude"], "longitude": found["longitude"]}


def _worn(weather: dict[str, Any]) -> dict[str, Any]:
    return {
        "temperature": weather["temperature"],
        "humidity": weather["humidity"],
        "weather_conditions": weather["description"],
    }


@task(
    "clothes", "travel", "ClothingRecommendation", level=3,
    does=(
        "recommend clothes for {temperature} degrees, humidity {humidity}, {weather_conditions} "
        "weather",
        "suggest what to wear at {temperature} degrees with a humidity of {humidity} when it is "
        "{weather_conditions}",
        "recommend clothes for {weather_conditions} weather", "suggest some clothes",
    ),
    says=(
        "It's {temperature} degrees and {weather_conditions}, humidity {humidity}. What should "
        "I wear?",
        "What do I put on when it is {weather_conditions}, {temperature} degrees, humidity "
        "{humidity}?",
        "How should one dress at {temperature} degrees?",
    ),
)  # fmt: skip
def clothes(draw: Draw) -> Facts:
    temperature, humidity = draw.chance.randint(-5, 38), draw.pick((30, 45, 55, 65, 75, 85, 95))
    sky = draw.pick(("sunny", "cloudy", "rainy", "windy", "clear", "foggy"))
    said = {"temperature": str(temperature), "humidity": str(humidity), "weather_conditions": sky}
    return Facts(said, temperature=temperature, humidity=humidity, weather_conditions=sky)


@task(
    "clothes-in", "travel", "Geocoding", "GetWeatherForCoordinates", "ClothingRecommendation",
    level=3, weight=2.0,
    does=(
        "tell me what to wear in {address} today",
        "recommend clothes that suit the weather in {address}",
        "check the weather in {address} and suggest what to put on",
        "derive from today's weather in {address} which clothes are suitable",
    ),
    says=(
        "I'm going out in {address}. What should I wear with this weather?",
        "Which clothes fit the weather in {address}?",
        "Packing for {address}: what does the weather there call for?",
        "Do I need a coat in {address}?",
    ),
)  # fmt: skip
def clothes_in(draw: Draw) -> Facts:
    address = _place_with_weather(draw)

    def solve(call: Caller) -> None:
        weather = call("GetWeatherForCoordinates", **_at(call("Geocoding", address=address)))
        call("ClothingRecommendation", **_worn(weather))

    return Facts({"address": address}, solve)


@task(
    "clothes-at", "travel", "GetWeatherForCoordinates", "ClothingRecommendation", level=3,
    does=("recommend clothes for the weather at latitude {latitude}, longitude {longitude}",
          "check the weather at {latitude}, {longitude} and tell me what to wear there",
          "fetch the weather of a place (latitude: {latitude}, longitude: {longitude}) and give "
          "advice on clothes for it"),
    says=("I am at latitude {latitude} and longitude {longitude}. What should I wear?",
          "Our camp is at {latitude} / {longitude}. Which clothes suit the weather?"),
)  # fmt: skip
def clothes_at(draw: Draw) -> Facts:
    latitude, longitude = draw.pick(_known_weather(draw))

    def solve(call: Caller) -> None:
        weather = call("GetWeatherForCoordinates", latitude=latitude, longitude=longitude)
        call("ClothingRecommendation", **_worn(weather))

    return Facts({"latitude": str(latitude), "longitude": str(longitude)}, solve)


def _distance(draw: Draw) -> tuple[int, str]:
    meters = draw.pick((200, 300, 500, 800, 1000, 1500, 2000, 3000, 5000))
    if meters % 1000 == 0 and draw.likely(0.6):
        number, units = meters // 1000, (" km", "km", " kilometers")
    else:
        number, units = meters, (" meters", " m", "m")
    return meters, f"{number}{draw.pick(units)}"


@task(
    "restaurants-at", "travel", "NearbyRestaurants", level=3, weight=0.7,
    does=(
        "find restaurants within {distance} of latitude {latitude}, longitude {longitude}",
        "list places to eat no more than {distance} from {latitude}, {longitude}",
        "find restaurants around {latitude}, {longitude}",
    ),
    says=(
        "We're hungry at latitude {latitude}, longitude {longitude}. What restaurants are "
        "within {distance}?",
        "Where can one eat within {distance} of the point {latitude} / {longitude}?",
        "Which restaurants are near {latitude}, {longitude}?",
    ),
)  # fmt: skip
def restaurants_at(draw: Draw) -> Facts:
    latitude, longitude = draw.pick(list(_places(draw).values()))
    distance, said = _distance(draw)
    return Facts(
        {"latitude": str(latitude), "longitude": str(longitude), "distance": said},
        latitude=latitude,
        longitude=longitude,
        distance=distance,
    )


@task(
    "restaurants-in", "travel", "Geocoding", "NearbyRestaurants", level=3, weight=1.5,
    does=(
        "find restaurants within {distance} of {address}",
        "list places to eat in {address}, at most {distance} away",
        "search for restaurants no farther than {distance} from {address}",
        "retrieve all restaurants in a radius of {distance} around {address}",
    ),
    says=(
        "Where can we eat in {address}? It should be within {distance}.",
        "I'm in {address} and will walk {distance} at most. Any restaurants?",
        "Dinner in {address}: which restaurants are within {distance}?",
    ),
)  # fmt: skip
def restaurants_in(draw: Draw) -> Facts:
    address = draw.pick(list(_places(draw)))
    distance, said = _distance(draw)

    def solve(call: Caller) -> None:
        call("NearbyRestaurants", **_at(call("Geocoding", address=address)), distance=distance)

    return Facts({"address": address, "distance": said}, solve)


def _flight(draw: Draw) -> dict[str, Any]:
    found = draw.pick(draw.data.level_3["FlightSearch"]["flight_data"])
    return {
        "source": found["source"],
        "destination": found["destination"],
        "day": found["departure_date"][:10],
    }


@task(
    "flight", "travel", "FlightSearch", level=3,
    does=(
        "search flights from {source} to {destination} {on:travel_dates}",
        "look for a plane from {source} to {destination} {on:travel_dates}",
        "find a flight to {destination} {on:travel_dates}", "search for a flight",
    ),
    says=(
        "Which flights go from {source} to {destination} {on:travel_dates}?",
        "I have to be in {destination} and start from {source}, {travel_dates}. What flies?",
        "Is there a plane from {source} to {destination} {on:travel_dates}?",
        "I want to fly to {destination}.",
    ),
)  # fmt: skip
def flight(draw: Draw) -> Facts:
    found = _flight(draw)
    day = draw.say_day(found.pop("day"))
    return Facts({**found, "travel_dates": day}, **found, travel_dates=day.exact)


def _stay(draw: Draw) -> tuple[str, str, str]:
    row = draw.pick(list(draw.data.level_3["HotelAvailability"]["hotel_database"].values()))
    return row["destination"], row["check_in_date"][:10], row["check_out_date"][:10]


@task(
    "free-hotels", "travel", "HotelAvailability", level=3,
    does=("check which hotels in {destination} are free from {check_in_date} to {check_out_date}",
          "look for hotels in {destination}, check-in {check_in_date}, check-out {check_out_date}",
          "find a free hotel in {destination} {on:check_in_date}", "check hotels in {destination}"),
    says=(
        "Are there hotels in {destination} from {check_in_date} until {check_out_date}?",
        "Where could I stay in {destination}, {check_in_date} to {check_out_date}?",
        "I will be in {destination} and need to know which hotels have rooms.",
    ),
)  # fmt: skip
def free_hotels(draw: Draw) -> Facts:
    place, first, last = _stay(draw)
    start, end = draw.say_day(first), draw.say_day(last)
    return Facts(
        {"destination": place, "check_in_date": start, "check_out_date": end},
        destination=place,
        check_in_date=start.exact,
        check_out_date=end.exact,
    )


@task(
    "flight-and-hotel", "travel", "FlightSearch", "HotelAvailability", level=3, weight=2.0,
    does=(
        "find flights from {source} to {destination} {on:travel_dates} and hotels there for "
        "{nights}",
        "plan a trip from {source} to {destination}, {travel_dates}: flights, and a hotel for "
        "{nights}",
    ),
    says=(
        "I fly from {source} to {destination} {on:travel_dates} and stay for {nights}. What "
        "flights and hotels are there?",
        "{source} - {destination}, {travel_dates}, {nights}: show me flights and hotels.",
        "Which flights leave {source} for {destination} {on:travel_dates}, and which hotels are "
        "free for {nights} from that day on?",
    ),
)  # fmt: skip
def flight_and_hotel(draw: Draw) -> Facts:
    found = _flight(draw)
    first = found.pop("day")
    nights = draw.pick((1, 1, 2, 3))
    last = (datetime.fromisoformat(first) + timedelta(days=nights)).date().isoformat()
    day = draw.say_day(first)

    def solve(call: Caller) -> None:
        call("FlightSearch", **found, travel_dates=first)
        call(
            "HotelAvailability",
            destination=found["destination"],
            check_in_date=first,
            check_out_date=last,
        )

    said = {**found, "travel_dates": day, "nights": f"{nights} night{'s' if nights > 1 else ''}"}
    return Facts(said, solve)
