"""How a request is put: what is wanted, with the values that the user tells, as a command.

The command begins with its verb, so that the user agent can wrap it in a person's manner. Values
are introduced by what people call them, in several patterns that the seed draws from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random
from typing import Any

from .tool_index import CompiledTool, Param
from .words import word_set

Told = tuple[Param, Any]
"""A parameter and the value that the user gives for it."""


def put(tool: CompiledTool, told: Sequence[Told], chance: Random, attempt: int = 0) -> str:
    """The request for one tool with the values in it. `attempt`: the later, the plainer."""
    head = subject(tool, chance, attempt)
    if not told:
        return head
    parts = [f"the {param.label} {said(value, param, chance)}" for param, value in told]
    style = chance.randrange(6) if attempt < 2 else 0 if attempt % 2 else 2
    if style == 2 or len(parts) > 3:
        told_now, later = (parts[:1], parts[1:]) if len(parts) > 2 else ([], parts)
        lead = head if not told_now else f"{head} with {told_now[0]}"
        return f"{lead}. {_statement(later, told[len(told_now) :], chance)}"
    if style == 3 and len(parts) == 1 and tool.spoken.act in ("read", "list", "delete"):
        return f"{head} for {parts[0]}"
    if style == 4:
        return f"{head}, using {joined(parts)}"
    return f"{head} with {joined(parts)}"


def subject(tool: CompiledTool, chance: Random, attempt: int = 0) -> str:
    """Verb and object: "look up the invoices of a customer"."""
    spoken = tool.spoken
    verbs = spoken.verbs
    verb = spoken.verb if attempt >= 2 else chance.choice(verbs)
    if attempt >= 2 and spoken.act in ("read", "list"):
        verb = verbs[attempt % 2]
    return f"{verb} {spoken.object}"


def _statement(parts: Sequence[str], told: Sequence[Told], chance: Random) -> str:
    """ "The vault ID is VI-4821 and the size is 3." """
    pieces = [
        f"the {param.label} {_copula(param, value)} {said(value, param, chance)}"
        for param, value in told
    ]
    text = joined(pieces)
    return text[:1].upper() + text[1:]


def _copula(param: Param, value: Any) -> str:
    last = param.label.split()[-1]
    plural = last.endswith("s") and not last.endswith(("ss", "us", "is"))
    return "are" if plural and not isinstance(value, dict | bool) else "is"


def several(tool: CompiledTool, told: Sequence[Told], param: Param, values: Sequence[Any],
            chance: Random) -> str:  # fmt: skip
    """The request for one tool and several values of one parameter: one call for each."""
    head = subject(tool, chance)
    plural = param.label if param.label.endswith("s") else f"{param.label}s"
    listed = joined([said(value, param, chance) for value in values])
    with_them = f"{head} for the {plural} {listed}"
    if told:
        with_them += f". {_statement([], told, chance)}"
    return with_them


def said(value: Any, param: Param | None, chance: Random) -> str:
    """A value as a person would write it in a chat."""
    if isinstance(value, bool):
        return ("on", "off")[not value]
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        return joined([said(item, None, chance) for item in value])
    if isinstance(value, dict):
        inner = ", ".join(f"{name} = {_inner(item, chance)}" for name, item in value.items())
        return f"({inner})"
    text = str(value)
    if param is not None and param.schema.get("enum") and '"' not in text:
        return text if chance.random() < 0.7 else f'"{text}"'
    return text if _bare(text) else f'"{text}"'


def _inner(value: Any, chance: Random) -> str:
    if isinstance(value, str) and value.isalpha():
        return f'"{value}"'
    return said(value, None, chance)


_TELLING = re.compile(r"[\w+@/][\w.@/:+*$-]*[\w/*]")
_PLAIN_WORDS = word_set("on off yes no and or the in at to for with of by")


def _bare(text: str) -> bool:
    """Whether a text needs no quotation marks to be told from the words around it."""
    if not _TELLING.fullmatch(text) or text.lower() in _PLAIN_WORDS:
        return False
    return bool(re.search(r"[\d_@/-]", text)) or (text[0].isupper() and len(text) > 1)


def joined(parts: Sequence[str]) -> str:
    """ "a, b and c" """
    if len(parts) < 2:
        return "".join(parts)
    return ", ".join(parts[:-1]) + " and " + parts[-1]
