"""What API-Bank's tools cost in CPU, beside a floor that only looks their answers up.

The calls are those of the recorded dialogues in the folder that `CALLSHEET_API_BANK` names (all
but searches for tools), each dialogue over a world of its own; without dialogues, a round of calls
over the built-in data. The floor finds the same envelopes in a dictionary and copies them.

    python benchmarks/api_bank.py [--rounds 15] [--data FOLDER]

Covered: resetting an episode, calls right after it, calls of a session in use, a search for a tool
that was made before. Not covered: logging, validation, the first search, which loads an encoder.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from callsheet.environments.api_bank import (
    ApiBankData,
    ApiBankDataError,
    Session,
    api_bank_data,
    level_1,
)
from callsheet.environments.api_bank.recordings import read_dialogues
from callsheet.environments.api_bank.search import SEARCH, ToolSearcher

TARGET_CALLS = 40_000
"""Calls a second on one core."""

Call = tuple[str, Mapping[str, Any]]
Timed = Callable[[], tuple[float, int]]
"""Seconds of CPU and how many things were done in them."""

LOGIN: Call = ("GetUserToken", {"username": "amara", "password": "river-stone"})
TOKEN = {"token": "k4v7q2m9x1c8z5b3n6"}
BUILT_IN: list[list[Call]] = [
    [LOGIN, ("AddAlarm", TOKEN | {"time": "2023-04-09 07:00:00"})],
    [LOGIN, ("QueryBalance", TOKEN), ("QueryStock", {"stock_code": "brkn", "date": "2023-3-29"})],
    [LOGIN, ("AddReminder", TOKEN | {"content": "Water", "time": "2023-04-09 07:00:00"})],
    [("SymptomSearch", {"symptom": "Burn"}), ("EmergencyKnowledge", {"symptom": "burn"})],
    [("QueryRegistration", {"patient_name": "Amara Obi", "date": "2023-04-11"}),
     ("CancelRegistration", {"appointment_id": "20417733"})],
    [("Calculator", {"formula": "(5+6)*3"}), ("QueryHistoryToday", {"date": "03-14"})],
    [("BookHotel", {"hotel_name": "Heron House", "check_in_time": "2023-08-01",
                    "check_out_time": "2023-08-05", "room_count": "1", "adult_count": "2",
                    "child_count": "0"})],
    [("QueryScene", {"name": "away"}), ("SearchEngine", {"keyword": "tidal power"})],
]  # fmt: skip


def recorded(data: ApiBankData) -> list[list[Call]]:
    """The calls of each dialogue; none where the folder has no dialogues."""
    try:
        dialogues = [d for level in (1, 2) for d in read_dialogues(data.folder, level)]
    except ApiBankDataError:
        return []
    takes = {name: api.inputs.keys() for name, api in level_1().apis.items() if name != SEARCH}
    episodes = [
        [
            (turn.api_name, turn.param_dict)
            for turn in dialogue.calls
            if turn.param_dict.keys() <= takes.get(turn.api_name, set())
        ]
        for dialogue in dialogues
    ]
    return [calls for calls in episodes if calls]


def opened(data: ApiBankData) -> Session:
    """A session whose world has been read once, so that SQLite knows its tables."""
    session = Session(level_1(), data=data)
    session.world.db.execute("select 1 from accounts").fetchone()
    return session


def resetting(data: ApiBankData, episodes: Sequence[Sequence[Call]]) -> Timed:
    def run() -> tuple[float, int]:
        before = time.process_time()
        for _ in episodes:
            opened(data).close()
        return time.process_time() - before, len(episodes)

    return run


def first_calls(data: ApiBankData, episodes: Sequence[Sequence[Call]]) -> Timed:
    """Each dialogue's calls in a session of their own, without its reset."""

    def run() -> tuple[float, int]:
        seconds = 0.0
        for calls in episodes:
            session = opened(data)
            before = time.process_time()
            for name, arguments in calls:
                session.call(name, arguments)
            seconds += time.process_time() - before
            session.close()
        return seconds, sum(map(len, episodes))

    return run


def later_calls(data: ApiBankData, episodes: Sequence[Sequence[Call]]) -> Timed:
    """Each dialogue's calls in one session, which takes them back again when they are timed."""
    session = opened(data)
    db = session.world.db

    def run() -> tuple[float, int]:
        seconds = 0.0
        for calls in episodes:
            db.execute("savepoint dialogue")
            before = time.process_time()
            for name, arguments in calls:
                session.call(name, arguments)
            seconds += time.process_time() - before
            db.execute("rollback to dialogue")
            db.execute("release dialogue")
        return seconds, sum(map(len, episodes))

    return run


def looked_up(data: ApiBankData, episodes: Sequence[Sequence[Call]]) -> Timed:
    """The floor: a dictionary of ready envelopes, each copied for its caller."""
    keyed = []
    answers: dict[tuple[int, int, str], bytes] = {}
    for episode, calls in enumerate(episodes):
        session = opened(data)
        for ordinal, (name, arguments) in enumerate(calls):
            keyed.append((episode, ordinal, name))
            answers[keyed[-1]] = orjson.dumps(session.call(name, arguments))

    def run() -> tuple[float, int]:
        before = time.process_time()
        for key in keyed:
            orjson.loads(answers[key])
        return time.process_time() - before, len(keyed)

    return run


def searching(data: ApiBankData, _: Sequence[Sequence[Call]]) -> Timed:
    """Searches for tools that were made before. Raises where no encoder is installed."""
    session = Session(level_1(), data=data, searcher=ToolSearcher.of(level_1(), data, "reference"))
    keywords = [{"keywords": words} for words in ("alarm", "book a hotel", "stock price")]
    for given in keywords:
        session.call(SEARCH, given)

    def run() -> tuple[float, int]:
        before = time.process_time()
        for _ in range(100):
            for given in keywords:
                session.call(SEARCH, given)
        return time.process_time() - before, 300

    return run


MEASURED = {
    "looked up and copied (floor)": looked_up,
    "call, session in use": later_calls,
    "call, session just reset": first_calls,
    "reset of an episode": resetting,
    "ToolSearcher, asked before": searching,
}


def measure(data: ApiBankData, rounds: int) -> dict[str, float]:
    """Print the table; return microseconds by name, the median over the rounds."""
    episodes = recorded(data) or BUILT_IN
    runs: dict[str, Timed] = {}
    for name, make in MEASURED.items():
        try:
            runs[name] = make(data, episodes)
        except Exception as error:
            if make is not searching:
                raise
            print(f"{name}: not measured ({error})")
    found: dict[str, list[float]] = {name: [] for name in runs}
    # Round by round, so that whatever else the machine does meets all of them alike.
    for number in range(rounds + 1):
        for name, run in runs.items():
            seconds, done = run()
            if number:
                found[name].append(seconds * 1e6 / done)
    calls = sum(map(len, episodes))
    print(f"{calls} calls in {len(episodes)} dialogues; CPU in us, median of {rounds} rounds")
    middles = {name: statistics.median(times) for name, times in found.items()}
    floor = middles["looked up and copied (floor)"]
    for name, middle in middles.items():
        spread = f"({min(found[name]):.2f} to {max(found[name]):.2f})"
        ratio, rate = middle / floor, 1e6 / middle
        print(f"  {name:30} {middle:8.2f}  {spread:22} {ratio:6.1f} x {rate:10,.0f}/s")
    return middles


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--data", help="an API-Bank folder; by default the environment's")
    arguments = parser.parse_args()
    middles = measure(api_bank_data(arguments.data), arguments.rounds)
    rate = 1e6 / middles["call, session in use"]
    verdict = "within" if rate >= TARGET_CALLS else "SHORT OF"
    print(f"\n{rate:,.0f} calls a second, {verdict} the {TARGET_CALLS:,} asked for")
    return 0 if rate >= TARGET_CALLS else 1


if __name__ == "__main__":
    sys.exit(main())
