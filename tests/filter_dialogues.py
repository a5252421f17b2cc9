"""Small dialogues for the tests of the filters, and how to change them."""

from __future__ import annotations

from typing import Any

import orjson

from callsheet.tools import ToolSpec
from callsheet.trajectories.trajectory import Message, Trajectory, line_of


def _tool(name: str, about: str, required: list[str], **properties: dict[str, Any]) -> ToolSpec:
    parameters = {"type": "object", "properties": properties, "required": required}
    return ToolSpec(name=name, description=about, parameters=parameters)


TEXT, NUMBER, WHOLE = {"type": "string"}, {"type": "number"}, {"type": "integer"}
TOOLS = [
    _tool(
        "book_table", "Book a table in a restaurant.", ["restaurant", "date"],
        restaurant=TEXT, date=TEXT, seats=WHOLE | {"minimum": 1}, email=TEXT,
        area={"type": "string", "enum": ["terrace", "indoors"]}, amount=NUMBER,
    ),
    _tool("find_flights", "Find flights.", ["origin", "destination"], origin=TEXT, destination=TEXT,
          date=TEXT, maxPrice=NUMBER),
    _tool("get_weather", "Get the weather of a city.", ["city"], city=TEXT, days=WHOLE),
    _tool("note", "Write something down.", ["text"], text=TEXT),
]  # fmt: skip
SYSTEM = "You help people with their plans, and you use tools. Our shop opens at nine every day."
NOW = {"now": "2026-03-02T09:00:00Z"}

Turn = dict[str, Any]


def user(text: str | None) -> Turn:
    return {"role": "user", "content": text}


def says(text: str | None) -> Turn:
    return {"role": "assistant", "content": text}


def calls(name: str, arguments: Any, identity: str = "c0") -> Turn:
    text = arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode()
    part = {"id": identity, "function": {"name": name, "arguments": text}}
    return {"role": "assistant", "content": None, "tool_calls": [part]}


def gives(result: Any, identity: str | None = "c0") -> Turn:
    text = result if isinstance(result, str) else orjson.dumps(result).decode()
    return {"role": "tool", "content": text, "tool_call_id": identity}


def dialogue(*turns: Turn, system: str | None = SYSTEM, **more: Any) -> Trajectory:
    first = [{"role": "system", "content": system}] if system else []
    fields = {"tools": TOOLS, "other_information": {"context": NOW}} | more
    return Trajectory(
        id="d", scenario="s", environment="e", messages=line_of([*first, *turns]), **fields
    )


ASKED = user("Book a table for 4 at Casa Lupo on 2026-03-06, please. My mail is ana@lupo.example.")
CALLED = calls(
    "book_table",
    {"restaurant": "Casa Lupo", "date": "2026-03-06", "seats": 4, "email": "ana@lupo.example"},
)
RETURNED = gives({"booking": "B-4417", "status": "booked"})
TOLD = says("Your table at Casa Lupo is booked: B-4417.")
GOOD = (ASKED, CALLED, RETURNED, TOLD)


def booked(**arguments: Any) -> Trajectory:
    """The good dialogue with these arguments in its call; None leaves one out."""
    given = {"restaurant": "Casa Lupo", "date": "2026-03-06", "seats": 4} | arguments
    given.setdefault("email", "ana@lupo.example")
    kept = {name: value for name, value in given.items() if value is not None}
    return dialogue(ASKED, calls("book_table", kept), RETURNED, TOLD)


def asked(text: str, name: str, arguments: dict[str, Any], result: Any = None) -> Trajectory:
    """One request, one call, one answer that tells nothing."""
    done = gives({"status": "ok"} if result is None else result)
    return dialogue(user(text), calls(name, arguments), done, says("There you are."))


def told(answer: str, result: Any, text: str = "What is the weather in Oslo?") -> Trajectory:
    """One answer to a result about Oslo."""
    return dialogue(user(text), calls("get_weather", {"city": "Oslo"}), gives(result), says(answer))


def branched(trunk: tuple[Turn, ...], *branches: tuple[Turn, ...]) -> Trajectory:
    """A tree: the branches begin after the trunk."""
    messages = list(dialogue(*trunk).messages)
    root = messages[-1].id
    for branch in branches:
        parent = root
        for turn in branch:
            made = Message.model_validate({**turn, "id": len(messages), "parent": parent})
            messages.append(made)
            parent = made.id
    return dialogue().model_copy(update={"messages": messages})
