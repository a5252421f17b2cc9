"""One generated scenario: requests put together, worded, solved in a fresh world and checked.

The world is asked, never guessed: the expected calls are those that the tasks made in it with
success, the expected rows are what they left behind, and keywords are ones that find the tool.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any, Literal

from ....environments.api_bank import ApiBankData, Catalog, Session, level_1, level_3
from ....scenarios.schema import (
    Assistant,
    Check,
    Context,
    Expect,
    ExpectedCall,
    Limits,
    Scenario,
    Step,
    Tester,
    User,
)
from ..end_state import EndState, Noticed, call
from ..offer import SEARCH, offered_by_search
from .draw import Draw, draw_account
from .keywords import Keywords
from .personas import PERSONAS, STYLES
from .smalltalk import BYE, HELLO, TALK
from .spoken import Said
from .task import Facts, Task
from .wording import Worded, framed, slots_of, worded

Ability = Literal["call", "retrieve", "plan"]
LOGIN_TOOL = "GetUserToken"
_LOGIN = ("username", "password")
_GET_TODAY = datetime(2023, 3, 31, 9, tzinfo=UTC)


class Unfit(ValueError):
    """These requests cannot be put together; others are drawn."""


@dataclass
class Request:
    """One step of the plan that needs tools."""

    task: Task
    facts: Facts
    said: dict[str, Said | str]
    worded: Worded | None = None
    calls: list[ExpectedCall] = field(default_factory=list)

    @property
    def arguments(self) -> set[str]:
        return {name for made in self.calls for name in made.arguments}


@dataclass(frozen=True)
class Bench:
    """What all scenarios of one `generate` share."""

    data: ApiBankData
    keywords: Mapping[str, Keywords]
    """By catalog."""
    excluded: frozenset[str]
    """Tools that nobody is offered."""


def compose(
    name: str, tasks: Sequence[Task], ability: Ability, bench: Bench, seed: str
) -> Scenario:
    """A scenario in which the user wants `tasks`, one after another.

    Raises `Unfit`, `CallFails` and `NothingToDraw` where chance has drawn what does not go
    together; another seed may do.
    """
    chance = Random(seed)  # noqa: S311 - a reproducible draw
    catalog = level_3() if tasks[0].level == 3 else level_1()
    account, rows = draw_account(chance, bench.data)
    draw = Draw(chance, bench.data, _clock(tasks, chance), account)
    requests = [r for task in tasks for r in _requests(task, draw)]
    state = dict(draw.state)
    if rows and catalog is level_1():
        state["accounts"] = rows
    # An account that nobody asks for is no part of the scene.
    end = _solved(requests, catalog, bench, state, ability, draw)
    if rows and not _uses_account(requests, account.username):
        state.pop("accounts", None)
        end = _solved(requests, catalog, bench, state, ability, draw)
    _word(requests, draw)
    return _scenario(name, requests, ability, catalog, bench, state, end, draw)


def _clock(tasks: Sequence[Task], chance: Random) -> datetime:
    """Some morning of 2023, the benchmark's year; its own today where that is asked for."""
    if any("GetToday" in task.tools for task in tasks):
        return _GET_TODAY
    first, days = (
        (datetime(2023, 3, 10, tzinfo=UTC), 16)
        if chance.random() < 0.3
        else (datetime(2023, 1, 2, tzinfo=UTC), 330)
    )
    return first + timedelta(days=chance.randrange(days), hours=chance.randint(7, 19))


def _requests(task: Task, draw: Draw) -> list[Request]:
    found: list[Request] = []
    facts: Facts | None = task.draw(draw)
    while facts is not None:
        account = {"username": draw.account.username, "password": draw.account.password}
        found.append(Request(task, facts, {**account, **facts.said}))
        facts = facts.then
    return found


class _Carrier:
    """Makes a scenario's calls in its world, with what must come before each."""

    def __init__(self, session: Session, keywords: Keywords | None, draw: Draw) -> None:
        self._session = session
        self._keywords = keywords
        self._draw = draw
        self._searched: set[str] = set()
        self._token: str | None = None
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, name: str, /, **arguments: Any) -> Any:
        api = self._session.catalog.apis[name]
        if self._keywords is not None and name not in self._searched:
            self._searched.add(name)
            self._make(SEARCH, {"keywords": self._keywords.for_tool(name, self._draw.chance)})
        if "token" in api.inputs and "token" not in arguments:
            if self._token is None:
                account = self._draw.account
                login = {"username": account.username, "password": account.password}
                self._token = str(self._make(LOGIN_TOOL, login)["token"])
            arguments["token"] = self._token
        ordered = {key: arguments[key] for key in api.inputs if key in arguments}
        return self._make(name, ordered)

    def log_out(self) -> None:
        """The next call that wants a token logs in again."""
        self._token = None

    def _make(self, name: str, arguments: dict[str, Any]) -> Any:
        output = call(self._session, name, arguments)
        if name == LOGIN_TOOL and arguments["username"] == self._draw.account.username:
            self._token = str(output["token"])
        self.calls.append((name, arguments))
        return output


def _solved(
    requests: Sequence[Request],
    catalog: Catalog,
    bench: Bench,
    state: Mapping[str, list[dict[str, Any]]],
    ability: Ability,
    draw: Draw,
) -> EndState:
    """Make every request's calls in a fresh world; what they leave behind. Raises `CallFails`, and
    `Unfit` where the world cannot be such."""
    session = Session(catalog, data=bench.data)
    try:
        session.world.insert(state)
    except ValueError as error:
        # Two requests may have drawn a row of the same key, such as a user's one balance.
        raise Unfit(str(error)) from None
    noticed = Noticed(session)
    keywords = None if ability == "call" else bench.keywords[catalog.name]
    carrier = _Carrier(session, keywords, draw)
    for request in requests:
        carrier.calls = []
        if draw.likely(0.25):
            carrier.log_out()
        if request.facts.solve is not None:
            request.facts.solve(carrier)
        else:
            carrier(request.task.tools[0], **request.facts.arguments)
        request.calls = [ExpectedCall(name=n, arguments=a) for n, a in carrier.calls]
    found = noticed.end_state()
    session.world.close()
    return found


def _uses_account(requests: Sequence[Request], username: str) -> bool:
    """Whether a call names the user, or the user's token."""
    made = [made for request in requests for made in request.calls]
    return any("token" in m.arguments or username in m.arguments.values() for m in made)


def _word(requests: Sequence[Request], draw: Draw) -> None:
    """Put the requests into words; what they leave out can be asked for without mistake."""
    for at, request in enumerate(requests):
        others = {name for r in requests if r is not request for name in r.arguments}
        logs_in = any(made.name == LOGIN_TOOL for made in request.calls)
        # Two requests that take a user's name could not tell whose is asked for.
        told = (
            logs_in
            and request.task.tools[0] != LOGIN_TOOL
            and (bool(others.intersection(_LOGIN)) or draw.likely(0.3))
        )
        # A frame is drawn for every command, though one alone is said.
        framing = partial(
            framed,
            chance=draw.chance,
            first=at == 0,
            terse=request.task.level == 3 and draw.likely(0.3),
        )
        templates = _templates(request, others, logs_in, told, framing)
        if draw.likely(0.3):
            # Many say first what it is about, and the rest when they are asked.
            fewest = min(len(slots_of(template)) for template in templates)
            templates = [t for t in templates if len(slots_of(t)) == fewest]
        template = draw.pick(templates)
        request.worded = worded(
            template, request.said, request.task.domain, draw.chance, first=at == 0, login=told
        )


def _templates(
    request: Request,
    others: set[str],
    logs_in: bool,
    told: bool,
    framing: Callable[[str], str],
) -> list[str]:
    """The wordings in which everything is named that could not be asked for. `told`: the login is
    named whole, or left for a sentence of its own."""
    own = set(request.facts.said)
    askable = {n for made in request.calls if made.name != SEARCH for n in made.arguments}
    must = {slot for slot in own if slot not in askable or slot in others}
    have = own | (set(_LOGIN) if logs_in else set())
    if request.facts.wordings:
        wordings = list(request.facts.wordings)
    else:
        wordings = [*request.task.says, *map(framing, request.task.does)]
    found = [
        wording
        for wording in wordings
        if must <= slots_of(wording) <= have
        and not (told and len(slots_of(wording).intersection(_LOGIN)) == 1)
    ]
    if not found:
        raise Unfit(f"{request.task.name}: no wording names {', '.join(sorted(must))}")
    return found


def _scenario(
    name: str,
    requests: Sequence[Request],
    ability: Ability,
    catalog: Catalog,
    bench: Bench,
    state: Mapping[str, list[dict[str, Any]]],
    end: EndState,
    draw: Draw,
) -> Scenario:
    plan, calls, knows = _plan(requests, draw)
    checks = [Check(rule=rule) for rule in ("plan_completed", "calls_valid", "expected_calls")]
    if end.rows:
        checks.append(Check(rule="state"))
    domains = list(dict.fromkeys(request.task.domain for request in requests))
    fields: dict[str, Any] = {
        "name": name,
        "description": f"{', then '.join(request.task.name for request in requests)}.",
        "tags": ["api-bank", "goal", ability, *domains],
        "environment": catalog.name,
        "context": Context(now=draw.now),
        "state": dict(state),
        "user": User(
            persona=draw.pick(PERSONAS),
            style=draw.pick(STYLES),
            knows=knows,
            verbatim=True,
            patience=8,  # A request, five questions, and consent twice.
        ),
        "plan": plan,
        "assistant": Assistant(),
        "tester": Tester(checks=[*checks, *end.checks]),
        "expect": Expect(calls=calls, state=end.rows),
        "limits": Limits(
            turns=len(plan) + 7 * len(requests) + 3,
            tool_calls=len(calls) + 8,
            tokens=200_000,
        ),
        **_offer(calls, ability, catalog, bench, draw),
    }
    return Scenario(**fields)


def _plan(
    requests: Sequence[Request], draw: Draw
) -> tuple[list[Step], list[ExpectedCall], dict[str, Any]]:
    """The steps with small talk between them, the calls with their steps, and what is asked for."""
    plan: list[Step] = []
    calls: list[ExpectedCall] = []
    knows: dict[str, Any] = {}
    if draw.likely(0.08):
        plan.append(Step(chitchat=draw.pick(HELLO)[0]))
    for at, request in enumerate(requests):
        if at and draw.likely(0.12) and request.task is not requests[at - 1].task:
            plan.append(Step(chitchat=draw.pick(TALK)[0]))
        assert request.worded is not None
        calls += [made.model_copy(update={"step": len(plan)}) for made in request.calls]
        plan.append(Step(tool_call=request.worded.text))
        logs_in = any(made.name == LOGIN_TOOL for made in request.calls)
        slots = [*(_LOGIN if logs_in else ()), *request.facts.said]
        for slot in dict.fromkeys(slots):
            if slot not in request.worded.named:
                value = request.said[slot]
                knows[slot] = value if isinstance(value, str) else value.bare
    if draw.likely(0.35):
        plan.append(Step(chitchat=draw.pick(BYE)[0]))
    return plan, calls, knows


def _offer(
    calls: Sequence[ExpectedCall], ability: Ability, catalog: Catalog, bench: Bench, draw: Draw
) -> dict[str, Any]:
    """Which tools there are: those that are used and now and then others, or a search."""
    used = list(dict.fromkeys(made.name for made in calls))
    if ability != "call":
        left = [t for t in catalog.apis if t not in bench.excluded and t != SEARCH]
        return offered_by_search(left if bench.excluded else ())
    if draw.likely(0.25):
        others = [
            t for t in catalog.apis if t not in used and t != SEARCH and t not in bench.excluded
        ]
        used += draw.some(others, 1, min(3, len(others)))
        draw.chance.shuffle(used)
    return {"tools": used}
