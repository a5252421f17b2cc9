"""Walking along a branch with what has been said up to each place.

The system's context, the user's turns and the tools' results count as given. What the assistant
said counts once the user has answered it: a proposal that was agreed to is the user's word too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from .branch import Branch, Call
from .evidence import Evidence, Reading

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def walked(branch: Branch) -> Iterator[tuple[Call, Evidence]]:
    """Each call with what stood before its message. The evidence is one object that grows."""
    evidence = Evidence(now_of(branch))
    add_context(branch, evidence)
    calls = iter(branch.calls)
    call = next(calls, None)
    pending: list[Reading] = []
    for at, message in enumerate(branch.messages):
        text = branch.reading(at)
        if message.role == "assistant":
            pending.append(text)
        elif message.role == "user":
            for said in pending:
                evidence.add(said, spoken=True)
            pending.clear()
            evidence.add(text, by_user=True)
        else:
            evidence.add(text)
        while call is not None and call.at == at:
            yield call, evidence
            call = next(calls, None)


def add_context(branch: Branch, evidence: Evidence) -> None:
    """What stands beside the conversation: the time, the place."""
    context = branch.trajectory.other_information.get("context")
    if isinstance(context, dict):
        for value in context.values():
            evidence.add(str(value)[:2000])


def now_of(branch: Branch) -> date | None:
    """The dialogue's day: from its context, else the first date of the system message."""
    context = branch.trajectory.other_information.get("context")
    places = [str(context.get("now", ""))] if isinstance(context, dict) else []
    if branch.messages and branch.messages[0].role == "system":
        places.append(branch.text(0)[:20_000])
    for text in places:
        found = _DATE.search(text)
        if found:
            try:
                return date(int(found[1]), int(found[2]), int(found[3]))
            except ValueError:
                continue
    return None
