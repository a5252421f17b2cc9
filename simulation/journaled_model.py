"""A model as one agent of one episode sees it: every answer is an effect in the journal.

The prompt is recorded as what it adds to the role's previous prompt, with references to events
that already hold the text; `callsheet.simulation.prompts` gives whole prompts back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autogen_core import CancellationToken, FunctionCall
from autogen_core.models import (
    ChatCompletionClient,
    CreateResult,
    LLMMessage,
    ModelInfo,
    RequestUsage,
)
from autogen_core.tools import Tool, ToolSchema
from pydantic import BaseModel

from ..models.base import ChatClient, ToolChoice
from ..models.errors import BudgetExceeded, ModelError
from ..models.messages import chat_messages
from ..trajectories.canonical import canonical, digest
from ..trajectories.effects import Made
from ..trajectories.event import Event
from ..trajectories.trajectory import Usage
from .asking import Asking, ask_model
from .cast import HUMAN, Cast
from .journal import Journal
from .prompts import digest_of, message_digest, views


@dataclass
class EpisodeLedger:
    """What the models of one episode share: usage, call ids, and which event holds which text."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    model_calls: int = 0
    tool_calls: int = 0
    texts: dict[bytes, tuple[int, str | None]] = field(default_factory=dict)
    """Canonical bytes of a chat message → (seq of its event, role it is seen in if not its own)."""
    schema_digests: dict[int, tuple[object, str]] = field(default_factory=dict)

    def usage(self) -> Usage:
        return Usage(
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            model_calls=self.model_calls,
            tool_calls=self.tool_calls,
        )

    def said(self, event: Event) -> None:
        """Remember that `event` holds a chat message."""
        for message, role in views(event):
            self.texts.setdefault(canonical(message), (event.seq, role))

    def digest_of(self, value: Any) -> str:
        """The digest of an object that is passed again and again, computed once."""
        known = self.schema_digests.get(id(value))
        if known is None or known[0] is not value:
            known = (value, digest(value))
            self.schema_digests[id(value)] = known
        return known[1]


class RecordedModelError(ModelError):
    """A model's failure, as the journal holds it."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class JournaledModel(ChatClient):
    """One role's client in one episode; see `EffectLog` for what recording means."""

    def __init__(
        self,
        inner: ChatCompletionClient | None,
        *,
        name: str,
        role: str,
        seed: int,
        journal: Journal,
        ledger: EpisodeLedger,
        cast: Cast | None = None,
        asking: Asking | None = None,
    ) -> None:
        """`inner` is None in a replay, where nothing may be asked, and where a person answers.
        `cast` is told how it fares. Without `asking`, nobody can act on the episode meanwhile."""
        super().__init__()
        self.name = name
        self._inner = inner
        self._role = role
        self._seed = seed
        self._journal = journal
        self._ledger = ledger
        self._cast = cast
        self._asking = asking
        self.by_person = False
        """Whether a person gave the latest answer."""
        self._ordinals: dict[str, int] = {}
        self._prompt = _Prompt()

    async def create(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[Tool | ToolSchema] = [],
        tool_choice: ToolChoice = "auto",
        json_output: bool | type[BaseModel] | None = None,
        extra_create_args: Mapping[str, Any] = {},
        cancellation_token: CancellationToken | None = None,
    ) -> CreateResult:
        """The recorded answer, or the model's own, recorded.

        Raises a `ModelError`, and raises it again where the journal holds it; `EpisodeCancelled`.
        """
        scope = self._journal.scope
        ordinal = self._ordinals.get(scope, 0)
        self._ordinals[scope] = ordinal + 1
        key = f"{self._role}.{scope}.{ordinal}" if scope else f"{self._role}.{ordinal}"
        sample = sample_of(self._seed, key)
        request = self._request(scope, messages, tools, extra_create_args)

        asking = self._asking

        async def make() -> Made:
            arguments: dict[str, Any] = {
                "tools": tools,
                "tool_choice": tool_choice,
                "json_output": json_output,
                "extra_create_args": {**extra_create_args, "seed": sample},
                "cancellation_token": cancellation_token,
            }
            try:
                if asking is not None:
                    spoken, person = await asking.ask(
                        self._journal.episode, self._role, key, self._inner, messages, arguments
                    )
                else:
                    assert self._inner is not None, "a replay asked a model"
                    spoken, person = await ask_model(self._inner, messages, arguments)
            except BudgetExceeded:
                # The run stops; the episode goes on when it is resumed with a larger budget.
                raise
            except ModelError as error:
                if self._cast is not None:
                    self._cast.failed(self.name, error)
                return {"error": {"kind": error.kind, "message": str(error)}}, {}
            if self._cast is not None:
                self._cast.answered(self.name)
            answer = _recordable(spoken.result, self._ledger.tool_calls)
            if person or self.name == HUMAN:
                answer["person"] = True
            return {"answer": answer}, spoken.ambient

        recorded = await self._journal.effect("model_call", self._role, key, request, make)
        if "error" in recorded:
            raise RecordedModelError(recorded["error"]["kind"], recorded["error"]["message"])
        self.by_person = "person" in recorded["answer"]
        return self._result(recorded["answer"])

    def _request(
        self,
        scope: str,
        messages: Sequence[LLMMessage],
        tools: Sequence[Tool | ToolSchema],
        extra_create_args: Mapping[str, Any],
    ) -> dict[str, Any]:
        # Concurrent calls each start from an empty prompt: which of them asked first is chance.
        prompt = _Prompt() if scope else self._prompt
        delta = prompt.become(messages, self._ledger.texts)
        params: dict[str, Any] = {}
        for name, value in extra_create_args.items():
            if name == "response_format":
                params["schema"] = self._ledger.digest_of(value)
            else:
                params[name] = value
        if tools:
            params["tools"] = self._ledger.digest_of(tools)
        request = {
            "role": self._role,
            "model": self.name,
            "params": params,
            "prompt": delta,
            "prompt_digest": prompt.digest(),
        }
        if scope:
            request["scope"] = scope
        return request

    def _result(self, answer: dict[str, Any]) -> CreateResult:
        usage = RequestUsage(**answer["usage"])
        self.account(usage)
        self._ledger.model_calls += 1
        self._ledger.prompt_tokens += usage.prompt_tokens
        self._ledger.completion_tokens += usage.completion_tokens
        calls = answer.get("tool_calls")
        content: str | list[FunctionCall] = answer.get("content") or ""
        if calls:
            self._ledger.tool_calls += len(calls)
            content = [FunctionCall(id=c["id"], name=c["name"], arguments=c["arguments"])
                       for c in calls]  # fmt: skip
        return CreateResult.model_construct(
            finish_reason=answer["finish_reason"],
            content=content,
            usage=usage,
            cached=False,
            thought=answer.get("thought"),
        )

    @property
    def model_info(self) -> ModelInfo:
        return super().model_info if self._inner is None else self._inner.model_info


class _Prompt:
    """A role's latest prompt, as chat messages with their digests."""

    def __init__(self) -> None:
        self._messages: list[tuple[LLMMessage, int]] = []
        self._digests: list[bytes] = []

    def become(
        self, messages: Sequence[LLMMessage], texts: Mapping[bytes, tuple[int, str | None]]
    ) -> dict[str, Any]:
        """Turn into `messages`; returns how many chat messages stay in front, and what is new."""
        same = kept = 0
        for message, (known, length) in zip(messages, self._messages, strict=False):
            if message is not known and message != known:
                break
            same += 1
            kept += length
        del self._messages[same:], self._digests[kept:]
        new: list[dict[str, Any]] = []
        for message in messages[same:]:
            shaped = chat_messages([message])
            self._messages.append((message, len(shaped)))
            for chat in shaped:
                payload = canonical(chat)
                self._digests.append(message_digest(payload))
                seq, role = texts.get(payload, (None, None))
                if seq is None:
                    new.append(chat)
                else:
                    new.append({"ref": seq} if role is None else {"ref": seq, "as": role})
        return {"keep": kept, "new": new}

    def digest(self) -> str:
        return digest_of(self._digests)


def sample_of(seed: int, key: str) -> int:
    """The sample index of one call: 31 bits, the same for the same episode and key."""
    drawn = hashlib.blake2b(f"{seed}/{key}".encode(), digest_size=4).digest()
    return int.from_bytes(drawn, "big") >> 1


def _recordable(result: CreateResult, calls_before: int) -> dict[str, Any]:
    """An answer as the journal stores it; call ids become the episode's own, in order."""
    answer: dict[str, Any] = {
        "finish_reason": result.finish_reason,
        "usage": {
            "prompt_tokens": result.usage.prompt_tokens,
            "completion_tokens": result.usage.completion_tokens,
        },
    }
    if isinstance(result.content, str):
        answer["content"] = result.content
    else:
        answer["tool_calls"] = [
            {"id": f"call_{calls_before + i}", "name": call.name, "arguments": call.arguments}
            for i, call in enumerate(result.content)
        ]
    if result.thought:
        answer["thought"] = result.thought
    if result.logprobs:
        answer["logprobs"] = [[p.token, p.logprob] for p in result.logprobs]
    return answer
