"""Tools of the tests' own making, drawn by seed: documentation as it is found in the wild."""

from __future__ import annotations

from random import Random
from typing import Any

from callsheet.tools import ToolSpec

THINGS = (
    "lighthouse", "ferry ticket", "beehive", "orchard", "museum guide", "rain gauge", "kiln",
    "choir rehearsal", "seed packet", "tram line", "loom", "darkroom",
)  # fmt: skip
_DESCRIPTIONS = {
    "get": "Retrieves the specified {thing}.",
    "list": "Returns a <b>paginated</b> list of {thing}s. Use `page` to go on.",
    "create": "This endpoint allows you to create a {thing}. See https://example.org/docs.",
    "update": "Updates an existing {thing}, which must not be locked.",
    "delete": "Deletes the {thing} by id.",
    "inspect": "",
}
_OPTIONAL: dict[str, dict[str, Any]] = {
    "pageToken": {"type": "string", "description": "Token of the next page."},
    "limit": {"type": "integer", "minimum": 1, "maximum": 50},
    "sortOrder": {"type": "string", "enum": ["ascending", "descending"]},
    "note": {"type": "string", "description": "Free text."},
    "dry_run": {"type": "boolean"},
    "openedOn": {"type": "string", "format": "date"},
    "tags": {"type": "array", "items": {"type": "string"}},
}
_STYLES = ("{verb}{Thing}", "{verb}_{thing_}", "{Thing}s_{Verb}", "{verb}__{thing_}s_id")


def spec(verb: str, thing: str, chance: Random) -> ToolSpec:
    joined = "".join(w.capitalize() for w in thing.split())
    name = chance.choice(_STYLES).format(
        verb=verb, Verb=verb.capitalize(), Thing=joined, thing_=thing.replace(" ", "_")
    )
    own = joined[:1].lower() + joined[1:] + "Id"
    properties: dict[str, Any] = {}
    required: list[str] = []
    if verb in ("get", "update", "delete", "inspect"):
        properties[own] = {"type": "string", "description": f"The unique id of the {thing}."}
        required.append(own)
    if verb == "create":
        properties["name"] = {"type": "string", "description": "What it is called."}
        properties["budget"] = {"type": "number", "minimum": 5}
        required += ["name", "budget"]
    if chance.random() < 0.4:
        properties["api-version"] = {"type": "string"}
        required.append("api-version")
    if chance.random() < 0.4:
        properties["workspaceId"] = {"type": "string"}
        required.append("workspaceId")
    for extra in chance.sample(sorted(_OPTIONAL), 2):
        properties[extra] = _OPTIONAL[extra]
    record = {own: {"type": "string"}, "name": {"type": "string"}, "budget": {"type": "number"}}
    returns: dict[str, Any] = {"type": "object", "properties": record}
    if verb == "list":
        items = {"type": "object", "properties": record}
        returns = {"type": "object", "properties": {"items": {"type": "array", "items": items}}}
    return ToolSpec(
        name=name,
        description=_DESCRIPTIONS[verb].format(thing=thing),
        parameters={"type": "object", "properties": properties, "required": required},
        returns=returns,
    )


def subset(seed: int) -> list[ToolSpec]:
    """Three to six tools with different names."""
    chance = Random(f"tools {seed}")
    things = chance.sample(THINGS, 3)
    found: dict[str, ToolSpec] = {}
    count = chance.randint(3, 6)
    while len(found) < count:
        made = spec(chance.choice(sorted(_DESCRIPTIONS)), chance.choice(things), chance)
        found.setdefault(made.name, made)
    return list(found.values())
