"""The assistant's rules: from a prompt and tool schemas to calls or words.

Stateless: everything is read from the prompt anew. A request is taken apart into goals, one for
each tool that it asks for; a goal is done when its call has ended. What a goal lacks is looked for
in the conversation, then in what another tool can give (a token, an id), then asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import orjson
from autogen_core import FunctionCall
from autogen_core.models import CreateResult, LLMMessage
from autogen_core.tools import Tool, ToolSchema

from . import assistant_phrasing as phrasing
from .arguments import Filling, fill
from .dialogue import Dialogue, Made, Turn, read_dialogue
from .memory import record_about
from .reading import read
from .replies import evades
from .requests import acts_in, is_request
from .tool_choice import Goal, goal_of_statement, goals_in
from .tool_index import CompiledTool, Param, ToolIndex, index_of

_TRIES = 2
"""How often a call is made that fails for a passing reason."""
_ROUNDS = 6
"""Rounds of calls after which a turn ends in words."""

Call = tuple[CompiledTool, dict[str, Any]]


@dataclass
class _Plan:
    """What comes next."""

    calls: list[Call] = field(default_factory=list)
    missing: list[Param] = field(default_factory=list)
    asking: CompiledTool | None = None
    ended: list[Made] = field(default_factory=list)
    """Calls whose results the user should hear."""


def answer(
    messages: Sequence[LLMMessage], tools: Sequence[Tool | ToolSchema], chance: Random
) -> CreateResult:
    """The next calls, or words; with a thought where the system message asks for thoughts."""
    dialogue = read_dialogue(messages)
    index = index_of(tools)
    if not dialogue.turns:
        return _said("Hello! What can I do for you.", None)
    content, thought = _Policy(dialogue, index, chance).decide()
    return _said(content, thought if dialogue.thinks else None)


def _said(content: str | list[FunctionCall], thought: str | None) -> CreateResult:
    return CreateResult.model_construct(
        finish_reason="stop" if isinstance(content, str) else "function_calls",
        content=content,
        cached=False,
        thought=thought,
    )


class _Policy:
    def __init__(self, dialogue: Dialogue, index: ToolIndex, chance: Random) -> None:
        self._dialogue = dialogue
        self._index = index
        self._chance = chance
        self._turns = dialogue.request()

    def decide(self) -> tuple[str | list[FunctionCall], str | None]:
        goals, answers = self._request()
        if not goals:
            return self._talk()
        plan = self._plan(goals, answers)
        if plan.calls and len(self._turns[-1].made) < _ROUNDS * 4:
            return self._call(plan)
        if plan.missing and plan.asking is not None:
            return self._ask(plan)
        return self._report(plan)

    def _request(self) -> tuple[tuple[Goal, ...], list[str]]:
        """Goals of the request under way, and the answers given to questions about it.

        A reply that is a request of its own, and gives nothing that was asked for, is one.
        """
        first, *later = self._turns
        goals = self._goals(first.said)
        answers: list[str] = []
        for turn in later:
            fresh = goals_in(self._index, read(turn.said, self._dialogue.now))
            if fresh and (not goals or self._starts_anew(goals, answers, turn, fresh)):
                goals, answers = fresh, []
                self._turns = self._turns[self._turns.index(turn) :]
            else:
                answers.append(turn.said)
        return goals, answers

    def _goals(self, said: str) -> tuple[Goal, ...]:
        goals = goals_in(self._index, read(said, self._dialogue.now))
        if goals:
            return goals
        if is_request(said, self._index.verbs):
            return self._by_values(said)
        goal = goal_of_statement(self._index, read(said, self._dialogue.now))
        return (goal,) if goal is not None and self._settles(goal) else ()

    def _settles(self, goal: Goal) -> bool:
        """Whether a statement gives all that a tool wants, and something that tells."""
        filling = fill(goal, self._dialogue, ())
        given = [
            p
            for p in goal.tool.required
            if p.name in filling.arguments and p.name not in filling.settled
        ]
        return not filling.missing and any(p.kind not in ("text", "topic", "word") for p in given)

    def _by_values(self, said: str) -> tuple[Goal, ...]:
        """The one tool that takes all that a request holds, where no word speaks for any:
        "Give T-1234 to Tomas."."""
        acts = acts_in(said)[1]
        ranked: list[tuple[int, Goal]] = []
        for tool in self._index.tools:
            if acts and tool.acts and not acts & tool.acts:
                continue
            goal = Goal(tool, said, 0.0, said)
            filling = fill(goal, Dialogue(self._dialogue.context), ())
            if any(param.kind != "opaque" or param.shape for param in filling.missing):
                continue
            telling = [p for p in tool.params if p.name in filling.arguments and _tells(p)]
            if telling:
                ranked.append((len(telling), goal))
        ranked.sort(key=lambda item: -item[0])
        if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
            return ()
        return (ranked[0][1],)

    def _starts_anew(
        self, goals: tuple[Goal, ...], answers: list[str], turn: Turn, fresh: tuple[Goal, ...]
    ) -> bool:
        if not is_request(turn.said, self._index.verbs) or evades(turn.said):
            return False
        if all(goal.tool is not new.tool for goal in goals for new in fresh):
            return True
        before = self._lacking(goals, answers)
        after = self._lacking(goals, [*answers, turn.said])
        alone = self._lacking(fresh, [])
        return len(after) >= len(before) or len(alone) <= len(after)

    def _lacking(self, goals: tuple[Goal, ...], answers: list[str]) -> list[Param]:
        lacking = []
        for goal in goals:
            filling = fill(goal, self._dialogue, answers)
            for param in filling.missing:
                provider = self._provider(param, goal)
                if provider is None:
                    lacking.append(param)
                else:
                    lacking.extend(self._provided(provider, goal, answers).missing)
        return lacking

    def _talk(self) -> tuple[str, str]:
        said = self._turns[-1].said
        if is_request(said, self._index.verbs):
            return phrasing.refuse(self._chance), phrasing.thought_of_talk(False)
        return phrasing.small_talk(said, self._chance), phrasing.thought_of_talk(True)

    def _plan(self, goals: tuple[Goal, ...], answers: list[str]) -> _Plan:
        made = [call for turn in self._turns for call in turn.made]
        plan = _Plan()
        for place, goal in enumerate(goals):
            waiting = place > 0 and bool(plan.calls) and _depends(goal, goals[:place])
            if waiting:
                break
            self._advance(goal, answers, made, plan)
        return plan

    def _advance(self, goal: Goal, answers: list[str], made: list[Made], plan: _Plan) -> None:
        """Add to the plan what one goal needs next."""
        filling = fill(goal, self._dialogue, answers)
        if filling.missing:
            self._obtain(goal, filling, answers, made, plan)
            return
        for arguments in filling.calls():
            tries = [c for c in made if _same(c, goal.tool, arguments)]
            if not tries or (tries[-1].passing and len(tries) < _TRIES):
                if (goal.tool, arguments) not in plan.calls:
                    plan.calls.append((goal.tool, arguments))
            elif not any(tries[-1] is call for call in plan.ended):
                plan.ended.append(tries[-1])

    def _obtain(
        self, goal: Goal, filling: Filling, answers: list[str], made: list[Made], plan: _Plan
    ) -> None:
        """Get what a goal lacks: from another tool, or from the user."""
        for param in filling.missing:
            provider = self._provider(param, goal)
            if provider is None:
                self._add_missing(plan, param, goal.tool)
                continue
            wanted = self._provided(provider, goal, answers)
            if wanted.missing:
                # Whoever cannot log in has to say so; any other look-up is a detour.
                secret = any(p.kind == "credential" for p in provider.required)
                for lacking in wanted.missing if secret else [param]:
                    self._add_missing(plan, lacking, provider if secret else goal.tool)
                continue
            for arguments in wanted.calls():
                tries = [c for c in made if _same(c, provider, arguments)]
                if not tries or (tries[-1].passing and len(tries) < _TRIES):
                    if (provider, arguments) not in plan.calls:
                        plan.calls.append((provider, arguments))
                elif not tries[-1].ok:
                    if tries[-1] not in plan.ended:
                        plan.ended.append(tries[-1])
                else:
                    self._add_missing(plan, param, goal.tool)

    def _add_missing(self, plan: _Plan, param: Param, tool: CompiledTool) -> None:
        if all(param.name != other.name for other in plan.missing):
            plan.missing.append(param)
            plan.asking = plan.asking or tool

    def _provider(self, param: Param, goal: Goal) -> CompiledTool | None:
        """A tool that can give a missing value, or None where only the user can."""
        found = self._index.providers(param, goal.tool)
        if not found and param.kind == "email":
            found = [t for t in self._index.tools if "read" in t.acts and "contact" in t.weights]
        if not found and param.is_end and "update" in goal.tool.acts:
            found = [
                t
                for t in self._index.tools
                if "read" in t.acts and t.nouns & goal.tool.nouns and t is not goal.tool
            ]
            if record_about(goal.text, self._dialogue) is not None:
                found = []
        return found[0] if found else None

    def _provided(self, provider: CompiledTool, goal: Goal, answers: list[str]) -> Filling:
        text = goal.more if provider.kinds & {"credential"} else goal.text
        return fill(Goal(provider, text, goal.score, goal.more), self._dialogue, answers)

    def _call(self, plan: _Plan) -> tuple[list[FunctionCall], str]:
        calls = [
            FunctionCall(id=f"call_{i}", name=tool.name, arguments=orjson.dumps(args).decode())
            for i, (tool, args) in enumerate(plan.calls)
        ]
        wanted = _one_line(self._turns[0].said)
        tools = [tool for tool, _ in plan.calls]
        return calls, phrasing.thought_of_call(tools, wanted, self._chance)

    def _ask(self, plan: _Plan) -> tuple[str, str]:
        assert plan.asking is not None
        question = phrasing.ask_for(plan.missing, plan.asking, self._chance)
        if plan.ended:
            question = (
                f"{phrasing.report(plan.ended, self._chance, self._index.descriptions)} {question}"
            )
        return question, phrasing.thought_of_question(plan.missing)

    def _report(self, plan: _Plan) -> tuple[str, str]:
        made = plan.ended or [call for turn in self._turns for call in turn.made]
        if not made:
            return phrasing.refuse(self._chance), phrasing.thought_of_talk(False)
        return phrasing.report(
            made, self._chance, self._index.descriptions
        ), phrasing.thought_of_report(made)


_TELLING = frozenset({"email", "person", "enum", "language", "currency"})


def _tells(param: Param) -> bool:
    """Whether a value for the parameter is not one that any sentence holds."""
    return param.kind in _TELLING or (param.kind == "opaque" and param.shape is not None)


def _same(made: Made, tool: CompiledTool, arguments: dict[str, Any]) -> bool:
    return made.name == tool.name and made.arguments == arguments


def _depends(goal: Goal, earlier: Sequence[Goal]) -> bool:
    """Whether a goal may need what earlier ones give: it points back, or says "then"."""
    words = goal.text.lower().split()
    back = ("it", "that", "this", "them", "result", "sum", "total", "then", "result,")
    return any(word.strip(",.?!") in back for word in words)


def _one_line(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 120 else text[:117] + "..."
