"""Table 1, distributions, tokens, coverage, endings: by hand."""

from __future__ import annotations

import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from conversations import call, result, trajectory
from hypothesis import given
from hypothesis import strategies as st

from callsheet.evaluation.quality.coverage import UNTAGGED, CoverageMeter, gini
from callsheet.evaluation.quality.distributions import SHOWN, distribution
from callsheet.evaluation.quality.endings import KINDS, OTHERS, EndingsMeter
from callsheet.evaluation.quality.rounds import dialogue_of
from callsheet.evaluation.quality.size import SizeMeter
from callsheet.evaluation.quality.tokens import token_counter
from callsheet.models.errors import ModelUnavailable
from callsheet.tools import ToolSpec
from callsheet.trajectories.trajectory import Outcome, Trajectory, Verdict, line_of


def test_table_1_by_hand() -> None:
    both = call("AddReminder", {"content": "x"}, 2)
    both["tool_calls"] += call("query_stock", {"item_name": "y", "shelf": 1}, 3)["tool_calls"]
    chat = [
        {"role": "system", "content": "not counted at all"},
        {"role": "user", "content": "two words"},
        both,
        result("r", 2),
        result("r", 3),
        call("query_stock", {"item_name": "z"}, 4),
        result("r", 4),
        {"role": "assistant", "content": "Done."},
        {"role": "user", "content": "thanks"},
        {"role": "assistant", "content": "You are welcome"},
    ]
    one = trajectory(messages=chat).model_copy(
        update={"plan": [{"kind": "tool_call"}, {"kind": "chitchat"}]}
    )
    meter = SizeMeter(token_counter())
    meter.add(dialogue_of(one))
    size = meter.result()
    assert (size.dialogues, size.turns, size.calls) == (1, 2, 3)
    assert (size.call_turns, size.parallel_turns, size.multiple_turns) == (1, 1, 1)
    assert size.turns_without_call == 1 and size.chitchat_share == 0.5
    # "Done" "." "You" "are" "welcome"; '"r"' is a mark, a word and a mark, three times.
    assert size.tokens_by_part["user"] == 3 and size.tokens_by_part["assistant"] == 5
    assert size.tokens_by_part["tools"] == 9
    assert size.tokens == sum(size.tokens_by_part.values())
    assert size.distributions["arguments"].maximum == 2
    assert size.distributions["tools_called"].mean == 2
    assert size.distributions["turn_calls"].mean == 3


def test_tokens_keep_their_combining_marks_however_they_are_written() -> None:
    count = token_counter()
    assert count(["हिन्दी में बात करते हैं"]) == 5 and count(["a_b, c"]) == 3
    assert count([unicodedata.normalize("NFD", "Café!")]) == count(["Café!"]) == 2


def test_nothing_is_counted_in_an_empty_set() -> None:
    size = SizeMeter(token_counter()).result()
    assert size.dialogues == size.tokens == 0 and size.chitchat_share is None
    assert size.per_dialogue("turns") is None
    assert all(d.count == 0 and d.bins == [] for d in size.distributions.values())


@given(st.lists(st.integers(0, 100_000), min_size=1))
def test_a_distribution_holds_every_value_once(values: list[int]) -> None:
    found = distribution(Counter(values))
    assert sum(b.count for b in found.bins) == found.count == len(values)
    assert len(found.bins) <= SHOWN and len({b.high - b.low for b in found.bins}) == 1
    ordered = sorted(values)
    assert found.median == ordered[(len(values) - 1) // 2]
    assert (found.minimum, found.maximum) == (ordered[0], ordered[-1])
    assert found.bins[0].low <= ordered[0] and found.bins[-1].high >= ordered[-1]
    for one in found.bins:
        assert one.count == sum(one.low <= value <= one.high for value in values)


def test_tokens_are_counted_by_a_named_counter(tmp_path: Path) -> None:
    assert token_counter()(["Book 2 rooms, please!", "a_b"]) == 7
    with pytest.raises(ValueError, match="no tokenizer; there are words"):
        token_counter("nothing")
    broken = tmp_path / "tokenizer.json"
    broken.write_text("{}")
    pytest.importorskip("tokenizers", reason="needs callsheet[embed]")
    with pytest.raises(ValueError, match="no tokenizer:"):
        token_counter(str(tmp_path))


def test_an_installed_vocabulary_counts_offline() -> None:
    try:
        counter = token_counter("wordllama")
    except ModelUnavailable as error:
        pytest.skip(str(error))
    assert counter(["Unbelievable tokenization"]) > 2
    assert counter(["a" * 5_000 + " b" * 5_000]) > 5_000  # nothing is cut off


def test_gini_and_evenness_by_hand() -> None:
    assert gini([1, 1, 1, 1]) == 0
    assert gini([0, 0, 0, 8]) == 0.75
    assert gini([]) is None and gini([0, 0]) is None


def tagged(name: str, *tags: str) -> ToolSpec:
    return ToolSpec(name=name, tags=tags)


def test_coverage_counts_tools_tags_pool_and_unknown_calls() -> None:
    chat = [{"role": "user", "content": "x"}, *(call(n, {}, i) for i, n in enumerate("aabz"))]
    one = Trajectory(
        id="1", scenario="s", environment="e", messages=line_of(chat),
        tools=[tagged("a", "travel", "maps"), tagged("b"), tagged("c", "travel")],
    )  # fmt: skip
    meter = CoverageMeter()
    meter.add(dialogue_of(one))
    pool = [tagged(name) for name in ("a", "c", "d", "e")]
    found = meter.result(pool)
    assert (found.tools_offered, found.tools_called, found.unknown_calls) == (3, 2, 1)
    domains = {use.name: (use.offered, use.calls) for use in found.domains}
    assert domains == {"travel": (1, 2), "maps": (1, 2), UNTAGGED: (1, 1)}
    assert found.entropy == pytest.approx(0.918296) and found.evenness is not None
    assert (found.pool_size, found.pool_offered_share, found.pool_called_share) == (4, 0.5, 0.25)
    assert found.outside_pool == 1
    assert found.lorenz[0] == (0, 0) and found.lorenz[-1] == (1, 1)
    assert CoverageMeter().result([]).pool_offered_share is None


def test_verdicts_are_counted_by_kind_and_kinds_are_bounded() -> None:
    meter = EndingsMeter()
    verdicts = [Verdict(check="called: a", passed=True), Verdict(check="called: b", passed=False)]
    meter.add(trajectory().model_copy(update={"verdicts": verdicts}))
    meter.add(trajectory().model_copy(update={"verdicts": verdicts[:1]}))
    meter.add(trajectory(status="failed").model_copy(
        update={"verdicts": verdicts[:1], "outcome": Outcome(status="failed", blame="tool")}
    ))  # fmt: skip
    meter.add(trajectory())
    found = meter.result()
    assert [(c.check, c.passed, c.failed) for c in found.checks] == [("called", 3, 1)]
    assert (found.passed, found.judged) == (1, 3) and found.blame == {"tool": 1}
    for number in range(2 * KINDS):
        verdict = Verdict(check=f"k{number}", passed=True)
        meter.add(trajectory().model_copy(update={"verdicts": [verdict]}))
    checks = meter.result().checks
    assert len(checks) == KINDS + 1 and OTHERS in {c.check for c in checks}
