"""This project's own prompts for the benchmark's samples, in each style of call.

For models that are asked through an interface for tool calls, for which the published prompts have
no form, and for data that lack the published ones. The conversation is in OpenAI's chat shape with
the annotated earlier calls as tool calls and their recorded results; in the style `bracket`, whose
models know no tool calls, it is a transcript. Figures from these prompts are marked `project`
and are no published ones.

A model is shown what it could know: in level 1 the dialogue's tools (by name, so that their order
tells nothing), in levels 2 and 3 ToolSearcher and what earlier searches found.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

import orjson

from ...environments.api_bank.recordings import Turn
from ...simulation.build import system_message
from ...tools import ToolSpec
from ...trajectories.canonical import digest, encodable, text_of
from .bracket_syntax import render
from .call_styles import Style
from .chat_prompt import ChatPrompt
from .samples import CallSample, ResponseSample

SEARCH = "ToolSearcher"
_CONTEXT = {"now": "2023-03-31 09:00:00", "weekday": "Friday"}
"""The day that the benchmark's GetToday names; the published prompts tell the year."""
_CALL_NOW = "(Make the next call now.)"
_ANSWER_NOW = "(Answer now.)"


def project_prompt(
    sample: CallSample | ResponseSample, style: Style, specs: Mapping[str, ToolSpec]
) -> ChatPrompt:
    """The prompt of a sample in a style; `specs` are the level's tools by name.

    `native` asks as a callsheet assistant is asked in a conversation, so that a model meets here
    what it met in training. In the other styles, where the history ends with the assistant's own
    words, a line in brackets asks it to go on: many interfaces answer only after the user.
    """
    tools = tools_in_reach(sample, specs)
    system = {"role": "system", "content": _system(sample, style, tools)}
    asked = _CALL_NOW if isinstance(sample, CallSample) else _ANSWER_NOW
    if style == "bracket":
        lines = [*map(_line, sample.history), asked]
        return ChatPrompt("project", (system, {"role": "user", "content": "\n".join(lines)}), tools)
    messages = [system, *chat_turns(sample.history)]
    if messages[-1]["role"] in (("system",) if style == "native" else ("assistant", "system")):
        messages.append({"role": "user", "content": asked})
    return ChatPrompt("project", tuple(messages), tools, native=style == "native")


def tools_in_reach(
    sample: CallSample | ResponseSample, specs: Mapping[str, ToolSpec]
) -> tuple[ToolSpec, ...]:
    """The tools that the model may call at this point, those without a spec left out."""
    if sample.level == 1:
        names = sorted(sample.tools)
    else:
        found = [
            name
            for turn in sample.earlier_calls
            if turn.api_name == SEARCH
            for name in _found(turn.result.get("output"))
        ]
        names = list(dict.fromkeys([SEARCH, *found]))
    return tuple(specs[name] for name in names if name in specs)


def chat_turns(history: Sequence[Turn]) -> list[dict[str, Any]]:
    """Turns as messages in OpenAI's chat shape. A call belongs to the words before it; words of
    one side in several turns are one message."""
    messages: list[dict[str, Any]] = []
    for number, turn in enumerate(history):
        role = "user" if turn.role == "User" else "assistant"
        # An assistant's message that has calls is followed by their results, so is never last.
        same = bool(messages) and messages[-1]["role"] == role
        if turn.role == "API":
            if not same:
                messages.append({"role": "assistant", "content": None})
            messages[-1]["tool_calls"] = [_tool_call(turn, number)]
            messages.append(
                {"role": "tool", "tool_call_id": f"call_{number}", "content": result_text(turn)}
            )
        elif same:
            messages[-1]["content"] += f"\n{turn.text.strip()}"
        else:
            messages.append({"role": role, "content": turn.text.strip()})
    return messages


def typed_arguments(turn: Turn) -> dict[str, Any]:
    """The annotated arguments with the types that the recorded tool gave them; annotations are
    mostly text ("2" rooms), while a model reads in a tool's schema that rooms are a number."""
    echoed = turn.result.get("input")
    typed = echoed if isinstance(echoed, dict) else {}
    return {name: typed.get(name, value) for name, value in turn.param_dict.items()}


def result_text(turn: Turn) -> str:
    """What the recorded call gave, as models read it."""
    exception = turn.result.get("exception")
    content = turn.result.get("output") if exception is None else {"error": exception}
    return text_of(encodable(content)[0])


def project_prompts_digest() -> str:
    """Over the wording of all prompts of this module."""
    return digest([_texts(), system_message(_CONTEXT), _CALL_NOW, _ANSWER_NOW])


def _system(sample: CallSample | ResponseSample, style: Style, tools: Sequence[ToolSpec]) -> str:
    if style == "native":
        return system_message(_CONTEXT)
    texts = _texts()
    if isinstance(sample, ResponseSample):
        return texts["response"]
    parts = [texts["call"]]
    if sample.level != 1:
        parts.append(texts["search"])
    if sample.level != 3:
        parts.append(texts["year"])
    return "\n".join([*parts, texts[style], *map(_described, tools)])


def _described(tool: ToolSpec) -> str:
    return json.dumps(tool.openai["function"], ensure_ascii=False)


def _line(turn: Turn) -> str:
    if turn.role == "API":
        return f"Call: {render(turn.api_name, typed_arguments(turn))}\nResult: {result_text(turn)}"
    return f"{'User' if turn.role == 'User' else 'Assistant'}: {turn.text.strip()}"


def _tool_call(turn: Turn, number: int) -> dict[str, Any]:
    arguments = encodable(typed_arguments(turn))[0]
    function = {"name": turn.api_name, "arguments": orjson.dumps(arguments).decode()}
    return {"id": f"call_{number}", "type": "function", "function": function}


def _found(output: Any) -> Iterator[str]:
    """Names of the tools that a search gave: one, or a list with what it needs before it."""
    for one in output if isinstance(output, list) else [output]:
        if isinstance(one, dict) and isinstance(one.get("name"), str):
            yield one["name"]


@lru_cache(maxsize=1)
def _texts() -> dict[str, str]:
    folder = files(__package__) / "prompts"
    names = ("bracket", "call", "json", "response", "search", "year")
    return {name: (folder / f"{name}.md").read_text("utf-8").strip() for name in names}
