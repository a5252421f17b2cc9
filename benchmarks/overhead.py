"""What a dialogue costs besides its models: CPU per dialogue and memory per open episode.

One dialogue is 12 messages (4 of the user, 4 tool results, 4 answers of the assistant; the four
answers that ask for the tools come on top). The model answers at once and costs next to nothing;
every effect is validated and logged. Beside it, in the same process and the same minute: a floor
(asyncio and JSON lines, nothing else), AutoGen's own RoundRobin team, and inspect_ai's mock model
where it is installed.

    python benchmarks/overhead.py [--dialogues 200] [--open 1000]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from autogen_core import CancellationToken, FunctionCall
from autogen_core.models import CreateResult, LLMMessage, RequestUsage
from autogen_core.tools import Tool, ToolSchema
from pydantic import BaseModel

from callsheet.models.base import ChatClient, ToolChoice
from callsheet.scenarios.schema import Scenario
from callsheet.simulation.cast import Cast
from callsheet.simulation.episodes import EpisodeKey
from callsheet.simulation.run_directory import RunDirectory
from callsheet.simulation.stage import Stage

TURNS = 4
USAGE = RequestUsage(prompt_tokens=100, completion_tokens=10)


class Instant(ChatClient):
    """Answers at once: words for the user, and for the assistant a call, then words."""

    async def create(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[Tool | ToolSchema] = [],
        tool_choice: ToolChoice = "auto",
        json_output: bool | type[BaseModel] | None = None,
        extra_create_args: Mapping[str, Any] = {},
        cancellation_token: CancellationToken | None = None,
    ) -> CreateResult:
        content: str | list[FunctionCall] = "It is 42, as you asked."
        last = messages[-1]
        if last.type == "UserMessage" and '"task"' in str(last.content):
            over = json.loads(str(last.content))["upcoming"] is None
            message = "" if over else "Please work out 6 times 7 for me."
            content = json.dumps({"step_met": True, "message": message})
        elif last.type == "UserMessage":
            arguments = json.dumps({"formula": "6*7"})
            content = [FunctionCall(id="x", name="Calculator", arguments=arguments)]
        return CreateResult.model_construct(
            finish_reason="stop", content=content, usage=USAGE, cached=False
        )


def scenario(**changes: Any) -> Scenario:
    return Scenario.model_validate(
        {
            "name": "overhead",
            "tools": ["Calculator"],
            "plan": [{"tool_call": "work out 6 times 7"}] * TURNS,
            "tester": {"checks": ["plan_completed", "calls_valid"]},
            **changes,
        }
    )


def cpu_of(run: Callable[[], None], count: int, rounds: int = 5) -> float:
    """Median CPU milliseconds per dialogue over rounds of `count` dialogues."""
    run()
    found = []
    for _ in range(rounds):
        gc.collect()
        start = time.process_time()
        for _ in range(count):
            run()
        found.append((time.process_time() - start) / count * 1000)
    return statistics.median(found)


def callsheet_dialogue(folder: Path) -> Callable[[], None]:
    client = Instant()
    cast = Cast(dict.fromkeys(("user", "assistant"), "instant"), clients={"instant": client})
    stage = Stage(RunDirectory(folder), [scenario()], cast, "bench")
    numbers = iter(range(10**9))
    loop = asyncio.new_event_loop()

    def one() -> None:
        index = next(numbers)
        key = EpisodeKey(index, f"{index:06d}-overhead", 0, index)
        end = loop.run_until_complete(stage.play(key))
        assert end.accepted, end

    return one


def floor_dialogue(folder: Path) -> Callable[[], None]:
    """The same lines written by the plainest program that could write them."""
    file = (folder / "floor.jsonl").open("ab", buffering=0)
    loop = asyncio.new_event_loop()
    message = {"role": "user", "content": "Please work out 6 times 7 for me."}

    async def answer() -> dict[str, Any]:
        await asyncio.sleep(0)
        return message

    async def dialogue() -> None:
        for turn in range(TURNS):
            for kind in ("user", "call", "tool", "assistant"):
                said = await answer()
                line = json.dumps({"kind": kind, "turn": turn, "message": said})
                file.write(line.encode() + b"\n")

    return lambda: loop.run_until_complete(dialogue())


def team_dialogue() -> Callable[[], None]:
    """AutoGen's RoundRobin team of two assistants, one of them with the same tool."""
    from autogen_agentchat.agents import AssistantAgent
    from autogen_agentchat.conditions import MaxMessageTermination
    from autogen_agentchat.teams import RoundRobinGroupChat

    class Talker(Instant):
        def __init__(self, calls: bool) -> None:
            super().__init__()
            self._calls = calls

        async def create(self, messages: Sequence[LLMMessage], **rest: Any) -> CreateResult:
            content: Any = "Please work out 6 times 7 for me."
            if self._calls and messages[-1].type == "UserMessage":
                content = [FunctionCall(id="x", name="calculator", arguments='{"formula": "6*7"}')]
            return CreateResult(finish_reason="stop", content=content, usage=USAGE, cached=False)

    def calculator(formula: str) -> float:
        """Work out a formula."""
        return 42.0

    loop = asyncio.new_event_loop()

    async def dialogue() -> None:
        user = AssistantAgent("user", Talker(False))
        assistant = AssistantAgent("assistant", Talker(True), tools=[calculator])
        team = RoundRobinGroupChat(
            [user, assistant], termination_condition=MaxMessageTermination(4 * TURNS + 1)
        )
        await team.run(task="begin")

    return lambda: loop.run_until_complete(dialogue())


def inspect_dialogues() -> Callable[[int], None]:
    """inspect_ai's mock model with the same turns, in its own log format."""
    from inspect_ai import Task
    from inspect_ai import eval as evaluate
    from inspect_ai.dataset import Sample
    from inspect_ai.model import ModelOutput, get_model
    from inspect_ai.solver import generate, use_tools, user_message
    from inspect_ai.tool import tool

    @tool
    def calculator() -> Any:
        async def execute(formula: str) -> float:
            """Work out a formula.

            Args:
                formula: The formula.
            """
            return 42.0

        return execute

    asked = "Please work out 6 times 7 for me."

    def run(count: int) -> None:
        solver = [use_tools(calculator()), generate()]
        for _ in range(TURNS - 1):
            solver += [user_message(asked), generate()]
        answers = []
        for _ in range(count * TURNS):
            call = ModelOutput.for_tool_call("mockllm/model", "calculator", {"formula": "6*7"})
            answers += [call, ModelOutput.from_content("mockllm/model", "It is 42.")]
        task = Task(dataset=[Sample(input=asked) for _ in range(count)], solver=solver)
        model = get_model("mockllm/model", custom_outputs=answers, memoize=False)
        folder = tempfile.mkdtemp()
        evaluate(task, model=model, display="none", log_dir=folder, max_samples=1)

    return run


def memory_of_open_episodes(count: int) -> tuple[float, float]:
    """KiB per open episode in all, and of that the databases' own bytes."""
    folder = Path(tempfile.mkdtemp())
    gate = asyncio.Event()
    open_now = 0

    class Waiting(Instant):
        """Has each world written to once, and then waits with everybody else."""

        async def create(self, messages: Sequence[LLMMessage], **rest: Any) -> CreateResult:
            nonlocal open_now
            if messages[-1].type == "FunctionExecutionResultMessage":
                open_now += 1
                await gate.wait()
            result = await super().create(messages, **rest)
            if isinstance(result.content, list):
                arguments = {"token": "tok-9f31c2", "content": "x", "time": "2026-03-05 10:00:00"}
                call = FunctionCall(id="x", name="AddReminder", arguments=json.dumps(arguments))
                return result.model_copy(update={"content": [call]})
            return result

    writing = scenario(tools=["AddReminder"])
    cast = Cast(dict.fromkeys(("user", "assistant"), "instant"), clients={"instant": Waiting()})

    async def hold() -> tuple[float, float]:
        with Stage(RunDirectory(folder), [writing], cast, "bench") as stage:
            before = _resident()
            jobs = [(EpisodeKey(i, f"{i:06d}-overhead", 0, i), ()) for i in range(count)]
            playing = asyncio.create_task(stage.play_all(iter(jobs), count, lambda end: None))
            while open_now < count:
                await asyncio.sleep(0.01)
            grown = _resident() - before
            databases = sum(
                len(connection.serialize())
                for connection in gc.get_objects()
                if isinstance(connection, sqlite3.Connection)
            )
            gate.set()
            await playing
        return grown / count / 1024, databases / count / 1024

    return asyncio.run(hold())


def _resident() -> int:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dialogues", type=int, default=200)
    parser.add_argument("--open", type=int, default=1000)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    floor = cpu_of(floor_dialogue(folder), options.dialogues)
    ours = cpu_of(callsheet_dialogue(folder), options.dialogues)
    team = cpu_of(team_dialogue(), max(10, options.dialogues // 10), rounds=3)
    rows = [
        ("asyncio + JSON lines (floor)", floor),
        ("callsheet", ours),
        ("AutoGen RoundRobin team", team),
    ]
    if find_spec("inspect_ai") is not None:
        batch = max(20, options.dialogues // 4)
        run = inspect_dialogues()
        rows.append(("inspect_ai mock model", cpu_of(lambda: run(batch), 1, rounds=3) / batch))
    print(f"{'':32}{'CPU ms/dialogue':>16}{'x floor':>10}{'x callsheet':>12}")
    for name, value in rows:
        print(f"{name:32}{value:16.3f}{value / floor:10.1f}{value / ours:12.2f}")
    each, databases = memory_of_open_episodes(options.open)
    print(
        f"{options.open} open episodes: {each:.1f} KiB each, of which databases {databases:.1f} KiB"
    )


if __name__ == "__main__":
    main()
