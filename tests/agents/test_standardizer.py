"""Reading unknown formats with a model's help: what is true is read, what is not is refused."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted_model import Scripted

from callsheet.agents.standardizer import Standardizer, outline
from callsheet.models.errors import ContextOverflow
from callsheet.trajectories.formats.field_map import FieldMap, apply
from callsheet.trajectories.formats.format import Losses, Refused
from callsheet.trajectories.formats.source_text import SourceText
from callsheet.trajectories.trajectory import Trajectory

WORDS = [
    {"word": "client", "role": "user"},
    {"word": "agent", "role": "assistant"},
    {"word": "machine", "role": "tool"},
]
MAP: dict[str, Any] = {
    "before": [{"path": "/rules", "holds": "system"}],
    "turns": "/log/entries",
    "role": "/by",
    "roles": WORDS,
    "parts": [
        {"path": "/hunch", "holds": "thought"},
        {"path": "/text", "holds": "by_role"},
        {"path": "/uses", "holds": "calls"},
    ],
    "call_name": "/device",
    "call_arguments": "/with",
    "tools": "/devices",
    "tool_name": "/title",
    "tool_description": "/does",
    "tool_parameters": None,
}


def record(n: int = 1) -> dict[str, Any]:
    """One record of a format that nobody has seen before."""
    return {
        "number": n,
        "rules": "You look after a garden and its devices.",
        "devices": [{"title": "sprinkler", "does": "Waters a bed."}],
        "log": {
            "entries": [
                {"by": "client", "text": f"Please water bed {n} for ten minutes."},
                {
                    "by": "agent",
                    "hunch": f"The sprinkler can reach bed {n}.",
                    "uses": [{"device": "sprinkler", "with": {"bed": n, "minutes": 10}}],
                },
                {"by": "machine", "text": f"bed {n}: wet"},
                {"by": "agent", "text": f"Bed {n} has been watered for ten minutes."},
            ]
        },
        "origin": "shed",
    }


def read(model: Scripted, *records: Any) -> list[Trajectory]:
    async def all_of() -> list[Trajectory]:
        standardizer = Standardizer(model)
        return [one for value in records for one in await standardizer.read(value, Losses())]

    return asyncio.run(all_of())


def test_one_question_reads_a_whole_file() -> None:
    model = Scripted(MAP)
    found = read(model, *(record(n) for n in range(5)))
    assert len(found) == 5 and len(model.prompts) == 1
    first = found[3]
    assert [m.role for m in first.messages] == ["system", "user", "assistant", "tool", "assistant"]
    acting = first.messages[2]
    assert acting.thought == "The sprinkler can reach bed 3." and acting.tool_calls
    assert acting.tool_calls[0].function.arguments == '{"bed":3,"minutes":10}'
    assert first.messages[3].tool_call_id == acting.tool_calls[0].id
    assert [tool.name for tool in first.tools] == ["sprinkler"]
    kept = first.other_information
    assert (kept["origin"], kept["number"]) == ("shed", 3)
    assert kept["standardized"]["covered"] > 0.9


def changed(**fields: Any) -> dict[str, Any]:
    return {**MAP, **fields}


LIES = {
    "a wrong place": (changed(turns="/log"), "no list of turns"),
    "half of it left out": (changed(parts=MAP["parts"][:1]), "only assistant|of the text"),
    "a text twice": (changed(after=[{"path": "/rules", "holds": "assistant"}]), "used twice"),
    "an unknown speaker": (changed(roles=WORDS[:2]), "'machine'"),
    "no tool's name": (changed(call_name="/nothing"), "names no tool"),
    "no pointer": (changed(turns="log.entries"), "no JSON pointer"),
}


@pytest.mark.parametrize("name", LIES)
def test_a_map_that_lies_is_sent_back_with_what_is_wrong(name: str) -> None:
    lie, why = LIES[name]
    model = Scripted(lie, MAP)
    (found,) = read(model, record())
    told = str(model.prompts[1][-1].content)
    assert any(part in told for part in why.split("|")), told
    assert found.messages[0].content == record()["rules"]


def test_where_no_word_tells_who_speaks_the_model_is_believed() -> None:
    # A limit, and said so: "machine" might as well be a person.
    mistaken = [*WORDS[:2], {"word": "machine", "role": "user"}]
    (found,) = read(Scripted(changed(roles=mistaken)), record())
    assert found.messages[3].role == "user"


def test_words_that_everybody_knows_keep_their_meaning() -> None:
    turns = [{"from": "human", "value": "How high is it?"}, {"from": "gpt", "value": "Ten feet."}]
    swapped = {
        "turns": "/t",
        "role": "/from",
        "roles": [{"word": "human", "role": "assistant"}, {"word": "gpt", "role": "user"}],
        "parts": [{"path": "/value", "holds": "by_role"}],
    }
    with pytest.raises(Refused, match="'human' does not stand for assistant"):
        apply(FieldMap.model_validate(swapped), {"t": turns}, Losses())


def test_steps_with_thought_action_and_observation() -> None:
    steps = [
        {"thought": "Look it up.", "act": "find", "input": "tide tables", "seen": "High at noon."},
        {"thought": "That is it.", "act": "", "reply": "High tide is at noon."},
    ]
    said = {
        "before": [{"path": "/question", "holds": "user"}],
        "turns": "/steps",
        "parts": [
            {"path": "/thought", "holds": "thought"},
            {"path": "", "holds": "calls"},
            {"path": "/seen", "holds": "tool"},
            {"path": "/reply", "holds": "assistant"},
        ],
        "call_name": "/act",
        "call_arguments": "/input",
    }
    found = apply(FieldMap.model_validate(said), {"question": "When?", "steps": steps}, Losses())
    assert [m.role for m in found.messages] == ["user", "assistant", "tool", "assistant"]
    assert found.messages[1].tool_calls and found.messages[3].thought == "That is it."


RUN = {
    "run": "Q: How deep is the lake?\nThink: I should measure.\nDo: sonar {\"lake\": \"Mere\"}\n"
    "Got: 40 m\nSay: It is 40 m deep."
}  # fmt: skip


def message(role: str, content: str | None = None, **more: Any) -> dict[str, Any]:
    return {"role": role, "content": content, "thought": None, "calls": [], **more}


CALL = {"name": "sonar", "arguments": '{"lake": "Mere"}'}
APART = [
    message("user", "How deep is the lake?"),
    message("assistant", thought="I should measure.", calls=[CALL]),
    message("tool", "40 m"),
    message("assistant", "It is 40 m deep."),
]
NO_MAP = {"turns": None}


def apart(*messages: dict[str, Any]) -> dict[str, Any]:
    return {"messages": list(messages)}


def test_what_no_map_fits_is_taken_apart() -> None:
    model = Scripted(NO_MAP, NO_MAP, NO_MAP, apart(*APART))
    (found,) = read(model, RUN)
    assert [m.content for m in found.messages] == [m["content"] for m in APART]
    assert found.messages[1].tool_calls and found.messages[2].tool_call_id == "call_0"
    assert found.other_information["standardized"]["way"] == "record by record"


@pytest.mark.parametrize(
    ("messages", "why"),
    [
        ([*APART[:3], message("assistant", "It is 41 m deep.")], "nowhere in the record"),
        ([APART[0], APART[3], APART[2]], "out of order"),
        ([APART[0], message("assistant", "I")], "would be read"),
        ([APART[0], message("assistant", calls=[{**CALL, "name": "radar"}])], "nowhere"),
        (
            [APART[0], message("assistant", calls=[{**CALL, "arguments": '{"lake": "Sea"}'}])],
            "arguments stand nowhere",
        ),
        (APART[:1], "a user and an assistant"),
    ],
)
def test_a_record_taken_apart_with_lies_is_refused(
    messages: list[dict[str, Any]], why: str
) -> None:
    lie = apart(*messages)
    model = Scripted(NO_MAP, NO_MAP, NO_MAP, lie, lie)
    with pytest.raises(Refused, match="could not standardize"):
        read(model, RUN)
    assert why in str(model.prompts[4][-1].content)


def test_a_model_without_sense_is_asked_a_few_times_only() -> None:
    model = Scripted(*["no"] * 200)

    async def all_of() -> int:
        standardizer, refused = Standardizer(model), 0
        for n in range(20):
            try:
                await standardizer.read(record(n), Losses())
            except Refused:
                refused += 1
        return refused

    assert asyncio.run(all_of()) == 20
    assert len(model.prompts) == 8 * 3 + 20 * 2


class Narrow(Scripted):
    """A model whose context nothing fits."""

    async def create(self, *_: Any, **__: Any) -> Any:
        raise ContextOverflow("the prompt has 302 tokens, and there is room for 0")


def test_what_does_not_fit_the_models_context_is_refused() -> None:
    with pytest.raises(Refused, match="room for 0"):
        read(Narrow(), record(0))


@pytest.mark.parametrize("value", ["text", 3, None])
def test_what_is_no_record_is_refused(value: Any) -> None:
    with pytest.raises(Refused, match="no object"):
        read(Scripted(), value)


def test_the_outline_keeps_the_layout() -> None:
    shown = outline({"a": ["x" * 999] * 99, "b": {"c": 1}})
    assert len(orjson.dumps(shown)) < 2_500 and shown["b"] == {"c": 1}
    assert shown["a"][5] == "… 94 more"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)


@given(JSON)
def test_coverage_is_a_share(value: Any) -> None:
    source = SourceText(value)
    assert 0 <= source.covered() <= 1
    source.take(())
    assert source.covered() == 1 and source.left_out() == 0


@given(JSON, st.sampled_from(["/a", "", "/0", "/a/b"]), st.sampled_from(["user", "assistant"]))
def test_any_record_is_read_or_refused(value: Any, turns: str, holds: str) -> None:
    parts = [{"path": "", "holds": holds}, {"path": "/a", "holds": "assistant"}]
    field_map = FieldMap.model_validate({"turns": turns, "parts": parts})
    try:
        apply(field_map, value, Losses())
    except Refused:
        return
