"""A scenario's own solution as a script: what an author would want an assistant to do and say.

Works for any scenario with expected calls, generated or written by hand: the calls of each step
are made in order, facts that the user keeps to themself are asked for first, talk is answered,
and results are told in words (`telling`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain
from random import Random

from ...scenarios.schema import ExpectedCall, Scenario
from .goals.smalltalk import reply_to
from .offer import SEARCH
from .questions import answer, confirmation, going_on, question
from .script import MadeCall, Reply, Round, Script, ScriptedCall, in_rounds
from .telling import tell

_LOGIN = ("username", "password")
_LOGIN_TOOL = "GetUserToken"
_MOST_QUESTIONS = 4
"""More, one after another, would try the user's patience."""
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
        """Questions, where facts are missing, and then the calls with what they gave.

        Now and then the assistant asks for consent before it acts, or once it is logged in, and
        some calls are made as soon as what they take is known.
        """
        groups = self._missing(request, calls)
        found: list[Reply] = []
        rest = [self._worded(made) for made in calls]
        first: tuple[Round, ...] = ()
        if groups and calls[0].name == SEARCH and self._chance.random() < 0.6:
            # Who must look for a tool knows only then what it takes.
            first, rest = in_rounds(rest[:1]), rest[1:]
        asked: dict[str, str] = {}
        for at, names in enumerate(groups):
            facts = {name: str(self._scenario.user.knows[name]) for name in names}
            asked |= facts
            words = question(
                names, self._chance, whole=len(groups) == 1 and not {*_LOGIN} & facts.keys()
            )
            found.append(Reply(first, words, answer(facts, self._chance)))
            first = ()
            later = groups[at + 1 :]
            if later and not {*_LOGIN} & set(chain(*later)) and self._chance.random() < 0.5:
                first, rest = self._up_to_login(rest)
        if self._chance.random() < 0.12:
            facts = {name: value for name, value in asked.items() if name not in _LOGIN}
            found.append(Reply(first, *confirmation(facts, self._chance)))
            first = ()
        login, after = self._up_to_login(rest)
        if login and not first and self._chance.random() < 0.15:
            found.append(Reply(login, *going_on(self._chance)))
            rest = after
        found.append(Reply((*first, *in_rounds(rest)), self._teller(last)))
        return found

    def _up_to_login(
        self, calls: list[tuple[str, ScriptedCall]]
    ) -> tuple[tuple[Round, ...], list[tuple[str, ScriptedCall]]]:
        """The calls through the login that comes before others, and those others."""
        names = [made.name for _, made in calls]
        end = names.index(_LOGIN_TOOL) + 1 if _LOGIN_TOOL in names[:-1] else 0
        if end and any(name != SEARCH for name in names[: end - 1]):
            end = 0
        return in_rounds(calls[:end]), calls[end:]

    def _missing(self, request: str, calls: Sequence[ExpectedCall]) -> list[list[str]]:
        """The facts that the calls take and nobody has told, by question."""
        taken = [name for made in calls if made.name != SEARCH for name in made.arguments]
        knows = self._scenario.user.knows
        if any(made.name == _LOGIN_TOOL for made in calls) and self._chance.random() < 0.7:
            # A login that is made anew is asked for anew, as assistants do that keep no passwords.
            self._told.difference_update(_LOGIN)
        missing = [n for n in dict.fromkeys(taken) if n in knows and n not in self._told]
        missing = [n for n in missing if not _says(request, str(knows[n]))]
        self._told.update(missing)
        login = [name for name in missing if name in _LOGIN]
        other = [name for name in missing if name not in _LOGIN]
        if login and other and len(other) < 3 and self._chance.random() < 0.2:
            return [[*login, *other]]
        groups = self._asked_apart(other)
        if login:
            groups.insert(0 if self._chance.random() < 0.5 else len(groups), login)
        return groups

    def _asked_apart(self, names: list[str]) -> list[list[str]]:
        """All in one question, or the first one apart, or one after another."""
        draw = self._chance.random()
        if len(names) < 2 or draw < 0.5:
            return [names] if names else []
        if draw < 0.75 or len(names) > _MOST_QUESTIONS:
            return [names[:1], names[1:]]
        return [[name] for name in names]

    def _worded(self, made: ExpectedCall) -> tuple[str, ScriptedCall]:
        options = {SEARCH: _BEFORE_SEARCH, _LOGIN_TOOL: _BEFORE_LOGIN}.get(made.name, _BEFORE_CALL)
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
