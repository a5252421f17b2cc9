"""Conversations in the terminal, event by event.

Reads events only, so that it shows a run as it happens or any recorded one; in a terminal it also
shows the end of an answer that is still growing, in one line that goes when the words are there.
Colours where the terminal has them (NO_COLOR is respected), plain lines where the output goes to a
file. Nothing that a model or tool says is taken for markup or for an escape sequence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from rich.cells import cell_len
from rich.console import Console
from rich.control import Control
from rich.padding import Padding
from rich.segment import ControlType, Segment
from rich.text import Text

from ..simulation.episodes import Progress
from ..simulation.frames import Frame
from ..trajectories.event import Event
from ..trajectories.turns import ending
from .console import PipedConsole
from .text import harmless

STYLES = {
    "user": "bold cyan",
    "assistant": "bold green",
    "tool": "yellow",
    "tester": "bold magenta",
    "driver": "dim",
}
_LONGEST = 1200
"""Characters of one value that are shown; the log has all of them."""
_GROWING = 76
"""Columns of an answer that is not complete yet."""


class LiveView:
    """Shows events as a conversation; give it each event once, in order."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or PipedConsole(highlight=False, soft_wrap=False)
        self._steps: list[dict[str, Any]] = []
        self._growing = False
        self._paused = False

    @property
    def can_grow(self) -> bool:
        """Whether a line can be taken away again; not from a file."""
        return self._console.is_terminal and not self._console.is_dumb_terminal

    def grow(self, frame: Frame) -> None:
        """Show the latest of an answer that is not complete yet; only where `can_grow`."""
        self._wipe()
        words = " ".join(harmless(frame.text[-_GROWING:]).split())
        # Short of the margin: a line that wraps could not be taken away again.
        width = min(_GROWING, self._console.width - 1) - cell_len(frame.role) - 4
        if words and width > 0:
            while cell_len(words) > width:
                words = words[1:]
            line = Text(f"{frame.role.capitalize()}: …{words}", style="dim")
            self._console.print(line, end="", no_wrap=True, overflow="crop")
            # A terminal that is made narrower may wrap the line, but keeps the cursor at its
            # beginning, from where all of it can be taken away.
            self._console.control(Control(ControlType.CARRIAGE_RETURN))
            self._growing = True

    def tell(self, progress: Progress) -> None:
        """Say that somebody has paused the run, or lets it go on."""
        if progress.paused != self._paused:
            self._paused = progress.paused
            self._wipe()
            self._line("bold", "paused" if self._paused else "goes on")

    def close(self) -> None:
        """Take away what is growing: nothing more comes of it."""
        self._wipe()

    def _wipe(self) -> None:
        if self._growing:
            self._console.control(_erase_below())
            self._growing = False

    def show(self, event: Event) -> None:
        """Print one event; those that a reader need not see print nothing."""
        data = event.data
        self._wipe()
        if event.kind == "status":
            self._status(event.episode, data)
        elif event.kind == "plan":
            self._plan(data)
        elif event.kind == "message":
            self._message(event.source, data)
        elif event.kind == "tool_call":
            self._line("tool", f"  → {data['name']}({_arguments(data['arguments'])})")
        elif event.kind == "tool_result":
            style = "tool" if data["ok"] else "bold red"
            mark = "←" if data["ok"] else f"✗ {data.get('error_type', 'error')}:"
            self._line(style, f"  {mark} {_value(data['content'])}")
        elif event.kind == "state_diff":
            self._difference(data)
        elif event.kind == "verdict":
            mark, style = ("✓", "green") if data["passed"] else ("✗", "bold red")
            reason = f": {data['reason']}" if data["reason"] else ""
            self._line(style, f"  {mark} {data['check']}{reason}")
        elif event.kind == "decision":
            self._line("bold red", f"  stopped: {data.get('limit', data['what'])}")
        elif event.kind == "model_call" and "error" in event.data:
            self._line("bold red", f"  {event.source}: {data['error']['message']}")

    def _status(self, episode: str, data: dict[str, Any]) -> None:
        if data["state"] == "started":
            self._steps = []
            models = ", ".join(f"{role} {name}" for role, name in data["models"].items())
            self._console.rule(Text(harmless(episode), style="bold"), align="left")
            tools = ", ".join(tool["name"] for tool in data["tools"])
            self._line("dim", f"{data['environment']}: {tools}\nplayed by: {models}")
            return
        usage = data["usage"]
        score = "" if data.get("score") is None else f", score {data['score']:.2f}"
        blame = f", fault of the {data['blame']}" if data["blame"] else ""
        reason = f" ({data['reason']})" if data["reason"] else ""
        tokens = usage["prompt_tokens"] + usage["completion_tokens"]
        self._line(
            "dim",
            f"{data['status']}{reason}{score}{blame}; {usage['model_calls']} model calls, "
            f"{usage['tool_calls']} tool calls, {tokens} tokens\n",
        )

    def _plan(self, data: dict[str, Any]) -> None:
        if "steps" in data:
            self._steps = data["steps"]
        elif data["step"] is not None and data["step"] < len(self._steps):
            step = self._steps[data["step"]]
            number = f"{data['step'] + 1}/{len(self._steps)}"
            self._line("dim italic", f"[{number} {step['kind']}] {step['request']}")

    def _message(self, source: str, data: dict[str, Any]) -> None:
        thought = data.get("thought") or (
            data["message"]["content"] if data["message"].get("tool_calls") else None
        )
        if thought:
            self._line("dim italic", f"  ({thought})")
        if data["message"].get("tool_calls"):
            return
        line = Text(f"{harmless(source).capitalize()}: ", style=STYLES.get(source, ""))
        line.append(_cut(harmless(data["message"]["content"] or "")), style="not bold default")
        self._print(line)

    def _difference(self, data: dict[str, Any]) -> None:
        for sign, style, tables in (("+", "green", "added"), ("-", "red", "removed")):
            for table, rows in data[tables].items():
                for row in rows:
                    self._line(style, f"    {sign} {table}: {_value(row)}")

    def _line(self, style: str, text: str) -> None:
        body = text.lstrip(" ")
        self._print(
            Text(_cut(harmless(body)), style=STYLES.get(style, style)), len(text) - len(body)
        )

    def _print(self, text: Text, indent: int = 0) -> None:
        """A line that the terminal's width breaks; a file has it whole, for `grep`."""
        if self._console.is_terminal:
            self._console.print(Padding(text, (0, 0, 0, indent), expand=False))
        else:
            self._console.print(Text(" " * indent) + text, soft_wrap=True)


def _erase_below() -> Control:
    """From the cursor to the screen's end, which `rich` has no name for."""
    control = Control()
    control.segment = Segment("\x1b[J", None, [])
    return control


def episode_line(name: str, events: Sequence[Event]) -> str:
    """One episode in one line, for lists."""
    last = ending(events)
    if last is None:
        return harmless(f"{name}  unfinished after {len(events)} events")
    score = "-" if last.get("score") is None else f"{last['score']:.2f}"
    blame = f"  fault: {last['blame']}" if last["blame"] else ""
    calls = last["usage"]["tool_calls"]
    return harmless(f"{name}  {last['status']}  score {score}  {calls} calls{blame}")


def _arguments(arguments: dict[str, Any]) -> str:
    return ", ".join(f"{name}={_value(value)}" for name, value in arguments.items())


def _value(value: Any) -> str:
    return orjson.dumps(value).decode()


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"
