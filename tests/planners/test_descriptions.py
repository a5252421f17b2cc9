"""Missing descriptions from a model: only what is missing, and marked as a guess."""

from __future__ import annotations

import asyncio

import orjson
from scripted_model import Scripted

from callsheet.planners.descriptions import INFERRED, complete_descriptions, missing
from callsheet.tools import ToolSpec

BARE = ToolSpec(
    name="feed_goose",
    parameters={
        "type": "object",
        "properties": {
            "goose": {"type": "string"},
            "grain": {"type": "string", "description": "Which grain."},
        },
    },
)
WHOLE = ToolSpec(name="honk", description="Make a goose honk.")


def test_only_what_is_missing_is_written_and_marked() -> None:
    model = Scripted({
        "description": "Feed a  goose.",
        "parameters": [{"name": "goose", "description": "Its name."},
                       {"name": "grain", "description": "Not to be used."}],
    })  # fmt: skip
    done = asyncio.run(complete_descriptions([BARE, WHOLE], model))
    assert (done.asked, done.completed, done.problems) == (1, 1, [])
    spec = done.specs[0]
    assert spec.description == "Feed a goose." and spec.tags == (INFERRED,)
    assert spec.properties["goose"] == {"type": "string", "description": "Its name."}
    assert spec.properties["grain"]["description"] == "Which grain."
    assert done.specs[1] is WHOLE and missing(spec) == []
    asked = orjson.loads(str(model.prompts[0][1].content))
    assert asked["to_describe"] == ["goose"]


def test_an_answer_that_cannot_be_used_leaves_the_tool_as_it_was() -> None:
    model = Scripted({"description": "x", "parameters": []}, {"description": "x"})
    done = asyncio.run(complete_descriptions([BARE], model))
    assert done.specs == [BARE] and (done.asked, done.completed) == (1, 0)
    assert "feed_goose" in done.problems[0]
