"""Which of the times in a text belongs to which parameter, written as the parameter wants it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from .dates import When
from .reading import Reading
from .tool_index import CompiledTool, Param

_TARGET = re.compile(r"\b(?:to|until|till|for)\s+(?:the\s+)?$", re.IGNORECASE)
_KINDS = ("datetime", "date", "time")


def moments_for(
    tool: CompiledTool,
    reading: Reading,
    record: Mapping[str, Any] | None,
    known: Mapping[str, Any] = {},
) -> dict[str, str]:
    """Values by parameter name for what the text says of time.

    `record`: the thing that is talked about, where an earlier result told of it; it lends what
    the text leaves open (its date, its clock time, how long it takes). `known`: values that are
    settled already.
    """
    params = [p for p in tool.params if p.kind in _KINDS and p.name not in known]
    if not params:
        return {}
    moments = [when for when in reading.times if not when.is_length]
    lengths = [when.seconds for when in reading.times if when.seconds is not None]
    moments = _completed(moments, reading.now, record, tool)
    values: dict[str, str] = {}
    starts = [p for p in params if p.is_start]
    ends = [p for p in params if p.is_end]
    if starts and ends:
        begin = _first(moments, starts[0], reading) if len(moments) < 3 else moments[0]
        rest = [m for m in moments if m is not begin]
        end = rest[0] if rest else _later(begin, lengths, record, ends[0])
        _put(values, starts[0], begin)
        _put(values, ends[0], end)
        params = [p for p in params if p is not starts[0] and p is not ends[0]]
        moments = rest[1:] if rest else []
    elif len(params) == 1 and len(moments) > 1 and "update" in tool.acts:
        moments = [_first(moments, params[0], reading) or moments[0]]
    if {p.kind for p in params} == {"date", "time"} and moments:
        for param in params:
            _put(values, param, moments[0])
        return values
    for param, moment in zip(params, moments, strict=False):
        _put(values, param, moment)
    return values


def _first(moments: Sequence[When], param: Param, reading: Reading) -> When | None:
    """The moment that a change leads to: the one behind "to", unless it ends a range."""
    if not moments:
        return None
    if "new" in param.parts and len(moments) > 1:
        behind = [m for m in moments if _TARGET.search(reading.text, 0, m.start)]
        if behind and behind[0] is not moments[-1]:
            return behind[0]
    return moments[0]


def _completed(
    moments: Sequence[When], now: datetime, record: Mapping[str, Any] | None, tool: CompiledTool
) -> list[When]:
    """Moments with the date that a neighbour or the record gives, else the next such hour."""
    day = next((m.date for m in moments if m.date is not None), None)
    if day is None and record is not None and "update" in tool.acts:
        held = _moment_in(record)
        day = held.date() if held is not None else None
    done = []
    for moment in moments:
        if moment.date is None and moment.clock is not None:
            moment = replace(moment, date=day or _next_day(now, moment.clock))
        if moment.clock is None and record is not None and "update" in tool.acts:
            held = _moment_in(record)
            moment = replace(moment, clock=held.time() if held is not None else None)
        done.append(moment)
    return done


def _next_day(now: datetime, clock: time) -> date:
    return now.date() if clock > now.time() else now.date() + timedelta(days=1)


def _moment_in(record: Mapping[str, Any]) -> datetime | None:
    for name, value in record.items():
        if isinstance(value, str) and len(value) >= 16 and not name.startswith("end"):
            try:
                return datetime.fromisoformat(value).replace(tzinfo=None)
            except ValueError:
                continue
    return None


def _later(
    begin: When | None,
    lengths: Sequence[int],
    record: Mapping[str, Any] | None,
    param: Param,
) -> When | None:
    """The end, from how long it takes: said in the text, or as long as the record takes."""
    if begin is None or begin.date is None:
        return None
    seconds = lengths[0] if lengths else _length_of(record)
    if seconds is None or (begin.clock is None and param.kind != "date"):
        return None
    end = datetime.combine(begin.date, begin.clock or time(0)) + timedelta(seconds=seconds)
    return When(begin.start, begin.end, end.date(), end.time())


def _length_of(record: Mapping[str, Any] | None) -> int | None:
    if record is None:
        return None
    found = []
    for value in record.values():
        if isinstance(value, str) and len(value) >= 16:
            try:
                found.append(datetime.fromisoformat(value).replace(tzinfo=None))
            except ValueError:
                continue
    return int((found[1] - found[0]).total_seconds()) if len(found) == 2 else None


def _put(values: dict[str, str], param: Param, moment: When | None) -> None:
    """Write the moment in the parameter's form, if it says enough for it."""
    if moment is None:
        return
    needs_date, needs_clock = param.kind in ("datetime", "date"), param.kind in ("datetime", "time")
    if (needs_date and moment.date is None) or (needs_clock and moment.clock is None):
        return
    whole = datetime.combine(moment.date or date(2000, 1, 1), moment.clock or time(0))
    values[param.name] = whole.strftime(param.template or "%Y-%m-%d %H:%M:%S")
