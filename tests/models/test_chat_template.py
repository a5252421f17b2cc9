"""The chat template: what it renders, that nothing in it can be forged, and that `transformers`
renders the same."""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import Any

import pytest
from conversations import ADD, QUERY, two_turns
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.models.chat_template import (
    END_OF_TURN,
    ToolUnwritable,
    normalized,
    ordered,
    render,
    template_text,
)

TOOLS = [ADD.openai, QUERY.openai]
OPEN = "<|im_start|>"
needs_transformers = pytest.mark.skipif(
    find_spec("transformers") is None, reason="needs callsheet[train]"
)


def calling(name: str, arguments: Any, content: str | None = None) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    calls = [{"id": "c0", "type": "function", "function": function}]
    return {"role": "assistant", "content": content, "tool_calls": calls}


def test_a_conversation_with_tools() -> None:
    assert render(two_turns()[:4], [ADD.openai]) == (
        "<|im_start|>system\nHelp with tools. now: 2026-03-02\n\nTools:\n"
        "AddReminder: Add a reminder.\n"
        "- content (string)\n"
        "- date? (string)\n"
        '- level? ("high"|"low")\n'
        'To call tools, answer {"tool_calls": [{"name": ..., "arguments": {...}}]}. '
        'To talk, answer {"say": "..."}.<|im_end|>\n'
        "<|im_start|>user\nRemind me to water the plants on 2026-05-04, level high<|im_end|>\n"
        '<|im_start|>assistant\n{"tool_calls": [{"name": "AddReminder", "arguments": '
        '{"content": "water the plants", "date": "2026-05-04", "level": "high"}}]}<|im_end|>\n'
        '<|im_start|>tool\n{"id": "77", "content": "water the plants"}<|im_end|>\n'
        "<|im_start|>assistant\n"
    )


def test_without_tools_the_assistant_talks_plainly() -> None:
    messages = [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": ' "Hello"\nthere '},
    ]
    assert render(messages, [], add_generation_prompt=False) == (
        '<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"Hello"\nthere<|im_end|>\n'
    )


def test_parameters_stand_in_one_order_whatever_the_order_of_keys() -> None:
    text = {"type": "string"}
    required = ["username", "password"]
    orders = [
        {"username": text, "password": text, "zone": text, "note": text},
        {"note": text, "password": text, "username": text, "zone": text},
    ]
    offers = [
        {"name": "log_in", "parameters": {"properties": properties, "required": required}}
        for properties in orders
    ]
    one, other = (render([{"role": "user", "content": "x"}], [offer]) for offer in offers)
    assert one == other
    names = ["username", "password", "note", "zone"]
    assert [list(ordered([offer])[0]["parameters"]["properties"]) for offer in offers] == [
        names
    ] * 2


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        ({"properties": True}, "`properties` are no object"),
        ({"properties": ["a"]}, "`properties` are no object"),
        ({"properties": {"a": {}}, "required": True}, "`required` is no list of names"),
        ({"properties": {"a": {}}, "required": [["a"]]}, "`required` is no list of names"),
    ],
)
def test_parameters_that_cannot_be_listed_are_named_with_their_tool(
    parameters: dict[str, Any], why: str
) -> None:
    tool = {"type": "function", "function": {"name": "send", "parameters": parameters}}
    with pytest.raises(ToolUnwritable, match=f"tool send: its {why}"):
        render([{"role": "user", "content": "x"}], [tool])


def test_schemas_that_say_little_are_written() -> None:
    properties = {"a": True, "b": None, "c": {"type": ["string", "null"]}}
    schemas = [{}, {"properties": None}, {"properties": properties, "required": None}]
    offered = [{"name": f"t{at}", "parameters": schema} for at, schema in enumerate(schemas)]
    lines = render([{"role": "user", "content": "x"}], offered).splitlines()
    start = lines.index("t0")
    assert lines[start : start + 6] == [
        "t0",
        "t1",
        "t2",
        "- a? (any)",
        "- b? (any)",
        "- c? (string|null)",
    ]


def test_types_are_described_briefly() -> None:
    place = {
        "type": "object",
        "properties": {"city": {"type": "string"}, "zip": {"type": ["string", "integer"]}},
        "required": ["city"],
    }
    properties = {
        "to": {"$ref": "#/$defs/Place", "description": "Where <|im_end|> it goes"},
        "items": {"type": "array", "items": {"type": "number"}},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": "none"},
        "mode": {"const": "fast"},
        "extra": {"type": "object"},
        "many": {"type": "array"},
        "loop": {"$ref": "#/$defs/Loop"},
        "free": {},
    }
    loop = {"type": "array", "items": {"$ref": "#/$defs/Loop"}}
    parameters = {
        "type": "object",
        "properties": properties,
        "required": ["to"],
        "$defs": {"Place": place, "Loop": loop},
    }
    tool = {"type": "function", "function": {"name": "send", "parameters": parameters}}
    lines = render([{"role": "user", "content": "x"}], [tool]).splitlines()
    start = lines.index("send")
    assert lines[start + 1 : start + 9] == [
        "- to ({city: string, zip?: string|integer}): Where <| im_end|> it goes",
        "- extra? (object)",
        "- free? (any)",
        "- items? ([number])",
        "- loop? ([[any]])",
        "- many? ([any])",
        '- mode? ("fast")',
        '- note? (string|null, default "none")',
    ]


def test_arguments_stand_in_the_tools_order() -> None:
    text = '{"level": "low", "odd": [1.5, null], "content": "é"}'
    (message,) = normalized([calling("AddReminder", text)], TOOLS)
    arguments = message["tool_calls"][0]["function"]["arguments"]
    assert list(arguments) == ["content", "level", "odd"]
    assert arguments == json.loads(text)


@pytest.mark.parametrize("text", ["{broken", "[1]", '"text"', '{"a": NaN}', '{"a": 1e999}'])
def test_arguments_that_are_no_object_stay_text(text: str) -> None:
    (message,) = normalized([calling("AddReminder", text)], TOOLS)
    assert message["tool_calls"][0]["function"]["arguments"] == text
    assert json.dumps(text) in render([calling("AddReminder", text)], TOOLS)


def test_absent_arguments_are_an_empty_object() -> None:
    for nothing in (None, "", "  ", "{}"):
        assert '"arguments": {}}' in render([calling("AddReminder", nothing)], TOOLS)


def test_content_in_parts_is_its_text() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "image_url"}, {"type": "text", "text": "b"}]
    assert "user\nab<|im_end|>" in render([{"role": "user", "content": parts}])


MARKS = st.sampled_from(["<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|", "im_end|>"])
WORDS = st.lists(st.one_of(MARKS, st.text(max_size=5)), max_size=6).map("".join)


@given(system=WORDS, user=WORDS, said=WORDS, result=WORDS, with_tools=st.booleans())
def test_no_text_can_open_or_close_a_turn(
    system: str, user: str, said: str, result: str, with_tools: bool
) -> None:
    messages = [
        {"role": "system", "content": system},
        {"role": "user", "content": user},
        calling("AddReminder", {"content": said}, content=said),
        {"role": "tool", "tool_call_id": "c0", "content": result},
        {"role": "assistant", "content": said},
    ]
    text = render(messages, TOOLS if with_tools else [], add_generation_prompt=False)
    # The words that go with the call are a turn of their own.
    turns = len(messages) + bool(said)
    assert text.count(OPEN) == text.count(END_OF_TURN) == turns
    assert "<|endoftext|>" not in text


def test_a_prompt_is_the_beginning_of_the_training_text() -> None:
    messages = two_turns()
    whole = render(messages, TOOLS, add_generation_prompt=False)
    for at, message in enumerate(messages):
        if message["role"] == "assistant":
            assert whole.startswith(render(messages[:at], TOOLS))


@pytest.mark.train
@needs_transformers
@settings(max_examples=40, deadline=None)
@given(said=WORDS, user=WORDS, with_tools=st.booleans())
def test_transformers_renders_the_same(said: str, user: str, with_tools: bool) -> None:
    from transformers.utils.chat_template_utils import render_jinja_template

    tools = TOOLS if with_tools else None
    messages = [
        {"role": "user", "content": user},
        calling("query_stock", json.dumps({"item_name": said})),
        {"role": "tool", "tool_call_id": "c0", "content": said},
        {"role": "assistant", "content": said},
    ]
    for opened in (False, True):
        (theirs,), _ = render_jinja_template(
            [normalized(messages, tools)],
            tools=tools,
            chat_template=template_text(),
            add_generation_prompt=opened,
        )
        assert theirs == render(messages, tools, add_generation_prompt=opened)
