"""Asking: how the models of a run are asked while it is played.

Not while the episode is paused; a person instead, where one speaks for the role; with the words
shown as they come, where somebody looks on; and broken off at once when the episode is cancelled
or the role goes over to somebody else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from autogen_core.models import ChatCompletionClient, LLMMessage

from ..models.shared import Answer, OnText, SharedClient
from .control import PARTS, QUIET, BreakingOff, ControlWatch, EpisodeCancelled, Recast
from .frames import Frame, FrameWriter
from .journal import Journal
from .people import People, question


class Asking:
    """One process's way to all models, for one run and one event loop at a time."""

    def __init__(
        self, run: Path, worker: str, on_frame: Callable[[Frame], None] | None = None
    ) -> None:
        """`on_frame` is shown the words of all answers under way, as viewers are."""
        self.control = ControlWatch(run)
        self.people = People(run)
        self._frames = FrameWriter(run, worker, on_frame)

    async def ask(
        self,
        episode: str,
        role: str,
        key: str,
        inner: ChatCompletionClient | None,
        messages: Sequence[LLMMessage],
        arguments: Mapping[str, Any],
    ) -> tuple[Answer, bool]:
        """The answer that becomes the effect `key`, and whether a person gave it. Without `inner`,
        a person is in the role.

        Raises `EpisodeCancelled`, and what the model raises.
        """
        while True:
            taken = False
            if self.control.latest() is not QUIET:
                taken = role in (await self.control.admitted(episode)).people
            try:
                with BreakingOff(self.control, episode, role, taken):
                    if inner is None or taken:
                        asked = question(
                            episode,
                            next(part for part in PARTS if part == role),
                            key,
                            messages,
                            arguments["tools"],
                            taken_over=inner is not None,
                        )
                        return Answer(await self.people.answer(asked)), True
                    now = self.control.looked
                    if not self._frames.wanted(episode, now):
                        return await ask_model(inner, messages, arguments)
                    with self._frames.showing(episode, role, key, now) as hear:
                        return await ask_model(inner, messages, arguments, hear)
            except Recast:
                self.people.withdraw(episode, role)
            except EpisodeCancelled:
                self.people.withdraw(episode, role)
                raise

    def close(self) -> None:
        """Nothing is asked any more; what still waits for a person goes on waiting in its file."""
        self.control.close()
        self._frames.close()


async def until_wanted(journal: Journal, asking: Asking | None) -> None:
    """Wait while the episode is paused, before something new is begun in it. Raises
    `EpisodeCancelled`, and there again where that is recorded."""
    if journal.seq == journal.cancelled:
        raise EpisodeCancelled(journal.episode)
    if asking is None or journal.replaying:
        return
    if asking.control.latest() is not QUIET:
        await asking.control.admitted(journal.episode)


async def ask_model(
    inner: ChatCompletionClient,
    messages: Sequence[LLMMessage],
    arguments: Mapping[str, Any],
    hear: OnText | None = None,
) -> tuple[Answer, bool]:
    """A model's answer, which no person gave. Raises a `ModelError`."""
    if isinstance(inner, SharedClient):
        return await inner.ask(messages, on_text=hear, **arguments), False
    return Answer(await inner.create(messages, **arguments)), False
