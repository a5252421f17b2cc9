"""The benchmark's recorded dialogues as scenarios, and as scripts that play them to the letter.

Every line of the user becomes a step of the plan, said word for word. A line that calls follow is
a request; one without calls (an answer to a question, thanks) is talk. The annotated calls, with
their arguments coerced, are the expected ones. Calls that cannot work in a fresh world, or that
need an id which the recording drew by chance, are played but not expected; the description says
how many. Nothing of the benchmark's text is kept in the package: it is read from the user's data.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from ...environments.api_bank import ApiBankData, CallRaised, Catalog, Session, level_1, level_3
from ...environments.api_bank.coercion import coerced
from ...environments.api_bank.recordings import Dialogue, RecordedCall, Requirement, Turn
from ...scenarios.schema import (
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
from .annotated import renamings
from .end_state import EndState, Noticed
from .offer import SEARCH, offered_by_search, split_name
from .script import Reply, Script, ScriptedCall, in_rounds

NOW = datetime.fromisoformat("2023-03-31T09:00:00+00:00")
"""The day that the benchmark's GetToday names."""
_GREETING = "Hello."
"""Stands for the user where a dialogue begins with the assistant."""
_SILENCE = "..."


@dataclass(frozen=True, slots=True)
class _Segment:
    """One line of the user with what follows it before the next."""

    said: str
    turns: tuple[Turn, ...]

    @property
    def calls(self) -> list[Turn]:
        return [turn for turn in self.turns if turn.role == "API"]


def scenario_of_dialogue(
    dialogue: Dialogue,
    *,
    verbatim: bool = True,
    listed: bool = False,
    data: ApiBankData | None = None,
) -> Scenario:
    """The scenario of a dialogue of level 1 or 2.

    `verbatim=False` lets the user's model put the lines into other words. `listed`: all tools
    that are called are on offer from the start, also where they were searched for. `data`: what
    the tools answer from, by default the run's own.
    """
    segments = _segments(dialogue.turns)
    calls = [(at, turn) for at, segment in enumerate(segments) for turn in segment.calls]
    return _scenario(
        name=_name(f"level-{dialogue.level}", dialogue.name.removesuffix(".jsonl")),
        what=f"Dialogue {dialogue.name} of API-Bank, level {dialogue.level}",
        catalog=level_1(),
        plan=[_step(segment) for segment in segments],
        calls=[_Recorded(at, t.api_name, t.param_dict, t.result) for at, t in calls],
        searching=dialogue.level == 2 and not listed,
        verbatim=verbatim,
        data=data,
    )


def scenario_of_requirement(
    record: Requirement,
    *,
    verbatim: bool = True,
    listed: bool = False,
    data: ApiBankData | None = None,
) -> Scenario:
    """The scenario of a record of level 3: one request, which takes all of its calls, keywords
    as of `as_searched`. Arguments as of `scenario_of_dialogue`."""
    record = as_searched(record)
    return _scenario(
        name=_name("level-3", f"{record.sample_id:03d}"),
        what=f"Record {record.sample_id} of API-Bank, level 3",
        catalog=level_3(),
        plan=[Step(tool_call=record.requirement.strip() or _SILENCE)],
        calls=[_Recorded(0, call.api_name, call.input, call.output) for call in record.apis],
        searching=not listed,
        verbatim=verbatim,
        data=data,
    )


def script_of_dialogue(dialogue: Dialogue) -> Script:
    """The assistant's annotated lines and calls. Lines before calls are said with them; several
    lines in a row are one answer."""
    return Script(tuple(_reply(segment, level_1()) for segment in _segments(dialogue.turns)))


def script_of_requirement(record: Requirement) -> Script:
    """The annotated calls, with keywords as of `as_searched`, and the response."""
    calls = [
        ("", _scripted(call.api_name, call.input, call.output.get("output"), level_3()))
        for call in as_searched(record).apis
    ]
    return Script((Reply(in_rounds(calls, mixed=True), record.response),))


def as_searched(record: Requirement) -> Requirement:
    """The record with its keywords taken apart before capitals, as upstream's evaluator does
    before it searches: level 3's annotators wrote tools' names."""

    def split(call: RecordedCall) -> RecordedCall:
        words = call.input.get("keywords")
        if call.api_name != SEARCH or not isinstance(words, str):
            return call
        given = {"keywords": split_name(words)}
        return call.model_copy(update={"input": given, "output": {**call.output, "input": given}})

    return record.model_copy(update={"apis": tuple(map(split, record.apis))})


@dataclass(frozen=True, slots=True)
class _Recorded:
    step: int
    name: str
    arguments: Mapping[str, Any]
    envelope: Mapping[str, Any]


def _scenario(
    *,
    name: str,
    what: str,
    catalog: Catalog,
    plan: list[Step],
    calls: Sequence[_Recorded],
    searching: bool,
    verbatim: bool,
    data: ApiBankData | None,
) -> Scenario:
    expected, state = _rehearsed(catalog, calls, data)
    left_out = len(calls) - len(expected)
    note = f"; {left_out} of its {len(calls)} calls cannot be expected" if left_out else ""
    checks = [Check(rule="plan_completed"), Check(rule="calls_valid")]
    if expected:
        checks.append(Check(rule="expected_calls"))
    if state.rows:
        checks.append(Check(rule="state"))
    return Scenario(
        name=name,
        description=f"{what}{note}.",
        tags=["api-bank", "recorded"],
        environment=catalog.name,
        context=Context(now=NOW),
        **_offer(catalog, calls, searching, data),
        user=User(verbatim=verbatim),
        plan=plan,
        tester=Tester(checks=[*checks, *state.checks]),
        expect=Expect(calls=expected, state=state.rows),
        limits=Limits(turns=len(plan) + 4, tool_calls=len(calls) + 10, tokens=200_000),
    )


def _offer(
    catalog: Catalog, calls: Sequence[_Recorded], searching: bool, data: ApiBankData | None
) -> dict[str, Any]:
    """The tools of the dialogue in the order of their first use, or the search for them.

    Some annotators called what no search of theirs finds; then all is on offer.
    """
    if searching and _all_found(catalog, calls, data):
        return offered_by_search()
    known = [SEARCH, *(call.name for call in calls)] if searching else [c.name for c in calls]
    return {"tools": [name for name in dict.fromkeys(known) if name in catalog.apis]}


def _all_found(catalog: Catalog, calls: Sequence[_Recorded], data: ApiBankData | None) -> bool:
    """Whether every call is of a tool that an earlier search gives, now as in the recording."""
    session = Session(catalog, data=data)
    found = {SEARCH}
    for call in calls:
        if call.name not in found:
            return False
        if call.name == SEARCH:
            try:
                searched = session.call(SEARCH, arguments_of(catalog, SEARCH, call.arguments))
            except CallRaised:
                return False
            found.update(_named(searched["output"]))
    return True


def _named(output: Any) -> Iterable[str]:
    """The tools in a search's output."""
    for tool in output if isinstance(output, list) else [output]:
        if isinstance(tool, Mapping):
            yield str(tool.get("name"))


def _rehearsed(
    catalog: Catalog, calls: Sequence[_Recorded], data: ApiBankData | None
) -> tuple[list[ExpectedCall], EndState]:
    """The calls that work in a fresh world, and what they leave behind."""
    session = Session(catalog, data=data)
    noticed = Noticed(session)
    drawn: set[str] = set()
    expected = []
    for call in calls:
        arguments = arguments_of(catalog, call.name, call.arguments)
        if drawn.intersection(_texts(arguments)):
            continue
        if call.name != SEARCH:
            try:
                envelope = session.call(call.name, arguments)
            except CallRaised:
                continue
            if envelope["exception"] is not None:
                continue
            drawn.update(
                old
                for old, _ in renamings(call.envelope.get("output"), envelope["output"])
                if call.name in Script(()).generated
            )
        expected.append(ExpectedCall(name=call.name, arguments=arguments, step=call.step))
    state = noticed.end_state()
    session.world.close()
    return expected, state


def arguments_of(catalog: Catalog, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The annotated arguments as JSON values of the tool's types, as far as they can be."""
    api = catalog.apis.get(name)
    if api is None:
        return dict(arguments)
    try:
        return coerced(api.types, arguments, "reference")
    except CallRaised:
        return dict(arguments)


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _segments(turns: Sequence[Turn]) -> list[_Segment]:
    starts = [i for i, turn in enumerate(turns) if turn.role == "User"]
    segments = [
        _Segment(turns[i].text.strip() or _SILENCE, tuple(turns[i + 1 : end]))
        for i, end in pairwise([*starts, len(turns)])
    ]
    if not starts or starts[0] > 0:
        first = starts[0] if starts else len(turns)
        segments.insert(0, _Segment(_GREETING, tuple(turns[:first])))
    return segments


def _step(segment: _Segment) -> Step:
    return Step(tool_call=segment.said) if segment.calls else Step(chitchat=segment.said)


def _reply(segment: _Segment, catalog: Catalog) -> Reply:
    calls: list[tuple[str, ScriptedCall]] = []
    words: list[str] = []
    for turn in segment.turns:
        if turn.role == "API":
            recorded = turn.result.get("output")
            scripted = _scripted(turn.api_name, turn.param_dict, recorded, catalog)
            calls.append((" ".join(words), scripted))
            words = []
        else:
            words.append(turn.text.strip())
    return Reply(in_rounds(calls, mixed=True), " ".join(words))


def _scripted(
    name: str, arguments: Mapping[str, Any], output: Any, catalog: Catalog
) -> ScriptedCall:
    return ScriptedCall(name, arguments_of(catalog, name, arguments), output)


def _name(level: str, name: str) -> str:
    """A scenario's name; where it is too long, a digest stands for its end."""
    plain = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-")
    whole = f"api-bank-{level}-{plain}"
    if len(whole) <= 100:
        return whole
    mark = hashlib.blake2b(name.encode(), digest_size=4).hexdigest()
    return f"{whole[:91]}-{mark}"
