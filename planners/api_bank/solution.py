"""A scenario's own solution as a script: what an author would want an assistant to do and say.

Works for any scenario with expected calls, generated or written by hand: the calls of each step
are made in order, facts that the user keeps to themself are asked for first, talk is answered,
and results are told in words (`telling`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from ...scenarios.schema import ExpectedCall, Scenario
from .goals.smalltalk import reply_to
from .offer import SEARCH
from .questions import answer, question
from .script import MadeCall, Reply, Round, Script, ScriptedCall, in_rounds
from .telling import tell

_LOGIN = ("username", "password")
_BEFORE_SEARCH = (
    "Let me see which tool can do that.", "I'll look for a tool.", "One moment, I search my tools.",
    "Let me find a suitable tool.", "I'll check which tool fits.", "", "", "",
)  # fmt: skip
_BEFORE_LOGIN = (
    "Let me log you in.",
    "One moment, I'm logging in.",
    "First I get your token.",
    "",
    "",
    "",
    "",
)
_BEFORE_CALL = (
    "Okay.", "Sure.", "Just a moment.", "All right, I'm on it.", "Let me do that.",
    "One second, please.", "Let me have a look.", "", "", "", "", "",
)  # fmt: skip
_MORE = (
    "Is there anything else I can do?",
    "Can I help with anything else?",
    "Anything else?",
    "Do you need anything else?",
)


def script_of(scenario: Scenario, seed: int = 0) -> Script:
    """The script of a scenario's expected calls; `seed` varies the assistant's words.

    Calls without a step are spread as the linter and the evaluation do: evenly over the steps
    that need tools.
    """
    return Script(tuple(_Author(scenario, seed).replies()))


class _Author:
    def __init__(self, scenario: Scenario, seed: int) -> None:
        self._scenario = scenario
        self._chance = Random(f"{scenario.name}/{seed}")  # noqa: S311 - a reproducible draw
        self._told: set[str] = set()

    def replies(self) -> list[Reply]:
        found: list[Reply] = []
        last = max((i for i, calls in enumerate(self._by_step()) if calls), default=-1)
        for at, calls in enumerate(self._by_step()):
            if not calls:
                found.append(Reply(words=reply_to(self._scenario.plan[at].request, self._chance)))
                continue
            found += self._step(self._scenario.plan[at].request, calls, last=at == last)
        return found

    def _by_step(self) -> list[list[ExpectedCall]]:
        plan, calls = self._scenario.plan, self._scenario.expect.calls
        takers = [i for i, step in enumerate(plan) if step.kind == "tool_call"]
        steps: list[list[ExpectedCall]] = [[] for _ in plan]
        for at, made in enumerate(calls):
            step = made.step if made.step is not None else takers[at * len(takers) // len(calls)]
            steps[step].append(made)
        return steps

    def _step(self, request: str, calls: list[ExpectedCall], *, last: bool) -> list[Reply]:
        """Questions, where facts are missing, and then the calls with what they gave."""
        groups = self._missing(request, calls)
        found: list[Reply] = []
        rest = [self._worded(made) for made in calls]
        first: tuple[Round, ...] = ()
        if groups and calls[0].name == SEARCH and self._chance.random() < 0.6:
            # Who must look for a tool knows only then what it takes.
            first, rest = in_rounds(rest[:1]), rest[1:]
        for names in groups:
            facts = {name: str(self._scenario.user.knows[name]) for name in names}
            asked = question(names, self._chance)
            found.append(Reply(first, asked, answer(facts, self._chance)))
            first = ()
        found.append(Reply(in_rounds(rest), self._teller(last)))
        return found

    def _missing(self, request: str, calls: Sequence[ExpectedCall]) -> list[list[str]]:
        """The facts that the calls take and nobody has told, by question."""
        taken = [name for made in calls if made.name != SEARCH for name in made.arguments]
        knows = self._scenario.user.knows
        missing = [n for n in dict.fromkeys(taken) if n in knows and n not in self._told]
        missing = [n for n in missing if not _says(request, str(knows[n]))]
        self._told.update(missing)
        login = [name for name in missing if name in _LOGIN]
        other = [name for name in missing if name not in _LOGIN]
        if login and other and len(other) < 3 and self._chance.random() < 0.25:
            return [[*login, *other]]
        if len(other) > 1 and not login and self._chance.random() < 0.3:
            # Not all at once; more than two questions would try the user's patience.
            return [other[:1], other[1:]]
        groups = [group for group in (other, login) if group]
        if self._chance.random() < 0.5:
            groups.reverse()
        return groups

    def _worded(self, made: ExpectedCall) -> tuple[str, ScriptedCall]:
        options = {SEARCH: _BEFORE_SEARCH, "GetUserToken": _BEFORE_LOGIN}.get(
            made.name, _BEFORE_CALL
        )
        return self._chance.choice(options), ScriptedCall(made.name, made.arguments)

    def _teller(self, last: bool) -> _Teller:
        more = self._chance.choice(_MORE) if self._chance.random() < 0.35 else ""
        return _Teller(self._chance.getrandbits(32), more)


def _says(request: str, value: str) -> bool:
    """Whether a value stands in a text by itself; a name is not told by an address with it."""
    return re.search(rf"(?<![\w.@-]){re.escape(value)}(?![\w@-])", request) is not None


class _Teller:
    """Words about results, which are known only when they are there."""

    def __init__(self, seed: int, more: str) -> None:
        self._seed = seed
        self._more = more

    def __call__(self, made: Sequence[MadeCall]) -> str:
        chance = Random(self._seed)  # noqa: S311
        return " ".join(part for part in (tell(made, chance), self._more) if part)
