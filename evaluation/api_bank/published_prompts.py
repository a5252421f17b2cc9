"""The benchmark's own prompts, as its published figures were measured with.

A prompt is an instruction and an input. The instruction ends with the descriptions of tools, one
JSON object a line: in level 1 of all the tools that the dialogue uses and of no other, in level 2
of ToolSearcher alone, or of all again where words are asked for. The input is the history in
lines, with a call's result behind an arrow. Level 3 has the description in the input.

The instructions' words are the user's data (`prompts.json` in the folder, or upstream's
`test-data/*.json`): the package holds no copy. The order of the descriptions is not determined by
the dialogue, since upstream took them from a Python set; it is known for the dialogues of which
the data hold a published prompt, and by name for the others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args

from ...environments.api_bank.data import ApiBankData, ApiBankDataError, read_json
from ...environments.api_bank.recordings import Turn
from .bracket_syntax import render_published
from .chat_prompt import ChatPrompt
from .samples import CallSample, ResponseSample

Kind = Literal[
    "level-1-api",
    "level-1-response",
    "level-2-api",
    "level-2-response",
    "level-3-batch-inf",
    "level-3-batch-inf-icl",
    "level-3-batch-inf-response",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""The files of upstream's `test-data` with prompts; `icl` has an example in its instruction."""
SEARCH = "ToolSearcher"
_BEFORE_DESCRIPTIONS = "API descriptions:\n"
_MEMBERS = ("name", "description", "input_parameters", "output_parameters")
_MEMBERS_3 = ("apiCode", "description", "parameters", "response")

Record = Mapping[str, Any]
"""A published prompt: {file, id, instruction, input, expected_output}, in level 3 otherwise."""
_Source = tuple[Path, Kind, Callable[[], tuple[str, list[Record]]]]
"""A file, a kind of prompt in it, and what reads the instruction and the records."""


@dataclass(frozen=True, slots=True)
class PublishedPrompt:
    """One prompt, to the letter."""

    kind: Kind
    instruction: str
    input: str
    expected_output: str
    """The annotated answer: `API-Request: [...]`, or words."""

    @property
    def chat(self) -> ChatPrompt:
        """The prompt for a chat model: the instruction as system message, the input as user's."""
        return ChatPrompt(
            "published",
            (
                {"role": "system", "content": self.instruction},
                {"role": "user", "content": self.input},
            ),
        )


@dataclass(frozen=True)
class PublishedPrompts:
    """What prompts are made of."""

    instructions: Mapping[Kind, str]
    """Each up to where the descriptions of tools begin."""
    descriptions: Mapping[str, str] = field(default_factory=dict)
    """The line that describes a tool of levels 1 and 2, by its name."""
    description_3: str | None = None
    """The line that describes ToolSearcher in level 3."""
    orders: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Names of tools in the order in which a dialogue's prompts describe them."""

    def prompt(
        self, sample: CallSample | ResponseSample, *, in_context_example: bool = False
    ) -> PublishedPrompt:
        """The prompt of a sample; `in_context_example` chooses level 3's other instruction.

        Raises `ApiBankDataError` where the data lack the instruction or a tool's description.
        """
        kind = _kind(sample, in_context_example)
        instruction = self.instructions.get(kind)
        if instruction is None:
            raise ApiBankDataError(f"the data have no prompt of the kind {kind}")
        call = isinstance(sample, CallSample)
        gold = sample.gold
        asked = "Generate API Request:" if call else "Generate AI Response:"
        lines = [line_of(turn, sample.level) for turn in sample.history]
        if sample.level == 3:
            # Upstream writes a space behind the colon in level 3 alone.
            lines = [self._described_3(), *lines, f"{asked} "]
        else:
            instruction += "\n".join(self._described(sample))
            lines.append(asked)
        return PublishedPrompt(
            kind,
            instruction,
            "\n".join(lines) + "\n",
            f"API-Request: {_call(gold)}" if call else gold.text,
        )

    def _described(self, sample: CallSample | ResponseSample) -> list[str]:
        names: Iterable[str] = (SEARCH,)
        if sample.level == 1 or isinstance(sample, ResponseSample):
            names = self.orders.get(sample.file, sorted(sample.tools))
            if set(names) != set(sample.tools):
                names = sorted(sample.tools)
        missing = [name for name in names if name not in self.descriptions]
        if missing:
            raise ApiBankDataError(f"the data do not describe the tool {missing[0]}")
        return [self.descriptions[name] for name in names]

    def _described_3(self) -> str:
        if self.description_3 is None:
            raise ApiBankDataError(f"the data do not describe the tool {SEARCH}")
        return self.description_3


def published_prompts(data: ApiBankData) -> PublishedPrompts | None:
    """The prompts that the folder's data make possible, or None where they hold none.

    Raises `ApiBankDataError` for a file that is there and has another shape.
    """
    instructions: dict[Kind, str] = {}
    records: list[Record] = []
    for path, kind, one in [*_prompts_file(data.folder), *_upstream_files(data.folder)]:
        try:
            instruction, examples = one()
        except (TypeError, KeyError, AttributeError, IndexError) as error:
            raise ApiBankDataError(f"{path}: {kind}: unexpected shape: {error!r}") from None
        if not isinstance(instruction, str) or not all(isinstance(r, dict) for r in examples):
            raise ApiBankDataError(f"{path}: {kind}: no text as instruction, or a bad example")
        instructions.setdefault(kind, instruction)
        records += examples
    if not instructions:
        return None
    return PublishedPrompts(instructions, *_descriptions(data, records))


def line_of(turn: Turn, level: int) -> str:
    """One turn as a line of the input. Level 3 shows the whole envelope, the others the output."""
    if turn.role != "API":
        # Some requirements of level 3 were noted down with a space before them.
        return f"{turn.role}: {turn.text.strip() if level == 3 else turn.text}"
    result = turn.result if level == 3 else turn.result.get("output")
    return f"API-Request: {_call(turn)}->{result}"


def _call(turn: Turn) -> str:
    return render_published(turn.api_name, turn.param_dict)


def _kind(sample: CallSample | ResponseSample, in_context_example: bool) -> Kind:
    call = isinstance(sample, CallSample)
    if sample.level == 1:
        return "level-1-api" if call else "level-1-response"
    if sample.level == 2:
        return "level-2-api" if call else "level-2-response"
    if not call:
        return "level-3-batch-inf-response"
    return "level-3-batch-inf-icl" if in_context_example else "level-3-batch-inf"


def _prompts_file(folder: Path) -> Iterator[_Source]:
    path = folder / "prompts.json"
    if not path.is_file():
        return
    prompts = read_json(path)
    if not isinstance(prompts, dict):
        raise ApiBankDataError(f"{path}: no object of prompts by kind")
    for kind in KINDS:
        if kind in prompts:
            yield path, kind, partial(_of_prompts_file, prompts[kind])


def _of_prompts_file(one: Mapping[str, Any]) -> tuple[str, list[Record]]:
    instruction = one["instruction_before_api_descriptions"][0]
    if one.get("api_descriptions_follow"):
        instruction += _BEFORE_DESCRIPTIONS
    return instruction, [one["example"]] if "example" in one else []


def _upstream_files(folder: Path) -> Iterator[_Source]:
    for kind in KINDS:
        path = folder / "test-data" / f"{kind}.json"
        if path.is_file():
            yield path, kind, partial(_of_upstream_file, read_json(path))


def _of_upstream_file(records: list[Record]) -> tuple[str, list[Record]]:
    return _divided(records[0]["instruction"])[0], records


def _divided(instruction: str) -> tuple[str, str]:
    """An instruction up to where the descriptions begin, and the descriptions."""
    head, mark, described = instruction.partition(_BEFORE_DESCRIPTIONS)
    return head + mark, described


def _descriptions(
    data: ApiBankData, records: Sequence[Record]
) -> tuple[dict[str, str], str | None, dict[str, list[str]]]:
    """Lines by tool, level 3's line, and orders by dialogue: as published where a record shows
    them, else made of the descriptions in the folder's `apis.json`."""
    lines = {
        name: _line(_MEMBERS, signature)
        for (group, name), signature in data.signatures.items()
        if group == "level-1/2"
    }
    # Level 3's own ToolSearcher is worded otherwise; its prompts have that of levels 1 and 2.
    searcher = data.signatures.get(("level-1/2", SEARCH))
    line_3 = None if searcher is None else _line(_MEMBERS_3, searcher)
    orders: dict[str, list[str]] = {}
    for record in records:
        first = str(record.get("input", "")).partition("\n")[0]
        if first.startswith('{"apiCode"'):
            line_3 = first
        described = _divided(str(record.get("instruction", "")))[1].split("\n")
        by_name = {name: line for line in described if (name := _described_tool(line))}
        lines.update(by_name)
        # The calls' prompts of level 2 describe one tool and tell no order.
        if len(by_name) > 1 and "file" in record:
            orders[str(record["file"])] = list(by_name)
    return lines, line_3, orders


def _line(members: Sequence[str], signature: Mapping[str, Any]) -> str:
    values = (signature.get(name, "" if name == "description" else {}) for name in _MEMBERS)
    return json.dumps(dict(zip(members, values, strict=True)))


def _described_tool(line: str) -> str | None:
    try:
        described = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return str(described["name"]) if isinstance(described, dict) and "name" in described else None
