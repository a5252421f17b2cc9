from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from api_bank_data import FOLDER, needs_data
from hypothesis import given
from hypothesis import strategies as st

from callsheet.environments.api_bank.recordings import (
    Dialogue,
    RecordedCall,
    Requirement,
    Turn,
    read_dialogues,
    read_requirements,
)
from callsheet.evaluation.api_bank.samples import (
    call_samples,
    corrected_samples,
    response_samples,
    samples,
)


def dialogue(roles: str, level: Any = 1) -> Dialogue:
    """A dialogue by the initials of its turns: U, A, and C for a call."""
    turns = []
    for number, role in enumerate(roles):
        if role == "C":
            turns.append(Turn(role="API", api_name=f"Tool{number}", result={"output": number}))
        else:
            turns.append(Turn(role="User" if role == "U" else "AI", text=f"line {number}"))
    return Dialogue(name="d.jsonl", level=level, turns=tuple(turns))


def where(found: Sequence[Any]) -> list[tuple[int, int, int]]:
    """Number, lines of history and the call's line of each sample."""
    return [(sample.id, len(sample.history), sample.api_line) for sample in found]


class TestDialogues:
    @pytest.mark.parametrize(
        ("roles", "calls", "responses"),
        [
            ("UAA", [], []),
            ("UACA", [(0, 2, 2)], [(1, 3, 2)]),
            ("UCCA", [(0, 1, 1), (1, 2, 1), (2, 2, 2)], [(3, 3, 2)]),
            ("UCU", [(0, 1, 1)], []),
            ("UC", [(0, 1, 1)], []),
            ("C", [(0, 0, 0)], []),
            ("UCCC", [(0, 1, 1), (1, 2, 1), (2, 2, 2), (3, 3, 2), (4, 3, 3)], []),
            ("UCUACA", [(0, 1, 1), (2, 4, 4)], [(3, 5, 4)]),
        ],
    )
    def test_numbers(self, roles: str, calls: Any, responses: Any) -> None:
        one = dialogue(roles)
        assert where(call_samples(one)) == calls
        assert where(response_samples(one)) == responses

    @given(st.text("UAC", max_size=25))
    def test_what_is_asked_follows_the_history(self, roles: str) -> None:
        one = dialogue(roles, 2)
        count = roles.count("C")
        adjacent = sum(pair == ("C", "C") for pair in pairwise(roles))
        assert len(call_samples(one)) == count + adjacent
        assert len(response_samples(one)) == sum(pair == ("C", "A") for pair in pairwise(roles))
        for sample in samples(one):
            at = len(sample.history)
            assert sample.history == one.turns[:at] and sample.gold == one.turns[at]
            assert one.turns[sample.api_line].role == "API" and sample.api_line in (at, at - 1)
            assert sample.id % 2 == at - sample.api_line
            assert sample.key == ("d.jsonl", sample.id) and sample.level == 2
        assert [s.id for s in corrected_samples(one)] == [2 * k for k in range(count)]

    def test_corrected_samples_have_each_call_once_with_the_earlier_ones(self) -> None:
        found = corrected_samples(dialogue("UCCACUA"))
        assert [sample.gold.api_name for sample in found] == ["Tool1", "Tool2", "Tool4"]
        assert [[t.api_name for t in sample.earlier_calls] for sample in found] == [
            [],
            ["Tool1"],
            ["Tool1", "Tool2"],
        ]

    def test_tools_of_the_whole_dialogue(self) -> None:
        assert {s.tools for s in samples(dialogue("UCACA"))} == {("Tool1", "Tool3")}


def record(calls: int) -> Requirement:
    return Requirement(
        sample_id=7,
        requirement="Find and add.",
        response="Added.",
        apis=tuple(
            RecordedCall(
                api_name=f"Tool{i}", input={"a": i}, output={"output": i, "exception": None}
            )
            for i in range(calls)
        ),
    )


class TestRecords:
    def test_one_sample_a_call_and_one_for_the_response(self) -> None:
        one = record(3)
        assert [s.key for s in call_samples(one)] == [("7", 0), ("7", 1), ("7", 2)]
        assert corrected_samples(one) == call_samples(one)
        last = call_samples(one)[-1]
        assert last.history[0] == Turn(role="User", text="Find and add.")
        assert [turn.param_dict for turn in last.earlier_calls] == [{"a": 0}, {"a": 1}]
        assert last.gold.result["output"] == 2
        [response] = response_samples(one)
        assert response.key == ("7", 2) and response.gold.text == "Added."
        assert len(response.history) == 4

    def test_no_call(self) -> None:
        assert samples(record(0)) == []


@needs_data
def test_recorded_data() -> None:
    assert FOLDER is not None
    for level in (1, 2):
        dialogues = read_dialogues(FOLDER, level)  # type: ignore[arg-type]
        asked = [s for d in dialogues for s in call_samples(d)]
        once = [s for d in dialogues for s in corrected_samples(d)]
        assert len(once) == sum(len(d.calls) for d in dialogues)
        following = [d.turns[i + 1] for d in dialogues for i, t in enumerate(d.turns[:-1])
                     if t.role == "API"]  # fmt: skip
        assert len(asked) - len(once) == sum(turn.role == "API" for turn in following)
        answers = [s for d in dialogues for s in response_samples(d)]
        assert len(answers) == sum(turn.role == "AI" for turn in following)
        assert len({s.key for s in [*asked, *answers]}) == len(asked) + len(answers)
        # The whole published data; a part of them has fewer.
        assert (len(asked), len(answers)) <= ((399, 375) if level == 1 else (135, 103))
    records = read_requirements(FOLDER)
    assert sum(len(response_samples(r)) for r in records) == len(records) <= 50
    assert sum(len(call_samples(r)) for r in records) == sum(len(r.apis) for r in records) <= 245
