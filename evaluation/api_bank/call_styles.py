"""The styles in which a model is asked for a call, and how its answer is read in each.

- `bracket`: text in the benchmark's notation, `[Name(key='value', ...)]`; read as it is meant, or
  as the published evaluator reads it (`published=True`);
- `json`: text with `{"name": ..., "arguments": {...}}` or `{"tool_calls": [...]}`;
- `native`: the tool calls of the model's interface.

An answer without a readable call is a `ParseFailure`, whose kind is one of the benchmark's. What
a call does, or whether its tool exists, is no matter here. Nothing is repaired: a text in another
style than the one asked for is no call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import orjson
from autogen_core import FunctionCall
from autogen_core.models import CreateResult

from ...models.call_parsing import parse_answer
from .bracket_syntax import MAX_LENGTH, BracketCall, BracketError, parse, parse_published
from .predictions import Failure

Style = Literal["bracket", "json", "native"]
STYLES: tuple[Style, ...] = get_args(Style)
MAX_CALLS = 64
"""Calls of one answer that are read."""


@dataclass(frozen=True, slots=True)
class PredictedCall:
    """A call that a model wants to make."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    style: Style = "bracket"


@dataclass(frozen=True, slots=True)
class ParseFailure:
    """Why no call could be read."""

    kind: Failure
    """no_api_call: the answer makes none. failed_parse_api_call: it begins one, in a form that
    cannot be read."""
    detail: str = ""
    """One line for people."""


Read = list[PredictedCall] | ParseFailure
"""At least one call, in the model's order, or why there is none."""


def read_calls(style: Style, answer: CreateResult, *, published: bool = False) -> Read:
    """The answer's calls in the style that was asked for; `published` matters to `bracket` only."""
    if style == "bracket":
        return read_bracket(answer, published=published)
    return _READERS[style](answer)


def read_bracket(answer: CreateResult, *, published: bool = False) -> Read:
    """Calls in the benchmark's notation. As published, there is one, and every value is text."""
    text = answer.content
    if not isinstance(text, str):
        return _another_style(text)
    return read_bracket_text(text, published=published)


def read_bracket_text(text: str, *, published: bool = False) -> Read:
    """`read_bracket` of a text, such as the `pred` of a file of predictions."""
    try:
        found = _published(text) if published else parse(text)
    except BracketError as error:
        return ParseFailure("failed_parse_api_call", str(error))
    if not found:
        return _no_call(text)
    return [PredictedCall(one.name, one.arguments, "bracket") for one in found[:MAX_CALLS]]


def read_json(answer: CreateResult) -> Read:
    """Calls as JSON text, alone, in a fence, in `<tool_call>` tags or among words."""
    text = answer.content
    if not isinstance(text, str):
        # Clients whose own wire is JSON text have read it already.
        return _from_functions(text, "json")
    if len(text) > MAX_LENGTH:
        return ParseFailure("failed_parse_api_call", f"a text of {len(text)} characters")
    parsed = parse_answer(text, cut=answer.finish_reason == "length")
    if parsed.calls:
        return _from_functions(parsed.calls, "json")
    # Words that stand in {"say": ...} come out of it; what comes out with a brace is broken JSON.
    if "{" in parsed.words:
        return ParseFailure("failed_parse_api_call", f"no call as JSON: {_excerpt(text)}")
    return _no_call(text)


def read_native(answer: CreateResult) -> Read:
    """The interface's tool calls; their arguments have to be a JSON object."""
    if isinstance(answer.content, str):
        return _no_call(answer.content)
    return _from_functions(answer.content, "native")


_READERS: Mapping[Style, Callable[[CreateResult], Read]] = {
    "bracket": read_bracket,
    "json": read_json,
    "native": read_native,
}


def _published(text: str) -> list[BracketCall]:
    call = parse_published(text)
    return [] if call is None else [call]


def _from_functions(functions: Sequence[FunctionCall], style: Style) -> Read:
    calls = []
    for function in functions[:MAX_CALLS]:
        try:
            arguments = orjson.loads(function.arguments or "{}")
        except orjson.JSONDecodeError as error:
            return _bad_arguments(function.name, str(error))
        if not isinstance(arguments, dict):
            return _bad_arguments(function.name, f"a {type(arguments).__name__}")
        calls.append(PredictedCall(function.name, arguments, style))
    return calls or ParseFailure("no_api_call", "an empty list of calls")


def _bad_arguments(name: str, why: str) -> ParseFailure:
    return ParseFailure(
        "failed_parse_api_call", f"the arguments of {name} are no JSON object: {why}"
    )


def _another_style(functions: Sequence[FunctionCall]) -> ParseFailure:
    if not functions:
        return ParseFailure("no_api_call", "an empty list of calls")
    return ParseFailure("failed_parse_api_call", "a call of the interface where text was asked for")


def _no_call(text: str) -> ParseFailure:
    return ParseFailure("no_api_call", _excerpt(text))


def _excerpt(text: str) -> str:
    line = " ".join(text[:400].split())
    return line if len(line) <= 200 else line[:199] + "…"
