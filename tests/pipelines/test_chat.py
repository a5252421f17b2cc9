"""A conversation with a person: it is a run, and turns can be taken back."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from acted_runs import until
from fake_endpoint import FakeEndpoint, Fault

from callsheet.models.errors import ModelUnavailable
from callsheet.pipelines.chat import Chat, ChatConfig, NothingSaid, TurnFailed
from callsheet.simulation import RunDirectory, replay
from callsheet.simulation.engine import resume
from callsheet.simulation.people import say, waiting
from callsheet.tools.pool import save_pool
from callsheet.tools.spec import ToolSpec
from callsheet.trajectories.event import Event
from callsheet.trajectories.reading import read_trajectories

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SET = 'set a reminder to "call Ann" at 2026-03-05 10:00:00, username foo, password bar'


def config(**changes: Any) -> ChatConfig:
    return ChatConfig.model_validate(
        {"model": "rules", "tools": "workspace", "now": NOW, **changes}
    )


def test_a_chat_is_a_run_that_replays(tmp_path: Path) -> None:
    heard: list[Event] = []
    with Chat(config(), tmp_path / "run", heard.append) as chat:
        assert "AddReminder" in [tool.name for tool in chat.tools]
        chat.say(SET)
        assert heard[-1].kind == "message" and heard[-1].source == "assistant"
        calls = [event.data["name"] for event in heard if event.kind == "tool_call"]
        assert calls == ["GetUserToken", "AddReminder"]
        chat.say("thank you")
        assert chat.turns == [SET, "thank you"]
    (trajectory,) = read_trajectories(tmp_path / "run" / "trajectories.jsonl")
    assert trajectory.outcome.status == "completed" and trajectory.user_query == SET
    assert trajectory.other_information["models"]["user"] == "human"
    (replayed,) = replay(RunDirectory(tmp_path / "run"))
    assert replayed.finished and replayed.events == len(heard)
    assert [event.seq for event in heard] == list(range(len(heard)))


def test_a_turn_taken_back_takes_the_world_back(tmp_path: Path) -> None:
    with Chat(config(), tmp_path / "run") as chat:
        chat.say("Get the token of username foo with password bar")
        chat.say(SET)
        assert chat.undo() == SET and len(chat.turns) == 1
        chat.say("List the reminders of username foo, password bar")
        results = [e.data["content"] for e in chat._events if e.kind == "tool_result"]
        assert "call Ann" not in str(results[-1]["reminders"]) and len(chat.turns) == 2
    undone = RunDirectory(tmp_path / "run-undone-1")
    assert [one.finished for one in replay(undone)] == [False]
    assert RunDirectory(chat.folder).manifest().forked_from is not None
    assert [one.finished for one in replay(RunDirectory(chat.folder))] == [True]


def test_events_are_heard_once_whatever_is_taken_back(tmp_path: Path) -> None:
    heard: list[Event] = []
    with Chat(config(), tmp_path / "run", heard.append) as chat:
        for words in ("hello", "good morning"):
            chat.say(words)
        chat.undo()
        chat.say("good evening")
    said = [e.data["message"]["content"] for e in heard if e.source == "user" and
            e.kind == "message"]  # fmt: skip
    assert said == ["hello", "good morning", "good evening"]
    assert [e.data["state"] for e in heard if e.kind == "status"] == ["started", "ended"]


def test_what_is_saved_is_the_conversation_so_far(tmp_path: Path) -> None:
    path = tmp_path / "good.jsonl"
    with Chat(config(), tmp_path / "run") as chat:
        for act in (chat.undo, lambda: chat.save(path)):
            with pytest.raises(NothingSaid):
                act()
        chat.say(SET)
        chat.save(path)
        chat.say("thank you")
        chat.save(path)
    first, second = read_trajectories(path)
    assert first.outcome.status == "completed" and first.messages[-1].role == "assistant"
    assert second.chat()[: len(first.messages)] == first.chat()


def test_a_chat_without_a_word_leaves_nothing(tmp_path: Path) -> None:
    with Chat(config(), tmp_path / "run"):
        pass
    assert not (tmp_path / "run").exists()


def test_the_tools_of_a_pool_are_simulated(tmp_path: Path) -> None:
    city = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    spec = ToolSpec(name="GetWeather", description="Get the weather of a city.", parameters=city)
    save_pool(tmp_path / "pool.json", [spec])
    with Chat(config(tools=str(tmp_path / "pool.json")), tmp_path / "run") as chat:
        chat.say('Get the weather, the city is "Rome"')
        calls = [e.data for e in chat._events if e.kind == "tool_result"]
    assert calls and calls[0]["ok"]
    assert [one.finished for one in replay(RunDirectory(chat.folder))] == [True]


def test_what_cannot_be_played_is_refused_at_the_start(tmp_path: Path) -> None:
    for tools, says in (
        ("worksapce", "did you mean workspace"),
        ("missing.json", "missing.json"),
        ("api.yaml", "say openapi:api.yaml"),
        ("mcp:nothing", "mcp"),
    ):
        with pytest.raises(ValueError, match=says):
            Chat(config(tools=tools), tmp_path / "run")
    with pytest.raises(ModelUnavailable, match="no model is called 'nobody'"):
        Chat(config(model="nobody"), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_conversation_that_is_resumed_waits_for_the_page(tmp_path: Path) -> None:
    with Chat(config(), tmp_path / "run") as chat:
        chat.say("hello")
        chat.undo()
        chat.say("again")
    run = tmp_path / "run-undone-1"
    with ThreadPoolExecutor(1) as pool:
        playing = pool.submit(resume, run)
        for words in ("hello again", ""):
            (asked,) = until(lambda: waiting(run))
            say(run, asked.episode, asked.role, words)
            until(lambda key=asked.key: not [w for w in waiting(run) if w.key == key])
        assert playing.result().statuses == {"completed": 1}
    (trajectory,) = read_trajectories(run / "trajectories.jsonl")
    assert trajectory.other_information["people"] == ["user"]


def test_a_model_that_fails_costs_the_turn_and_not_the_chat(tmp_path: Path) -> None:
    with FakeEndpoint(lambda _: {"content": "Fine."}) as server:
        (tmp_path / "remote.yaml").write_text(
            f"provider: openai_compatible\nconfig: {{model: m, base_url: '{server.url}'}}\n"
        )
        told = config(model="remote", model_folders=[str(tmp_path)])
        with Chat(told, tmp_path / "run") as chat:
            chat.say("How are you?")
            server.script.append(Fault("status", status=400))
            with pytest.raises(TurnFailed, match="400"):
                chat.say("And now?")
            assert chat.turns == ["How are you?"]
            chat.say("And now?")
            assert chat.turns == ["How are you?", "And now?"]
    messages = server.requests[-1]["messages"]
    assert [m["content"] for m in messages[1:]] == ["How are you?", "Fine.", "And now?"]


def test_tools_that_really_run_outside_and_are_not_called_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from loopback_api import loopback_api
    from nursery_project import nursery_project

    monkeypatch.chdir(tmp_path)
    with loopback_api() as api:
        nursery_project(tmp_path, api.url)
        with Chat(config(tools="openapi:nursery"), tmp_path / "run") as chat:
            assert chat.acts_outside
            chat.say('Add a plant with the name "rose" and the colour red')
            chat.say('Add a plant with the name "tulip" and the colour white')
            chat.undo()
            chat.say("List the red plants")
            results = [e.data["content"] for e in chat._events if e.kind == "tool_result"]
    assert "rose" in str(results[-1])
    posts = [request for request in api.seen if request.method == "POST"]
    assert len(posts) == 2  # the first one's result came from the log after the second was undone


def test_python_functions_between_whose_calls_the_person_thinks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.py").write_text(
        "def get_price(article: str) -> dict[str, int]:\n"
        '    """Get the price of an article."""\n'
        "    return {'price': len(article)}\n"
    )
    (tmp_path / "callsheet.toml").write_text('[python.shop]\nfunctions = ["shop:get_price"]\n')
    with Chat(config(tools="python:shop"), tmp_path / "run") as chat:
        for article in ("lamp", "table"):
            chat.say(f'Get the price of the article "{article}"')
        results = [e.data["content"] for e in chat._events if e.kind == "tool_result"]
    assert results == [{"price": 4}, {"price": 5}]


def test_an_mcp_server_lives_as_long_as_the_conversation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("mcp", reason="needs the extra `mcp`")
    monkeypatch.chdir(tmp_path)
    command = [sys.executable, str(Path(__file__).parents[1] / "mcp_server.py"), "stdio"]
    (tmp_path / "callsheet.toml").write_text(f"[mcp.nursery]\ncommand = {json.dumps(command)}\n")
    with Chat(config(tools="mcp:nursery"), tmp_path / "run") as chat:
        for name in ("rose", "tulip"):
            chat.say(f'Add a plant with the name "{name}"')
        results = [e.data["content"] for e in chat._events if e.kind == "tool_result"]
    assert results == [{"total": 1}, {"total": 2}]
