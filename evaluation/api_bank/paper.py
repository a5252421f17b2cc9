"""The paper's protocol: what the published figures were measured with, defects included.

- Every sample is judged in a fresh world. Earlier calls of its dialogue are not made, so that a
  call that needs them fails even where it is the annotated one.
- A call that directly follows a call is counted twice (399 samples for 389 calls in level 1, 135
  for 119 in level 2). Samples without a prediction are wrong, and stay in the denominator.
- Level 3 plays all records in one world that is never reset, in the order of the file; a call of
  another tool is made and left to the annotated tool's checker; keywords are taken apart before
  capitals. A record is right when all of its calls are.
- The tools are those of the latest upstream release (`strict-upstream`): lists stay text, the
  descriptions that ToolSearcher finds are the edited ones. Dictionary and Translate asked the
  network upstream; here they give the recorded answers, so that no figure depends on a service
  (without it, upstream counts 9 samples fewer on the full level 1).

Checkers are the published ones. Nothing of this is right or wrong about a model alone: the score
of the annotated calls themselves, which is told beside every model's, is the ceiling.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...environments.api_bank import ApiBankData, Behaviour, Session, level_1, level_3
from .annotations import GoldCall, Key
from .call_score import CallScore, scored
from .predictions import MISSING, Prediction
from .scoring import Verdict, score_call

BEHAVIOUR: Behaviour = "strict-upstream"


def score_published(
    calls: Sequence[GoldCall], predictions: Mapping[Key, Prediction], data: ApiBankData
) -> list[CallScore]:
    """Levels 1 and 2, each call in a world of its own."""
    scores = []
    for gold in calls:
        session = Session(level_1(), data=data, behaviour=BEHAVIOUR)
        scores.append(_scored(session, gold, predictions))
        session.world.close()
    return scores


def score_published_records(
    calls: Sequence[GoldCall], predictions: Mapping[Key, Prediction], data: ApiBankData
) -> list[CallScore]:
    """Level 3, all calls in one world."""
    session = Session(level_3(), data=data, behaviour=BEHAVIOUR)
    scores = [_scored(session, gold, predictions, any_name=True) for gold in calls]
    session.world.close()
    return scores


def _scored(
    session: Session,
    gold: GoldCall,
    predictions: Mapping[Key, Prediction],
    any_name: bool = False,
) -> CallScore:
    prediction = predictions.get(gold.key, MISSING)
    if prediction.failure is not None:
        return scored(gold, prediction, Verdict(prediction.failure, (), prediction.detail))
    verdict = score_call(
        session,
        prediction.name,
        prediction.arguments,
        gold,
        mode="published",
        behaviour=BEHAVIOUR,
        any_name=any_name,
    )
    return scored(gold, prediction, verdict)
