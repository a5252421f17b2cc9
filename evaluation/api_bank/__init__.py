"""API-Bank as a benchmark: what a model is asked, how its answer is read, and what is right.

`samples` makes the questions of recorded dialogues, `published_prompts` and `project_prompts` put
them to a model, `call_styles` reads the answer, and `rouge_scores` compares answers in words. Calls
are made in the tools of `environments.api_bank` and judged under the paper's protocol and a
corrected one. May import what evaluation may; ROUGE needs the extra `evaluate`, at first use.
"""

from .bracket_syntax import BracketCall, BracketError, parse, parse_published, render
from .call_styles import (
    STYLES,
    ParseFailure,
    PredictedCall,
    Style,
    read_bracket_text,
    read_calls,
)
from .chat_prompt import ChatPrompt
from .project_prompts import project_prompt
from .published_prompts import PublishedPrompt, PublishedPrompts, published_prompts
from .rouge_scores import ResponseScore, mean_score, response_score, without_speakers
from .samples import (
    CallSample,
    ResponseSample,
    call_samples,
    corrected_samples,
    response_samples,
)

__all__ = [
    "STYLES",
    "BracketCall",
    "BracketError",
    "CallSample",
    "ChatPrompt",
    "ParseFailure",
    "PredictedCall",
    "PublishedPrompt",
    "PublishedPrompts",
    "ResponseSample",
    "ResponseScore",
    "Style",
    "call_samples",
    "corrected_samples",
    "mean_score",
    "parse",
    "parse_published",
    "project_prompt",
    "published_prompts",
    "read_bracket_text",
    "read_calls",
    "render",
    "response_samples",
    "response_score",
    "without_speakers",
]
