"""Streaming of local answers: what is handed out early stands, and all of it is handed out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from autogen_core.models import CreateResult, UserMessage
from autogen_core.tools import ToolSchema
from hypothesis import given
from hypothesis import strategies as st

from callsheet.models.local_call import LocalCall, LocalText
from callsheet.models.local_client import LocalClient
from callsheet.models.worker import Job, Worker

TOOL = ToolSchema(name="clock", description="Tell the time.")
WORDS = st.text(st.characters(codec="utf-8"), max_size=30)


class Writing(LocalClient):
    """Writes a text, so many characters at a time."""

    def __init__(self, text: str, step: int = 1) -> None:
        def serve(jobs: Sequence[Job[LocalCall, LocalText]]) -> None:
            for job in jobs:
                for end in range(step, len(text), step):
                    if job.heard is not None:
                        job.heard(LocalText(text[:end], False, 1, end))
                job.succeed(LocalText(text, True, 1, len(text)))

        super().__init__(Worker(serve), {})


def streamed(client: Writing, **arguments: Any) -> tuple[list[str], CreateResult]:
    async def go() -> list[Any]:
        prompt = [UserMessage(content="?", source="user")]
        try:
            return [piece async for piece in client.create_stream(prompt, **arguments)]
        finally:
            await client.close()

    *pieces, last = asyncio.run(go())
    return pieces, last


@given(words=WORDS, step=st.integers(1, 5), ascii=st.booleans(), tools=st.booleans())
def test_the_pieces_are_the_answers_words(words: str, step: int, ascii: bool, tools: bool) -> None:
    text = json.dumps({"say": words}, ensure_ascii=ascii) if tools else words
    pieces, last = streamed(Writing(text, step), tools=[TOOL] if tools else [])
    assert last.content == (words if tools else words.strip()) == "".join(pieces)


@given(words=WORDS, stop=st.text(min_size=1, max_size=3), step=st.integers(1, 5))
def test_nothing_of_a_stop_text_is_handed_out(words: str, stop: str, step: int) -> None:
    said = words + stop + words
    pieces, last = streamed(
        Writing(json.dumps({"say": said}), step), tools=[TOOL], extra_create_args={"stop": stop}
    )
    assert last.content == "".join(pieces) == said[: said.find(stop)]
    assert last.finish_reason == "stop"


def test_of_calls_and_of_unfinished_business_nothing_is_said_early() -> None:
    call = json.dumps({"tool_calls": [{"name": "clock", "arguments": {}}]})
    pieces, last = streamed(Writing(call), tools=[TOOL])
    assert pieces == [] and last.finish_reason == "function_calls"
    pieces, last = streamed(Writing('{"other": 1}'), tools=[TOOL])
    assert pieces == ['{"other": 1}'] == [last.content]
