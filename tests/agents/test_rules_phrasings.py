"""What people say, in words that no scenario of the project uses, and the first calls that the
rules make of it. `None`: a question back, or a refusal."""

import asyncio
from functools import lru_cache
from typing import Any

import orjson
import pytest
from autogen_core.models import SystemMessage, UserMessage

from callsheet.agents.rules import RulesClient
from callsheet.environments.registry import sandbox

SYSTEM = "You help.\n\nnow: 2026-03-02 09:00:00\nweekday: Monday"  # a Monday


@lru_cache
def offered(environment: str) -> list[Any]:
    return [
        {"name": t.name, "description": t.description, "parameters": t.parameters}
        for t in (getattr(t, "spec", t) for t in sandbox(environment).tools.values())
    ]


def first_calls(environment: str, text: str) -> Any:
    messages = [SystemMessage(content=SYSTEM), UserMessage(content=text, source="user")]
    result = asyncio.run(RulesClient("assistant").create(messages, tools=offered(environment)))
    if isinstance(result.content, str):
        return None
    return [(c.name, orjson.loads(c.arguments)) for c in result.content]


CASES: list[tuple[str, str, Any]] = [
    ("books", "Got anything by Ines Moreau?", [("search_by_author", {"author": "Ines Moreau"})]),
    ("books", "Show me crime stories since 2018.",
     [("browse_genre", {"genre": "crime", "since_year": 2018})]),
    ("books", "I'd like to take 978-3126 home on card L-204 until next Friday.",
     [("borrow_book", {"isbn": "978-3126", "card": "L-204", "due": "2026-03-13"})]),
    ("books", "Loan 302 needs more time, could you renew it until March 20?",
     [("renew_loan", {"loan_id": "302", "due": "2026-03-20"})]),
    ("books", "what have I borrowed on L-915?", [("list_loans", {"card": "L-915"})]),
    ("fitness", "I ran for 40 minutes yesterday, put the running workout in my log.",
     [("LogWorkout", {"sport": "running", "minutes": 40, "date": "2026-03-01"})]),
    ("fitness", "My weight today is 71.3 kilograms. Please record it.",
     [("RecordWeight", {"kilograms": 71.3, "date": "2026-03-02"})]),
    ("fitness", "Had 250 millilitres of water at 14:20, can you log that?",
     [("LogWater", {"millilitres": 250, "at": "14:20"})]),
    ("fitness", "Any yoga classes at the gym?", [("FindClasses", {"kind": "yoga"})]),
    ("fitness", "My goal is to go swimming 3 times a week, please set it.",
     [("SetGoal", {"sport": "swimming", "sessions": 3})]),
    ("fitness", "Sign Amira Sahin up for the class YO11.",
     [("JoinClass", {"class_code": "YO11", "member": "Amira Sahin"})]),
    ("fitness", "What's my pace if I do 10 kilometres in 52 minutes?",
     [("ComputePace", {"distance_km": 10, "minutes": 52})]),
    ("home", "It's dark in the study, switch the light on, please.",
     [("SwitchLight", {"room": "study", "power": "on"})]),
    ("home", "Could you make the bedroom 18 degrees?",
     [("SetTemperature", {"room": "bedroom", "degrees": 18})]),
    ("home", "Close the blinds in the living room, would you?",
     [("MoveBlinds", {"room": "living room", "position": "closed"})]),
    ("home", "Is it cold in the bathroom? What does the thermometer say?",
     [("ReadTemperature", {"room": "bathroom"})]),
    ("home", "Unlock the garage, I'm nearly there.",
     [("LockDoor", {"door": "garage", "locked": False})]),
    ("home", "Play Sunday Soul in the kitchen at volume 30.",
     [("PlayMusic", {"playlist": "Sunday Soul", "room": "kitchen", "volume": 30})]),
    ("home", "Dim the hallway light to 20 percent and turn off the light in the study.",
     [("DimLight", {"room": "hallway", "brightness": 20}),
      ("SwitchLight", {"room": "study", "power": "off"})]),
    ("kitchen", "How much rice do we have in the pantry?", [("checkPantry", {"item": "rice"})]),
    ("kitchen", "What can I cook with spinach?", [("findRecipes", {"ingredient": "spinach"})]),
    ("kitchen", "Please put 3 lemons on the shopping list.",
     [("addToShoppingList", {"item": "lemons", "amount": 3})]),
    ("kitchen", "Let's have R2 on Saturday, there will be 4 of us. Plan it, 4 servings.",
     [("planMeal", {"recipe_id": "R2", "date": "2026-03-07", "servings": 4})]),
    ("kitchen", "Start a timer of 12 minutes for the eggs.",
     [("startTimer", {"label": "eggs", "minutes": 12})]),
    ("kitchen", "How many grams are in 2 cups?",
     [("convertToGrams", {"amount": 2, "unit": "cup"})]),
    ("kitchen", "Clear the shopping list.", [("clearShoppingList", {})]),
    ("shop", "Where is my order 5003?", [("get_order_status", {"order_id": "5003"})]),
    ("shop", "I changed my mind about order 5002, cancel it.",
     [("cancel_order", {"order_id": "5002"})]),
    ("shop", "Have order 5001 delivered the day after tomorrow.",
     [("set_delivery_date", {"order_id": "5001", "date": "2026-03-04"})]),
    ("shop", "Put two of SKU-107 in my cart.",
     [("add_to_cart", {"sku": "SKU-107", "quantity": 2})]),
    ("shop", "Show me your garden products.", [("list_category", {"category": "garden"})]),
    ("shop", "Do you have a wool blanket under 60?",
     [("search_products", {"query": "wool blanket", "max_price": 60})]),
    ("bank", "Someone stole my card, the one that ends in 4417. Block it as stolen!",
     [("block_card", {"last_digits": "4417", "reason": "stolen"})]),
    ("bank", "What interest do I get on 1500 at 3 percent over 4 years? Calculate it.",
     [("calculate_interest", {"principal": 1500, "annual_rate": 3, "years": 4})]),
    ("bank", "How much is in my savings account?", None),
    ("workspace", "What will the weather be like in Oslo tomorrow?",
     [("GetWeather", {"city": "Oslo", "date": "2026-03-03"})]),
    ("workspace", "How many dollars do I get for 80 euros?",
     [("GetExchangeRate", {"source_currency": "EUR", "target_currency": "USD", "amount": 80})]),
    ("workspace", "What does adjourn mean?", [("LookUpWord", {"word": "adjourn"})]),
    ("workspace", "What's 18 percent of 250?", [("Calculator", {"formula": "18/100*250"})]),
    ("workspace", "I need Bilal's phone number.", [("SearchContacts", {"name": "Bilal"})]),
    ("workspace", "Remind me tomorrow at 8 to call the dentist. I'm foo, my password is bar "
     "and my username is foo.", [("GetUserToken", {"username": "foo", "password": "bar"})]),
    ("workspace", "Get me a taxi to the airport.", None),
    ("workspace", "My neighbour's dog barks all night.", None),
    ("tickets", "Who is in the accounts team?", [("findAgents", {"team": "accounts"})]),
    ("tickets", "T-1217 is urgent now, change its priority.",
     [("setPriority", {"ticketId": "T-1217", "priority": "urgent"})]),
    ("tickets", "Give T-1234 to Tomas.",
     [("assignTicket", {"ticketId": "T-1234", "assignee": "Tomas"})]),
    ("tickets", "Which tickets are still open?", [("listTickets", {"status": "open"})]),
    ("tickets", "Search the articles for printer.",
     [("searchArticles", {"keyword": "printer"})]),
]  # fmt: skip


@pytest.mark.parametrize(("environment", "text", "calls"), CASES)
def test_first_calls(environment: str, text: str, calls: Any) -> None:
    assert first_calls(environment, text) == calls
