"""The interactive protocol: whole conversations, judged by what they did and said.

A mistake has its consequences here: the model's own calls change the state (`playing.py`). Scored
are, for each dialogue or record:

- effects: whether the world ends with the changes that the annotated calls make in it;
- calls: how many of the annotated calls the model made too, in any order, each judged by the
  corrected checker against what it gives in the annotated run; and how many it made besides;
- words: ROUGE-L of the model's last words after each line of the user on which annotated calls
  follow, against the annotated ones there;
- flags: calls of tools that no search had found (levels 2 and 3), several calls at once where a
  level has one at a time (levels 1 and 2), calls that failed or could not be read, and lines on
  which the model did not come to words.

Both runs draw ids from the same seed. The tools are the reference ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ...environments.api_bank import ApiBankData, CallRaised, Catalog, Session
from ...environments.api_bank.recordings import Turn
from ...environments.protocol import StateDiff
from .annotations import GoldCall, Source, every_call
from .benchmark import Benchmark
from .checkers import compare
from .conversation import Conversation, annotated_exchanges, name_of
from .corrected import BEHAVIOUR
from .effects import has_effects, same_effects
from .playing import ONE_AT_A_TIME
from .replay import Replay
from .rouge_scores import ResponseScore, response_score, without_speakers
from .scoring import as_searched


class ConversationScore(BaseModel):
    """One conversation's figures."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    file: str
    effects_right: bool
    effects_wanted: bool
    """Whether the annotated calls change anything."""
    matched: int
    gold_calls: int
    made: int
    """Calls of the model."""
    replies: tuple[ResponseScore, ...] = ()
    unanswered: int = 0
    """Of the replies, those without words; they count as 0."""
    flags: dict[str, int] = Field(default_factory=dict)
    problem: str | None = None


@dataclass
class GoldRun:
    """What the annotated calls do in a fresh world."""

    calls: list[tuple[GoldCall, dict[str, Any]]] = field(default_factory=list)
    """Those that reach their tools, with what they give here."""
    lost: int = 0
    """Those that do not."""
    renamed: dict[str, str] = field(default_factory=dict)
    """Ids of the recording, each with this world's."""
    effects: StateDiff = field(default_factory=StateDiff)


def gold_run(benchmark: Benchmark, source: Source) -> GoldRun:
    """Make the annotated calls of a dialogue or record."""
    replay = Replay(benchmark.catalog, benchmark.data, BEHAVIOUR, "corrected")
    replay.session.world.mark()
    run = GoldRun()
    for gold in every_call(source):
        envelope = replay.advance(gold)
        if envelope is None:
            run.lost += 1
        else:
            run.calls.append((gold, envelope))
    run.renamed = replay.renamed
    run.effects = replay.session.world.diff()
    replay.close()
    return run


def score_conversation(
    benchmark: Benchmark, source: Source, conversation: Conversation
) -> ConversationScore:
    """Judge a conversation; its calls are made again for their effects."""
    gold = gold_run(benchmark, source)
    effects = _effects(benchmark.catalog, benchmark.data, conversation)
    replies, unanswered = _replies(source, conversation)
    return ConversationScore(
        file=name_of(source),
        effects_right=same_effects(effects, gold.effects),
        effects_wanted=has_effects(gold.effects),
        matched=_matched(benchmark.catalog, gold, conversation),
        gold_calls=len(gold.calls) + gold.lost,
        made=len(conversation.calls),
        replies=tuple(replies),
        unanswered=unanswered,
        flags=_flags(benchmark.level, conversation),
        problem=conversation.problem,
    )


def _effects(catalog: Catalog, data: ApiBankData, conversation: Conversation) -> StateDiff:
    session = Session(catalog, data=data, behaviour=BEHAVIOUR)
    session.world.mark()
    for call in conversation.calls:
        try:
            session.call(call.name, as_searched(session, call.name, call.arguments))
        except CallRaised:
            continue
    found = session.world.diff()
    session.world.close()
    return found


def _matched(catalog: Catalog, gold: GoldRun, conversation: Conversation) -> int:
    left = [call for call in conversation.calls if call.reached]
    matched = 0
    for wanted, envelope in gold.calls:
        at = next(
            (
                i
                for i, call in enumerate(left)
                if call.name == wanted.name
                and compare(catalog, wanted.name, call.envelope, envelope, "corrected").equal
            ),
            None,
        )
        if at is not None:
            del left[at]
            matched += 1
    return matched


def _replies(source: Source, conversation: Conversation) -> tuple[list[ResponseScore], int]:
    """Scores of the model's words where annotated calls were told of, and how many it lacks."""
    said = [exchange.words for exchange in conversation.exchanges]
    scores, unanswered = [], 0
    for at, turns in enumerate(annotated_exchanges(source)):
        wanted = _told(turns)
        if wanted is None:
            continue
        words = said[at] if at < len(said) else ""
        unanswered += not words
        scores.append(response_score(without_speakers(words), without_speakers(wanted)))
    return scores, unanswered


def _told(turns: Sequence[Turn]) -> str | None:
    """The annotated words after the last of the calls; None without calls or words."""
    lines = [turn.role for turn in turns]
    if "API" not in lines:
        return None
    last = len(lines) - 1 - lines[::-1].index("API")
    words = " ".join(turn.text.strip() for turn in turns[last + 1 :])
    return words or None


def _flags(level: int, conversation: Conversation) -> dict[str, int]:
    """How often each flag was raised; those that were not are left out."""
    answers = [answer for exchange in conversation.exchanges for answer in exchange.answers]
    calls = conversation.calls
    found = {
        "call without search": sum(call.unsearched for call in calls),
        "several calls at once": sum(
            len(answer.calls) > 1 for answer in answers if level in ONE_AT_A_TIME
        ),
        "call refused": sum(call.envelope["exception"] is not None for call in calls),
        "unreadable call": sum(answer.unreadable for answer in answers),
        "no end of calls": sum(exchange.cut for exchange in conversation.exchanges),
        "no usable answer": int(conversation.problem is not None),
    }
    return {flag: count for flag, count in found.items() if count}
