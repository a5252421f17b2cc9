"""Which tokens of a conversation the assistant wrote, for a chat template that does not say so.

The text up to a turn, with the turn opened as for a generation, and the text with the turn in it
differ in just what the model would have to write there. Both must be the beginning of the whole
text, or the turn would be learnt after a prompt that it is never given at work: templates that
take the thinking out of earlier turns are such a case (`TurnsUnstable`), and one sample a turn is
the way out. A token belongs to the turn if it has something of the turn and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .chat_format import ChatFormat


class LabelMissing(ValueError):
    """An assistant turn that would not be learned as it stands; says which and what is missing."""


class TurnsUnstable(LabelMissing):
    """A template that writes a turn otherwise once others follow; says which turn."""


Span = tuple[int, int]
"""Start and end, end exclusive."""


def turn_tokens(
    tokenizer: Any,
    messages: Sequence[Mapping[str, Any]],
    tools: Sequence[Mapping[str, Any]],
    written: ChatFormat,
    turns: Sequence[int],
) -> tuple[list[int], dict[int, Span]]:
    """The tokens of the whole conversation, and those of the assistant's messages at `turns`.

    `tokenizer` is a fast Hugging Face tokenizer. Raises `TurnsUnstable`, `LabelMissing` where a
    token stands across a turn's border, and `TemplateRefuses`.
    """
    shaped = written.shaped(messages, tools)
    whole = written.render(tokenizer, shaped, tools)
    spans = {at: _span(tokenizer, shaped, tools, written, at, whole) for at in turns}
    coded = tokenizer(whole, add_special_tokens=False, return_offsets_mapping=True)
    places: list[Span] = coded["offset_mapping"]
    tokens = {at: _tokens(whole, places, span) for at, span in spans.items()}
    return list(coded["input_ids"]), tokens


def _span(
    tokenizer: Any,
    shaped: Sequence[Mapping[str, Any]],
    tools: Sequence[Mapping[str, Any]],
    written: ChatFormat,
    number: int,
    whole: str,
) -> Span:
    """The characters of `whole` that the assistant wrote as message `number`."""
    last = number == len(shaped) - 1
    upto = whole if last else written.render(tokenizer, shaped[: number + 1], tools)
    prompt = written.render(tokenizer, shaped[:number], tools, opened=True)
    start = len(prompt)
    if not upto.startswith(prompt):
        # What is opened is not what is written: some templates open a thought as well.
        start = _edge(prompt, upto)
        if start < len(written.render(tokenizer, shaped[:number], tools).rstrip()):
            raise TurnsUnstable(f"message {number}: its prompt is not how the conversation begins")
    end = start + len(_ended(tokenizer, upto[start:]))
    if whole[:end] != upto[:end]:
        raise TurnsUnstable(f"message {number} is written otherwise once others follow it")
    return start, end


def _edge(prompt: str, upto: str) -> int:
    """Where a turn can begin in what both texts begin with: after white space or a mark."""
    pairs = zip(prompt, upto, strict=False)
    end = next((at for at, (one, other) in enumerate(pairs) if one != other), len(upto))
    while end and not (upto[end - 1].isspace() or upto[end - 1] in ">]"):
        end -= 1
    return end


def _ended(tokenizer: Any, turn: str) -> str:
    """The turn up to its end mark: what stands after it, a model never gets to write."""
    bare = turn.rstrip()
    return bare if bare.endswith(tuple(tokenizer.all_special_tokens)) else turn


def _tokens(text: str, places: Sequence[Span], span: Span) -> Span:
    """The tokens of a stretch of characters. Raises `LabelMissing`."""
    start, end = span
    inside = [at for at, place in enumerate(places) if _belongs(text, place, span)]
    if not inside:
        raise LabelMissing(f"no tokens of their own for {text[start:end][:60]!r}")
    return inside[0], inside[-1] + 1


def _belongs(text: str, place: Span, span: Span) -> bool:
    (first, after), (start, end) = place, span
    if start <= first and after <= end:
        return first < after
    if not text[max(first, start) : min(after, end)].strip():
        return False
    others = text[first : max(first, start)] + text[min(after, end) : after]
    if others.strip():
        raise LabelMissing(f"the token {text[first:after]!r} stands across the border of a turn")
    return True
