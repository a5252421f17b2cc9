"""Fork: a new run that shares what another one recorded, and goes its own way from there.

`fork` and `fork_at` share one episode's beginning: it is copied into the new run's log, and playing
on is then the same as resuming. With an edited message, that is said instead where the fork begins,
by the user or the assistant; it is recorded as the answer of a person. `fork_run` shares a run's
finished episodes, where the others are to be played under what has changed since, and the first
run is to stay as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..agents import UserReply
from ..trajectories.canonical import encodable
from ..trajectories.event import Event
from ..trajectories.log import LogWriter, claim_epoch, recover
from .digests import digests_of
from .engine import recorded
from .people import read_calls
from .prompts import offered
from .run_directory import Manifest, RunDirectory, RunError

_WORDS = ("content", "tool_calls", "thought", "logprobs")
"""What an edited answer loses."""


def fork(
    source: RunDirectory,
    episode: str,
    turn: int,
    target: Path,
    *,
    message: str | None = None,
) -> RunDirectory:
    """Make the run `target` with `episode` as it was before the user's `turn` (from 1).

    `message` replaces what the user says at that turn; without it, the user is asked again.
    Otherwise as `fork_at`. Raises `RunError` where there is no such turn, too.
    """
    if turn < 1:
        raise RunError("turns are counted from 1")
    _, events = recorded(source, episode)
    for event in events:
        if event.kind == "message" and event.source == "user" and event.data["turn"] == turn:
            return fork_at(source, events[0].episode, event.seq, target, message=message)
    raise RunError(f"{episode}: there is no user turn {turn}")


def fork_at(
    source: RunDirectory,
    episode: str,
    seq: int,
    target: Path,
    *,
    message: str | None = None,
    calls: Sequence[Mapping[str, Any]] | None = None,
) -> RunDirectory:
    """Make the run `target` with `episode` as it was before its event `seq`, which is a message of
    the user or the assistant.

    `episode` is its name, or how its name begins. `message` replaces the words; without it, whoever
    spoke is asked again. `calls`, each with `name` and `arguments`, is what the assistant calls
    instead. Play it with `resume`. Raises `RunError` where there is no such message, where no
    model was asked for it, where it cannot be said, or where `target` is a run already.
    """
    key, events = recorded(source, episode)
    said = events[seq] if 0 <= seq < len(events) else None
    if said is None or said.kind != "message":
        raise RunError(f"{key.id}: event {seq} is no message of the user or the assistant")
    start, asked = _asked(key.id, events, said)
    edited = message is not None or calls is not None
    if edited:
        kept = [*events[: asked.seq], _edited(events[: asked.seq], asked, message, calls)]
    else:
        kept = list(events[:start])
    manifest = source.manifest()
    scenario = source.scenarios()[key.scenario]
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
            "turn": said.data["turn"],
            "seq": seq,
            "edited": edited,
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
    origin = {"run": str(source.path.resolve())}
    with source.locked():
        recover(source.path)
        forked = manifest.model_copy(update={"forked_from": origin})
        run.create(forked, source.scenarios(), recorded=source)
    return run


def _asked(episode: str, events: Sequence[Event], said: Event) -> tuple[int, Event]:
    """Where a role is first asked for what it said, and the call whose answer was said."""
    start: int | None = None
    asked: Event | None = None
    for event in events[: said.seq]:
        if event.kind == "model_call" and event.data["role"] == said.source:
            start = event.seq if start is None else start
            asked = event
        elif event.kind in ("message", "tool_result"):
            start = asked = None
    if start is None or asked is None or "answer" not in asked.data:
        raise RunError(
            f"{episode}: nobody was asked for message {said.seq}: the user says the plan verbatim; "
            "edit the scenario instead"
        )
    return start, asked


def _edited(
    before: Sequence[Event],
    asked: Event,
    message: str | None,
    calls: Sequence[Mapping[str, Any]] | None,
) -> Event:
    """The recorded answer with other words or calls; the user's meets the step if it did."""
    answer = {k: v for k, v in asked.data["answer"].items() if k not in _WORDS} | {"person": True}
    if asked.data["role"] == "user":
        if calls is not None or message is None:
            raise RunError("a user has words only, and calls no tools")
        answer["content"] = _reply(asked, message)
    elif calls:
        if message is not None:
            raise RunError("an assistant says something or calls tools, one of both")
        made = sum(len(_calls(event)) for event in before)
        answer["tool_calls"] = [
            {"id": f"call_{made + i}", **call}
            for i, call in enumerate(read_calls(calls, offered(before)))
        ]
    else:
        if not (message or "").strip():
            raise RunError("an assistant says something or calls tools, one of both")
        answer["content"] = encodable(message)[0]
    answer["finish_reason"] = "function_calls" if "tool_calls" in answer else "stop"
    return asked.model_copy(update={"data": {**asked.data, "answer": answer}})


def _reply(asked: Event, message: str) -> str:
    try:
        reply = UserReply.model_validate_json(asked.data["answer"]["content"])
    except (KeyError, ValueError):
        raise RunError("the user's answer at this turn is not a reply that can be edited") from None
    words: str = encodable(message)[0]
    return reply.model_copy(update={"message": words}).model_dump_json()


def _calls(event: Event) -> Sequence[Any]:
    calls: Sequence[Any] = event.data.get("answer", {}).get("tool_calls") or ()
    return calls if event.kind == "model_call" else ()
