# ruff: noqa: E501, E741 - dialogues are easier to read in one line each
"""Dialogues as good models write them: paraphrase, markdown, arithmetic, other units and languages.
In none of them is anything wrong."""

from __future__ import annotations

from typing import Any

import pytest
from filter_dialogues import calls, dialogue, gives, says, user

from callsheet.tools import ToolSpec
from callsheet.trajectories.filters import find_defects
from callsheet.trajectories.trajectory import Trajectory

S, I, N = {"type": "string"}, {"type": "integer"}, {"type": "number"}


def tool(n: str, req: list[str], **p: Any) -> ToolSpec:
    parameters = {"type": "object", "properties": p, "required": req}
    return ToolSpec(name=n, description=n.replace("_", " "), parameters=parameters)


TOOLS = [
    tool(
        "search_flights",
        ["from_airport", "to_airport", "date"],
        from_airport=S,
        to_airport=S,
        date=S,
        passengers=I,
        cabin_class={"type": "string", "enum": ["economy", "business"]},
    ),
    tool(
        "convert_currency",
        ["amount", "from_currency", "to_currency"],
        amount=N,
        from_currency=S,
        to_currency=S,
    ),
    tool(
        "create_event",
        ["title", "start_time", "end_time"],
        title=S,
        start_time=S,
        end_time=S,
        attendees={"type": "array", "items": S},
        location=S,
    ),
    tool("get_forecast", ["latitude", "longitude"], latitude=N, longitude=N, days=I, units=S),
    tool("send_email", ["to", "subject", "body"], to=S, subject=S, body=S),
    tool("set_timer", ["duration_seconds"], duration_seconds=I, label=S),
    tool("calc_bmi", ["weight_kg", "height_m"], weight_kg=N, height_m=N),
    tool("get_stock_price", ["symbol"], symbol=S),
    tool("translate", ["text", "target_language"], text=S, target_language=S),
    tool(
        "search_restaurants",
        ["location"],
        location=S,
        cuisine=S,
        price_level=I,
        open_now={"type": "boolean"},
    ),
    tool("mortgage", ["principal", "annual_rate", "years"], principal=N, annual_rate=N, years=I),
    tool("list_orders", [], customer_id=S, status=S, start_date=S, end_date=S),
]


def talk(*t: dict[str, Any]) -> Trajectory:
    return dialogue(*t, tools=TOOLS)


CASES = [
    talk(
        user("hey can u find me a flight from nyc to la tmrw for me and my wife? economy's fine"),
        calls(
            "search_flights",
            {
                "from_airport": "JFK",
                "to_airport": "LAX",
                "date": "2026-03-03",
                "passengers": 2,
                "cabin_class": "economy",
            },
        ),
        gives(
            {
                "flights": [
                    {"no": "DL423", "dep": "08:15", "price": 412.5},
                    {"no": "B6 123", "dep": "11:40", "price": 389},
                ]
            }
        ),
        says(
            "Here are **2 flights** for tomorrow, March 3:\n\n| Flight | Departs | Price (2 people) |\n|---|---|---|\n| DL423 | 8:15 AM | $825.00 |\n| B6 123 | 11:40 AM | $778 |\n\nThe JetBlue one is $47 cheaper in total."
        ),
    ),
    talk(
        user("How much is a hundred and fifty bucks in euros?"),
        calls("convert_currency", {"amount": 150, "from_currency": "USD", "to_currency": "EUR"}),
        gives({"result": 138.4425, "rate": 0.92295}),
        says("$150 is about **€138.44** at today's rate (1 USD ≈ 0.923 EUR)."),
    ),
    talk(
        user(
            "Set up a one hour sync with Priya and Tom next Thursday at half past two in the blue room"
        ),
        calls(
            "create_event",
            {
                "title": "Sync with Priya and Tom",
                "start_time": "2026-03-12T14:30:00",
                "end_time": "2026-03-12T15:30:00",
                "attendees": ["Priya", "Tom"],
                "location": "Blue Room",
            },
        ),
        gives({"id": "evt_81", "status": "confirmed"}),
        says(
            "Done! I've scheduled the sync for Thursday, March 12th, 2:30–3:30 PM in the Blue Room."
        ),
    ),
    talk(
        user("What's the weather going to be like in Berlin over the next 3 days?"),
        calls(
            "get_forecast", {"latitude": 52.52, "longitude": 13.405, "days": 3, "units": "metric"}
        ),
        gives(
            {
                "daily": [
                    {"d": "2026-03-03", "max": 7.2, "min": 1.1},
                    {"d": "2026-03-04", "max": 9.8, "min": 2.0},
                    {"d": "2026-03-05", "max": 11.4, "min": 4.3},
                ]
            }
        ),
        says(
            "Over the next three days in Berlin:\n1. Tue: 1–7 °C\n2. Wed: 2–10 °C\n3. Thu: 4–11 °C\n\nThat's a rise of about 4 degrees (from 7.2 to 11.4)."
        ),
    ),
    talk(
        user("Remind me with a timer for an hour and a half, it's for the bread"),
        calls("set_timer", {"duration_seconds": 5400, "label": "Bread"}),
        gives({"ok": True}),
        says("Timer set for 1 hour 30 minutes (90 minutes) 🍞"),
    ),
    talk(
        user("I'm 180cm and weigh 176 pounds, what's my bmi"),
        calls("calc_bmi", {"weight_kg": 79.83, "height_m": 1.8}),
        gives({"bmi": 24.64}),
        says("Your BMI is **24.6**, within the normal range (18.5–24.9)."),
    ),
    talk(
        user("Apple stock price?"),
        calls("get_stock_price", {"symbol": "AAPL"}),
        gives({"price": 227.52, "prev": 224.1}),
        says(
            "Apple (AAPL) is trading at $227.52, up $3.42 (about 1.5%) from the previous close of $224.10."
        ),
    ),
    talk(
        user("Email bob@acme.io that I'll be 15 min late for the standup, sorry"),
        calls(
            "send_email",
            {
                "to": "bob@acme.io",
                "subject": "Running late",
                "body": "Hi Bob,\n\nI'll be about 15 minutes late for the standup. Sorry for the inconvenience.\n\nBest regards",
            },
        ),
        gives({"status": "sent"}),
        says("I've emailed Bob that you'll be about 15 minutes late."),
    ),
    talk(
        user("Wie sage ich 'Guten Morgen' auf Japanisch?"),
        calls("translate", {"text": "Guten Morgen", "target_language": "ja"}),
        gives({"translation": "おはようございます"}),
        says("Auf Japanisch sagt man **おはようございます** (Ohayō gozaimasu)."),
    ),
    talk(
        user("How do you say good night in Russian?"),
        says("In Russian, good night is «Спокойной ночи» (Spokoynoy nochi)."),
    ),
    talk(
        user("Busco un restaurante italiano barato cerca de la Puerta del Sol"),
        calls(
            "search_restaurants",
            {
                "location": "Puerta del Sol, Madrid",
                "cuisine": "italian",
                "price_level": 1,
                "open_now": True,
            },
        ),
        gives({"results": [{"name": "Trattoria Bella", "rating": 4.4}]}),
        says("He encontrado Trattoria Bella (4,4 ★). ¿Quieres que reserve?"),
    ),
    talk(
        user("What would the monthly payment be on a 300k mortgage at 5.5% for thirty years?"),
        calls("mortgage", {"principal": 300000, "annual_rate": 5.5, "years": 30}),
        gives({"monthly": 1703.37}),
        says(
            "Your monthly payment would be **$1,703.37**. Over 30 years (360 payments) you'd pay about $613,213 in total, of which roughly $313,213 is interest."
        ),
    ),
    talk(
        user("Show me my orders from last month, id is C-99812"),
        calls(
            "list_orders",
            {"customer_id": "C-99812", "start_date": "2026-02-01", "end_date": "2026-02-28"},
        ),
        gives({"orders": [{"id": "A1", "total": 20.0}, {"id": "A2", "total": 35.5}]}),
        says(
            "You placed 2 orders in February 2026:\n- **A1**: $20.00\n- **A2**: $35.50\n\nTotal: $55.50"
        ),
    ),
    talk(
        user("Can you book me a spa?"),
        says(
            "I'm sorry, I don't have a tool to book spas. I can search restaurants or flights, though. Would you like that?"
        ),
    ),
    talk(
        user("thanks, that helped"),
        says("You're welcome! If anything changes after your flight has been booked, let me know."),
    ),
    talk(
        user("Any sushi places near me? I'm in Shibuya"),
        calls(
            "search_restaurants",
            {"location": "Shibuya, Tokyo", "cuisine": "Japanese", "open_now": True},
        ),
        gives({"results": []}),
        says(
            "I couldn't find any sushi places near Shibuya that are open right now. Should I widen the search?"
        ),
    ),
    talk(
        user("Any sushi places near me? I'm in Shibuya"),
        calls("search_restaurants", {"location": "Shibuya"}),
        gives({"error": "rate limited"}),
        calls("search_restaurants", {"location": "Shibuya"}, "c2"),
        gives({"results": [{"name": "Sushi Zo", "stars": 5}]}, "c2"),
        says("Found one: Sushi Zo (5 stars)."),
    ),
]


@pytest.mark.parametrize("good", CASES, ids=lambda one: one.messages[1].content[:30])
def test_nothing_is_found(good: Trajectory) -> None:
    assert find_defects(good) == []
