"""What a call of a local model costs: seconds of CPU for a prompt of 700 tokens and 50 of answer.

    python benchmarks/local_models.py [CHECKPOINT] [--calls 8] [--dtype float32]

CHECKPOINT is a folder that `callsheet.models.checkpoint.export_smollm2` wrote; without it, one is
written and removed again. Both runtimes get the same prompts and the same grammar, on one thread.
"new": prompts that have nothing in common; "shared": one conversation's instructions and tools,
another last message, as in an evaluation.
CPU seconds first, the clock's in brackets: a busy machine changes the former little.

One run on two busy cores (AMD EPYC, AVX-512), prompts of 700 tokens and answers of 50, in seconds
of CPU a call: llama.cpp 4.3 new, 0.8 shared; torch in float32 3.6 and 1.8 one at a time, 3.0 and
0.8 in batches of 8; in bfloat16 2.5 and 1.7, 2.2 and 1.2.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from autogen_core.models import LLMMessage, SystemMessage, UserMessage
from autogen_core.tools import ToolSchema

from callsheet.models.checkpoint import export_smollm2
from callsheet.models.errors import InvalidAnswer
from callsheet.models.huggingface import HuggingFaceClient
from callsheet.models.smollm2 import SmolLM2Client

ARGUMENTS = {name: {"type": "string", "description": f"The {name} of it"} for name in "abcdefgh"}
NOTE = {"type": "string", "minLength": 60, "maxLength": 90, "description": "What it is about"}


def tools(first: int) -> list[ToolSchema]:
    """Ten tools whose descriptions make some 650 tokens; other names for another `first`."""
    return [
        ToolSchema(
            name=f"operation_{first + number}",
            description=f"{first + number}: looks up the entries of a list and changes one.",
            parameters={
                "type": "object",
                "properties": {"note": NOTE, **dict(list(ARGUMENTS.items())[: number % 3 + 2])},
                "required": ["note"],
            },  # type: ignore[typeddict-item]
        )
        for number in range(10)
    ]


async def measure(client: Any, calls: int, shared: bool, together: bool) -> str:
    async def call(number: int) -> None:
        start = 0 if shared else number
        prompt: list[LLMMessage] = [
            SystemMessage(content=f"{start}. You help a user, with the tools you are given."),
            UserMessage(content=f"Note what I say, number {number}.", source="user"),
        ]
        # The base model goes on with calls until it is cut off; it is the tokens that count here.
        with suppress(InvalidAnswer):
            await client.create(
                prompt, tools=tools(10 * start), tool_choice="required", extra_create_args=LIMITS
            )

    await call(1000)  # loads the weights
    if shared:
        await call(0)
    before = client.total_usage()
    wall, cpu = time.perf_counter(), time.process_time()
    if together:
        await asyncio.gather(*[call(number) for number in range(1, calls + 1)])
    else:
        for number in range(1, calls + 1):
            await call(number)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    after = client.total_usage()
    asked = (after.prompt_tokens - before.prompt_tokens) / calls
    written = (after.completion_tokens - before.completion_tokens) / calls
    return (
        f"{cpu / calls:6.2f} s CPU ({wall / calls:5.2f} s) a call; "
        f"{asked:.0f} tokens of prompt, {written:.0f} of answer"
    )


LIMITS = {"temperature": 0, "max_tokens": 50}


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", nargs="?")
    parser.add_argument("--calls", type=int, default=8)
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--only", choices=["llama", "torch"])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = given.checkpoint or export_smollm2(Path(folder) / "base")
        await compare(given, checkpoint)


async def compare(given: argparse.Namespace, checkpoint: Path | str) -> None:
    for shared in (False, True):
        kind = "shared" if shared else "new"
        if given.only != "torch":
            client: Any = SmolLM2Client()
            print(f"llama.cpp, Q4_1, {kind}: {await measure(client, given.calls, shared, False)}")
            await client.close()
        if given.only != "llama":
            for size in (1, 8):
                client = HuggingFaceClient(checkpoint, batch_size=size, dtype=given.dtype)
                line = await measure(client, given.calls, shared, size > 1)
                print(f"torch, {given.dtype}, batches of {size}, {kind}: {line}", flush=True)
                await client.close()


if __name__ == "__main__":
    asyncio.run(main())
