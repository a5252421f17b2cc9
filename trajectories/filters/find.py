"""Finding what is wrong with a finished dialogue: every rule, over every branch."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..trajectory import Message, Trajectory
from .answers import answers
from .branch import Branch
from .calls import schema, tool_names
from .claims import claims
from .config import FilterConfig
from .defect import Defect, defect
from .empty import empty
from .endings import endings
from .fabricated import fabricated
from .ignored import ignored
from .leaks import leaks
from .left_out import left_out
from .repeats import repeats
from .structure import call_format, pairing, role_order
from .text_damage import text_damage
from .vague import vague
from .verdicts import verdicts

Rule = Callable[[Branch, FilterConfig], Iterator[Defect]]

RULES: dict[str, Rule] = {
    "call_format": call_format,
    "pairing": pairing,
    "role_order": role_order,
    "tool_names": tool_names,
    "schema": schema,
    "fabricated": fabricated,
    "vague": vague,
    "left_out": left_out,
    "endings": endings,
    "leaks": leaks,
    "repeats": repeats,
    "empty": empty,
    "claims": claims,
    "answers": answers,
    "ignored": ignored,
    "text_damage": text_damage,
    "verdicts": verdicts,
}
"""By the family of reasons that each reports."""


def find_defects(trajectory: Trajectory, config: FilterConfig | None = None) -> list[Defect]:
    """What is wrong with `trajectory`, each thing once; empty where nothing was found.

    Of a tree, the path to every leaf is judged (`FilterConfig.branches`). Never raises for a valid
    trajectory, and gives the same list every time.
    """
    config = config or FilterConfig()
    found: dict[tuple[str, int | None, str], Defect] = {}
    for path in _paths(trajectory, config):
        if path is None:
            large = defect("too_large", f"more than {config.message_views} messages to look at")
            found.setdefault((large.reason, None, ""), large)
            break
        branch = Branch.of(trajectory, path)
        for rule in RULES.values():
            for one in rule(branch, config):
                if config.looks_for(one.reason):
                    found.setdefault((one.reason, one.message, one.detail), one)
    return list(found.values())


def _paths(trajectory: Trajectory, config: FilterConfig) -> Iterator[list[Message] | None]:
    """The path to each leaf; None, and no more, once they come to too many messages."""
    leaves = trajectory.leaves() if config.branches == "all" else trajectory.leaves()[-1:]
    by_id = {message.id: message for message in trajectory.messages}
    seen = 0
    for leaf in leaves:
        way: list[Message] = []
        at: int | None = leaf
        while at is not None and seen <= config.message_views:
            way.append(by_id[at])
            at = by_id[at].parent
            seen += 1
        if seen > config.message_views:
            yield None
            return
        yield way[::-1]
    if not leaves:
        yield []
