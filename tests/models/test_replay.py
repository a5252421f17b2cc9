"""The model that answers from a record."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest
from autogen_core import FunctionCall
from autogen_core.models import CreateResult, LLMMessage, UserMessage

from callsheet.models.errors import ModelError, ModelUnavailable
from callsheet.models.prompt import prompt_digest
from callsheet.models.replay import ReplayClient, ReplayConfig
from callsheet.trajectories.canonical import digest
from callsheet.trajectories.event import Event
from callsheet.trajectories.log import LogWriter, claim_epoch

HELLO: list[LLMMessage] = [UserMessage(content="Hello", source="user")]
DIGEST = prompt_digest(HELLO)


def record(path: Path, *lines: dict[str, Any]) -> ReplayClient:
    path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    return ReplayClient(ReplayConfig(path=str(path)))


def create(client: ReplayClient, messages: list[LLMMessage] = HELLO, **kwargs: Any) -> CreateResult:
    return asyncio.run(client.create(messages, **kwargs))


def test_a_text_and_a_tool_call(tmp_path: Path) -> None:
    other: list[LLMMessage] = [UserMessage(content="Call", source="user")]
    client = record(
        tmp_path / "r.jsonl",
        {"prompt_digest": DIGEST, "answer": "Hi."},
        {
            "prompt_digest": prompt_digest(other),
            "answer": {
                "tool_calls": [{"id": "call_3", "name": "f", "arguments": '{"a":1}'}],
                "thought": "hm",
                "usage": {"prompt_tokens": 4, "completion_tokens": 2},
            },
        },
    )
    assert (create(client).content, create(client).finish_reason) == ("Hi.", "stop")
    result = create(client, other)
    assert result.content == [FunctionCall(id="call_3", name="f", arguments='{"a":1}')]
    assert (result.finish_reason, result.thought) == ("function_calls", "hm")
    assert client.total_usage().prompt_tokens == 4


def test_a_prompt_that_was_never_recorded(tmp_path: Path) -> None:
    client = record(tmp_path / "r.jsonl", {"prompt_digest": "00", "answer": "x"})
    with pytest.raises(ModelError, match=rf"r\.jsonl holds no answer to the prompt {DIGEST}"):
        create(client)


def test_the_seed_chooses_among_samples(tmp_path: Path) -> None:
    lines = [{"prompt_digest": DIGEST, "answer": f"sample {i}"} for i in range(3)]
    client = record(tmp_path / "r.jsonl", *lines)
    texts = [create(client, extra_create_args={"seed": seed}).content for seed in range(6)]
    assert texts == [f"sample {i}" for i in (0, 1, 2, 0, 1, 2)]
    assert create(client).content == "sample 0"


def test_equal_messages_with_other_tools_are_another_prompt(tmp_path: Path) -> None:
    tools: Any = [{"name": "f", "parameters": {}}]
    client = record(
        tmp_path / "r.jsonl",
        {"prompt_digest": DIGEST, "answer": "with", "params": {"tools": digest(tools)}},
    )
    assert create(client, tools=tools).content == "with"
    with pytest.raises(ModelError):
        create(client)
    with pytest.raises(ModelError):
        create(client, tools=[{"name": "g"}])


def test_a_run_directory_is_a_record(tmp_path: Path) -> None:
    data = {
        "key": "user.0",
        "role": "user",
        "model": "m",
        "params": {},
        "prompt": {"keep": 0, "new": []},
        "prompt_digest": DIGEST,
        "answer": {"content": "from the log", "finish_reason": "stop",
                   "usage": {"prompt_tokens": 1, "completion_tokens": 1}},
    }  # fmt: skip
    failed = {**data, "error": {"kind": "endpoint", "message": "down"}}
    del failed["answer"]
    writer = LogWriter(tmp_path, "w0", claim_epoch(tmp_path, "w0"))
    for seq, (kind, value) in enumerate(
        [("status", {"state": "started"}), ("model_call", failed), ("model_call", data)]
    ):
        writer.append(Event(episode="e", seq=seq, kind=kind, source="user", data=value))  # type: ignore[arg-type]
    writer.seal()
    writer.close()
    assert create(ReplayClient(ReplayConfig(path=str(tmp_path)))).content == "from the log"


def test_event_lines_may_stand_in_a_file(tmp_path: Path) -> None:
    client = record(
        tmp_path / "r.jsonl",
        {"kind": "message", "data": {}},
        {"kind": "model_call", "data": {"error": {}}},
        {"kind": "model_call", "data": {"prompt_digest": DIGEST, "answer": {"content": "yes"}}},
    )
    assert create(client).content == "yes"


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"answer": "x"}', b'{"prompt_digest": 3}'])
def test_a_broken_line_is_named(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(b"\n" + line + b"\n")
    with pytest.raises(ModelUnavailable, match=r"r\.jsonl:2: neither"):
        ReplayClient(ReplayConfig(path=str(path)))


def test_a_growing_prompt_has_a_new_digest() -> None:
    longer = [*HELLO, UserMessage(content="\ud83d", source="user")]
    assert len({prompt_digest([]), DIGEST, prompt_digest(longer)}) == 3
