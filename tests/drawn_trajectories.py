"""Trajectories drawn by hypothesis, of the sorts that formats have to hold."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from callsheet.tools import ToolSpec
from callsheet.trajectories.trajectory import Trajectory, line_of

NAMES = st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True)
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="<>"), max_size=30
)
SOLID = WORDS.filter(lambda text: bool(text.strip()) and text == text.strip())
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)


@st.composite
def tools(draw: st.DrawFn) -> list[ToolSpec]:
    names = draw(st.lists(NAMES, max_size=3, unique=True))
    return [
        ToolSpec(name=name, description=draw(SOLID), parameters=draw(_schemas())) for name in names
    ]


@st.composite
def _schemas(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.lists(NAMES, max_size=3, unique=True))
    kinds = st.sampled_from(["string", "integer", "number", "boolean"])
    properties = {name: {"type": draw(kinds), "description": draw(WORDS)} for name in names}
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if names and draw(st.booleans()):
        schema["required"] = names[:1]
    return schema


@st.composite
def dialogues(draw: st.DrawFn) -> Trajectory:
    """Turns of a user and an assistant, with calls and results, parallel ones among them."""
    specs = draw(tools())
    messages: list[dict[str, Any]] = []
    if draw(st.booleans()):
        messages.append({"role": "system", "content": draw(SOLID)})
    calls = 0
    for _ in range(draw(st.integers(1, 3))):
        messages.append({"role": "user", "content": draw(SOLID)})
        for _ in range(draw(st.integers(0, 2)) if specs else 0):
            count = draw(st.integers(1, 3))
            messages.append(_asks(draw, specs, calls, count))
            results = [
                {"role": "tool", "tool_call_id": f"call_{calls + i}", "content": draw(_results)}
                for i in range(count)
            ]
            messages += results
            calls += count
        messages.append({"role": "assistant", "content": draw(SOLID), **_thought(draw)})
    return Trajectory(
        id=draw(NAMES), scenario="s", environment="e", tools=specs, messages=line_of(messages),
        user_query=next(m["content"] for m in messages if m["role"] == "user"),
    )  # fmt: skip


_results = SOLID | VALUES.map(lambda value: json.dumps(value, ensure_ascii=False))


def _thought(draw: st.DrawFn) -> dict[str, str]:
    return {"thought": draw(SOLID)} if draw(st.booleans()) else {}


def _asks(draw: st.DrawFn, specs: list[ToolSpec], first: int, count: int) -> dict[str, Any]:
    compact = st.dictionaries(NAMES, VALUES, max_size=3).map(
        lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    )
    calls = [
        {
            "id": f"call_{first + i}",
            "function": {"name": draw(st.sampled_from(specs)).name, "arguments": draw(compact)},
        }
        for i in range(count)
    ]
    return {"role": "assistant", "content": None, "tool_calls": calls, **_thought(draw)}
