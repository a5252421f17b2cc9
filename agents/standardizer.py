"""Reading records of a format that nobody wrote a reader for, with a model's help.

The model is asked once per format where things are (`trajectories/formats/field_map`), and code
reads every record by that map; where no map fits a record, the model takes that one record apart
itself. In neither way is it believed: every text comes out of the record or must stand in it
verbatim and in order, words for roles keep their usual meaning, and the share of the record's text
that is covered is noted in `other_information["standardized"]`; below a bound the record is
refused. What a model can still get wrong is who said what, where the record has no word for it.
"""

from __future__ import annotations

from typing import Any, Literal

import orjson
from autogen_core.models import ChatCompletionClient, LLMMessage, SystemMessage, UserMessage
from pydantic import BaseModel, ConfigDict, Field

from ..models.errors import ContextOverflow, InvalidAnswer
from ..models.structured import ask_structured
from ..trajectories.canonical import encodable
from ..trajectories.formats.conversation import Call, Conversation
from ..trajectories.formats.field_map import FORM, FieldMap, apply, check_covered
from ..trajectories.formats.format import Losses, Refused
from ..trajectories.formats.source_text import SourceText
from ..trajectories.formats.tools import Tools
from ..trajectories.layout import shortened
from ..trajectories.trajectory import Trajectory
from .prompting import prompt

_PARAMS = {"temperature": 0, "seed": 0}
_MAP_TOKENS, _RECORD_TOKENS = 1_500, 6_000
_MAPS = 8
"""Maps asked for in one file; a file with more layouts than that is read record by record."""
_LONGEST = 24_000
"""Characters of a record that a model may take apart itself."""
_TEXT, _ITEMS, _KEYS, _DEPTH = 240, 5, 60, 16
"""How much of a record is shown when a map is asked for."""


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WrittenCall(_Form):
    name: str = Field(min_length=1, max_length=200)
    arguments: str = Field(max_length=20_000)


class WrittenMessage(_Form):
    """A message as the model copied it."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str | None = Field(max_length=20_000)
    thought: str | None = Field(max_length=20_000)
    calls: list[WrittenCall] = Field(max_length=32)


class WrittenRecord(_Form):
    """A record as the model took it apart."""

    messages: list[WrittenMessage] = Field(max_length=400)


class Standardizer:
    """Reads the records of one file; remembers the maps that worked."""

    def __init__(self, client: ChatCompletionClient) -> None:
        self._client = client
        self._maps: list[FieldMap] = []
        self._asked = 0

    async def read(self, record: Any, losses: Losses) -> list[Trajectory]:
        """The record as trajectories. Raises `Refused` where no reading of it stands the checks,
        and whatever the client raises besides `ContextOverflow` and `InvalidAnswer`."""
        if not isinstance(record, dict | list):
            raise Refused(f"a record is no object, but {type(record).__name__}")
        record = encodable(record)[0]
        for known in self._maps:
            try:
                return [_counted(known, record, losses)]
            except Refused:
                continue
        if self._asked < _MAPS:
            self._asked += 1
            try:
                found = await self._map_of(record)
            except (ContextOverflow, InvalidAnswer):
                pass  # then the record itself is taken apart
            else:
                self._maps.insert(0, found)
                return [_counted(found, record, losses)]
        return [await self._taken_apart(record)]

    async def _map_of(self, record: Any) -> FieldMap:
        def wrong(answer: FieldMap) -> list[str]:
            try:
                apply(answer, record, Losses())
            except Refused as refused:
                return [str(refused)]
            return []

        asked = _asked("standardizer", {"record": outline(record)})
        params = {**_PARAMS, "max_tokens": _MAP_TOKENS}
        return await ask_structured(
            self._client, asked, FieldMap, params=params, check=wrong, repairs=2
        )

    async def _taken_apart(self, record: Any) -> Trajectory:
        length = len(orjson.dumps(record))
        if length > _LONGEST:
            raise Refused(f"no map fits it, and it is longer than {_LONGEST:,} characters")

        def wrong(answer: WrittenRecord) -> list[str]:
            try:
                read_written(answer, record)
            except Refused as refused:
                return [str(refused)]
            return []

        asked = _asked("standardizer_record", {"record": record})
        # What is copied is hardly longer than the record; small models have no room to spare.
        params = {**_PARAMS, "max_tokens": min(_RECORD_TOKENS, 400 + length // 2)}
        try:
            answer = await ask_structured(
                self._client, asked, WrittenRecord, params=params, check=wrong
            )
        except (ContextOverflow, InvalidAnswer) as error:
            raise Refused(f"the model could not standardize it: {error}") from None
        return read_written(answer, record)


def read_written(written: WrittenRecord, record: Any) -> Trajectory:
    """What a model wrote down, checked against the record: every text stands in it verbatim and
    in order, and enough of it is covered. Raises `Refused` and says which text does not."""
    source = SourceText(record)
    tools, said, place = Tools(), Conversation(), 0
    for number, message in enumerate(written.messages):
        for text in (message.thought, message.content):
            place = _found(source, text, place, number)
        calls = []
        for call in message.calls:
            _found(source, call.name, 0, number)
            if source.find(call.arguments) < 0 and not _is_value(call.arguments, record, source):
                raise Refused(f"message {number}: the arguments stand nowhere in the record")
            calls.append(Call(tools.name(call.name), call.arguments))
        if calls and message.role != "assistant":
            raise Refused(f"message {number}: only the assistant calls tools")
        if message.role == "tool":
            said.result(message.content or "")
        elif calls:
            said.call(calls, message.content, thought=message.thought)
        else:
            said.say(message.role, message.content, thought=message.thought)
    roles = {message.role for message in written.messages}
    if not {"user", "assistant"} <= roles:
        raise Refused("there must be a user and an assistant")
    covered = check_covered(source.covered())
    note = {"way": "record by record", "covered": round(covered, 3)}
    kept = record if isinstance(record, dict) else {}
    used = {key for key in kept if source.covered((key,)) > 0}
    return said.trajectory(FORM, tools, kept, used, other_information={FORM: note})


def outline(value: Any, depth: int = 0) -> Any:
    """A record with its layout whole and its texts and lists shortened."""
    if isinstance(value, str):
        return shortened(value, _TEXT)
    if depth >= _DEPTH and isinstance(value, dict | list):
        return "…"
    if isinstance(value, dict):
        items = list(value.items())
        shown = {key: outline(item, depth + 1) for key, item in items[:_KEYS]}
        return shown if len(items) <= _KEYS else {**shown, "…": f"{len(items) - _KEYS} more keys"}
    if isinstance(value, list):
        listed = [outline(item, depth + 1) for item in value[:_ITEMS]]
        return listed if len(value) <= _ITEMS else [*listed, f"… {len(value) - _ITEMS} more"]
    return value


def _counted(field_map: FieldMap, record: Any, losses: Losses) -> Trajectory:
    """The record by a map; its losses count only where it is not refused."""
    told = Losses()
    read = apply(field_map, record, told)
    losses.kinds.update(told.kinds)
    return read


def _asked(name: str, brief: dict[str, Any]) -> list[LLMMessage]:
    return [
        SystemMessage(content=prompt(name)),
        UserMessage(content=orjson.dumps(brief).decode(), source="director"),
    ]


def _found(source: SourceText, text: str | None, place: int, number: int) -> int:
    if not text:
        return place
    after = source.find(text, place)
    if after < 0:
        where = "out of order" if text and source.find(text) >= 0 else "nowhere in the record"
        raise Refused(f"message {number}: this stands {where}: {shortened(text, 80)!r}")
    return after


def _is_value(arguments: str, record: Any, source: SourceText) -> bool:
    """Whether arguments are, as JSON, a value of the record; marks its texts."""
    try:
        wanted = orjson.loads(arguments)
    except (ValueError, RecursionError):
        return False
    if wanted == {}:
        return True
    place = _place_of(wanted, record, ())
    if place is None:
        return False
    source.mark(place)
    return True


def _place_of(wanted: Any, value: Any, place: tuple[str, ...]) -> tuple[str, ...] | None:
    if value == wanted:
        return place
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        if isinstance(item, dict | list):
            found = _place_of(wanted, item, (*place, str(key)))
            if found is not None:
                return found
    return None
