"""Fork: a new run that shares what another one recorded, and goes its own way from there.

`fork` shares one episode's beginning: it is copied into the new run's log, and playing on is then
the same as resuming. With an edited message, the user says that instead at the turn where the
fork begins. `fork_run` shares a run's finished episodes, where the others are to be played under
what has changed since, and the first run is to stay as it is.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import orjson

from ..agents import UserReply
from ..trajectories.event import Event
from ..trajectories.log import LogWriter, claim_epoch, recover
from .digests import digests_of
from .engine import recorded
from .run_directory import Manifest, RunDirectory, RunError


def fork(
    source: RunDirectory,
    episode: str,
    turn: int,
    target: Path,
    *,
    message: str | None = None,
) -> RunDirectory:
    """Make the run `target` with `episode` as it was before the user's `turn` (from 1).

    `episode` is its name, or how its name begins.

    `message` replaces what the user says at that turn; without it, the user is asked again.
    Play it with `resume`. Raises `RunError` where the episode has no such turn, where its user
    speaks the plan verbatim and so cannot say anything else, or where `target` is a run already.
    """
    if turn < 1:
        raise RunError("turns are counted from 1")
    key, events = recorded(source, episode)
    start, words = _turn(events, episode, turn)
    kept = list(events[:start])
    if message is not None:
        kept.append(_edited(words, message))
    manifest = source.manifest()
    scenario = source.scenarios()[key.scenario]
    if message is not None and scenario.user.verbatim:
        raise RunError(f"{scenario.name}: its user speaks the plan verbatim; edit the plan instead")
    config = manifest.config.model_copy(
        update={"repeat": 1, "limit": None, "episode_seed": key.seed}
    )
    run = RunDirectory(target)
    forked = Manifest(
        config=config,
        digests=digests_of([scenario], config),
        episodes=1,
        forked_from={
            "run": str(source.path.resolve()),
            "episode": key.id,
            "turn": turn,
            "edited": message is not None,
        },
    )
    run.create(forked, [scenario])
    writer = LogWriter(run.path, "fork", claim_epoch(run.path, "fork"))
    for event in kept:
        writer.append(event.model_copy(update={"episode": f"000000-{scenario.name}"}))
    writer.close()
    return run


def fork_run(source: RunDirectory, target: Path) -> RunDirectory:
    """Make the run `target` with all that `source` has recorded.

    Resume it as a new attempt: its unfinished episodes then begin anew, under what is now.
    Raises `RunError` where `target` is a run already, and `LogBusy` while `source` is running.
    """
    manifest = source.manifest()
    run = RunDirectory(target)
    run.refuse_existing()
    with source.locked():
        recover(source.path)
        for folder in ("log", "epochs"):
            shutil.copytree(source.path / folder, target / folder, dirs_exist_ok=True)
    origin = {"run": str(source.path.resolve())}
    run.create(manifest.model_copy(update={"forked_from": origin}), source.scenarios())
    return run


def _turn(events: Sequence[Event], episode: str, turn: int) -> tuple[int, Event]:
    """Where the user's model is first asked for a turn, and the call whose answer was said."""
    start: int | None = None
    asked: Event | None = None
    for event in events:
        if event.kind == "model_call" and event.data["role"] == "user":
            start = event.seq if start is None else start
            asked = event
        elif event.kind == "message" and event.source == "user":
            if event.data["turn"] == turn and start is not None and asked is not None:
                return start, asked
            start = None
        elif event.kind == "message":
            start = None
    raise RunError(f"{episode}: there is no user turn {turn}")


def _edited(asked: Event, message: str) -> Event:
    """The recorded answer with other words; it meets the step if the original did."""
    answer = asked.data["answer"]
    try:
        reply = UserReply.model_validate_json(answer["content"])
    except ValueError:
        raise RunError("the user's answer at this turn is not a reply that can be edited") from None
    text = orjson.dumps({**reply.model_dump(), "message": message}).decode()
    return asked.model_copy(update={"data": {**asked.data, "answer": {**answer, "content": text}}})
