"""Travel: rooms in hotels, and what a traveller asks for on the way."""

from __future__ import annotations

from datetime import timedelta

from .draw import Draw
from .task import Caller, Facts, task
from .vocabulary import HOTELS, LANGUAGES, SENTENCES

_NUMBERS = ("no", "one", "two", "three", "four")


def _count(draw: Draw, number: int, one: str, many: str) -> str:
    said = _NUMBERS[number] if number == 0 or draw.likely(0.5) else str(number)
    return f"{said} {one if number == 1 else many}"


@task(
    "book-hotel", "travel", "BookHotel", weight=2.0,
    does=(
        "book {room_count} at the {hotel_name} from {check_in_time} to {check_out_time} for "
        "{adult_count} and {child_count}",
        "reserve {room_count} in the hotel {hotel_name}, arrival {check_in_time}, departure "
        "{check_out_time}, {adult_count}, {child_count}",
        "make a reservation at {hotel_name} from {check_in_time} until {check_out_time}",
        "book the hotel {hotel_name} for {adult_count} and {child_count}", "book a hotel",
        "find us {room_count} at {hotel_name}, check-in {check_in_time}",
    ),
    says=(
        "We are {adult_count} and {child_count} and need {room_count} at {hotel_name}, "
        "{check_in_time} to {check_out_time}.",
        "I'd like to stay at {hotel_name} from {check_in_time} to {check_out_time}: "
        "{room_count}, {adult_count}, {child_count}.",
        "Is there space at {hotel_name}? Please book {room_count} for {adult_count} with "
        "{child_count}, arriving {on:check_in_time} and leaving {on:check_out_time}.",
        "Our holiday starts {on:check_in_time}; we want to be at {hotel_name}.",
        "{hotel_name}, {check_in_time} - {check_out_time}, {room_count}, {adult_count}, "
        "{child_count}. Book it!",
        "I need a place to sleep and like {hotel_name}.",
    ),
)  # fmt: skip
def book_hotel(draw: Draw) -> Facts:
    first = draw.near_day()
    last = first + timedelta(days=draw.chance.randint(1, 12))
    adults, children = draw.chance.randint(1, 4), draw.chance.randint(0, 3)
    rooms = draw.chance.randint(2, 3) if adults > 2 else draw.chance.randint(1, 2)
    start, end = draw.say_day(first), draw.say_day(last)
    hotel = draw.pick(HOTELS)
    said = {
        "hotel_name": hotel,
        "check_in_time": start,
        "check_out_time": end,
        "room_count": _count(draw, rooms, "room", "rooms"),
        "adult_count": _count(draw, adults, "adult", "adults"),
        "child_count": _count(draw, children, "child", "children"),
    }
    return Facts(
        said,
        hotel_name=hotel,
        check_in_time=start.exact,
        check_out_time=end.exact,
        room_count=rooms,
        adult_count=adults,
        child_count=children,
    )


def recorded_translations(draw: Draw) -> list[tuple[str, str]]:
    """Texts and languages for which the translation can be given without asking anybody."""
    return [(text, code) for text in SENTENCES for _, code in LANGUAGES]


@task(
    "book-and-tell", "travel", "BookHotel", "SendEmail", weight=0.5,
    does=(
        "book {room_count} at {hotel_name} from {check_in_time} to {check_out_time} for "
        '{adult_count} without children, and send {receiver} a mail "{subject}" saying '
        '"{content}"',
    ),
    says=(
        "I travel to {hotel_name} from {check_in_time} to {check_out_time}, {room_count} for "
        "{adult_count}, no children. When it is booked, write to {receiver}: subject "
        '"{subject}", text "{content}".',
        "Two things. Book {room_count} at {hotel_name}, {check_in_time} until {check_out_time}, "
        '{adult_count} and no children. Then mail {receiver} with the subject "{subject}" and '
        'the text "{content}".',
    ),
)  # fmt: skip
def book_and_tell(draw: Draw) -> Facts:
    first = draw.near_day()
    start, end = (
        draw.say_day(first),
        draw.say_day(first + timedelta(days=draw.chance.randint(1, 8))),
    )
    hotel, adults, name = draw.pick(HOTELS), draw.chance.randint(1, 2), draw.first_name()
    receiver, subject, content = draw.email(name), "Travel plans", f"I will stay at {hotel}."

    def solve(call: Caller) -> None:
        call(
            "BookHotel",
            hotel_name=hotel,
            check_in_time=start.exact,
            check_out_time=end.exact,
            room_count=1,
            adult_count=adults,
            child_count=0,
        )
        call("SendEmail", receiver=receiver, subject=subject, content=content)

    said = {
        "hotel_name": hotel,
        "check_in_time": start,
        "check_out_time": end,
        "room_count": _count(draw, 1, "room", "rooms"),
        "adult_count": _count(draw, adults, "adult", "adults"),
        "receiver": receiver,
        "subject": subject,
        "content": content,
    }
    return Facts(said, solve)
