"""The corrected protocol: every annotated call once, in the world in which it was made.

Before a call is judged, the dialogue's earlier annotated calls are made in its world, so that what
depends on them works; afterwards the annotated call is made, whatever the model said, so that one
mistake never spoils the next sample. Each record of level 3 has a world of its own too. The tools
are those of the recordings (`reference`), the checkers the corrected ones (`checkers.py`), ids
drawn by chance are exchanged (`replay.py`), and a notation that is read is read as it is meant.
Samples without a prediction are wrong, and stay in the denominator.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...environments.api_bank import ApiBankData, Behaviour, Catalog
from .annotations import GoldCall, Key
from .call_score import CallScore, scored
from .predictions import MISSING, Prediction
from .replay import Replay

BEHAVIOUR: Behaviour = "reference"


def score_corrected(
    catalog: Catalog,
    calls: Sequence[GoldCall],
    predictions: Mapping[Key, Prediction],
    data: ApiBankData,
) -> list[CallScore]:
    """The calls of one dialogue or record, in their order."""
    replay = Replay(catalog, data, BEHAVIOUR, "corrected")
    scores = []
    for gold in calls:
        prediction = predictions.get(gold.key, MISSING)
        scores.append(scored(gold, prediction, replay.judged(prediction, gold)))
        replay.advance(gold)
    replay.close()
    return scores
