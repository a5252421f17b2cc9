"""ETO's expert trajectories (Song et al. 2024): ShareGPT turns `from` and `value` of agents in
WebShop, ALFWorld and ScienceWorld, with the `reward` that the environment gave.

Thoughts are taken apart from actions as in `agentinstruct`. A reward from 0 to 1 is the score.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..trajectory import Trajectory
from .agentinstruct import LABEL, label_of, texts
from .conversation import Conversation, list_in, one_branch, text_in
from .format import Format, Losses, Refused
from .sharegpt import from_turns
from .spoken_thoughts import split
from .tools import Tools

_NAME = "eto"
_ROLES: Mapping[Any, str] = {"system": "system", "human": "user", "gpt": "assistant"}
_FROM = {"system": "system", "user": "human", "assistant": "gpt"}


def recognize(record: Any) -> str | None:
    if not isinstance(record, dict) or "reward" not in record:
        return None
    turns = from_turns(record)
    if turns is None or not all(turn.keys() == {"from", "value"} for turn in turns):
        return None
    known = all(turn["from"] in _ROLES for turn in turns)
    return "ShareGPT conversations with a reward" if known else None


def read(record: Any, losses: Losses) -> Iterator[Trajectory]:
    turns = list_in(record, "conversations")
    for place, turn in enumerate(turns, 1):
        text_in(turn.get("value"), f"turn {place}")
        if turn.get("from") not in _ROLES:
            raise Refused(f"turn {place} is from nobody known, but {turn.get('from')!r:.40}")
    label = label_of(turn["value"] for turn in turns if turn["from"] == "gpt")
    conversation = Conversation()
    for turn in turns:
        thought, text = split(turn["value"], label if turn["from"] == "gpt" else None)
        conversation.say(_ROLES[turn["from"]], text, thought=thought)
    reward = record.get("reward")
    fraction = isinstance(reward, int | float) and 0 <= reward <= 1
    kept = ("conversations", "reward") if fraction else ("conversations",)
    name, number = str(record.get("id")).rpartition("_")[::2]
    yield conversation.trajectory(
        _NAME, Tools(), record, kept, score=reward if fraction else None,
        environment=name if name and number.isdigit() else _NAME,
        other_information={LABEL: label},
    )  # fmt: skip


def write(trajectory: Trajectory, losses: Losses) -> dict[str, Any]:
    held = ["id", "thought", "score", "other_information"]
    if trajectory.id.rpartition("_")[0] == trajectory.environment:
        held.append("environment")
    path = one_branch(trajectory, _NAME, losses, held)
    spoken = texts(path, trajectory, losses)
    rest = {k: v for k, v in trajectory.other_information.items() if k != LABEL}
    turns = [{"from": _FROM[m.role], "value": t} for m, t in zip(path, spoken, strict=True)]
    return {"id": trajectory.id, "conversations": turns, "reward": trajectory.score, **rest}


FORMAT = Format(
    name=_NAME,
    about="ETO's expert trajectories: ShareGPT turns with the environment's reward",
    recognize=recognize,
    read=read,
    write=write,
    suffix=".json",
)
