"""The benchmark's samples: what a model is asked, with the history it is given and the answer.

Of each call line i of a dialogue of level 1 or 2, the k-th, the benchmark makes two samples: 2k
asks for line i, with what stands before it; 2k + 1 asks for line i + 1, with the call as history,
whatever that line is. Where it is words of the AI it is a response sample, where it is the next
call a call sample, so that a call right after a call is counted twice (399 samples for 389 calls
in level 1, 135 for 119 in level 2), and where it is the user's it is neither. A record of level 3
has one sample for each call, ToolSearcher's included, and one for the response.

`corrected_samples` has every call once. Numbers are the published ones throughout.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ...environments.api_bank.recordings import Dialogue, Requirement, Turn

Level = Literal[1, 2, 3]


@dataclass(frozen=True, slots=True)
class _Sample:
    file: str
    """The dialogue's file; of level 3, the record's number as text."""
    id: int
    """Number of the sample in its file; of level 3, that of the call (`api_id`)."""
    level: Level
    history: tuple[Turn, ...]
    """The turns before the one that is asked for; level 3 begins with the requirement."""
    gold: Turn
    """The turn that is asked for."""
    api_line: int
    """Which turn, from 0, is the call that the sample was made for."""
    tools: tuple[str, ...]
    """Names of the tools of the whole dialogue, in the order of their first use."""

    @property
    def key(self) -> tuple[str, int]:
        """As predictions refer to the sample."""
        return self.file, self.id

    @property
    def earlier_calls(self) -> tuple[Turn, ...]:
        """The annotated calls of the history."""
        return tuple(turn for turn in self.history if turn.role == "API")


@dataclass(frozen=True, slots=True)
class CallSample(_Sample):
    """A question whose answer is a call; `gold` has the role API."""


@dataclass(frozen=True, slots=True)
class ResponseSample(_Sample):
    """A question whose answer is words; `gold` has the role AI."""


def call_samples(source: Dialogue | Requirement) -> list[CallSample]:
    """The call samples as published, in order."""
    return [sample for sample in samples(source) if isinstance(sample, CallSample)]


def response_samples(source: Dialogue | Requirement) -> list[ResponseSample]:
    """The response samples as published, in order."""
    return [sample for sample in samples(source) if isinstance(sample, ResponseSample)]


def corrected_samples(source: Dialogue | Requirement) -> list[CallSample]:
    """Every call once, asked for after all that stands before it."""
    # A sample that asks for the call it was made for is the first one of that call.
    return [sample for sample in call_samples(source) if len(sample.history) == sample.api_line]


def samples(source: Dialogue | Requirement) -> list[CallSample | ResponseSample]:
    """All samples of a dialogue or record, by number."""
    if isinstance(source, Requirement):
        return list(_of_record(source))
    return list(_of_dialogue(source))


def _of_dialogue(dialogue: Dialogue) -> Iterator[CallSample | ResponseSample]:
    turns = dialogue.turns
    tools = _tools(turns)
    lines = [i for i, turn in enumerate(turns) if turn.role == "API"]
    for k, line in enumerate(lines):
        for number, asked in ((2 * k, line), (2 * k + 1, line + 1)):
            if asked == len(turns) or turns[asked].role == "User":
                continue
            kind = CallSample if turns[asked].role == "API" else ResponseSample
            yield kind(
                file=dialogue.name,
                id=number,
                level=dialogue.level,
                history=turns[:asked],
                gold=turns[asked],
                api_line=line,
                tools=tools,
            )


def _of_record(record: Requirement) -> Iterator[CallSample | ResponseSample]:
    calls = [
        Turn(role="API", api_name=call.api_name, param_dict=call.input, result=call.output)
        for call in record.apis
    ]
    turns = (Turn(role="User", text=record.requirement), *calls)
    tools = _tools(turns)
    file = str(record.sample_id)
    for api_id, call in enumerate(calls):
        line = api_id + 1
        yield CallSample(file, api_id, 3, turns[:line], call, line, tools)
    if calls:
        gold = Turn(role="AI", text=record.response)
        yield ResponseSample(file, len(calls) - 1, 3, turns, gold, len(calls), tools)


def _tools(turns: tuple[Turn, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(turn.api_name for turn in turns if turn.role == "API"))
