"""The journal: effects are made once, and a replay that goes another way is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from callsheet.simulation.journal import Journal
from callsheet.trajectories.effects import Made, ReplayDivergence
from callsheet.trajectories.event import Event


def answering(text: str, made: list[str]) -> Callable[[], Awaitable[Made]]:
    async def make() -> Made:
        made.append(text)
        return {"answer": text}, {"latency": 1}

    return make


async def scene(journal: Journal, made: list[str], words: str = "hello") -> dict[str, Any]:
    journal.note("message", "user", {"text": words})
    answer = await journal.effect(
        "model_call", "assistant", "assistant.0", {"ask": words}, answering("a0", made)
    )
    journal.note("message", "assistant", {"text": answer["answer"]})
    return answer


def recorded(words: str = "hello") -> list[Event]:
    events: list[Event] = []
    asyncio.run(scene(Journal("e", (), events.append), [], words))
    return events


def test_a_resumed_scene_makes_only_what_is_missing() -> None:
    events = recorded()
    for cut in range(len(events) + 1):
        made: list[str] = []
        log = list(events[:cut])
        asyncio.run(scene(Journal("e", tuple(log), log.append), made))
        assert [e.identity() for e in log] == [e.identity() for e in events]
        assert made == ([] if cut >= 2 else ["a0"])


def test_a_replay_writes_nothing_and_asks_nothing() -> None:
    made: list[str] = []
    journal = Journal("e", recorded())
    asyncio.run(scene(journal, made))
    assert made == [] and journal.unplayed == 0


def test_another_event_is_a_divergence_with_a_diff() -> None:
    with pytest.raises(ReplayDivergence, match=r'"text": "bye"'):
        asyncio.run(scene(Journal("e", recorded()), [], "bye"))


def test_another_request_under_the_same_key_is_a_divergence() -> None:
    async def other(journal: Journal) -> None:
        journal.note("message", "user", {"text": "hello"})
        await journal.effect(
            "model_call", "assistant", "assistant.0", {"ask": "other"}, answering("x", [])
        )

    with pytest.raises(ReplayDivergence, match=r"assistant\.0 differs"):
        asyncio.run(other(Journal("e", recorded(), lambda event: None)))


def test_a_missing_effect_amid_later_ones_never_calls_out() -> None:
    made: list[str] = []

    async def other(journal: Journal) -> None:
        journal.note("message", "user", {"text": "hello"})
        await journal.effect("model_call", "user", "user.0", {}, answering("x", made))

    with pytest.raises(ReplayDivergence, match=r"asks for user\.0"):
        asyncio.run(other(Journal("e", recorded(), lambda event: None)))
    assert made == []


def test_what_json_cannot_hold_is_mended_and_flagged() -> None:
    events: list[Event] = []

    async def make() -> Made:
        return {"answer": "\ud800"}, {}

    async def play(journal: Journal) -> dict[str, Any]:
        return await journal.effect("model_call", "assistant", "assistant.0", {}, make)

    answer = asyncio.run(play(Journal("e", (), events.append)))
    assert answer["answer"] == "\\ud800"
    assert events[0].data["altered"] == ["/answer"]


async def group(journal: Journal, made: list[str], delays: list[float]) -> list[str]:
    async def call(i: int) -> str:
        await asyncio.sleep(delays[i])
        scope = journal.scope
        answers = []
        for k in range(2):
            key = f"tool.{scope}.{k}"
            request = {"scope": scope, "k": k}
            answer = await journal.effect("model_call", "tool", key, request, answering(key, made))
            answers.append(answer["answer"])
            await asyncio.sleep(delays[i])
        return "+".join(answers)

    journal.note("message", "user", {"text": "go"})
    results = await journal.branches([f"call{i}" for i in range(3)], call)
    journal.note("message", "assistant", {"text": " ".join(results)})
    return results


def test_branches_land_in_order_whatever_ends_first() -> None:
    logs = []
    for delays in ([0.0, 0.0, 0.0], [0.01, 0.005, 0.0]):
        events: list[Event] = []
        asyncio.run(group(Journal("e", (), events.append), [], delays))
        logs.append([e.identity() for e in events])
    assert logs[0] == logs[1]
    assert len(logs[0]) == 8


def test_a_group_that_was_cut_while_it_was_written_is_completed() -> None:
    events: list[Event] = []
    asyncio.run(group(Journal("e", (), events.append), [], [0.0] * 3))
    for cut in range(len(events)):
        made: list[str] = []
        log = list(events[:cut])
        asyncio.run(group(Journal("e", tuple(log), log.append), made, [0.004, 0.002, 0.0]))
        assert [e.identity() for e in log] == [e.identity() for e in events]
        assert len(made) == 6 - max(0, min(cut - 1, 6))
