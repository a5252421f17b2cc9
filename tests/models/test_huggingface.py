"""The checkpoint client on a random model of two layers: what it says is noise, so that every
test is about the way it is decoded."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from autogen_core import CancellationToken
from autogen_core.models import CreateResult, LLMMessage, SystemMessage, UserMessage
from autogen_core.tools import ToolSchema
from conversations import ADD, QUERY
from tiny_model import tiny_checkpoint

pytest.importorskip("torch", reason="needs the train extra")
pytest.importorskip("llguidance", reason="needs the train extra")
from callsheet.models.call_parsing import answer_schema
from callsheet.models.errors import ContextOverflow, InvalidAnswer, ModelUnavailable
from callsheet.models.huggingface import HuggingFaceClient
from callsheet.models.registry import load
from callsheet.tools.validation import problems

pytestmark = pytest.mark.train

TOOLS = [
    ToolSchema(name=t.name, description=t.description, parameters=t.parameters)  # type: ignore[typeddict-item]
    for t in (ADD, QUERY)
]
PROMPTS: list[list[LLMMessage]] = [
    [SystemMessage(content="Help briefly."), UserMessage(content=text, source="user")]
    for text in ("hello", "how many lamps are there?", "remind me", "", "a longer story " * 12)
]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_checkpoint(tmp_path_factory.mktemp("tiny") / "base")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(*_: Any) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    yield


def answers(
    path: Path,
    prompts: list[list[LLMMessage]],
    *,
    settings: dict[str, Any] | None = None,
    each: list[dict[str, Any]] | None = None,
    one_by_one: bool = False,
    **arguments: Any,
) -> list[CreateResult]:
    async def go() -> list[CreateResult]:
        client = HuggingFaceClient(path, **(settings or {}))
        extra = arguments.pop("extra_create_args", {"max_tokens": 40})
        calls = [
            client.create(prompt, extra_create_args={**extra, **more}, **arguments)
            for prompt, more in zip(prompts, each or [{}] * len(prompts), strict=True)
        ]
        try:
            if one_by_one:
                return [await call for call in calls]
            return await asyncio.gather(*calls)
        finally:
            await client.close()

    return asyncio.run(go())


def contents(results: list[CreateResult]) -> list[Any]:
    return [result.content for result in results]


def test_free_text_is_what_transformers_generates(checkpoint: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from callsheet.models.chat_template import render
    from callsheet.models.messages import chat_messages

    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    model = AutoModelForCausalLM.from_pretrained(checkpoint, dtype=torch.float32)
    for prompt, result in zip(PROMPTS, answers(checkpoint, PROMPTS), strict=True):
        ids = tokenizer(render(chat_messages(prompt)), return_tensors="pt").input_ids
        written = model.generate(ids, max_new_tokens=40, do_sample=False)[0, ids.shape[1] :]
        assert result.content == tokenizer.decode(written, skip_special_tokens=True).strip()
        assert result.usage.prompt_tokens == ids.shape[1]


@pytest.mark.parametrize("choice", ["auto", "required", "none"])
@pytest.mark.parametrize("temperature", [0, 1.5])
def test_an_answer_does_not_depend_on_its_neighbours(
    checkpoint: Path, choice: Any, temperature: float
) -> None:
    given: dict[str, Any] = {
        "tools": TOOLS,
        "tool_choice": choice,
        "extra_create_args": {"max_tokens": 2000, "temperature": temperature},
        "each": [{"seed": number} for number in range(len(PROMPTS))],
    }
    together = answers(checkpoint, PROMPTS, settings={"batch_size": 5}, **given)
    pairs = answers(checkpoint, PROMPTS, settings={"batch_size": 2, "prompt_cache": 0}, **given)
    alone = answers(checkpoint, PROMPTS, one_by_one=True, **given)
    assert contents(together) == contents(pairs) == contents(alone)


def test_calls_fit_the_schema(checkpoint: Path) -> None:
    results = answers(
        checkpoint,
        PROMPTS,
        tools=TOOLS,
        tool_choice="required",
        extra_create_args={"max_tokens": 3000, "temperature": 1.0},
        each=[{"seed": number} for number in range(len(PROMPTS))],
    )
    schema = answer_schema([ADD.openai, QUERY.openai], "required")
    for result in results:
        assert result.finish_reason == "function_calls" and isinstance(result.content, list)
        calls = [{"name": c.name, "arguments": json.loads(c.arguments)} for c in result.content]
        assert problems(schema, {"tool_calls": calls}) == []


def test_words_and_calls_by_choice(checkpoint: Path) -> None:
    (words,) = answers(checkpoint, PROMPTS[:1], tools=TOOLS, tool_choice="none")
    assert isinstance(words.content, str) and words.finish_reason == "length"
    assert not words.content.startswith("{")


def test_seeds_choose_samples(checkpoint: Path) -> None:
    seeds = [1, 1, 2, 3, 4]
    hot = {"max_tokens": 20, "temperature": 1.0}
    each = [{"seed": seed} for seed in seeds]
    texts = contents(answers(checkpoint, [PROMPTS[0]] * 5, extra_create_args=hot, each=each))
    assert texts[0] == texts[1] and len(set(texts)) > 2
    narrow = {**hot, "top_p": 1e-9}
    texts = contents(answers(checkpoint, [PROMPTS[0]] * 5, extra_create_args=narrow, each=each))
    assert (
        texts
        == contents(answers(checkpoint, PROMPTS[:1], extra_create_args={"max_tokens": 20})) * 5
    )


def test_a_call_that_does_not_end_is_refused(checkpoint: Path) -> None:
    with pytest.raises(InvalidAnswer, match="broke off within a tool call, after 40 tokens"):
        answers(checkpoint, PROMPTS[:1], tools=TOOLS, tool_choice="required")


def test_a_prompt_that_is_too_long_fails_alone(checkpoint: Path) -> None:
    async def go() -> list[Any]:
        client = HuggingFaceClient(checkpoint, context_size=200)
        calls = [client.create(prompt) for prompt in (PROMPTS[0], PROMPTS[4])]
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert client.count_tokens(PROMPTS[0]) == results[0].usage.prompt_tokens
        await client.close()
        return results

    short, long = asyncio.run(go())
    # What does not fit any more is cut, not refused.
    assert short.finish_reason == "length"
    assert short.usage.prompt_tokens + short.usage.completion_tokens == 200
    assert isinstance(long, ContextOverflow) and "context 200" in str(long)


def test_a_schema_that_cannot_be_decoded_under_fails_alone(checkpoint: Path) -> None:
    impossible = {"type": "integer", "minimum": 5, "maximum": 1}
    schema = {"type": "object", "properties": {"n": impossible}, "required": ["n"]}
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}

    async def go() -> list[Any]:
        client = HuggingFaceClient(checkpoint)
        calls = [
            client.create(PROMPTS[0], extra_create_args={"response_format": form}),
            client.create(PROMPTS[1], extra_create_args={"max_tokens": 5}),
        ]
        results = await asyncio.gather(*calls, return_exceptions=True)
        await client.close()
        return results

    broken, fine = asyncio.run(go())
    assert isinstance(broken, InvalidAnswer) and "\n" not in str(broken)
    assert fine.usage.completion_tokens == 5


def test_an_answer_in_a_schema(checkpoint: Path) -> None:
    schema = {
        "type": "object",
        "properties": {"n": {"type": "integer", "minimum": 0, "maximum": 9}, "b": {"enum": ["x"]}},
        "required": ["n", "b"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    for result in answers(checkpoint, PROMPTS, extra_create_args={"response_format": form}):
        assert problems(schema, json.loads(str(result.content))) == []
        assert result.finish_reason == "stop"


def test_a_cancelled_call_leaves_the_batch(checkpoint: Path) -> None:
    async def go() -> Any:
        client = HuggingFaceClient(checkpoint)
        token = CancellationToken()
        endless = client.create(
            PROMPTS[0], extra_create_args={"max_tokens": 3900}, cancellation_token=token
        )
        task = asyncio.ensure_future(endless)
        await asyncio.sleep(0.5)
        token.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        answer = await client.create(PROMPTS[1], extra_create_args={"max_tokens": 4})
        await client.close()
        return answer

    assert asyncio.run(go()).usage.completion_tokens == 4


def test_an_adapter_is_part_of_the_weights(checkpoint: Path, tmp_path: Path) -> None:
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.manual_seed(1)
    base = AutoModelForCausalLM.from_pretrained(checkpoint, dtype=torch.float32)
    adapted = get_peft_model(
        base, LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False)
    )
    adapted.save_pretrained(tmp_path / "adapter")
    plain = answers(checkpoint, PROMPTS[:1])
    student = answers(checkpoint, PROMPTS[:1], settings={"adapter": tmp_path / "adapter"})
    assert contents(student) != contents(plain)

    from callsheet.models.chat_template import render
    from callsheet.models.messages import chat_messages

    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    ids = tokenizer(render(chat_messages(PROMPTS[0])), return_tensors="pt").input_ids
    written = adapted.generate(input_ids=ids, max_new_tokens=40, do_sample=False)[0]
    text = tokenizer.decode(written[ids.shape[1] :], skip_special_tokens=True)
    assert contents(student) == [text.strip()]


def test_what_is_missing_is_named(checkpoint: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="no checkpoint here"):
        HuggingFaceClient(tmp_path)
    with pytest.raises(ModelUnavailable, match="no PEFT adapter here"):
        HuggingFaceClient(checkpoint, adapter=tmp_path)
    broken = tmp_path / "broken"
    broken.mkdir()
    for name in ("config.json", "tokenizer.json"):
        (broken / name).write_bytes((checkpoint / name).read_bytes())
    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        answers(broken, PROMPTS[:1])


def test_it_is_configured_by_a_file(checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / "student.yaml").write_text(
        f"provider: huggingface\nconfig:\n  path: {checkpoint}\n  params: {{max_tokens: 3}}\n"
    )

    async def go() -> CreateResult:
        client = load("student", [tmp_path])
        try:
            return await client.create(PROMPTS[0])
        finally:
            await client.close()

    assert asyncio.run(go()).usage.completion_tokens == 3


def streamed(path: Path, **arguments: Any) -> tuple[list[str], CreateResult]:
    async def go() -> list[Any]:
        client = HuggingFaceClient(path)
        try:
            return [piece async for piece in client.create_stream(PROMPTS[1], **arguments)]
        finally:
            await client.close()

    *pieces, last = asyncio.run(go())
    return pieces, last


@pytest.mark.parametrize("choice", ["auto", "none"])
@pytest.mark.parametrize("seed", range(4))
def test_a_stream_says_what_the_whole_says(checkpoint: Path, choice: Any, seed: int) -> None:
    extra = {"max_tokens": 60, "temperature": 1.0, "seed": seed}
    for tools in ([], TOOLS if choice == "none" else []):
        given: dict[str, Any] = {
            "tools": tools, "tool_choice": choice, "extra_create_args": extra,
        }  # fmt: skip
        pieces, last = streamed(checkpoint, **given)
        (whole,) = answers(checkpoint, [PROMPTS[1]], **given)
        assert (last.content, last.finish_reason) == (whole.content, whole.finish_reason)
        assert last.usage == whole.usage and "".join(pieces) == whole.content and len(pieces) > 5


def test_calls_are_streamed_whole(checkpoint: Path) -> None:
    extra = {"max_tokens": 3000, "temperature": 1.0, "seed": 0, "parallel_tool_calls": False}
    pieces, last = streamed(
        checkpoint, tools=TOOLS, tool_choice="required", extra_create_args=extra
    )
    assert pieces == [] and len(last.content) == 1


def test_an_answer_ends_before_its_stop_text(checkpoint: Path) -> None:
    extra = {"max_tokens": 60, "temperature": 1.0, "seed": 3}
    (whole,) = answers(checkpoint, [PROMPTS[1]], extra_create_args=extra)
    assert isinstance(whole.content, str)
    stop = whole.content[20:23]
    at = whole.content.find(stop)
    for tried in (stop, [stop], ["\0never", stop]):
        stopping = {**extra, "stop": tried}
        (cut,) = answers(checkpoint, [PROMPTS[1]], extra_create_args=stopping)
        pieces, last = streamed(checkpoint, extra_create_args=stopping)
        assert cut.content == last.content == "".join(pieces) == whole.content[:at]
        assert cut.finish_reason == "stop"
        assert cut.usage.completion_tokens < whole.usage.completion_tokens
