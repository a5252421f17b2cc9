"""From an answer to a prediction: read in its style, as the protocol reads.

The paper's protocol reads the benchmark's notation with the published parser, mistakes included;
the others read what it means. Of several calls in an answer the first one counts, here as there.
The paper's tools know truth only as the text 'True', which is what it is in the notation: JSON's
true is handed to them as that text.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from autogen_core.models import CreateResult

from .annotations import GoldCall
from .bracket_syntax import render, render_published
from .call_styles import ParseFailure, Read, Style, read_bracket_text, read_calls
from .predictions import Prediction

Protocol = Literal["paper", "corrected", "interactive"]
MAX_SAID = 20_000
"""Characters of an answer that are kept."""


def read_answer(style: Style, answer: CreateResult, protocol: Protocol) -> Prediction:
    """A model's answer in the style that it was asked for."""
    read = _first(read_calls(style, answer, published=protocol == "paper"), _said(answer))
    if protocol != "paper":
        return read
    written = {k: str(v) if isinstance(v, bool) else v for k, v in read.arguments.items()}
    return replace(read, arguments=written)


def read_text(text: str, protocol: Protocol) -> Prediction:
    """A text in the benchmark's notation."""
    return _first(read_bracket_text(text, published=protocol == "paper"), text)


def gold_prediction(gold: GoldCall, protocol: Protocol) -> Prediction:
    """The annotated call as if a model had written it, through the same parser.

    As published, quotes within values are not escaped, as in the published prompts; elsewhere the
    notation is written so that it is read back as it was.
    """
    write = render_published if protocol == "paper" else render
    return read_text(f"API-Request: {write(gold.name, gold.arguments)}", protocol)


def _first(read: Read, said: str) -> Prediction:
    said = said[:MAX_SAID]
    if isinstance(read, ParseFailure):
        return Prediction(said, failure=read.kind, detail=read.detail)
    return Prediction(said, read[0].name, read[0].arguments)


def _said(answer: CreateResult) -> str:
    if isinstance(answer.content, str):
        return answer.content
    return "\n".join(f"{call.name}({call.arguments})" for call in answer.content)
