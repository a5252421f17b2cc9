"""A chat in the terminal: lines in, words and calls out as they happen.

A line that begins with a slash is a command, every other one is said. Ctrl-C breaks an answer off
and takes the turn back; at the prompt it only clears the line.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from ..pipelines.chat import Chat, NothingSaid, TurnFailed
from ..trajectories.event import Event
from .terminal import LiveView
from .text import harmless

COMMANDS = {
    "/tools": "what the assistant may call",
    "/undo": "take the latest turn back",
    "/save FILE": "add the conversation so far to a file of trajectories",
    "/quit": "end the conversation",
}


class ChatView:
    """Shows the assistant's side; with `echo`, what the person said too."""

    def __init__(self, *, echo: bool, console: Console | None = None) -> None:
        self._view = LiveView(console)
        self._echo = echo

    def show(self, event: Event) -> None:
        said = event.kind == "message" and event.source == "user"
        ended = event.kind == "status" and event.data["state"] == "ended"
        if event.kind != "plan" and not ended and (self._echo or not said):
            self._view.show(event)


def converse(chat: Chat, ask: Callable[[], str], tell: Callable[[str], None]) -> None:
    """Until /quit or the end of input. `ask` gives a line, and raises `EOFError` at the end."""
    while True:
        try:
            line = ask().strip()
        except EOFError:
            return
        except KeyboardInterrupt:
            tell("\n/quit ends the conversation")
            continue
        command, _, rest = line.partition(" ")
        if command == "/quit":
            return
        if command.startswith("/"):
            tell(_done(chat, command, rest.strip()))
        elif line:
            _say(chat, line, tell)


def _say(chat: Chat, line: str, tell: Callable[[str], None]) -> None:
    try:
        chat.say(line)
    except TurnFailed as failure:
        tell(harmless(f"no answer ({failure}); your message was taken back"))
    except KeyboardInterrupt:
        tell("\nbroken off; your message was taken back" + _warning(chat))


def _done(chat: Chat, command: str, argument: str) -> str:
    """Carry a command out; returns what there is to say of it."""
    try:
        if command == "/tools":
            told = [f"{tool.name}: {tool.description}" for tool in chat.tools]
            return harmless("\n".join(told) or "there are none")
        if command == "/undo":
            return harmless(f"taken back: {chat.undo()}") + _warning(chat)
        if command == "/save" and argument:
            chat.save(Path(argument))
            return f"added to {argument}"
    except NothingSaid as nothing:
        return str(nothing)
    except OSError as error:
        return f"{argument}: {error.strerror}"
    return "\n".join(f"{name}  {what}" for name, what in COMMANDS.items())


def _warning(chat: Chat) -> str:
    return " (what its calls did outside stays done)" if chat.acts_outside else ""
