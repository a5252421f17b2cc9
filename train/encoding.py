"""A dialogue as tokens, with a label on each token that the assistant wrote and on no other.

The project's chat template marks the assistant's own text with `{% generation %}`, and the marks
become labels; a template without marks is compared with itself (`turn_spans.py`). What the labels
cover is then checked against the dialogue, turn by turn, because the failure is silent otherwise:
a template that does not render tool calls trains on the end marker alone, while the loss falls
nicely.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..models.chat_template import normalized, ordered
from .arguments import arguments_of
from .chat_format import ChatFormat, own_format, refusals
from .dialogue import UNLEARNT
from .turn_spans import LabelMissing, Span, turn_tokens

IGNORED = -100
"""The label of a token without loss (the convention of torch's cross entropy)."""


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
    written: ChatFormat | None = None,
    learnt: int | None = None,
) -> Encoded:
    """The dialogue as the model reads it, labelled and checked.

    `tokenizer` is a fast Hugging Face tokenizer; `written`: in which format, the project's by
    default. `learnt`: how many of the last assistant turns get labels; None: all.
    Raises `LabelMissing` where an assistant turn has no labelled token, or a call's name, a
    parameter or a value of it is not in the labelled text; `TurnsUnstable` where the format writes
    earlier turns otherwise than later ones; `TemplateRefuses` where it raises an error.
    """
    written = written or own_format()
    turns = [at for at, message in enumerate(messages) if message["role"] == "assistant"]
    wanted = [at for at in turns if not messages[at].get(UNLEARNT)]
    wanted = wanted if learnt is None else wanted[len(wanted) - learnt :]
    if written.marked:
        ids, spans = _marked(tokenizer, messages, tools, written, turns)
    else:
        ids, spans = turn_tokens(tokenizer, messages, tools, written, wanted)
    labels = [IGNORED] * len(ids)
    for at, (start, end) in spans.items():
        said = tokenizer.decode(ids[start:end], clean_up_tokenization_spaces=False)
        check_turn(written.kept(messages[at]), said, turns.index(at), own=written.own)
        if at in wanted:
            labels[start:end] = ids[start:end]
    return Encoded(ids, labels)


def _marked(
    tokenizer: Any,
    messages: Sequence[Mapping[str, Any]],
    tools: Sequence[Mapping[str, Any]],
    written: ChatFormat,
    turns: Sequence[int],
) -> tuple[list[int], dict[int, Span]]:
    """The tokens, and which of them the template marks as generated, by the turn's place."""
    shape = normalized if written.own else written.shaped
    with refusals():
        offered = ordered(tools)
        rendered = tokenizer.apply_chat_template(
            shape(messages, offered),
            tools=offered or None,
            chat_template=written.template,
            tokenize=True,
            return_dict=True,
            return_assistant_tokens_mask=True,
        )
    spans = list(_runs(rendered["assistant_masks"]))
    if len(spans) != len(turns):
        raise LabelMissing(
            f"{len(turns)} assistant turns, but {len(spans)} labelled stretches of tokens: the "
            "chat template does not mark every turn as generated"
        )
    return list(rendered["input_ids"]), dict(zip(turns, spans, strict=True))


def check_turn(turn: Mapping[str, Any], labelled: str, number: int, *, own: bool = True) -> None:
    """Raise `LabelMissing` where `labelled` does not hold all that the turn says and calls.

    The project's `own` template writes values as JSON and words as they are; others may leave out
    quotation marks, and set words with other spaces.
    """
    content = turn.get("content")
    if (
        content
        and not any(form in labelled for form in _spoken(content.strip()))
        and (own or _unspaced(content) not in _unspaced(labelled))
    ):
        raise LabelMissing(f"assistant turn {number}: its words are not in the labelled text")
    for call in turn.get("tool_calls") or ():
        name = call["function"]["name"]
        if name not in labelled:
            raise LabelMissing(
                f"assistant turn {number}: the call of {name} is not in the labelled text"
            )
        for part in _atoms(_value(call)):
            forms = _forms(part) if own else (*_forms(part), *_spoken(str(part)))
            if not any(form in labelled for form in forms):
                raise LabelMissing(
                    f"assistant turn {number}: the call of {name} lacks {part!r} in the labelled "
                    "text"
                )


def _value(call: Mapping[str, Any]) -> Any:
    """A call's arguments as a value; text that is no JSON is written as it is."""
    try:
        return arguments_of(call)
    except ValueError:
        return call["function"]["arguments"]


def _unspaced(text: str) -> str:
    return "".join(text.split())


def _runs(mask: Sequence[int]) -> Iterator[Span]:
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
