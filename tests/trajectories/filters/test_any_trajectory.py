"""Whatever is a valid trajectory can be judged, and is judged the same every time."""

from __future__ import annotations

import time
from typing import Any

import orjson
from filter_dialogues import GOOD, TOOLS, dialogue, says, user
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callsheet.tools import ToolSpec
from callsheet.trajectories.filters import find_defects
from callsheet.trajectories.trajectory import Message, Trajectory, Verdict

BITS = (
    """book Oslo 2026-03-06 09:30 4 12,50 1.234.567 99% "my city" <city> step 2: plan tomorrow next
    Friday ana@x.org 
    https://a.b/c ３ ² Ⅳ ١٢ −5 1e999 I've booked done not ¾ \x00 Ã©
    \ufffd </s> <|im_end|> {"a": 1} [tool_call] get_weather 1.2.3.4
    24:00 99/99/99 31.02 \U0001f600"""
)  # fmt: skip
WORDS = st.sampled_from(sorted(set(BITS.split())))
TEXT = st.one_of(st.text(max_size=40), st.lists(WORDS, max_size=12).map(" ".join))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**30), 10**30), st.floats(), TEXT),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8) | WORDS, inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = st.sampled_from([tool.name for tool in TOOLS] + ["", "other"])


def written(value: Any) -> str:
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return repr(value)


ARGUMENTS = st.one_of(
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("city", "date", "seats", "email", "restaurant", "text"), JSON)
    ).map(written),
    JSON.map(written),
    TEXT,
)
CALLS = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.sampled_from(["a", "b", ""]),
            "function": st.fixed_dictionaries({"name": NAMES, "arguments": ARGUMENTS}),
        }
    ),
    max_size=3,
)
MESSAGES = st.lists(
    st.fixed_dictionaries(
        {
            "role": st.sampled_from(["system", "user", "assistant", "tool"]),
            "content": st.one_of(st.none(), TEXT, JSON.map(written)),
            "tool_calls": st.one_of(st.none(), CALLS),
            "tool_call_id": st.sampled_from([None, "a", "b", ""]),
            "offers": st.one_of(st.none(), st.lists(NAMES, max_size=2)),
            "back": st.integers(0, 2),
        }
    ),
    max_size=10,
)
SCHEMAS = st.dictionaries(
    st.sampled_from(["properties", "required", "type", "enum", "additionalProperties", "$ref"]),
    JSON, max_size=4,
)  # fmt: skip


@st.composite
def trajectories(draw: st.DrawFn) -> Trajectory:
    messages = []
    for number, made in enumerate(draw(MESSAGES)):
        back = made.pop("back")
        parent = number - 1 - back if number - 1 - back >= 0 else None
        messages.append(Message.model_validate({**made, "id": number, "parent": parent}))
    schemas = draw(st.lists(SCHEMAS, max_size=1))
    extra = [ToolSpec(name="other", parameters=schema) for schema in schemas]
    steps = st.dictionaries(st.sampled_from(["met", "request"]), JSON, max_size=2)
    contexts: list[dict[str, Any]] = [{}, {"context": {"now": "2026-99-99"}}, {"context": 3}]
    return Trajectory(
        id="x", scenario="s", environment="e", messages=messages,
        tools=draw(st.sampled_from([[], TOOLS])) + extra,
        plan=draw(st.lists(steps, max_size=2)),
        verdicts=[Verdict(check=draw(TEXT), passed=draw(st.booleans()), by="execution")],
        other_information=draw(st.sampled_from(contexts)),
    )  # fmt: skip


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(trajectories())
def test_never_raises_and_says_the_same_again(trajectory: Trajectory) -> None:
    first = find_defects(trajectory)
    assert first == find_defects(trajectory)
    ids = {message.id for message in trajectory.messages} | {None}
    assert all(one.message in ids and len(one.detail) <= 160 for one in first)


def test_hostile_texts_take_no_time() -> None:
    """Long runs of what the patterns look for must not cost their square."""
    bits = [
        "<",
        "[",
        "{{",
        "step ",
        "1,",
        "9",
        " the ",
        "my ",
        "a" * 50,
        "https://",
        "I have ",
        "\n1. ",
        '"',
    ]
    started = time.process_time()
    for bit in bits:
        text = bit * (40_000 // len(bit))
        find_defects(dialogue(user(text), *GOOD[1:3], says(text)))
    assert time.process_time() - started < 20


def test_a_deep_argument_is_no_trouble() -> None:
    deep = '{"text": ' + "[" * 5000 + "]" * 5000 + "}"
    turn = {
        **GOOD[1],
        "tool_calls": [{"id": "c0", "function": {"name": "note", "arguments": deep}}],
    }
    assert find_defects(dialogue(GOOD[0], turn, *GOOD[2:]))
