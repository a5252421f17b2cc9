"""Overflow: whole oldest turns go; no tool call is ever parted from its result."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from autogen_core import FunctionCall
from autogen_core.models import (
    AssistantMessage,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    SystemMessage,
    UserMessage,
)
from hypothesis import given
from hypothesis import strategies as st

from callsheet.models.context import fit
from callsheet.models.errors import ContextOverflow


def user(text: str) -> UserMessage:
    return UserMessage(content=text, source="user")


def said(text: str) -> AssistantMessage:
    return AssistantMessage(content=text, source="assistant")


def calls(*ids: str) -> AssistantMessage:
    return AssistantMessage(
        content=[FunctionCall(id=i, name="f", arguments="{}") for i in ids], source="assistant"
    )


def results(*ids: str) -> FunctionExecutionResultMessage:
    return FunctionExecutionResultMessage(
        content=[
            FunctionExecutionResult(content="r", name="f", call_id=i, is_error=False) for i in ids
        ]
    )


SYSTEM = SystemMessage(content="s")
LONG = [SYSTEM, *(m for i in range(10) for m in (user(f"q{i}"), said(f"a{i}")))]


def count(messages: Sequence[LLMMessage]) -> int:
    return len(messages)


def test_what_fits_is_left_alone() -> None:
    fitted = fit(LONG, room=21, count=count)
    assert fitted.messages is LONG and fitted.dropped_turns == 0


def test_the_oldest_turns_go_whole_and_the_system_message_stays() -> None:
    fitted = fit(LONG, room=8, count=count)
    assert fitted.dropped_turns == 7
    assert list(fitted.messages) == [SYSTEM, *LONG[15:]]
    assert fitted.tokens == 7


def test_system_messages_in_the_middle_stay() -> None:
    late = SystemMessage(content="late")
    fitted = fit([SYSTEM, user("1"), late, said("2"), user("3")], room=3, count=count)
    assert list(fitted.messages) == [SYSTEM, late, user("3")]


def test_the_turn_that_goes_on_stays_or_the_prompt_overflows() -> None:
    going_on = [user("now"), calls("a"), results("a"), calls("b"), results("b")]
    assert list(fit([*LONG, *going_on], room=6, count=count).messages) == [SYSTEM, *going_on]
    with pytest.raises(ContextOverflow, match="6 tokens even without its 10 oldest turns"):
        fit([*LONG, *going_on], room=5, count=count)


def test_a_turn_with_an_open_call_stays() -> None:
    messages = [user("1"), calls("open", "closed"), results("closed"), user("2"), said("ok")]
    messages += [user("3")]
    assert list(fit(messages, room=4, count=count).messages) == [*messages[:3], user("3")]


def test_a_late_result_binds_its_turns() -> None:
    messages = [user("1"), calls("a"), user("2"), results("a"), user("3"), said("x"), user("4")]
    fitted = fit(messages, room=6, count=count)
    assert list(fitted.messages) == messages[4:] and fitted.dropped_turns == 1


def test_ids_that_come_again_are_told_apart() -> None:
    turn = [calls("call_0"), results("call_0")]
    messages = [user("1"), *turn, user("2"), *turn, user("3"), *turn]
    assert list(fit(messages, room=6, count=count).messages) == messages[3:]


def test_more_turns_go_when_the_endpoint_counts_differently() -> None:
    fitted = fit(LONG, room=100, count=count, at_least=3)
    assert fitted.dropped_turns == 3
    with pytest.raises(ContextOverflow):
        fit([SYSTEM, user("only")], room=100, count=count, at_least=1)


IDS = st.sampled_from(["a", "b", "c"])
MESSAGE: st.SearchStrategy[LLMMessage] = st.one_of(
    st.just(SYSTEM),
    st.builds(user, st.just("q")),
    st.builds(said, st.just("a")),
    st.builds(lambda ids: calls(*ids), st.lists(IDS, min_size=1, max_size=3, unique=True)),
    st.builds(lambda ids: results(*ids), st.lists(IDS, min_size=1, max_size=3, unique=True)),
)


def pairs(messages: Sequence[LLMMessage]) -> list[tuple[int, int | None]]:
    """(identity of the call's message, identity of its result's message or None)."""
    open_calls: dict[str, list[int]] = {}
    found: list[tuple[int, int | None]] = []
    for message in messages:
        if isinstance(message, AssistantMessage) and isinstance(message.content, list):
            for call in message.content:
                open_calls.setdefault(call.id, []).append(id(message))
        elif isinstance(message, FunctionExecutionResultMessage):
            for result in message.content:
                if open_calls.get(result.call_id):
                    found.append((open_calls[result.call_id].pop(), id(message)))
    found += [(called, None) for rest in open_calls.values() for called in rest]
    return found


@given(st.lists(MESSAGE, max_size=25), st.integers(0, 25))
def test_whatever_the_dialogue_no_call_loses_its_result(drawn: list[LLMMessage], room: int) -> None:
    messages = [message.model_copy() for message in drawn]
    try:
        fitted = fit(messages, room=room, count=count)
    except ContextOverflow:
        return
    kept = {id(message) for message in fitted.messages}
    assert len(fitted.messages) <= room
    for call, result in pairs(messages):
        if result is None:
            assert call in kept, "an open call stays"
        else:
            assert (call in kept) == (result in kept)
    assert all(id(m) in kept for m in messages if isinstance(m, SystemMessage))
    order = [id(m) for m in messages if id(m) in kept]
    assert order == [id(m) for m in fitted.messages]
    # Turns go whole: between two neighbours that stayed apart in the original, a turn began.
    for index in range(1, len(messages)):
        before, here = messages[index - 1], messages[index]
        same_turn = not isinstance(here, (UserMessage, SystemMessage)) and not isinstance(
            before, SystemMessage
        )
        if same_turn:
            assert (id(before) in kept) == (id(here) in kept)
