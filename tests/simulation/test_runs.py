"""Runs from end to end: played, resumed, replayed, forked, retried; with `rules` and with scripted
models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from autogen_core.models import CreateResult, LLMMessage, RequestUsage

from callsheet.models.accounting import Prices
from callsheet.models.base import ChatClient
from callsheet.models.errors import ContextOverflow, EndpointError, InvalidAnswer, ModelError
from callsheet.models.shared import SharedClient
from callsheet.scenarios import Scenario, library, load_scenario, load_scenarios
from callsheet.scenarios.lint import lint
from callsheet.simulation import (
    Execution,
    ModelDown,
    RunConfig,
    RunDirectory,
    RunError,
    Watchers,
    fork,
    replay,
    resume,
    run_progress,
    simulate,
)
from callsheet.simulation.prompts import rebuild_prompts
from callsheet.trajectories.effects import ReplayDivergence
from callsheet.trajectories.event import Event
from callsheet.trajectories.identity import run_identity
from callsheet.trajectories.log import read_episodes, segments
from callsheet.trajectories.reading import read_trajectories

LIBRARY = load_scenarios(library().values())


class Scripted(ChatClient):
    """Says the same words, or raises the next of its errors."""

    def __init__(self, words: str = "Hello.", errors: Sequence[ModelError] = ()) -> None:
        super().__init__()
        self.words = words
        self.errors = list(errors)
        self.asked = 0
        self.prompts: list[Sequence[LLMMessage]] = []

    async def create(
        self, messages: Sequence[LLMMessage], *, extra_create_args: Mapping[str, Any] = {}, **_: Any
    ) -> CreateResult:
        self.asked += 1
        self.prompts.append(messages)
        if self.errors:
            raise self.errors.pop(0)
        usage = RequestUsage(prompt_tokens=10, completion_tokens=3)
        return CreateResult(finish_reason="stop", content=self.words, usage=usage, cached=False)


def scene(**changes: Any) -> Scenario:
    record = {"name": "scene", "tools": ["Calculator"], "plan": [{"tool_call": "work out 2+2"}]}
    return Scenario.model_validate({**record, **changes})


def events_of(run: Path) -> dict[str, list[Event]]:
    return dict(read_episodes(run))


def ended(run: Path) -> dict[str, Any]:
    (events,) = events_of(run).values()
    return events[-1].data


def test_the_whole_library_is_solved_by_rules(tmp_path: Path) -> None:
    progress = simulate(LIBRARY, RunConfig(repeat=5), tmp_path / "run")
    assert progress.accepted == progress.total == 5 * len(LIBRARY)
    trajectories = list(read_trajectories(tmp_path / "run" / "trajectories.jsonl"))
    assert [t.id for t in trajectories] == sorted(t.id for t in trajectories)
    assert all(t.score == 1.0 and t.messages[0].role == "system" for t in trajectories)


def test_what_is_expected_changes_no_byte_of_what_is_said(tmp_path: Path) -> None:
    hidden = [s.model_copy(update={"expect": s.expect.model_copy(update={"calls": []})})
              for s in LIBRARY]  # fmt: skip
    spoken = []
    for name, scenarios in (("open", LIBRARY), ("hidden", hidden)):
        simulate(scenarios, RunConfig(repeat=3), tmp_path / name)
        spoken.append(
            {
                episode: [e.identity() for e in events if e.kind not in ("verdict", "status")]
                for episode, events in events_of(tmp_path / name).items()
            }
        )
    assert spoken[0] == spoken[1]


def test_a_replay_meets_every_event_and_asks_nobody(tmp_path: Path) -> None:
    run = tmp_path / "run"
    simulate(LIBRARY, RunConfig(repeat=2), run)
    replayed = replay(RunDirectory(run))
    assert all(item.finished for item in replayed)
    assert sum(item.events for item in replayed) == sum(len(e) for e in events_of(run).values())


def test_a_log_that_was_tampered_with_does_not_replay(tmp_path: Path) -> None:
    run = tmp_path / "run"
    simulate([scene()], RunConfig(), run)
    ((_, path),) = segments(run)
    path.write_bytes(path.read_bytes().replace(b'"result":4', b'"result":5', 1))
    with pytest.raises(ReplayDivergence, match="differs from the log"):
        replay(RunDirectory(run))


def test_prompts_are_rebuilt_from_their_references(tmp_path: Path) -> None:
    run = tmp_path / "run"
    simulate(LIBRARY, RunConfig(), run)
    calls = 0
    for events in events_of(run).values():
        prompts = rebuild_prompts(events)
        assert prompts.keys() == {e.data["key"] for e in events if e.kind == "model_call"}
        calls += len(prompts)
        assistant = [p for key, p in prompts.items() if key.startswith("assistant")]
        assert all(p[0]["role"] == "system" for p in assistant)
    assert calls > 50


def test_a_long_dialogue_is_logged_in_proportion(tmp_path: Path) -> None:
    sizes = []
    for steps in (20, 80):
        plan = [{"tool_call": f"work out {n}+1"} for n in range(steps)]
        limits = {"turns": steps + 1, "tool_calls": steps + 1, "tokens": 10**7}
        run = tmp_path / str(steps)
        simulate([scene(plan=plan, limits=limits)], RunConfig(), run)
        sizes.append(sum(path.stat().st_size for _, path in segments(run)))
    assert sizes[1] < 5 * sizes[0]


@pytest.mark.parametrize("cut", range(1, 30, 3))
def test_a_run_cut_after_any_event_ends_as_if_it_had_not_been(tmp_path: Path, cut: int) -> None:
    scenario = load_scenario(library()["reschedule-offsite"])
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    simulate([scenario], RunConfig(), whole)

    class Stop(BaseException):
        pass

    seen = 0

    def stop(event: Event) -> None:
        nonlocal seen
        seen += 1
        if seen == cut:
            raise Stop

    with pytest.raises(Stop):
        simulate([scenario], RunConfig(), broken, watchers=Watchers(on_event=stop))
    assert resume(broken).accepted == 1
    assert run_identity(whole) == run_identity(broken)


def test_concurrency_and_workers_change_nothing(tmp_path: Path) -> None:
    digests = set()
    for execution in (Execution(concurrency=1), Execution(concurrency=50), Execution(workers=2)):
        run = tmp_path / f"{execution.workers}-{execution.concurrency}"
        simulate(LIBRARY, RunConfig(repeat=2), run, execution=execution)
        digests.add(run_identity(run)[0])
    assert len(digests) == 1


def test_a_fork_shares_the_beginning_and_then_goes_its_own_way(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    simulate([load_scenario(library()["account-flow"])], RunConfig(seed=4), source)
    (name,) = events_of(source)
    with pytest.raises(RunError, match="no user turn 99"):
        fork(RunDirectory(source), name, 99, target)
    fork(RunDirectory(source), name, 2, target, message="What is the weather like?")
    resume(target)
    one, two = events_of(source)[name], next(iter(events_of(target).values()))
    words = [e.data["message"]["content"] for e in two if e.kind == "message"
             and e.source == "user"]  # fmt: skip
    assert words[1] == "What is the weather like?"
    shared = next(i for i, (a, b) in enumerate(zip(one, two, strict=False)) if a.data != b.data)
    assert shared > 10
    assert all(item.finished for item in replay(RunDirectory(target)))


def test_failures_are_blamed_recorded_and_retried(tmp_path: Path) -> None:
    run = tmp_path / "run"
    config = RunConfig(models={"assistant": "scripted"})
    plan = [{"chitchat": "hello"}, {"chitchat": "and again"}]

    class FailsOnce(Scripted):
        """Breaks off at its second answer; at the first, it would stop the run instead."""

        async def create(self, *arguments: Any, **options: Any) -> CreateResult:
            if self.asked == 1:
                self.errors = [EndpointError("http://x: 500", retryable=True)]
            return await super().create(*arguments, **options)

    client = FailsOnce()
    progress = simulate([scene(plan=plan)], config, run, clients={"scripted": client})
    assert progress.blames == {"endpoint": 1}
    assert ended(run)["reason"] == "endpoint: http://x: 500"
    assert all(item.finished for item in replay(RunDirectory(run)))
    progress = resume(run, clients={"scripted": client}, again=lambda e: e.status == "failed")
    assert progress.statuses == {"completed": 1}
    assert run_progress(run).statuses == {"completed": 1}


def test_what_a_run_costs_is_known_from_its_log(tmp_path: Path) -> None:
    priced = SharedClient(Scripted(), name="priced", prices=Prices(prompt=100_000))
    config = RunConfig(models={"assistant": "priced"}, repeat=2)
    played = simulate([scene()], config, tmp_path / "run", clients={"priced": priced})
    assert played.cost == priced.ledger.cost > 0
    assert run_progress(tmp_path / "run").cost == played.cost
    assert resume(tmp_path / "run", clients={"priced": priced}).cost == played.cost
    simulate([scene()], RunConfig(), tmp_path / "free")
    assert run_progress(tmp_path / "free").cost is None


def test_a_model_that_never_answers_stops_the_run_and_it_goes_on_later(tmp_path: Path) -> None:
    run = tmp_path / "run"
    down = Scripted(errors=[EndpointError("http://x: refused")] * 99)
    config = RunConfig(models={"assistant": "scripted"}, repeat=3)
    with pytest.raises(ModelDown, match="model scripted: http://x: refused"):
        simulate([scene()], config, run, clients={"scripted": down})
    assert resume(run, clients={"scripted": Scripted()}).done == 3


@pytest.mark.parametrize(
    ("role", "error", "blame"),
    [
        ("assistant", InvalidAnswer("not JSON"), "assistant"),
        ("user", InvalidAnswer("not JSON"), "user"),
    ],
)
def test_a_bad_answer_is_its_speakers_fault(
    tmp_path: Path, role: str, error: ModelError, blame: str
) -> None:
    run = tmp_path / "run"
    client = Scripted(errors=[error] * 9)
    simulate([scene()], RunConfig(models={role: "bad"}), run, clients={"bad": client})
    assert ended(run)["status"] == "failed" and ended(run)["blame"] == blame


def test_limits_are_decisions_in_the_log(tmp_path: Path) -> None:
    plan = [{"chitchat": f"thought {n}"} for n in range(5)]
    for limits, name in (({"turns": 2}, "turns"), ({"tokens": 200}, "tokens")):
        run = tmp_path / name
        simulate([scene(plan=plan, limits=limits)], RunConfig(), run)
        assert ended(run)["status"] == "limit"
        (events,) = events_of(run).values()
        (decision,) = [e.data for e in events if e.kind == "decision"]
        assert decision == {"what": "limit", "limit": name}
        assert all(item.finished for item in replay(RunDirectory(run)))


@pytest.mark.parametrize(("steps", "turns"), [(1, 1), (3, 3), (2, 1), (5, 3)])
def test_a_plan_fits_into_as_many_turns_as_it_has_steps(
    tmp_path: Path, steps: int, turns: int
) -> None:
    plan = [{"tool_call": f"work out {n}+1"} for n in range(steps)]
    checked = {"checks": ["plan_completed"]}
    short = scene(plan=plan, limits={"turns": turns}, tester=checked)
    simulate([short], RunConfig(), tmp_path / "run")
    (trajectory,) = read_trajectories(tmp_path / "run" / "trajectories.jsonl")
    assert sum(m.role == "user" for m in trajectory.messages) == turns
    # The last step that was said was met, limit or not; no other was talked about.
    met = [step.get("met") for step in trajectory.plan]
    assert met == [True] * turns + [None] * (steps - turns)
    fits = steps == turns
    assert (trajectory.outcome.status, trajectory.score) == (
        ("completed", 1.0) if fits else ("limit", 0.0)
    )
    assert [f.rule for f in lint(short) if f.rule == "limits"] == ([] if fits else ["limits"])
    assert all(item.finished for item in replay(RunDirectory(tmp_path / "run")))


def test_a_step_that_the_last_turn_left_open_is_not_met(tmp_path: Path) -> None:
    asking = Scripted('{"step_met": false, "message": "And now?"}')
    run = tmp_path / "run"
    config = RunConfig(models={"user": "asking"})
    simulate([scene(limits={"turns": 1})], config, run, clients={"asking": asking})
    (events,) = events_of(run).values()
    assert [e.data for e in events if e.kind == "plan"][-1] == {"step": None, "met": False}
    assert ended(run)["reason"] == "limit of turns hit"


def test_a_person_without_a_plan_is_not_asked_once_the_turns_are_used_up(tmp_path: Path) -> None:
    person = Scripted('{"step_met": true, "message": "Hello?"}')
    run = tmp_path / "run"
    config = RunConfig(models={"user": "human"})
    talk = scene(plan=[], user={"improvises": 1}, limits={"turns": 2})
    simulate([talk], config, run, clients={"human": person})
    assert person.asked == 2
    assert ended(run)["reason"] == "limit of turns hit"
    assert replay(RunDirectory(run))[0].finished


def judged(run: Path, judge: Scripted, **changes: Any) -> dict[str, Any]:
    """What the judge of a run is told."""
    judging = scene(tester={"judge": "judge"}, **changes)
    clients = {"judge": judge, "long": Scripted('{"output": {"name": "' + "x" * 9000 + '"}}')}
    simulate([judging], RunConfig(models={"tool": "long"}), run, clients=clients)
    brief: dict[str, Any] = orjson.loads(str(judge.prompts[0][-1].content))
    return brief


GOOD = '{"passed": true, "reason": "Good."}'


def test_the_judge_reads_what_the_tools_gave_and_the_user_does_not(tmp_path: Path) -> None:
    run = tmp_path / "run"
    brief = judged(run, Scripted(GOOD))
    roles = [message["role"] for message in brief["conversation"]]
    assert roles == ["user", "assistant", "tool", "assistant"]
    called, result = brief["conversation"][1:3]
    assert result["tool_call_id"] == called["tool_calls"][0]["id"] and "4" in result["content"]
    (events,) = events_of(run).values()
    for key, prompt in rebuild_prompts(events).items():
        assert not key.startswith("user") or all(m["role"] != "tool" for m in prompt)
    assert all(item.finished for item in replay(RunDirectory(run)))


def test_the_judge_reads_long_results_shortened(tmp_path: Path) -> None:
    tool = {"name": "find_park", "description": "Find a park", "returns": {"type": "object"}}
    plan = [{"tool_call": "find a park"}]
    brief = judged(tmp_path / "run", Scripted(GOOD), environment="planned", tools=[tool], plan=plan)
    (content,) = [m["content"] for m in brief["conversation"] if m["role"] == "tool"]
    assert "characters left out]" in content and 4000 <= len(content) < 4100


def test_the_judge_reads_what_was_improvised_as_the_plan(tmp_path: Path) -> None:
    run = tmp_path / "run"
    brief = judged(run, Scripted(GOOD), plan=[], user={"improvises": 2})
    (trajectory,) = read_trajectories(run / "trajectories.jsonl")
    made = [{"kind": step["kind"], "request": step["request"]} for step in trajectory.plan]
    assert len(made) == 2 and brief["plan"] == made


def test_a_dialogue_too_long_for_the_judge_is_no_failed_episode(tmp_path: Path) -> None:
    run = tmp_path / "run"
    judged(run, Scripted(errors=[ContextOverflow("9000 tokens do not fit")]))
    assert ended(run)["status"] == "completed" and ended(run)["blame"] == "scenario"
    (trajectory,) = read_trajectories(run / "trajectories.jsonl")
    verdict = trajectory.verdicts[-1]
    assert verdict.reason == "cannot be checked: 9000 tokens do not fit"
    assert all(item.finished for item in replay(RunDirectory(run)))


def test_tool_calls_beyond_the_limit_are_refused(tmp_path: Path) -> None:
    plan = [{"tool_call": f"work out {n}+1"} for n in range(4)]
    simulate([scene(plan=plan, limits={"tool_calls": 2})], RunConfig(), tmp_path / "run")
    assert ended(tmp_path / "run")["reason"] == "limit of tool_calls hit"


def test_calls_of_one_answer_to_simulated_tools_run_together_and_stay_in_order(
    tmp_path: Path,
) -> None:
    tool = {
        "name": "find_park",
        "description": "Find a park in a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}},
                       "required": ["city"]},
        "returns": {"type": "object", "properties": {"name": {"type": "string"}},
                    "required": ["name"]},
    }  # fmt: skip
    ask = "find a park in Bern and find a park in Oslo"
    run = tmp_path / "run"
    simulate([scene(environment="planned", tools=[tool], plan=[{"tool_call": ask}])],
             RunConfig(), run)  # fmt: skip
    (events,) = events_of(run).values()
    calls = [e.data["arguments"]["city"] for e in events if e.kind == "tool_call"]
    assert calls == ["Bern", "Oslo"]
    kinds = [e.kind for e in events if e.kind in ("tool_call", "tool_result")]
    assert kinds == ["tool_call", "tool_call", "tool_result", "tool_result"]
    assert all(item.finished for item in replay(RunDirectory(run)))


def test_recorded_answers_serve_as_a_model(tmp_path: Path) -> None:
    source, again = tmp_path / "source", tmp_path / "again"
    simulate(LIBRARY[:3], RunConfig(repeat=2), source)
    (tmp_path / "recorded.yaml").write_text(f"provider: replay\nconfig: {{path: '{source}'}}\n")
    roles = dict.fromkeys(("user", "assistant", "tool"), "recorded")
    simulate(LIBRARY[:3], RunConfig(repeat=2, models=roles, model_folders=[str(tmp_path)]), again)
    said = [
        {
            episode: [e.data for e in events if e.kind in ("message", "tool_result", "verdict")]
            for episode, events in events_of(run).items()
        }
        for run in (source, again)
    ]
    assert said[0] == said[1]


def test_a_run_is_not_made_over_another_or_of_nothing(tmp_path: Path) -> None:
    simulate([scene()], RunConfig(), tmp_path / "run")
    with pytest.raises(RunError, match="there is a run already"):
        simulate([scene()], RunConfig(), tmp_path / "run")
    with pytest.raises(RunError, match="no scenario"):
        simulate([], RunConfig(), tmp_path / "none")
    with pytest.raises(ValueError, match="scene: unknown tool 'Nope'"):
        simulate([scene(tools=["Nope"])], RunConfig(), tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_run_whose_scenarios_changed_says_so(tmp_path: Path) -> None:
    run = tmp_path / "run"
    simulate([scene()], RunConfig(repeat=2), run)
    path = run / "scenarios.jsonl"
    path.write_bytes(path.read_bytes().replace(b"2+2", b"3+3"))
    with pytest.raises(RunError, match="changed since the run was made: scenarios"):
        resume(run)
    assert resume(run, new_attempt=True).done == 2
