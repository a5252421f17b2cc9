"""Whether a plan is what ToolFlow asks of one (Wang et al., 2024, section 3.3): six requirements.

Each has a code of its own: general requests without tool names (nor names of parameters); each
typed as tool call or chitchat; some chitchat as transition, not too much; each connected to the
one before; complex ones included; exactly the number of turns asked for. Read by rules, in
English: whether a plan is a good one is another question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ...agents.rules.arguments import fill
from ...agents.rules.dialogue import Dialogue
from ...agents.rules.leaks import leaks
from ...agents.rules.reading import read
from ...agents.rules.requests import is_request
from ...agents.rules.tool_choice import goals_in
from ...agents.rules.tool_index import ToolIndex, index_of
from ...agents.rules.words import stems
from ...scenarios.schema import Step
from ...tools import ToolSpec
from .plan import PlannedRequest, offered

FaultCode = Literal[
    "names-a-tool", "wrong-kind", "no-chitchat", "too-much-chitchat", "not-connected",
    "not-complex", "wrong-number-of-turns",
]  # fmt: skip

FEWEST_FOR_CHITCHAT = 4
"""From this many turns on, a plan has some chitchat."""
FEWEST_FOR_COMPLEX = 3
"""From this many requests for tools on, one of them is complex, where the tools allow it."""

_SOME_DAY = datetime(2026, 3, 2, 9)
_TIED = re.compile(
    r"\b(?:also|then|next|now|after|afterwards|besides|another|instead|too|again|that|those|these"
    r"|this|it|them|same|to go with|apart|once|while|meanwhile|still|staying|back|since|finally"
    r"|lastly|first"
    r"|one more|as well|in addition|moving on|with that|and|so|great|thanks|thank|perfect|good"
    r"|nice|wonderful|speaking)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PlanFault:
    """One requirement that a plan does not meet."""

    code: FaultCode
    step: int | None
    """Index of the request, from 0; None where the plan as a whole is at fault."""
    message: str
    """What is wrong, in one line that also tells a model what to do."""


def check_plan(
    plan: Sequence[PlannedRequest | Step], tools: Sequence[ToolSpec], turns: int
) -> list[PlanFault]:
    """What is wrong with a plan for `tools`, in the order of its requests; empty where nothing is.

    What is known of a request (`PlannedRequest.tools`, `calls`) is believed; of a scenario's bare
    step, it is read from the words.
    """
    index = index_of([offered(tool) for tool in tools])
    faults: list[PlanFault] = []
    if len(plan) != turns:
        what = f"the plan has {len(plan)} requests; write exactly {turns}"
        faults.append(PlanFault("wrong-number-of-turns", None, what))
    for place, step in enumerate(plan):
        faults += _on_step(place, plan, index, tools)
        if step.kind == "tool_call" and place and not _is_connected(plan[:place], step):
            what = "it has nothing to do with the request before it; tie it to what came before"
            faults.append(PlanFault("not-connected", place, what))
    return faults + _on_balance(plan, index)


def _on_step(
    place: int,
    plan: Sequence[PlannedRequest | Step],
    index: ToolIndex,
    tools: Sequence[ToolSpec],
) -> list[PlanFault]:
    step = plan[place]
    faults = []
    named = leaks(step.request, index.tools)
    if named:
        what = f"it says {named[0]!r}; say what is wanted without names of tools or parameters"
        faults.append(PlanFault("names-a-tool", place, what))
    if isinstance(step, PlannedRequest):
        known = {tool.name for tool in tools}
        strange = [name for name in step.tools if name not in known]
        if strange:
            what = f"there is no tool {strange[0]!r}"
            faults.append(PlanFault("wrong-kind", place, what))
        if step.kind == "chitchat" and step.tools:
            what = "it is chitchat and yet needs a tool; make it one or the other"
            faults.append(PlanFault("wrong-kind", place, what))
    if step.kind == "chitchat" and _wants_a_tool(step.request, index):
        what = "it is called chitchat and asks for something that a tool does"
        faults.append(PlanFault("wrong-kind", place, what))
    return faults


def _wants_a_tool(text: str, index: ToolIndex) -> bool:
    return is_request(text, index.verbs) and bool(goals_in(index, read(text, _SOME_DAY)))


def _is_connected(before: Sequence[PlannedRequest | Step], after: PlannedRequest | Step) -> bool:
    """Whether a request shares a word that says something with the one before, or points back.
    Behind chitchat, which leads over, the request before that counts too."""
    if _TIED.search(after.request):
        return True
    said = frozenset(stems(before[-1].request))
    if before[-1].kind == "chitchat" and len(before) > 1:
        said |= frozenset(stems(before[-2].request))
    return bool(said & frozenset(stems(after.request)))


def _on_balance(plan: Sequence[PlannedRequest | Step], index: ToolIndex) -> list[PlanFault]:
    faults = []
    talk = sum(step.kind == "chitchat" for step in plan)
    calls = [step for step in plan if step.kind == "tool_call"]
    if not talk and len(plan) >= FEWEST_FOR_CHITCHAT:
        what = "there is no chitchat; make one of the requests a remark that needs no tool"
        faults.append(PlanFault("no-chitchat", None, what))
    if talk > max(1, len(plan) // 3):
        what = f"{talk} of {len(plan)} are chitchat; at most a third may be"
        faults.append(PlanFault("too-much-chitchat", None, what))
    can = len(index.tools) > 1 or any(tool.params for tool in index.tools)
    if len(calls) >= FEWEST_FOR_COMPLEX and can and not any(_is_complex(s, index) for s in calls):
        what = "no request needs several tools or several calls; make one that does"
        faults.append(PlanFault("not-complex", None, what))
    return faults


def _is_complex(step: PlannedRequest | Step, index: ToolIndex) -> bool:
    if isinstance(step, PlannedRequest) and (step.tools or step.calls):
        return step.is_complex
    goals = goals_in(index, read(step.request, _SOME_DAY))
    dialogue = Dialogue()
    return len(goals) > 1 or any(len(list(fill(g, dialogue, ()).calls())) > 1 for g in goals)
