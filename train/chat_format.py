"""How conversations are written for a model: the project's chat template, or any other.

Another template is tried out first: what it writes of a small conversation with tools. What it
cannot write (tools, calls, results, a system message, two turns of one role) is said with what it
can, by a few lines of Jinja in front of it, so that the patched template is again a template:
training, transformers and vLLM write the same text with it. Nothing of a template is trusted; it
is rendered in the sandbox of transformers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from jinja2 import TemplateError

from ..models.chat_template import normalized, ordered, template_text

_FAILURES = (TemplateError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError)
"""What other people's templates raise on a conversation that they were not made for."""

_DATE = "26 Jul 2024"
"""Templates that print the day of rendering (Llama 3.1) get this one: equal data, equal tokens."""


class TemplateUnusable(ValueError):
    """A chat template that cannot be read, or writes no conversation at all."""


class TemplateRefuses(ValueError):
    """A conversation that the chat template raises an error on."""


@contextmanager
def refusals() -> Iterator[None]:
    """What a template raises on a conversation within is raised as `TemplateRefuses`."""
    try:
        yield
    except _FAILURES as failure:
        said = str(failure).splitlines() or [type(failure).__name__]
        raise TemplateRefuses(said[0][:200]) from None


@dataclass(frozen=True, slots=True)
class ChatFormat:
    """A chat template and what is known of it."""

    template: str
    """Jinja source, patches included."""
    own: bool = False
    """Whether it is the project's: words and calls are turns of their own."""
    arguments: Literal["object", "text"] = "object"
    """How it takes a call's arguments."""
    words_with_calls: bool = True
    """Whether it writes words beside calls; where not, they are left out."""
    notes: tuple[str, ...] = ()
    """What was patched, a line each, for the account of the samples."""

    @property
    def marked(self) -> bool:
        """Whether it says itself what the assistant wrote (`{% generation %}`)."""
        return "endgeneration" in self.template

    def kept(self, turn: Mapping[str, Any]) -> Mapping[str, Any]:
        """What it writes of an assistant's turn."""
        if turn.get("tool_calls") and not self.words_with_calls:
            return {**turn, "content": None}
        return turn

    def render(
        self,
        tokenizer: Any,
        messages: Sequence[Mapping[str, Any]],
        tools: Sequence[Mapping[str, Any]],
        *,
        opened: bool = False,
    ) -> str:
        """The text of `shaped` messages; `opened`: with the assistant's next turn begun.

        Raises `TemplateRefuses`.
        """
        return _rendered(tokenizer, self.template, messages, tools, opened)

    def shaped(
        self, messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        """Messages as templates want them: arguments as objects (or text), ids of nine characters
        (Mistral's take no others), and the tool's name beside its result."""
        shaped: list[dict[str, Any]] = []
        ids: dict[str, str] = {}
        names: dict[str, str] = {}
        for message in messages:
            parts = normalized([self.kept(message)], tools)
            one = {**parts[-1], "content": parts[0]["content"]}
            for call, told in zip(
                one.get("tool_calls") or (), message.get("tool_calls") or (), strict=True
            ):
                call["id"] = ids[told.get("id", "")] = f"{len(ids):09d}"
                names[call["id"]] = call["function"]["name"]
                if self.arguments == "text" and not isinstance(call["function"]["arguments"], str):
                    call["function"]["arguments"] = json.dumps(
                        call["function"]["arguments"], ensure_ascii=False
                    )
            if "tool_call_id" in one:
                one["tool_call_id"] = ids.get(one["tool_call_id"], "0" * 9)
                one["name"] = names.get(one["tool_call_id"], "")
            shaped.append(one)
        return shaped


@cache
def own_format() -> ChatFormat:
    """The project's own template."""
    return ChatFormat(template_text(), own=True)


def chat_format(name: str, tokenizer: Any) -> ChatFormat:
    """`own`, `tokenizer` or a file's template, tried out and patched where it needs to be.

    Raises `TemplateUnusable`.
    """
    if name == "own":
        return own_format()
    text = _tokenizers(tokenizer) if name == "tokenizer" else _in_file(Path(name))
    return own_format() if text == template_text() else tried(text, tokenizer)


def tried(text: str, tokenizer: Any) -> ChatFormat:
    """The template, patched as far as a trial of it says. Raises `TemplateUnusable`."""
    trial = _Trial(text, tokenizer)
    if not trial.writes([_USER], _ASKED):
        raise TemplateUnusable(f"the chat template does not write a user's words: {trial.why}")
    patches: dict[str, bool] = {
        "system": not trial.writes([_SYSTEM, _USER], _TOLD, _ASKED),
        "turns": not (
            trial.writes([_USER, _USER]) and trial.writes([_USER, _answer(), _answer(), _USER])
        ),
        "tools": not trial.writes([_USER], _TOOL_NAME, tools=True),
    }
    arguments: Literal["object", "text"] = "object"
    called = (_TOOL_NAME, _VALUE)
    if not trial.writes([_USER, _call(_ARGUMENTS)], *called):
        arguments = "text"
    given: Any = _ARGUMENTS if arguments == "object" else json.dumps(_ARGUMENTS)
    patches["calls"] = not trial.writes([_USER, _call(given)], *called)
    if patches["calls"]:
        arguments = "object"
    # Calls that are patched are plain words to the template.
    asked = [_USER, _answer() if patches["calls"] else _call(given), _RESULT]
    patches["results"] = not trial.writes([*asked, _answer(), _USER], _FOUND)
    if any(patches.values()):
        text = _patch(patches) + text
        trial = _Trial(text, tokenizer)
    whole = [_SYSTEM, _USER, _call(given if not patches["calls"] else _ARGUMENTS), _RESULT]
    if not trial.writes([*whole, _answer(), _USER], _ASKED, _VALUE, _FOUND, tools=True):
        raise TemplateUnusable(f"the chat template cannot write calls of tools: {trial.why}")
    spoken = trial.writes([_USER, _call(given) | {"content": _SAID}], _SAID)
    notes = [_NOTES[name] for name, patched in patches.items() if patched]
    if not spoken:
        notes.append("words beside calls are left out: the template does not write them")
    return ChatFormat(text, arguments=arguments, words_with_calls=spoken, notes=tuple(notes))


_NOTES = {
    "system": "template patched: the system message stands in the first user message",
    "turns": "template patched: messages of one role in a row are one message",
    "tools": "template patched: tools stand in the system message",
    "calls": "template patched: calls are <tool_call> blocks of words",
    "results": "template patched: results are <tool_response> blocks of the user",
}

_ASKED, _TOLD, _SAID, _FOUND, _VALUE = "question", "instruction", "spoken", "finding", "valued"
_TOOL_NAME = "probe_tool"
_USER = {"role": "user", "content": f"A {_ASKED}."}
_SYSTEM = {"role": "system", "content": f"An {_TOLD}."}
_ARGUMENTS = {"probed": _VALUE}
_RESULT = {"role": "tool", "content": _FOUND, "tool_call_id": "0" * 9, "name": _TOOL_NAME}
_TOOL = {
    "type": "function",
    "function": {
        "name": _TOOL_NAME,
        "description": "Probes.",
        "parameters": {
            "type": "object",
            "properties": {"probed": {"type": "string", "description": "What."}},
            "required": ["probed"],
        },
    },
}


def _answer() -> dict[str, Any]:
    return {"role": "assistant", "content": f"Words {_SAID}."}


def _call(arguments: Any) -> dict[str, Any]:
    function = {"name": _TOOL_NAME, "arguments": arguments}
    call = {"type": "function", "id": "0" * 9, "function": function}
    return {"role": "assistant", "content": "", "tool_calls": [call]}


class _Trial:
    """Whether a template writes something, and why not."""

    def __init__(self, template: str, tokenizer: Any) -> None:
        self._template = template
        self._tokenizer = tokenizer
        self.why = ""

    def writes(
        self, messages: Sequence[Mapping[str, Any]], *words: str, tools: bool = False
    ) -> bool:
        try:
            offered = [_TOOL] if tools else []
            text = _rendered(self._tokenizer, self._template, messages, offered, False)
        except TemplateRefuses as refusal:
            self.why = str(refusal)
            return False
        missing = [word for word in words if word not in text]
        if missing:
            self.why = f"it leaves out {', '.join(missing)}"
        return not missing


def _rendered(
    tokenizer: Any,
    template: str,
    messages: Sequence[Mapping[str, Any]],
    tools: Sequence[Mapping[str, Any]],
    opened: bool,
) -> str:
    with refusals():
        text: str = tokenizer.apply_chat_template(
            [dict(message) for message in messages],
            tools=ordered(tools) or None,
            chat_template=template,
            tokenize=False,
            add_generation_prompt=opened,
            date_string=_DATE,
        )
    return text


def _patch(patches: Mapping[str, bool]) -> str:
    prelude = (files(__package__) / "templates" / "patch.jinja").read_text("utf-8")
    return "{%- set patch = " + json.dumps(dict(patches)) + " -%}\n" + prelude.rstrip("\n")


def _tokenizers(tokenizer: Any) -> str:
    template = tokenizer.chat_template
    if isinstance(template, dict):
        template = template.get("tool_use") or template.get("default")
    if not template:
        raise TemplateUnusable("the base's tokenizer has no chat template; use `own` or a file")
    return str(template)


def _in_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        raise TemplateUnusable(f"{path}: no chat template can be read here ({failure})") from None
