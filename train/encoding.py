"""A dialogue as tokens, with a label on each token that the assistant wrote and on no other.

The project's chat template marks the assistant's own text with `{% generation %}`, and the marks
become labels. What the labels cover is then checked against the dialogue, turn by turn, because
the failure is silent otherwise: a template that does not render tool calls trains on the end
marker alone, while the loss falls nicely.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..models.chat_template import normalized, ordered, template_text
from .dialogue import UNLEARNT

IGNORED = -100
"""The label of a token without loss (the convention of torch's cross entropy)."""


class LabelMissing(ValueError):
    """An assistant turn that would not be learned as it stands; says which and what is missing."""


@dataclass(frozen=True, slots=True)
class Encoded:
    input_ids: list[int]
    labels: list[int]
    """As long as `input_ids`; `IGNORED` where there is no loss."""

    @property
    def labelled(self) -> int:
        return sum(label != IGNORED for label in self.labels)


def encode(
    tokenizer: Any,
    messages: Sequence[Mapping[str, Any]],
    tools: Sequence[Mapping[str, Any]],
    *,
    template: str | None = None,
    learnt: int | None = None,
) -> Encoded:
    """The dialogue as the model reads it, labelled and checked.

    `tokenizer` is a fast Hugging Face tokenizer; `template` defaults to the project's. `learnt`:
    how many of the last assistant turns get labels; None: all.
    Raises `LabelMissing` where an assistant turn has no labelled token, or a call's name, a
    parameter or a value of it is not in the labelled text.
    """
    offered = ordered(tools)
    rendered = tokenizer.apply_chat_template(
        normalized(messages, offered),
        tools=offered or None,
        chat_template=template if template is not None else template_text(),
        tokenize=True,
        return_dict=True,
        return_assistant_tokens_mask=True,
    )
    ids: list[int] = list(rendered["input_ids"])
    spans = list(_runs(rendered["assistant_masks"]))
    turns = [message for message in messages if message["role"] == "assistant"]
    if len(spans) != len(turns):
        raise LabelMissing(
            f"{len(turns)} assistant turns, but {len(spans)} labelled stretches of tokens: the "
            "chat template does not mark every turn as generated"
        )
    for number, (turn, (start, end)) in enumerate(zip(turns, spans, strict=True)):
        check_turn(
            turn, tokenizer.decode(ids[start:end], clean_up_tokenization_spaces=False), number
        )
    labels = [IGNORED] * len(ids)
    wanted = [span for turn, span in zip(turns, spans, strict=True) if not turn.get(UNLEARNT)]
    for start, end in wanted if learnt is None else wanted[len(wanted) - learnt :]:
        labels[start:end] = ids[start:end]
    return Encoded(ids, labels)


def check_turn(turn: Mapping[str, Any], labelled: str, number: int) -> None:
    """Raise `LabelMissing` where `labelled` does not hold all that the turn says and calls."""
    content = turn.get("content")
    if content and not any(form in labelled for form in _spoken(content.strip())):
        raise LabelMissing(f"assistant turn {number}: its words are not in the labelled text")
    for call in turn.get("tool_calls") or ():
        name, arguments = call["function"]["name"], call["function"]["arguments"]
        if name not in labelled:
            raise LabelMissing(
                f"assistant turn {number}: the call of {name} is not in the labelled text"
            )
        value = json.loads(arguments) if isinstance(arguments, str) else arguments
        for part in _atoms(value):
            if not any(form in labelled for form in _forms(part)):
                raise LabelMissing(
                    f"assistant turn {number}: the call of {name} lacks {part!r} in the labelled "
                    "text"
                )


def _runs(mask: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Stretches of ones as (start, end), end exclusive."""
    start: int | None = None
    for position, marked in enumerate([*mask, 0]):
        if marked and start is None:
            start = position
        elif not marked and start is not None:
            yield start, position
            start = None


def _atoms(value: Any) -> Iterator[Any]:
    """Keys and scalar values, in order."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _atoms(item)
    elif isinstance(value, list):
        for item in value:
            yield from _atoms(item)
    else:
        yield value


def _forms(part: Any) -> tuple[str, ...]:
    """How a scalar may be written in JSON: as UTF-8 or escaped to ASCII."""
    return json.dumps(part, ensure_ascii=False), json.dumps(part)


def _spoken(words: str) -> tuple[str, ...]:
    """How words may stand in a text: as they are, or within a JSON string."""
    return words, *(form[1:-1] for form in _forms(words))
