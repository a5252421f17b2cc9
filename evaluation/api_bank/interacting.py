"""Models played through the interactive protocol, several conversations at a time, and scored.

Conversations lie in a file for each level, and one that is there already, under the same setting,
is not played again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from autogen_core.models import ChatCompletionClient

from ...environments.api_bank.recordings import Dialogue
from ...models.embedding import encoder
from ...planners.api_bank.annotated import AnnotatedClient
from ...planners.api_bank.from_dialogues import script_of_dialogue, script_of_requirement
from .annotations import Source
from .asking import Progress
from .benchmark import Benchmark
from .call_styles import Style
from .conversation import (
    Conversation,
    append_conversation,
    name_of,
    read_conversations,
    write_conversations,
)
from .corrected import BEHAVIOUR
from .evaluate import Say, silent
from .examination import GOLD
from .interactive import ConversationScore, gold_run, score_conversation
from .interactive_report import InteractiveReport, conversation_figures
from .playing import play, setting

ClientFor = Callable[[Source], ChatCompletionClient]
Played = tuple[InteractiveReport, list[ConversationScore]]


async def play_all(
    client_for: ClientFor,
    benchmark: Benchmark,
    path: Path | None,
    style: Style,
    *,
    concurrency: int = 8,
    on_progress: Progress | None = None,
) -> list[Conversation]:
    """The conversations of a level, in order; `path` (JSONL) keeps them, None keeps nothing.

    Raises `ModelError` where the model is not there; what was played before stays.
    """
    wanted = {name_of(s): setting(benchmark, s, style) for s in benchmark.sources}
    known = [] if path is None else read_conversations(path)
    done = {one.file: one for one in known if wanted.get(one.file) == one.setting}
    if path is not None:
        write_conversations(path, done.values())
    gate = asyncio.Semaphore(concurrency)

    async def one(source: Source) -> None:
        async with gate:
            renamed = gold_run(benchmark, source).renamed
            played = await play(client_for(source), benchmark, source, style, renamed)
        if path is not None:
            append_conversation(path, played)
        done[played.file] = played
        if on_progress is not None:
            on_progress(len(done), len(wanted), played.file[:40])

    try:
        async with asyncio.TaskGroup() as group:
            for source in benchmark.sources:
                if name_of(source) not in done:
                    group.create_task(one(source))
    except ExceptionGroup as several:
        # The first says it all; the others were asked at the same time and found the same.
        raise several.exceptions[0] from None
    ordered = [done[name_of(source)] for source in benchmark.sources]
    if path is not None:
        write_conversations(path, ordered)
    return ordered


def gold_client(source: Source) -> ChatCompletionClient:
    """Plays the annotated side of one dialogue or record."""
    if isinstance(source, Dialogue):
        return AnnotatedClient(script_of_dialogue(source), GOLD)
    return AnnotatedClient(script_of_requirement(source), GOLD)


def play_gold(benchmark: Benchmark) -> Played:
    """The annotated side, played through the protocol as a model is."""
    played = asyncio.run(play_all(gold_client, benchmark, None, "native"))
    return _report(benchmark, GOLD, "native", played, None)


def play_model(
    benchmarks: Sequence[Benchmark],
    model: str,
    make_client: Callable[[], ChatCompletionClient],
    folder: Path,
    *,
    style: Style,
    concurrency: int = 8,
    say: Say | None = None,
) -> list[Played]:
    """A model on several levels. The client is made only where a conversation is missing, and
    once. Raises as `play_all`, and what the data raise."""

    async def ask() -> list[list[Conversation]]:
        client: ChatCompletionClient | None = None

        def client_for(source: Source) -> ChatCompletionClient:
            nonlocal client
            if client is None:
                client = make_client()
            return client

        try:
            return [
                await play_all(
                    client_for,
                    one,
                    folder / f"level-{one.level}.conversations.jsonl",
                    style,
                    concurrency=concurrency,
                    on_progress=partial(say or silent, model, f"level {one.level}"),
                )
                for one in benchmarks
            ]
        finally:
            if client is not None:
                await client.close()

    played = asyncio.run(ask())
    return [
        _report(one, model, style, conversations, play_gold(one))
        for one, conversations in zip(benchmarks, played, strict=True)
    ]


def _report(
    benchmark: Benchmark,
    model: str,
    style: Style,
    played: Sequence[Conversation],
    gold: Played | None,
) -> Played:
    scores = [
        score_conversation(benchmark, source, one)
        for source, one in zip(benchmark.sources, played, strict=True)
    ]
    figures = conversation_figures(scores)
    report = InteractiveReport(
        model=model,
        level=benchmark.level,
        sources=len(benchmark.sources),
        sources_available=benchmark.available,
        figures=figures,
        gold=figures if gold is None else gold[0].figures,
        style=style,
        tools=BEHAVIOUR,
        encoder=None if benchmark.level == 1 else encoder().name,
        data_digest=benchmark.data.digest,
    )
    return report, scores
