"""A person speaks for the user or the assistant of a run in another process, from the beginning or
from the middle; what they say is recorded, survives kills, and replays."""

from __future__ import annotations

from pathlib import Path

import pytest
from acted_runs import callsheet, events, finished, kill, prepare, until, words
from fake_endpoint import FakeEndpoint

from callsheet.models.errors import ModelUnavailable
from callsheet.scenarios import load_scenarios
from callsheet.simulation import RunConfig, RunDirectory, RunError, fork, replay, resume, simulate
from callsheet.simulation.control import change_control
from callsheet.simulation.people import Waiting, say, waiting
from callsheet.trajectories.event import Event
from callsheet.trajectories.reading import read_trajectories


def asked(run: Path, key: str) -> Waiting:
    """The question `key`, once it waits."""
    (found,) = until(lambda: [w for w in waiting(run) if w.key == key])
    return found


def told(run: Path) -> list[Event]:
    (found,) = events(run).values()
    return found


def people(run: Path) -> object:
    (trajectory,) = read_trajectories(run / "trajectories.jsonl")
    return trajectory.other_information.get("people")


def test_a_person_is_the_assistant_through_kills(tmp_path: Path) -> None:
    run = prepare(tmp_path, "http://127.0.0.1:9/v1")
    play = ("run", "scenarios", "--model", "assistant=human", "--out", "run")
    with callsheet(tmp_path, *play) as process:
        first = asked(run, "assistant.0")
        assert [tool["name"] for tool in first.tools] == ["Calculator"] and not first.taken_over
        for wrong, why in (
            ({"content": "a", "calls": [{"name": "Calculator"}]}, "one of both"),
            ({"content": " "}, "one of both"),
            ({"calls": [{"name": "Calculater", "arguments": "{}"}]}, "no tool 'Calculater' now"),
            ({"calls": [{"name": "Calculator", "arguments": "[]"}]}, "not a JSON object"),
            ({"calls": [{"name": "Calculator", "arguments": "{"}]}, "are not JSON"),
        ):
            with pytest.raises(RunError, match=why):
                say(run, first.episode, "assistant", **wrong)  # type: ignore[arg-type]
        with pytest.raises(RunError, match="nobody waits for the user's words"):
            say(run, first.episode, "user", "hello")
        call = {"name": "Calculator", "arguments": {"formula": "12*7"}}
        say(run, first.episode, "assistant", calls=[call])
        asked(run, "assistant.1")
        kill(process)
    assert [w.key for w in waiting(run)] == ["assistant.1"]  # a server started now sees it
    say(run, first.episode, "assistant", "It is 84.")
    with pytest.raises(RunError, match="nobody waits"):
        say(run, first.episode, "assistant", "It is 85.")
    with callsheet(tmp_path, "resume", "run") as process:
        asked(run, "assistant.2")
        say(run, first.episode, "assistant", "It is 7.")
        asked(run, "assistant.3")
        say(run, first.episode, "assistant", "I see \ud800.")
        assert "a person is the assistant: type on the page" in finished(process)
    assert words(told(run), "assistant")[:2] == ["It is 84.", "It is 7."]
    assert [e.data["content"] for e in told(run) if e.kind == "tool_result"]
    assert people(run) == ["assistant"] and not (run / "people").exists()
    assert replay(RunDirectory(run))[0].finished


def test_a_person_is_the_user_and_knows_the_plan(tmp_path: Path) -> None:
    run = prepare(tmp_path, "http://127.0.0.1:9/v1")
    play = ("run", "scenarios", "--model", "user=human", "--out", "run")
    with callsheet(tmp_path, *play) as process:
        first = asked(run, "user.0")
        assert 'to be said next: work out the formula "12*7"' in first.prompt_hint
        say(run, first.episode, "user", 'Please work out the formula "12*7"')
        assert "talked about now: work out" in asked(run, "user.1").prompt_hint
        say(run, first.episode, "user", 'Sorry, I meant the formula "12*8"', step_met=False)
        asked(run, "user.2")
        kill(process)
    with callsheet(tmp_path, "resume", "run") as process:
        asked(run, "user.2")
        say(run, first.episode, "user", "")
        finished(process)
    steps = [e.data["step"] for e in told(run) if e.kind == "plan" and "step" in e.data]
    assert steps == [0, None] and len(words(told(run), "user")) == 2
    assert told(run)[-1].data["status"] == "completed" and people(run) == ["user"]
    assert replay(RunDirectory(run))[0].finished


def test_a_role_is_taken_over_in_the_middle_of_an_answer_and_handed_back(tmp_path: Path) -> None:
    with FakeEndpoint(latency=20.0) as server:
        run = prepare(tmp_path, server.url)
        play = ("run", "scenarios", "--model", "assistant=remote", "--out", "run")
        with callsheet(tmp_path, *play) as process:
            until(lambda: server.in_flight == 1)
            change_control(run, episode="000000-sums", people=("assistant", "user"))
            assert asked(run, "assistant.0").taken_over
            until(lambda: server.dropped_by_client == 1)
            say(run, "000000-sums", "assistant", "It is 84.")
            asked(run, "user.1")
            say(run, "000000-sums", "user", "Thank you. And three and four?")
            asked(run, "assistant.1")
            kill(process)
        server.latency = 0.0
        with callsheet(tmp_path, "resume", "run") as process:
            asked(run, "assistant.1")
            change_control(run, episode="000000-sums", people=())
            finished(process)
        fork(RunDirectory(run), "000000", 2, tmp_path / "forked")
        resume(tmp_path / "forked")
    assert server.total > 1 and people(run) == ["assistant", "user"]
    assert words(told(run), "user")[1] == "Thank you. And three and four?"
    assert words(told(run), "assistant")[0] == "It is 84."
    assert waiting(run) == [] and replay(RunDirectory(run))[0].finished


def test_a_user_who_speaks_the_plan_verbatim_is_taken_over_after_the_first_words(
    tmp_path: Path,
) -> None:
    run = prepare(tmp_path, "http://127.0.0.1:9/v1")
    play = ("run", "scenarios", "--model", "assistant=human", "--set", "user.verbatim=true")
    with callsheet(tmp_path, *play, "--out", "run") as process:
        asked(run, "assistant.0")
        change_control(run, episode="000000-sums", people=("user",))
        say(run, "000000-sums", "assistant", "It is 84.")
        asked(run, "user.0")
        say(run, "000000-sums", "user", "Something else.")
        asked(run, "assistant.1")
        change_control(run, episode="000000-sums", people=())
        for key in ("assistant.1", "assistant.2"):
            asked(run, key)
            say(run, "000000-sums", "assistant", "It is 7.")
        finished(process)
    said = words(told(run), "user")
    assert said[:2] == ['work out the formula "12*7"', "Something else."] and len(said) == 3
    assert replay(RunDirectory(run))[0].finished


def test_a_question_that_lies_in_another_s_place_is_none(tmp_path: Path) -> None:
    run = tmp_path / "run"
    (run / "people").mkdir(parents=True)
    asked = Waiting(episode="../../away", role="user", key="user.0").model_dump_json()
    (run / "people" / "000000-a.user.asked.json").write_text(asked)
    assert waiting(run) == []
    with pytest.raises(RunError, match="nobody waits"):
        say(run, "../../away", "user", "hello")


def test_a_person_is_neither_tool_nor_judge(tmp_path: Path) -> None:
    prepare(tmp_path, "http://127.0.0.1:9/v1")
    scenarios = load_scenarios([tmp_path / "scenarios"])
    with pytest.raises(ModelUnavailable, match="user or assistant, not the tool") as problem:
        simulate(scenarios, RunConfig(models={"tool": "human"}), tmp_path / "run")
    assert not (tmp_path / "run").exists() and "\n" not in str(problem.value)
