"""Why the annotated calls themselves fail under the paper's protocol.

Four things of that protocol are defects, and each can be put right alone:

- earlier calls: of levels 1 and 2 they are not made, though the call needs what they did; of level
  3 those of all other records are, in the same world;
- parser: the published one, which tears quoted text and lists apart;
- tools: upstream's latest, which are not those of the recordings;
- checker: the published one.

The reason of a failure is the smallest set of these without which the call is right. None of it
changes a figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from ...environments.api_bank import Behaviour
from .annotations import GoldCall, Key, every_call
from .benchmark import Benchmark
from .call_score import CallScore
from .checkers import Mode
from .paper import BEHAVIOUR
from .reading import gold_prediction
from .replay import Replay

DEFECTS = ("earlier calls", "parser", "tools", "checker")
UNEXPLAINED = "unexplained"
_ONLINE = ("Dictionary", "Translate")


def gold_reasons(benchmark: Benchmark, scores: Sequence[CallScore]) -> dict[Key, str]:
    """The reason of each wrong score of the annotated calls, such as "tools" or "parser and
    tools"; "online" for a word or text that nobody recorded, "unexplained" where nothing helps."""
    wrong = {(score.file, score.id) for score in scores if not score.correct}
    before = _before(benchmark)
    reasons: dict[Key, str] = {}
    for gold in benchmark.calls("paper"):
        if gold.key in wrong:
            reasons[gold.key] = _reason(benchmark, gold, before)
    return reasons


def _before(benchmark: Benchmark) -> dict[Key, tuple[list[GoldCall], list[GoldCall]]]:
    """For each call, what is made before it as published, and what should be."""
    found: dict[Key, tuple[list[GoldCall], list[GoldCall]]] = {}
    every: list[GoldCall] = []
    for source in benchmark.sources:
        calls = every_call(source)
        for at, gold in enumerate(calls):
            published = list(every) if benchmark.level == 3 else []
            found[gold.key] = (published, calls[:at])
            if benchmark.level != 3 and at:
                # Counted a second time in the place of the answer to the call before.
                found[gold.source, calls[at - 1].number + 1] = found[gold.key]
            every.append(gold)
    return found


def _reason(
    benchmark: Benchmark,
    gold: GoldCall,
    before: Mapping[Key, tuple[list[GoldCall], list[GoldCall]]],
) -> str:
    for size in range(1, len(DEFECTS) + 1):
        for mended in combinations(DEFECTS, size):
            if _right(benchmark, gold, before[gold.key], mended):
                return " and ".join(mended)
    return "online" if gold.name in _ONLINE else UNEXPLAINED


def _right(
    benchmark: Benchmark,
    gold: GoldCall,
    before: tuple[list[GoldCall], list[GoldCall]],
    mended: Sequence[str],
) -> bool:
    """Whether the annotated call is right when the defects in `mended` are put right."""
    behaviour: Behaviour = "reference" if "tools" in mended else BEHAVIOUR
    mode: Mode = "corrected" if "checker" in mended else "published"
    replay = Replay(benchmark.catalog, benchmark.data, behaviour, mode)
    for earlier in before["earlier calls" in mended]:
        replay.advance(earlier)
    prediction = gold_prediction(gold, "corrected" if "parser" in mended else "paper")
    verdict = replay.judged(prediction, gold)
    replay.close()
    return verdict.correct
