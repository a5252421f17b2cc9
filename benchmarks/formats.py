"""How fast records of each format are read, converted and written, on one core.

    python benchmarks/formats.py [--records 100000] [--format NAME ...] [--folder FOLDER]

Writes a file of so many records in each format that can be written, from trajectories made of our
own words, and converts it to trajectories: the time is that of the whole conversion, from the file
to the file, ids, report and checks included, in CPU seconds, as other work may share the core.
Prints records and megabytes a second, and the most memory that the process has held so far.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import orjson

from callsheet.tools import ToolSpec
from callsheet.trajectories.formats import FORMATS, Format, Losses
from callsheet.trajectories.formats.convert import convert_file, written
from callsheet.trajectories.formats.format import Refused
from callsheet.trajectories.formats.record_file import RecordFile
from callsheet.trajectories.trajectory import Preference, Trajectory, line_of

_TEXT = """
lamp kitchen market train river ticket garden morning evening letter table window report meeting
quiet early second little open green paper music season bridge harbour note please could would find
book send list change cancel remind order compare before after between
"""
_WORDS = _TEXT.split()
_VERBS = ("find", "book", "cancel", "list", "update", "compare", "send", "count")
_THINGS = ("train", "table", "ticket", "letter", "meeting", "order", "room", "reminder")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--format", action="append", help="only these; may be repeated")
    parser.add_argument("--folder", type=Path, help="where the files lie meanwhile")
    given = parser.parse_args()
    chosen = [FORMATS[name] for name in given.format or FORMATS]
    print(f"{'format':24} {'records/s':>10} {'MB/s':>7} {'MB':>6} {'most memory, MB':>16}")
    for form in chosen:
        if form.write is None:
            continue
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            _measure(form, Path(folder), given.records)


def _measure(form: Format, folder: Path, records: int) -> None:
    path = folder / f"records{form.suffix}"
    if not _generate(form, path, records):
        print(f"{form.name:24} holds too few of these dialogues")
        return
    started = time.process_time()
    report = convert_file(path, folder / "out.jsonl")
    seconds = time.process_time() - started
    if report.converted != records:
        print(f"{form.name:24} only {report.converted} of {records}: {report.refused}")
        return
    size = path.stat().st_size / 1e6
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{form.name:24} {records / seconds:10,.0f} {size / seconds:7.1f} {size:6.0f} "
        f"{memory:16,.0f}",
        flush=True,
    )


def _generate(form: Format, path: Path, records: int) -> bool:
    """A file of records; what a format cannot hold is not written, and another takes its place.
    False where hardly any can be held."""
    with ExitStack() as stack:
        file = RecordFile(path, stack)
        count = 0
        for tried, trajectory in enumerate(trajectories()):
            if tried > 1000 * (count + 1):
                return False
            try:
                file.write(written(form, trajectory, Losses()))
            except Refused:
                continue
            count += 1
            if count == records:
                break
        file.finish()
    return True


def trajectories(seed: int = 0) -> Iterator[Trajectory]:
    """Dialogues without end: of one call, of several in turn, of parallel calls, and pairs."""
    chance = random.Random(f"formats:{seed}")
    pool = _pool(chance)
    number = 0
    while True:
        yield _dialogue(chance, pool, number)
        number += 1


def _pool(chance: random.Random) -> list[ToolSpec]:
    return [
        ToolSpec(
            name=f"{verb}_{thing}_{number}",
            description=_said(chance, 12),
            parameters={
                "type": "object",
                "properties": {
                    name: {"type": "string", "description": _said(chance, 6)}
                    for name in chance.sample(_WORDS, 3)
                },
            },
        )
        for number in range(8)
        for verb in _VERBS
        for thing in _THINGS
    ]


def _dialogue(chance: random.Random, pool: list[ToolSpec], number: int) -> Trajectory:
    tools = chance.sample(pool, chance.randint(1, 4))
    sort = number % 4
    messages: list[dict[str, Any]] = [{"role": "user", "content": _said(chance, 20)}]
    calls = 0
    for _ in range(1 if sort != 1 else 3):
        count = 2 if sort == 2 else 1
        asked = [_call(chance, tools, calls + i) for i in range(count)]
        calls += count
        thought = _said(chance, 15)
        messages.append({"role": "assistant", "tool_calls": asked, "thought": thought})
        messages += [
            {"role": "tool", "tool_call_id": call["id"], "content": _result(chance)}
            for call in asked
        ]
    messages.append({"role": "assistant", "content": _said(chance, 25)})
    line = line_of(messages)
    last = line[-1]
    worse = last.model_copy(update={"id": len(line), "content": _said(chance, 25)})
    pairs = [Preference(chosen=last.id, rejected=worse.id)] if sort == 3 else []
    return Trajectory(
        id=f"dialogue-{number}",
        scenario="benchmark",
        environment="benchmark",
        tools=tools,
        messages=[*line, worse] if pairs else line,
        main=last.id,
        preferences=pairs,
        user_query=line[0].content or "",
    )


def _call(chance: random.Random, tools: list[ToolSpec], number: int) -> dict[str, Any]:
    tool = chance.choice(tools)
    arguments = {name: _said(chance, 2) for name in tool.properties}
    function = {"name": tool.name, "arguments": orjson.dumps(arguments).decode()}
    return {"id": f"call_{number}", "function": function}


def _result(chance: random.Random) -> str:
    return orjson.dumps({word: _said(chance, 5) for word in chance.sample(_WORDS, 3)}).decode()


def _said(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(_WORDS, k=words))


if __name__ == "__main__":
    main()
