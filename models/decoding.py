"""One answer while it is decoded, token by token, under a grammar or freely.

Greedy or sampled; the sampling is seeded per answer and knows nothing of other answers that are
decoded beside it. Where the grammar leaves no choice, the tokens are written without asking the
model ("forced").
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from typing import Any

import llguidance
import numpy as np

from .constrained import guidance_schema
from .errors import InvalidAnswer
from .local_call import LocalCall


class Decoding:
    """An answer that grows. `pending` are its tokens that the model has not read yet."""

    def __init__(
        self, call: LocalCall, vocabulary: llguidance.LLTokenizer, ends: Collection[int], limit: int
    ) -> None:
        """`ends`: tokens that end an answer. Raises `InvalidAnswer` for an unusable schema."""
        self.tokens: list[int] = []
        self.pending: deque[int] = deque()
        self.done = False
        self.ended = False
        """Whether it came to its own end, and was not cut at the limit."""
        self._ends = ends
        self._limit = limit
        self._temperature = call.temperature
        self._top_p = call.top_p
        self._chance = np.random.default_rng(call.seed)
        self._matcher = _matcher(call, vocabulary)
        self._force()

    def choose(self, logits: np.ndarray[Any, Any]) -> None:
        """Take the next token, by the model's scores (one float for each of the vocabulary)."""
        if self._matcher is not None:
            bits = np.frombuffer(self._matcher.compute_bitmask(), dtype=np.uint8)
            allowed = np.unpackbits(bits, count=logits.shape[0], bitorder="little")
            logits = np.where(allowed, logits, -np.inf)
        token = int(logits.argmax()) if self._temperature <= 0 else self._sample(logits)
        if token in self._ends:
            self.done = self.ended = True
            return
        if self._matcher is not None and not self._matcher.consume_token(token):
            raise InvalidAnswer(f"the grammar broke: {_line(self._matcher.get_error())}")
        self._write([token])
        self._force()

    def _force(self) -> None:
        if self._matcher is None or self.done:
            return
        forced = self._matcher.compute_ff_tokens()
        if forced and self._matcher.consume_tokens(forced):
            self._write(forced)
        if self._matcher.is_stopped():
            self.done = self.ended = True

    def _write(self, tokens: list[int]) -> None:
        room = self._limit - len(self.tokens)
        self.tokens.extend(tokens[:room])
        self.pending.extend(tokens[:room])
        # An answer that is whole exactly at the limit still counts as ended.
        self.done = len(tokens) > room or (len(tokens) == room and not self._complete())
        self.ended = len(tokens) <= room and self._complete()

    def _complete(self) -> bool:
        return self._matcher is not None and self._matcher.is_stopped()

    def _sample(self, logits: np.ndarray[Any, Any]) -> int:
        scaled = (logits.astype(np.float64) - logits.max()) / self._temperature
        weights = np.exp(scaled)
        weights /= weights.sum()
        if self._top_p < 1:
            order = np.argsort(-weights, kind="stable")
            before = np.cumsum(weights[order]) - weights[order]
            weights[order[before >= self._top_p]] = 0
            weights /= weights.sum()
        return int(self._chance.choice(len(weights), p=weights))


def _matcher(call: LocalCall, vocabulary: llguidance.LLTokenizer) -> Any:
    if call.schema is None:
        return None
    grammar = llguidance.LLMatcher.grammar_from_json_schema(guidance_schema(call.schema))
    matcher = llguidance.LLMatcher(vocabulary, grammar, log_level=0)
    if matcher.is_error():
        raise InvalidAnswer(f"the schema cannot be decoded under: {_line(matcher.get_error())}")
    return matcher


def _line(error: Any) -> str:
    return (str(error).strip().splitlines() or ["no reason given"])[0]
