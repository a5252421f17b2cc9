"""Recorded runs as the simulation would have left them, written in no time, and one that is live.

write_run(folder / "0001", episodes=12)      finished, in all the ways in which episodes end
big_run(folder / "big", 10_000)              thirty events each, about a second to write
long_episode(folder / "long", messages=2_000)
hostile_run(folder)                          every text wants to become markup
with LiveRun(folder / "live") as live: live.begin(); live.say("user", "hello")
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hostile_run import HOSTILE

from callsheet.scenarios import Scenario
from callsheet.simulation import Manifest, RunConfig, RunDirectory, compile_trajectories
from callsheet.trajectories.canonical import canonical
from callsheet.trajectories.event import Event
from callsheet.trajectories.log import LogWriter, claim_epoch, recover

START = 1_790_000_000
"""When the recorded episodes begin, in seconds since 1970."""
ENDS: tuple[tuple[str, str | None, float | None, str], ...] = (
    ("completed", None, 1.0, ""),
    ("completed", None, 1.0, ""),
    ("completed", "assistant", 0.5, ""),
    ("limit", "assistant", 0.5, "limit of turns hit"),
    ("failed", "tool", None, "ToolError while the assistant acted"),
    ("completed", None, 1.0, ""),
    ("completed", "user", 0.75, ""),
    ("failed", "endpoint", None, "unavailable: the endpoint does not answer"),
)
"""Status, blame, score and reason of the episodes, in turn."""
TOOLS = ("GetWeather", "AddReminder", "SearchContacts", "GetExchangeRate", "BookTable")
SCENES = ("book-a-table", "reschedule", "weather-and-reminder", "convert-money")
_SYSTEM = "You help a user, with the tools you are given."


class Script:
    """The events of one episode, one line of code each; `at` moves on by itself."""

    def __init__(self, episode: str, start: float = START, pace: float = 0.4) -> None:
        self.episode = episode
        self.events: list[Event] = []
        self.at = start
        self._pace = pace
        self._calls = 0
        self._keys: dict[str, int] = {}

    def note(self, kind: Any, source: str, data: dict[str, Any], **ambient: Any) -> Event:
        self.at = round(self.at + self._pace, 6)
        ambient = {"t": self.at, **ambient}
        seq = len(self.events)
        event = Event(
            episode=self.episode, seq=seq, kind=kind, source=source, data=data, ambient=ambient
        )
        self.events.append(event)
        return event

    def begin(self, scenario: str = "book-a-table", requests: Sequence[str] = ("book",)) -> None:
        tools = [
            {"name": name, "description": f"{name}, as its name says.",
             "parameters": {"type": "object", "properties": {"what": {"type": "string"}}},
             "returns": None, "tags": [], "source": None}
            for name in TOOLS
        ]  # fmt: skip
        self.note(
            "status",
            "driver",
            {
                "state": "started",
                "scenario": scenario,
                "environment": "workspace",
                "context": {"now": "2026-03-02T09:00:00Z", "location": None},
                "tools": tools,
                "seed": 7,
                "models": dict.fromkeys(("user", "assistant", "tool", "tester"), "rules"),
                "system": _SYSTEM,
            },
        )
        steps = [{"kind": "tool_call", "request": request} for request in requests]
        self.note("plan", "driver", {"steps": steps})

    def model_call(self, role: str, answer: dict[str, Any], refs: Sequence[int] = ()) -> None:
        """A call with a prompt that can be rebuilt."""
        by_seq = {event.seq: event for event in self.events}
        prompt: list[dict[str, Any]] = [{"role": "system", "content": _SYSTEM}]
        prompt += [by_seq[ref].data["message"] for ref in refs]
        digests = (hashlib.blake2b(canonical(m), digest_size=16).digest() for m in prompt)
        ordinal = self._keys.get(role, 0)
        self._keys[role] = ordinal + 1
        data = {
            "key": f"{role}.{ordinal}",
            "role": role,
            "model": "rules",
            "params": {"tools": "d1"} if role == "assistant" else {},
            "prompt": {"keep": 0, "new": [prompt[0], *({"ref": ref} for ref in refs)]},
            "prompt_digest": hashlib.blake2b(b"".join(digests), digest_size=16).hexdigest(),
            "answer": {
                "finish_reason": "stop",
                "usage": {"prompt_tokens": 200, "completion_tokens": 10},
                **answer,
            },
        }
        self.note("model_call", role, data, latency=0.25, cost=0.0001)

    def say(self, role: str, text: str, turn: int = 1, **data: Any) -> Event:
        message = {"role": role, "content": text}
        return self.note("message", role, {"message": message, "turn": turn, "step": 0, **data})

    def call(self, name: str, arguments: dict[str, Any], content: Any, turn: int = 1,
             ok: bool = True) -> None:  # fmt: skip
        identity, self._calls = f"call_{self._calls}", self._calls + 1
        function = {"name": name, "arguments": canonical(arguments).decode()}
        calls = [{"id": identity, "type": "function", "function": function}]
        message = {"role": "assistant", "content": None, "tool_calls": calls}
        self.note("message", "assistant", {"message": message, "turn": turn, "step": 0})
        shared = {"call_id": identity, "ordinal": self._calls - 1, "name": name}
        self.note("tool_call", "assistant", {**shared, "arguments": arguments})
        self.note("tool_result", "tool", {**shared, "ok": ok, "content": content})

    def turn(self, number: int, tool: str, *, ok: bool = True) -> None:
        """A whole turn with one call: ten events."""
        self.model_call("user", {"content": f'{{"step_met":true,"message":"wish {number}"}}'})
        self.note("plan", "driver", {"step": number - 1})
        said = self.say("user", f"Please do thing {number}, whatever it takes.", number)
        self.model_call("assistant", {"tool_calls": []}, [said.seq])
        self.call(tool, {"what": f"thing {number}"}, {"done": number}, number, ok)
        row = {"id": str(number), "what": f"thing {number}"}
        self.note("state_diff", "environment", {"added": {"things": [row]}, "removed": {}})
        self.model_call("assistant", {"content": "Done."}, [said.seq])
        self.say("assistant", f"Thing {number} is done.", number)

    def end(self, status: str = "completed", blame: str | None = None,
            score: float | None = 1.0, reason: str = "") -> None:  # fmt: skip
        self.note("plan", "driver", {"step": None, "met": True})
        verdicts = ("plan_completed", "calls_valid", "query: select 1", "judge")
        for place, check in enumerate(verdicts if score is not None else ()):
            passed = place < round((score or 0.0) * len(verdicts))
            reason_ = "" if passed else "it is not so"
            verdict = {"by": "rules", "check": check, "passed": passed, "reason": reason_}
            self.note("verdict", "tester", verdict)
        calls = [e for e in self.events if e.kind == "model_call"]
        usage = {
            "prompt_tokens": 200 * len(calls),
            "completion_tokens": 10 * len(calls),
            "model_calls": len(calls),
            "tool_calls": self._calls,
        }
        data = {"state": "ended", "status": status, "reason": reason, "blame": blame}
        scored = {} if score is None else {"score": score}
        self.note("status", "driver", {**data, "usage": usage, **scored})


def played(index: int, turns: int = 2) -> Script:
    """The finished episode `index`; what it is about and how it ends depends on the index."""
    scene = SCENES[index % len(SCENES)]
    script = Script(f"{index:06d}-{scene}", START + index)
    script.begin(scene, [f"thing {number}" for number in range(1, turns + 1)])
    for number in range(1, turns + 1):
        script.turn(number, TOOLS[(index + number) % len(TOOLS)], ok=(index + number) % 7 != 0)
    script.end(*ENDS[index % len(ENDS)])
    return script


def make(
    run: Path,
    episodes: int,
    scenes: Sequence[str] = SCENES,
    forked_from: dict[str, Any] | None = None,
    models: dict[str, str] | None = None,
) -> RunDirectory:
    """A run without events."""
    directory = RunDirectory(run)
    config = RunConfig(repeat=max(1, episodes // len(scenes)), models=models or {})
    manifest = Manifest(
        config=config, digests={"package": "0"}, episodes=episodes, forked_from=forked_from
    )
    directory.create(manifest, [Scenario(name=name, plan=[{"tool_call": "x"}]) for name in scenes])
    return directory


def write_run(run: Path, episodes: int = 8, unfinished: int = 0) -> Path:
    """A run with `episodes` finished episodes, and as many unfinished ones as are asked for."""
    directory = make(run, episodes + unfinished)
    writer = LogWriter(run, "main", claim_epoch(run, "main"))
    for index in range(episodes + unfinished):
        events = played(index).events
        for event in events if index < episodes else events[:9]:
            writer.append(event)
    writer.close()
    compile_trajectories(directory)
    return run


def big_run(run: Path, episodes: int = 10_000) -> Path:
    """Many episodes of about thirty events; trajectories.jsonl is left out."""
    make(run, episodes)
    segments = run / "log" / "main" / str(claim_epoch(run, "main"))
    segments.mkdir(parents=True)
    blobs = [
        (script.episode.encode(), b"".join(event.line() for event in script.events))
        for script in map(played, range(40))
    ]
    for number, first in enumerate(range(0, episodes, 500)):
        with (segments / f"{number}.jsonl").open("wb") as file:
            for index in range(first, min(first + 500, episodes)):
                name, blob = blobs[index % len(blobs)]
                ours = f"{index:06d}".encode() + name[6:]
                at = f'"t":{str(START)[:4]}{index % 1000:03d}'.encode()
                file.write(blob.replace(name, ours).replace(b'"t":1790000', at))
    return run


def long_episode(run: Path, messages: int = 2_000) -> Path:
    """One episode in which so many messages are said, with a call now and then."""
    directory = make(run, 1, SCENES[:1])
    script = Script(f"000000-{SCENES[0]}")
    script.begin(SCENES[0])
    for number in range(1, messages // 2 + 1):
        said = script.say("user", f"Message {number}: " + "what about it? " * (number % 9), number)
        if number % 4 == 0:
            script.call("GetWeather", {"city": f"place {number}"}, {"sky": "clear"}, number)
        script.model_call("assistant", {"content": "x"}, [said.seq])
        script.say("assistant", f"Answer {number}. " + "It is as it is. " * (number % 13), number)
    script.end()
    _append(run, script.events)
    compile_trajectories(directory)
    return run


def hostile_run(folder: Path) -> Path:
    """A run whose every text, its name included, wants to become markup, script or request."""
    name = "<img src=x onerror=\"document.documentElement.dataset.owned='yes'\">'&"
    forked = {"run": HOSTILE, "episode": HOSTILE, "turn": 1, "edited": True}
    models = dict.fromkeys(("user", "assistant", "tool", "tester"), HOSTILE)
    run = make(folder / name, 2, SCENES[:2], forked_from=forked, models=models).path
    for index in range(2):
        _append(run, _hostile_episode(index))
    return run


def _hostile_episode(index: int) -> list[Event]:
    script = Script(f"{index:06d}-{HOSTILE}", START + index)
    script.begin(HOSTILE, [HOSTILE])
    started = script.events[0].data
    for tool in started["tools"]:
        tool["name"], tool["description"] = HOSTILE, HOSTILE
    started |= {"environment": HOSTILE, "system": HOSTILE, "context": {HOSTILE: HOSTILE}}
    started["models"] = dict.fromkeys(started["models"], HOSTILE)
    script.model_call("user", {"content": HOSTILE})
    script.say("user", HOSTILE, thought=HOSTILE)
    script.model_call("assistant", {"content": HOSTILE, "thought": HOSTILE})
    script.call(HOSTILE, {HOSTILE: HOSTILE}, {HOSTILE: [HOSTILE]})
    script.call("GetWeather", {"city": HOSTILE}, HOSTILE, ok=False)
    script.events[-1].data["error_type"] = HOSTILE
    rows = [{HOSTILE: HOSTILE, "id": HOSTILE}]
    script.note("state_diff", "environment", {"added": {HOSTILE: rows}, "removed": {"t": rows}})
    script.note("decision", "driver", {"what": HOSTILE, "limit": HOSTILE})
    script.say("assistant", HOSTILE)
    for check in (HOSTILE, f"query: {HOSTILE}"):
        verdict = {"by": HOSTILE, "check": check, "passed": False, "reason": HOSTILE}
        script.note("verdict", "tester", verdict)
    if index == 0:
        script.end(HOSTILE, HOSTILE, 0.0, HOSTILE)
        script.events[-1].ambient["traceback"] = HOSTILE
    return script.events


def _append(run: Path, events: Sequence[Event]) -> None:
    writer = LogWriter(run, "main", claim_epoch(run, "main"))
    for event in events:
        writer.append(event)
    writer.close()


class LiveRun:
    """A run that somebody plays: its lock held, its events in an open segment of a new epoch.

    Made where there is none yet, else gone on with. `crash` leaves it as a killed process would.
    """

    def __init__(self, run: Path, episodes: int = 4, segment_bytes: int = 8 << 20) -> None:
        self.path = run
        if not (run / "run.json").exists():
            make(run, episodes)
        self._held = contextlib.ExitStack()
        self._held.enter_context(RunDirectory(run).locked())
        recover(run)
        self.epoch = claim_epoch(run, "main")
        self._writer = LogWriter(run, "main", self.epoch, segment_bytes=segment_bytes)
        self._scripts: dict[int, Script] = {}

    def __enter__(self) -> LiveRun:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Seal the log and let the lock go."""
        self._writer.close()
        self._held.close()

    def crash(self) -> None:
        """Let go of everything, with the segment left open."""
        os.close(self._writer._handle)
        self._held.close()

    def script(self, index: int = 0) -> Script:
        """The episode `index`."""
        if index not in self._scripts:
            scene = SCENES[index % len(SCENES)]
            self._scripts[index] = Script(f"{index:06d}-{scene}", time.time(), pace=0.0)
        script = self._scripts[index]
        script.at = time.time()
        return script

    def name(self, index: int = 0) -> str:
        """The name of the episode `index`."""
        return self.script(index).episode

    def begin(self, index: int = 0) -> None:
        """The episode `index` begins."""
        with self._logging(index) as script:
            script.begin(SCENES[index % len(SCENES)])

    def say(self, role: str, text: str, index: int = 0, turn: int = 1) -> Event:
        """Somebody says something in the episode `index`."""
        with self._logging(index) as script:
            return script.say(role, text, turn)

    def turn(self, number: int, index: int = 0, tool: str = TOOLS[0]) -> None:
        """A whole turn with one call in the episode `index`."""
        with self._logging(index) as script:
            script.turn(number, tool)

    def end(self, index: int = 0, status: str = "completed", score: float | None = 1.0) -> None:
        """The episode `index` ends."""
        with self._logging(index) as script:
            script.end(status, None, score)

    def write(self, event: Event) -> None:
        """Log an event as it is."""
        self._writer.append(event)

    @contextlib.contextmanager
    def _logging(self, index: int) -> Iterator[Script]:
        script = self.script(index)
        before = len(script.events)
        yield script
        for event in script.events[before:]:
            self._writer.append(event)
