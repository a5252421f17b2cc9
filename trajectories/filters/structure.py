"""Rules about form alone: how calls are written, how they pair with results, in which order
turns come. They read no language."""

from __future__ import annotations

from collections.abc import Iterator

from .branch import Branch
from .config import FilterConfig
from .defect import Defect, defect, shown


def call_format(branch: Branch, config: FilterConfig) -> Iterator[Defect]:
    """Arguments that are no JSON object; ids that are not unique."""
    seen: dict[str, int] = {}
    for call in branch.calls:
        if call.problem:
            detail = f"{call.name}: {call.problem}: {shown(call.text, 60)}"
            yield defect("arguments_not_json", detail, call.message)
        elif not isinstance(call.arguments, dict):
            detail = f"{call.name}: {shown(call.text, 60)} is no object"
            yield defect("arguments_not_object", detail, call.message)
        # Without ids nothing can be confused; servers that give none write an empty text.
        if call.id and call.id in seen:
            yield defect("duplicate_call_id", f"{call.name}: id {call.id} was used", call.message)
        seen[call.id] = call.at
    for at in branch.unknown_ids:
        message = branch.messages[at]
        detail = f"no open call has the id {message.tool_call_id!r}"
        yield defect("unknown_call_id", detail, message.id)


def pairing(branch: Branch, config: FilterConfig) -> Iterator[Defect]:
    """Calls without a result right after them, results without a call right before them."""
    for call in branch.calls:
        if call.result_at is None:
            yield defect("call_without_result", f"{call.name} ({call.id})", call.message)
    for at in branch.strays:
        detail = shown(branch.text(at), 80)
        yield defect("result_without_call", detail, branch.messages[at].id)


def role_order(branch: Branch, config: FilterConfig) -> Iterator[Defect]:
    """System first and once; then the user; then never the same speaker twice in a row, but for
    results, and for an assistant that goes on after its calls' results."""
    before = ""
    for at, message in enumerate(branch.messages):
        role = message.role
        problem = ""
        if role == "system":
            problem = "a system message that is not the first" if at else ""
        elif role == "assistant":
            if before in ("", "system"):
                problem = "the assistant speaks before the user"
            elif before == "assistant" and not branch.messages[at - 1].tool_calls:
                problem = "the assistant speaks twice in a row"
        elif role == "user":
            if before == "user":
                problem = "the user speaks twice in a row"
            if message.tool_calls:
                problem = "the user makes calls"
        if problem:
            yield defect("bad_role_order", problem, message.id)
        before = role
