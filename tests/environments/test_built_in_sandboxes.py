"""The built-in sandboxes: every tool is described, works, and refuses in words."""

from __future__ import annotations

import re
from datetime import datetime
from random import Random
from typing import Any

import pytest

from callsheet.environments import sandbox
from callsheet.environments.registry import environment_for
from callsheet.environments.sandbox import SandboxEnvironment
from callsheet.environments.sandboxes import BUILT_IN
from callsheet.tools import check_arguments

NOW = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
MINE = [n for n in sorted(BUILT_IN) if n != "workspace"]

CALLS: dict[str, list[tuple[str, dict[str, Any], Any]]] = {
    "bank": [
        ("open_session", {"customer_number": "70114", "pin": "4821"}, {"session": "ses-aa41"}),
        ("get_balance", {"session": "ses-aa41", "account": "savings"},
         {"iban": "CH41S", "balance": 19250.0}),
        ("transfer_money", {"session": "ses-aa41", "payee": "Ann", "amount": 50.5},
         {"transfer_id": "1", "balance": 15199.5}),
        ("create_standing_order",
         {"session": "ses-aa41", "payee": "Rent", "amount": 900, "frequency": "monthly",
          "first_date": "2026-04-01"}, {"standing_order_id": "1"}),
        ("block_card", {"last_digits": "3310", "reason": "lost"}, {"status": "blocked as lost"}),
        ("set_card_limit", {"last_digits": "3310", "limit": 200}, {"status": "set"}),
        ("calculate_interest", {"principal": 1000, "annual_rate": 2, "years": 2},
         {"interest": 40.4}),
    ],
    "books": [
        ("search_by_title", {"title": "salt"},
         {"books": [{"isbn": "978-3100", "title": "The Salt Road", "author": "Mirela Anton",
                     "year": 2019}]}),
        ("borrow_book", {"isbn": "978-3100", "card": "L-1", "due": "2026-04-01"},
         {"loan_id": "306", "due": "2026-04-01"}),
        ("renew_loan", {"loan_id": "306", "due": "2026-04-08"},
         {"loan_id": "306", "due": "2026-04-08"}),
        ("list_loans", {"card": "l-1"},
         {"loans": [{"loan_id": "306", "isbn": "978-3100", "due": "2026-04-08"}]}),
        ("close_loan", {"loan_id": "306"}, {"status": "closed"}),
        ("order_copy", {"isbn": "978-3100", "card": "L-1"}, {"copy_order_id": "1"}),
    ],
    "fitness": [
        ("SumWorkouts", {"sport": "running", "since": "2026-02-01"},
         {"sessions": 2, "minutes": 97}),
        ("LogWorkout", {"sport": "running", "minutes": 3, "date": "2026-03-01"},
         {"workout_id": "4"}),
        ("SumWorkouts", {"sport": "running", "since": "2026-02-01"},
         {"sessions": 3, "minutes": 100}),
        ("DeleteWorkout", {"workout_id": "4"}, {"status": "deleted"}),
        ("LogWater", {"millilitres": 200, "at": "07:00"}, {"total_millilitres": 200}),
        ("LogWater", {"millilitres": 300, "at": "08:00"}, {"total_millilitres": 500}),
        ("JoinClass", {"class_code": "yo11", "member": "Ann"}, {"status": "joined"}),
        ("ComputePace", {"distance_km": 10, "minutes": 55}, {"minutes_per_km": 5.5}),
    ],
    "home": [
        ("SetTemperature", {"room": "study", "degrees": 20.5},
         {"room": "study", "degrees": 20.5}),
        ("ReadTemperature", {"room": "study"}, {"room": "study", "degrees": 20.5}),
        ("LockDoor", {"door": "garage", "locked": True}, {"door": "garage", "locked": True}),
        ("AddRoutine", {"title": "Lamp", "at": "07:00", "weekdays": ["mon"]},
         {"routine_id": "1"}),
    ],
    "kitchen": [
        ("findRecipes", {"ingredient": "potatoes", "diet": "vegetarian"},
         {"recipes": [{"recipe_id": "R7", "title": "potato salad", "minutes": 35}]}),
        ("getIngredients", {"recipe_id": "r7"}, {"ingredients": ["potatoes", "eggs", "mustard"]}),
        ("checkPantry", {"item": "Rice"}, {"item": "rice", "amount": 750.0, "unit": "gram"}),
        ("convertToGrams", {"amount": 2, "unit": "cup"}, {"grams": 480.0}),
        ("addToShoppingList", {"item": "Tea"}, {"entry_id": "1"}),
        ("clearShoppingList", {}, {"status": "cleared"}),
    ],
    "shop": [
        ("search_products", {"query": "lamp", "max_price": 50},
         {"products": [{"sku": "SKU-100", "name": "desk lamp", "price": 39.5, "stock": 3}]}),
        ("place_order", {"sku": "sku-100", "quantity": 2, "email": "a@b.c"},
         {"order_id": "5009", "total": 79.0}),
        ("get_order_status", {"order_id": "5009"},
         {"order_id": "5009", "status": "open", "quantity": 2}),
        ("cancel_order", {"order_id": "5009"}, {"status": "cancelled"}),
        ("add_to_cart", {"sku": "SKU-100", "quantity": 1},
         {"lines": [{"sku": "SKU-100", "quantity": 1}], "total": 39.5}),
        ("add_to_cart", {"sku": "SKU-100", "quantity": 2},
         {"lines": [{"sku": "SKU-100", "quantity": 3}], "total": 118.5}),
    ],
    "tickets": [
        ("openTicket", {"summary": "x", "priority": "low", "reporterEmail": "a@b.c"},
         {"ticket_id": "T-1303"}),
        ("assignTicket", {"ticketId": "t-1303", "assignee": "yuki"}, {"status": "assigned"}),
        ("closeTicket", {"ticketId": "T-1303", "resolution": "solved"},
         {"status": "closed as solved"}),
        ("listTickets", {"status": "closed"},
         {"tickets": [{"ticket_id": "T-1303", "summary": "x", "priority": "low",
                       "status": "closed"}]}),
        ("findAgents", {"team": "hardware"},
         {"agents": [{"name": "Yuki", "email": "yuki@example.com"}]}),
    ],
    "city": [
        ("PayParking", {"plate": "zh-1", "zone": "B", "parked_hours": 2},
         {"ticket_no": "PK901", "paid_until": "2026-03-02 11:00", "fee": 4.0}),
        ("ReportDefect", {"defect": "pothole", "street": "Elm Row"}, {"case_no": "C-713"}),
        ("TraceCase", {"case_no": "c-713"}, {"stage": "received"}),
    ],
    "clinic": [
        ("registerPatient",
         {"fullName": "A B", "birthDate": "2000-01-01", "insuranceNumber": "I"},
         {"patientCode": "PT-606"}),
        ("bookVisit",
         {"doctorCode": "d21", "patientCode": "pt-606", "visitSlot": "2026-04-07 09:30"},
         {"visitNumber": "V883"}),
        ("callOffVisit", {"visitNumber": "v883"}, {"outcome": "called off"}),
    ],
    "travel": [
        ("reserve_seat", {"flight_code": "qx342", "passenger": "A B", "cabin": "business"},
         {"booking_ref": "RB7704", "fare": 426.0}),
        ("drop_reservation", {"booking_ref": "rb7704"}, {"outcome": "dropped"}),
        ("visa_rule", {"passport_country": "kenya", "visiting_country": "norway"},
         {"visa_needed": True, "max_stay_days": 90}),
    ],
}  # fmt: skip

REFUSED: list[tuple[str, str, dict[str, Any], str]] = [
    ("bank", "open_session", {"customer_number": "70114", "pin": "0000"}, "PIN is wrong"),
    ("bank", "get_balance", {"session": "no", "account": "current"}, "session is invalid"),
    ("bank", "transfer_money", {"session": "ses-aa41", "payee": "A", "amount": 1e9}, "too low"),
    ("books", "renew_loan", {"loan_id": "1", "due": "2026-04-01"}, "no loan 1"),
    ("books", "borrow_book", {"isbn": "1", "card": "L", "due": "2026-04-01"}, "no book"),
    ("fitness", "JoinClass", {"class_code": "XX", "member": "A"}, "no free place"),
    ("kitchen", "checkPantry", {"item": "gold"}, "no gold"),
    ("shop", "cancel_order", {"order_id": "5002"}, "is shipped"),
    ("shop", "place_order", {"sku": "SKU-100", "quantity": 50, "email": "a@b.c"}, "Only 3 pieces"),
    ("tickets", "assignTicket", {"ticketId": "T-1200", "assignee": "Nobody"}, "no agent"),
    ("city", "RegisterDog", {"dog_name": "B", "breed": "b", "chip_no": "756-0041"}, "already"),
    ("clinic", "getLabResult", {"patientCode": "PT-108", "testType": "urine"}, "no urine test"),
    ("travel", "reserve_seat", {"flight_code": "X", "passenger": "A", "cabin": "economy"}, "no fl"),
]


def opened(name: str, seed: int = 0) -> SandboxEnvironment:
    environment = environment_for(name, now=NOW, seed=seed)
    assert isinstance(environment, SandboxEnvironment)
    return environment


@pytest.mark.parametrize("name", MINE)
def test_every_tool_and_parameter_is_described(name: str) -> None:
    tools = sandbox(name).tools
    assert 5 <= len(tools) <= 10
    for tool in tools.values():
        assert tool.spec.description and tool.spec.returns is not None
        for parameter, schema in tool.spec.properties.items():
            assert schema.get("description"), (tool.spec.name, parameter)


@pytest.mark.parametrize("name", MINE)
def test_calls_do_what_they_say(name: str) -> None:
    environment = opened(name)
    for tool, arguments, output in CALLS[name]:
        outcome = environment.run(tool, arguments)
        assert outcome.ok, (tool, outcome.error)
        assert outcome.output == output


@pytest.mark.parametrize(("name", "tool", "arguments", "words"), REFUSED)
def test_refusals_say_why_and_change_nothing(
    name: str, tool: str, arguments: dict[str, Any], words: str
) -> None:
    environment = opened(name)
    before = environment.digest()
    outcome = environment.run(tool, arguments)
    assert outcome.error_type == "failed" and words in (outcome.error or "")
    assert environment.digest() == before


def likely(schema: dict[str, Any], rows: list[str], chance: Random) -> Any:
    """A value that fits, often one that stands in the tables."""
    if "enum" in schema:
        return chance.choice(schema["enum"])
    if "anyOf" in schema:
        return likely(chance.choice(schema["anyOf"]), rows, chance)
    kind = schema.get("type")
    if kind == "boolean":
        return chance.random() < 0.5
    if kind == "null":
        return None
    if kind in ("integer", "number"):
        low = schema.get("minimum", 1)
        high = min(schema.get("maximum", low + 40), low + 40)
        drawn = chance.randint(int(low), int(high))
        return drawn if kind == "integer" else min(drawn + chance.choice([0, 0.5]), high)
    if kind == "array":
        return [likely(schema["items"], rows, chance) for _ in range(chance.randint(1, 3))]
    if "pattern" in schema:
        day, clock = f"2026-04-{chance.randint(1, 28):02}", f"{chance.randrange(24):02}:30"
        made = (day, clock, f"{day} {clock}", "a@example.com", str(chance.randint(1000, 9999)))
        return next(value for value in made if re.search(schema["pattern"], value))
    return chance.choice([*rows, "Anything at all", "x'; drop table rows; --", "Zürich"])


@pytest.mark.parametrize("name", MINE)
def test_no_call_that_fits_its_schema_finds_a_defect(name: str) -> None:
    """A thousand calls: each works or is refused in words, and equal seeds give equal worlds."""
    rows = [
        str(value)
        for table in sandbox(name).seed_rows.values()
        for row in table
        for value in row.values()
        if isinstance(value, str)
    ]
    digests = []
    for _ in range(2):
        environment, chance, worked = opened(name), Random(7), {}
        for _ in range(1000):
            tool = chance.choice(environment.tools)
            arguments = {
                parameter: likely(schema, rows, chance)
                for parameter, schema in tool.properties.items()
                if parameter in tool.required or chance.random() < 0.6
            }
            assert check_arguments(tool, arguments) == []
            outcome = environment.run(tool.name, arguments)
            assert outcome.error_type in (None, "failed"), (tool.name, arguments, outcome.error)
            assert outcome.ok or "Error:" not in (outcome.error or ""), (tool.name, outcome.error)
            worked[tool.name] = worked.get(tool.name, False) or outcome.ok
        digests.append(environment.digest())
    assert digests[0] == digests[1]
    assert sum(worked.values()) >= len(worked) - 3, worked
