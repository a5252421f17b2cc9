"""Reading answers: what was rendered comes back, and what small models make of it is understood."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conversations import ADD, QUERY
from hypothesis import given
from hypothesis import strategies as st

from callsheet.models.call_parsing import MAX_CALLS, Parsed, answer_schema, parse_answer
from callsheet.models.chat_template import END_OF_TURN, render
from callsheet.tools.validation import problems

TOOLS = [ADD.openai, QUERY.openai]
AWKWARD = st.sampled_from(['"', "\\", '\\"', "<|im_end|>", "}]}", "\u2028", "é", "日本", "\x00"])
TEXT = st.lists(st.one_of(AWKWARD, st.text(max_size=6)), max_size=5).map("".join)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXT
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
ARGUMENTS = st.dictionaries(TEXT, VALUES, max_size=4)
CALLS = st.lists(st.tuples(st.sampled_from(["AddReminder", "x.y-z"]), ARGUMENTS), max_size=3)


def turns(message: dict[str, Any]) -> list[str]:
    """What the assistant writes of a message, without the mark that ends each turn."""
    text = render([message], TOOLS, add_generation_prompt=False)
    return [
        one.removesuffix(END_OF_TURN + "\n") for one in text.split("<|im_start|>assistant\n")[1:]
    ]


def call(name: str, arguments: str) -> dict[str, Any]:
    return {"id": "", "type": "function", "function": {"name": name, "arguments": arguments}}


@given(words=TEXT, calls=CALLS)
def test_what_was_rendered_is_read_back(words: str, calls: list[tuple[str, Any]]) -> None:
    asked = [call(name, json.dumps(arguments)) for name, arguments in calls]
    written = turns({"role": "assistant", "content": words, "tool_calls": asked})
    # Words that go with calls are a turn of their own, before them.
    assert len(written) == (2 if words and calls else 1)
    parsed = [parse_answer(one) for one in written]
    assert "".join(one.words for one in parsed) == words
    assert [(c.name, json.loads(c.arguments)) for one in parsed for c in one.calls] == calls


@given(words=TEXT, calls=CALLS)
def test_what_was_read_renders_to_the_same_bytes(words: str, calls: list[tuple[str, Any]]) -> None:
    asked = [call(name, json.dumps(arguments)) for name, arguments in calls]
    for written in turns({"role": "assistant", "content": words, "tool_calls": asked}):
        parsed = parse_answer(written)
        again = [call(c.name, c.arguments) for c in parsed.calls]
        message = {"role": "assistant", "content": parsed.words, "tool_calls": again}
        assert turns(message) == [written]


ONE = '{"name": "AddReminder", "arguments": {"content": "a [b] {c}"}}'


@pytest.mark.parametrize(
    ("text", "words", "count"),
    [
        (ONE, "", 1),
        (f"[{ONE}, {ONE}]", "", 2),
        (f"```json\n{ONE}\n```", "", 1),
        (f'Sure.\n```\n{{"tool_calls": [{ONE}]}}\n```\nDone [1].', "Sure.", 1),
        (f"<tool_call>\n{ONE}\n</tool_call>\n<tool_call>{ONE}</tool_call>", "", 2),
        (f"I will. <tool_call>{ONE}</tool_call> now", "I will.", 1),
        (f'{{"tool_calls": [{ONE}]}} That is all, {{really}}.', "", 1),
        (f"Let me: {ONE}", "Let me:", 1),
        (f'{{"say": "One moment.", "tool_calls": [{ONE}]}}', "One moment.", 1),
        (f'{{"tool_calls": [{{"type": "function", "function": {ONE}}}]}}', "", 1),
        ('{"name": "f", "parameters": {"x": 1}}', "", 1),
        ('{"name": "f", "arguments": null}', "", 1),
        ('{"name": "f", "arguments": "{\\"x\\": 1}"}', "", 1),
        ('{"say": "Hi."}', "Hi.", 0),
        ('```json\n{"say": "Hi."}\n```', "Hi.", 0),
        ('{"say": "' + ONE.replace('"', '\\"') + '"}', ONE, 0),
        ("Just words {with} [brackets].", "Just words {with} [brackets].", 0),
        ('{"name": "Ann", "phone": 1}', '{"name": "Ann", "phone": 1}', 0),
        ('{"tool_calls": []}', '{"tool_calls": []}', 0),
        ('{"tool_calls": [{"name": 1}]}', '{"tool_calls": [{"name": 1}]}', 0),
        ('{"name": "f", "arguments": {"x": NaN}}', '{"name": "f", "arguments": {"x": NaN}}', 0),
        ("", "", 0),
        ("{" * 5000, "{" * 5000, 0),
        ("[" * 100_000, "[" * 100_000, 0),
    ],
)
def test_answers_that_were_not_held_to_the_form(text: str, words: str, count: int) -> None:
    parsed = parse_answer(text)
    assert (parsed.words, len(parsed.calls)) == (words, count)


@given(st.text())
def test_any_text_is_something(text: str) -> None:
    parsed = parse_answer(text)
    assert parsed.calls or parsed.words == text.strip()


def test_ids_go_on_from_the_conversation() -> None:
    assert [c.id for c in parse_answer(f"[{ONE}, {ONE}]", first=3).calls] == ["call_3", "call_4"]


@given(words=TEXT.filter(bool), data=st.data())
def test_words_that_were_cut_are_words(words: str, data: st.DataObject) -> None:
    whole = turns({"role": "assistant", "content": words})[0]
    kept = data.draw(st.integers(len('{"say": "'), len(whole)))
    assert words.startswith(parse_answer(whole[:kept], cut=True).words)


def test_a_call_that_was_cut_is_no_words() -> None:
    text = turns({"role": "assistant", "tool_calls": [call("AddReminder", '{"content": "a"}')]})[0]
    assert parse_answer(text[:-9], cut=True) == Parsed(text[:-9])


def test_whole_calls_before_a_cut_count() -> None:
    begun = f'{{"tool_calls": [{ONE}, {ONE}'
    for rest in (", " + ONE[:20], ", ", ",", ""):
        parsed = parse_answer(begun + rest, first=1, cut=True)
        assert [(c.id, c.name) for c in parsed.calls] == [
            ("call_1", "AddReminder"),
            ("call_2", "AddReminder"),
        ]


def fits(schema: dict[str, Any], value: Any) -> bool:
    return not problems(schema, value)


def answered(*calls: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {"tool_calls": [{"name": name, "arguments": given} for name, given in calls]}


def test_the_schema_follows_the_tool_choice() -> None:
    good, other = ("AddReminder", {"content": "x"}), ("query_stock", {"item_name": "y", "shelf": 2})
    say = {"say": "hello"}
    auto = answer_schema(TOOLS)
    assert fits(auto, say) and fits(auto, answered(good, other))
    assert not fits(auto, answered(*[good] * (MAX_CALLS + 1))) and not fits(auto, answered())
    assert not fits(auto, {**say, **answered(good)})
    assert not fits(answer_schema(TOOLS, parallel=False), answered(good, other))
    required = answer_schema(TOOLS, "required")
    assert fits(required, answered(good)) and not fits(required, say)
    silent = answer_schema(TOOLS, "none")
    assert fits(silent, say) and not fits(silent, answered(good))
    named = answer_schema(TOOLS, "query_stock")
    assert fits(named, answered(other)) and not fits(named, answered(good))
    assert answer_schema([], "auto") == silent
    with pytest.raises(ValueError, match="'nothing' must be called, but is not offered"):
        answer_schema(TOOLS, "nothing")


def test_a_calls_arguments_belong_to_its_tool() -> None:
    schema = answer_schema(TOOLS, "required")
    assert not fits(schema, answered(("AddReminder", {"item_name": "y"})))
    assert not fits(schema, answered(("AddReminder", {"content": "x", "level": "middle"})))
    assert not fits(schema, answered(("AddReminder", {"content": "x" * 1000})))
    assert not fits(schema, answered(("Unknown", {})))
