"""How large a data set is: dialogues, turns, tokens, calls (ToolFlow, table 1) and their spread.

A turn is a user's message with all that follows it until the next. A call turn is a turn in which
something was called; it is parallel where one message made several calls at once, multiple where
calls were made one after another. Tokens are those of what was said, called and returned: system
messages and tool descriptions are not counted. Which tokenizer counted is said in the report.
"""

from __future__ import annotations

from collections import Counter

from pydantic import BaseModel, ConfigDict, Field

from .distributions import Distribution, distribution
from .rounds import Dialogue
from .tokens import Counter as TokenCounter


class Size(BaseModel):
    """Sums over the data set; shares run from 0 to 1 and are None where nothing was counted."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    dialogues: int
    turns: int
    tokens: int
    tokens_by_part: dict[str, int]
    """user, assistant, calls (names and arguments), tools (what they returned)."""
    calls: int
    call_turns: int
    parallel_turns: int
    multiple_turns: int
    turns_without_call: int
    chitchat_share: float | None
    """Of the steps of the plans, those typed as chitchat; None where there are no plans."""
    plan_steps: int
    distributions: dict[str, Distribution] = Field(default_factory=dict)
    """By what is counted, in the order of `DISTRIBUTIONS`."""

    def per_dialogue(self, figure: str) -> float | None:
        """The mean of one of the counts."""
        return getattr(self, figure) / self.dialogues if self.dialogues else None


DISTRIBUTIONS = {
    "turns": "Turns per dialogue",
    "calls": "Calls per dialogue",
    "turn_calls": "Calls per call turn",
    "tools_called": "Different tools called per dialogue",
    "tools_offered": "Tools on offer per dialogue",
    "arguments": "Arguments per call",
    "request_words": "Words per request",
    "response_words": "Words per response",
    "dialogue_tokens": "Tokens per dialogue",
}


class SizeMeter:
    """Takes dialogues one after another; keeps counts only."""

    def __init__(self, counter: TokenCounter) -> None:
        self._counter = counter
        self._totals: Counter[str] = Counter()
        self._tokens: Counter[str] = Counter()
        self._spread: dict[str, Counter[int]] = {name: Counter() for name in DISTRIBUTIONS}

    def add(self, dialogue: Dialogue) -> None:
        rounds, totals = dialogue.rounds, self._totals
        totals["dialogues"] += 1
        totals["turns"] += len(rounds)
        for round_ in rounds:
            totals["calls"] += len(round_.calls)
            totals["call_turns"] += bool(round_.batches)
            totals["parallel_turns"] += round_.parallel
            totals["multiple_turns"] += round_.multiple
        kinds = [step.get("kind") for step in dialogue.trajectory.plan]
        totals["plan_steps"] += len(kinds)
        totals["chitchat"] += kinds.count("chitchat")
        self._add_spread(dialogue, self._add_tokens(dialogue))

    def result(self) -> Size:
        totals = self._totals
        return Size(
            dialogues=totals["dialogues"],
            turns=totals["turns"],
            tokens=self._tokens.total(),
            tokens_by_part={part: self._tokens[part] for part in _PARTS},
            calls=totals["calls"],
            call_turns=totals["call_turns"],
            parallel_turns=totals["parallel_turns"],
            multiple_turns=totals["multiple_turns"],
            turns_without_call=totals["turns"] - totals["call_turns"],
            chitchat_share=(
                round(totals["chitchat"] / totals["plan_steps"], 6)
                if totals["plan_steps"]
                else None
            ),
            plan_steps=totals["plan_steps"],
            distributions={name: distribution(c) for name, c in self._spread.items()},
        )

    def _add_tokens(self, dialogue: Dialogue) -> int:
        parts: dict[str, list[str]] = {part: [] for part in _PARTS}
        for message in dialogue.messages:
            if message.role in _OF_ROLE and message.content:
                parts[_OF_ROLE[message.role]].append(message.content)
            for call in message.tool_calls or ():
                parts["calls"] += (call.function.name, call.function.arguments)
        counted = {part: self._counter(texts) if texts else 0 for part, texts in parts.items()}
        self._tokens.update(counted)
        return sum(counted.values())

    def _add_spread(self, dialogue: Dialogue, tokens: int) -> None:
        spread = self._spread
        calls = list(dialogue.calls())
        spread["turns"][len(dialogue.rounds)] += 1
        spread["calls"][len(calls)] += 1
        spread["tools_called"][len({call.name for call in calls})] += 1
        spread["tools_offered"][len(dialogue.trajectory.tools)] += 1
        spread["dialogue_tokens"][tokens] += 1
        for call in calls:
            count = call.argument_count()
            if count is not None:
                spread["arguments"][count] += 1
        for round_ in dialogue.rounds:
            if round_.batches:
                spread["turn_calls"][len(round_.calls)] += 1
            spread["request_words"][len(round_.request.split())] += 1
            if round_.said:
                spread["response_words"][len(round_.response.split())] += 1


_PARTS = ("user", "assistant", "calls", "tools")
_OF_ROLE = {"user": "user", "assistant": "assistant", "tool": "tools"}
