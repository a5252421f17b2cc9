"""Where a format that nobody wrote a reader for keeps its turns, roles, calls and tools.

A `FieldMap` is data: JSON pointers and words, made by a model or a person, applied by this file.
It can point at the wrong places, so that everything it yields is checked: known role words keep
their meaning, no text is used twice, and enough of the record is covered; else the record is
refused as a whole. Texts come out of the record itself, so that none can be made up.

Not covered: turns that stand inside one text (a whole ReAct run as a string).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..trajectory import Trajectory
from .conversation import Call, Conversation, arguments_text, read_call, result_text
from .format import Losses, Refused
from .source_text import MISSING, Pointer, SourceText, at, pointer
from .tools import Tools, read_tools

LEAST = 0.5
"""Share of a record's characters that must end up in messages and tools."""
LEAST_OF_TURNS = 0.8
"""The same of the list of turns."""
FORM = "standardized"
"""Scenario and environment of what is read so."""

Role = Literal["system", "user", "assistant", "tool", "thought", "call"]
_MEANINGS: dict[str, tuple[Role, ...]] = {
    **dict.fromkeys(("user", "human", "question"), ("user", "tool")),
    **dict.fromkeys(("assistant", "gpt", "bot", "ai"), ("assistant", "thought", "call")),
    "system": ("system",),
    "observation": ("tool", "user"),
    "thought": ("thought", "assistant"),
}
"""What words mean that everybody uses alike."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class RoleWord(_Part):
    """What a word in the role's field stands for."""

    word: str
    role: Role


class Place(_Part):
    """A place with something said or done."""

    path: str
    """JSON pointer."""
    holds: Literal["system", "user", "assistant", "tool", "thought", "calls", "by_role"]
    """by_role: what the turn's role says. calls: one call or a list of calls."""


class FieldMap(_Part):
    """Where things are in the records of one format."""

    before: list[Place] = Field(default_factory=list, max_length=8)
    """Places in the record of what was said before the turns: system prompt, task, question."""
    turns: str | None = None
    """Pointer to the list of turns; null where the record has none."""
    role: str | None = None
    """Pointer within a turn to the word that says who speaks."""
    roles: list[RoleWord] = Field(default_factory=list, max_length=24)
    parts: list[Place] = Field(default_factory=list, max_length=8)
    """Places within a turn, in the order of speaking."""
    call_name: str = "/name"
    """Pointer within a call."""
    call_arguments: str = "/arguments"
    call_id: str | None = None
    after: list[Place] = Field(default_factory=list, max_length=4)
    """Places in the record of what was said after the turns, such as a final answer."""
    tools: str | None = None
    """Pointer to the list of tools, or to its JSON text; null where the record has none."""
    tool_name: str = "/name"
    """Pointer within a tool."""
    tool_description: str | None = "/description"
    tool_parameters: str | None = "/parameters"


def apply(field_map: FieldMap, record: Any, losses: Losses) -> Trajectory:
    """The record as `field_map` reads it, checked. Raises `Refused` and says what is wrong."""
    return _Reading(field_map, record, losses).trajectory()


class _Reading:
    """One record being read."""

    def __init__(self, field_map: FieldMap, record: Any, losses: Losses) -> None:
        self._map = field_map
        self._record = record
        self._losses = losses
        self._source = SourceText(record)
        self._roles = {one.word: one.role for one in field_map.roles}
        for word, role in self._roles.items():
            _check_meaning(word, role)
        self._tools = self._read_tools()
        self._said = Conversation()

    def trajectory(self) -> Trajectory:
        self._read_places(self._record, (), self._map.before)
        self._read_turns()
        self._read_places(self._record, (), self._map.after)
        roles = {message["role"] for message in self._said.messages}
        if not {"user", "assistant"} <= roles:
            raise Refused(f"only {', '.join(sorted(roles)) or 'nobody'} speaks in it")
        covered = check_covered(self._source.covered())
        record = self._record if isinstance(self._record, dict) else {}
        note = {"way": "field map", "covered": round(covered, 3)}
        return self._said.trajectory(
            FORM, self._tools, record, self._keys_used(), other_information={FORM: note}
        )

    def _keys_used(self) -> set[str]:
        """Top-level keys that went into messages and tools; the others are kept beside them."""
        keys = self._record if isinstance(self._record, dict) else ()
        return {key for key in keys if self._source.taken((key,))}

    def _read_tools(self) -> Tools:
        if self._map.tools is None:
            return Tools()
        place = pointer(self._map.tools)
        value = at(self._record, place)
        if value is MISSING:
            return Tools()
        self._source.take(place)
        if isinstance(value, list):
            value = [self._tool(item) for item in value]
        return read_tools(value, self._losses)

    def _tool(self, item: Any) -> Any:
        name = at(item, pointer(self._map.tool_name))
        if not isinstance(item, dict) or not isinstance(name, str):
            return item
        places = {
            "description": self._map.tool_description,
            "parameters": self._map.tool_parameters,
        }
        found = {key: at(item, pointer(to)) for key, to in places.items() if to is not None}
        return {"name": name, **{k: v for k, v in found.items() if v is not MISSING}}

    def _read_turns(self) -> None:
        if self._map.turns is None:
            return
        place = pointer(self._map.turns)
        turns = at(self._record, place)
        if not isinstance(turns, list):
            raise Refused(f"{self._map.turns} holds no list of turns")
        for number, turn in enumerate(turns):
            self._read_places(turn, (*place, str(number)), self._map.parts)
            if self._map.role is not None and isinstance(turn, dict):
                self._source.mark((*place, str(number), *pointer(self._map.role)))
        covered = self._source.covered(place)
        if covered < LEAST_OF_TURNS:
            raise Refused(
                f"only {covered:.0%} of the text in {self._map.turns} would be read; "
                f"at least {LEAST_OF_TURNS:.0%} must be"
            )
        self._losses.lose("texts in turns that no message holds", self._source.left_out(place))

    def _read_places(self, value: Any, place: Pointer, parts: Sequence[Place]) -> None:
        """What one turn, or the record around the turns, says and does."""
        turn = _Turn()
        for part in parts:
            inner = pointer(part.path)
            found = at(value, inner)
            if found is MISSING or found is None or found in ("", [], {}):
                continue
            here = (*place, *inner)
            holds: str = part.holds
            if holds == "by_role":
                holds = self._role_of(value)
            elif inner and holds != "calls":
                _check_meaning(inner[-1], holds)
            if holds in ("call", "calls"):
                turn.calls += self._calls(found, here)
                continue
            self._source.take(here)
            text = result_text(found)
            if holds == "thought":
                turn.thought = text if turn.thought is None else f"{turn.thought}\n{text}"
            elif holds == "assistant":
                turn.content = text if turn.content is None else f"{turn.content}\n{text}"
            else:
                turn.into(self._said)
                turn = _Turn()
                if holds == "tool":
                    self._said.result(text)
                else:
                    self._said.say(holds, text)
        turn.into(self._said)

    def _role_of(self, turn: Any) -> str:
        if self._map.role is None:
            raise Refused("the map names no field for the role")
        word = at(turn, pointer(self._map.role))
        role = self._roles.get(word) if isinstance(word, str) else None
        if role is None:
            raise Refused(f"the map does not say what the role {word!r:.60} stands for")
        return role

    def _calls(self, found: Any, place: Pointer) -> list[Call]:
        if isinstance(found, str):
            self._source.take(place)
            return [read_call(found, self._tools)]
        items = list(enumerate(found)) if isinstance(found, list) else [(None, found)]
        calls = []
        for number, item in items:
            here = place if number is None else (*place, str(number))
            name = at(item, pointer(self._map.call_name))
            if name in (MISSING, None, ""):
                if number is None:  # a step that only thinks
                    continue
                raise Refused(f"{self._map.call_name} names no tool in a call: {item!r:.80}")
            arguments = at(item, pointer(self._map.call_arguments))
            id = MISSING if self._map.call_id is None else at(item, pointer(self._map.call_id))
            for inner in (self._map.call_name, self._map.call_arguments, self._map.call_id):
                if inner is not None:
                    self._source.take((*here, *pointer(inner)))
            calls.append(
                Call(
                    self._tools.name(name),
                    arguments_text(None if arguments is MISSING else arguments),
                    id if isinstance(id, str) and id else None,
                )
            )
        return calls


class _Turn:
    """The assistant's side of one turn, until somebody else speaks."""

    def __init__(self) -> None:
        self.thought: str | None = None
        self.content: str | None = None
        self.calls: list[Call] = []

    def into(self, said: Conversation) -> None:
        if self.calls:
            said.call(self.calls, self.content, thought=self.thought)
        elif self.content is not None or self.thought is not None:
            said.say("assistant", self.content, thought=self.thought)


def check_covered(covered: float) -> float:
    """`covered`, where it is enough of a record. Raises `Refused`."""
    if covered < LEAST:
        raise Refused(f"only {covered:.0%} of its text would be read; at least {LEAST:.0%} must be")
    return covered


def _check_meaning(word: str, role: str) -> None:
    meant = _MEANINGS.get(word.casefold())
    if meant is not None and role not in meant:
        raise Refused(f"{word!r} does not stand for {role}")
