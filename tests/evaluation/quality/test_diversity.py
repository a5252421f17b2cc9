"""Entropy and distinct 3-grams, by hand and by brute force."""

from __future__ import annotations

import math
import unicodedata
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.evaluation.quality import diversity
from callsheet.evaluation.quality.diversity import DiversityMeter, common_size, entropy
from callsheet.evaluation.quality.words import words

DIALOGUES = st.lists(st.lists(st.text("abc ", max_size=30), max_size=4), max_size=6)


def measured(*dialogues: list[str], seed: int = 0) -> diversity.Diversity:
    meter = DiversityMeter()
    for dialogue in dialogues:
        meter.add(dialogue)
    return meter.result(seed)


@pytest.mark.parametrize("count", [1, 2, 8, 1024])
def test_uniform_words_have_the_logarithm_of_their_number(count: int) -> None:
    text = " ".join(f"w{i}" for i in range(count))
    assert measured([text]).entropy == pytest.approx(math.log2(count), abs=1e-6)


def test_entropy_by_hand() -> None:
    assert entropy([2, 1, 1]) == pytest.approx(1.5)
    assert entropy([]) == 0 and entropy([5]) == 0 and entropy([0, 3]) == 0


def test_distinct_3_by_hand() -> None:
    # "a b c a b c": abc bca cab abc, so that 3 of 4 are different.
    assert measured(["A b, c? a b c!"]).distinct_3 == 0.75


def test_repeating_a_text_divides_distinct_3() -> None:
    text = " ".join(f"w{i}" for i in range(12))
    assert measured([text]).distinct_3 == 1
    assert measured(*[[text]] * 5).distinct_3 == pytest.approx(1 / 5)


def test_no_3_gram_crosses_a_message() -> None:
    assert measured(["a b", "c d"]).trigrams == 0
    assert measured(["a b", "c d"]).distinct_3 is None


def test_words_keep_apostrophes_and_drop_marks_and_case() -> None:
    assert words("Don't, STOP_me 3.5 café—no") == ["don't", "stop", "me", "3", "5", "café", "no"]


def test_words_keep_their_combining_marks_however_they_are_written() -> None:
    assert words("हिन्दी में बात करते हैं") == ["हिन्दी", "में", "बात", "करते", "हैं"]
    assert words("தமிழ், ภาษาที่") == ["தமிழ்", "ภาษาที่"]
    assert words(unicodedata.normalize("NFD", "Café a_b")) == words("café A B")
    assert words("\u0301 ok \u2764\ufe0f") == ["ok"], "a mark on no letter is no word"


@given(DIALOGUES)
def test_as_counting_tuples_says(dialogues: list[list[str]]) -> None:
    said = [words(text) for dialogue in dialogues for text in dialogue]
    trigrams = [t for row in said for t in zip(row, row[1:], row[2:], strict=False)]
    found = measured(*dialogues)
    assert (found.trigrams, found.distinct_trigrams) == (len(trigrams), len(set(trigrams)))
    assert found.words == sum(map(len, said))


@given(DIALOGUES)
def test_word_numbers_past_the_packed_ones_change_nothing(dialogues: list[list[str]]) -> None:
    exact = measured(*dialogues)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(diversity, "_BITS", 0)  # all but the first word are hashed now
        assert measured(*dialogues) == exact


def test_at_equal_size_a_larger_set_of_the_same_kind_is_as_diverse() -> None:
    def dialogue(number: int) -> list[str]:
        return [" ".join(Random(number).choices([f"w{i}" for i in range(12)], k=52))]

    small = measured(*[dialogue(i) for i in range(40)])
    large = measured(*[dialogue(i) for i in range(400)])
    assert small.distinct_3 is not None and large.distinct_3 is not None
    assert large.distinct_3 < small.distinct_3 / 2
    one, other = small.at_size(1_000), large.at_size(1_000)
    assert one is not None and other is not None
    assert one.mean == pytest.approx(other.mean, rel=0.1)
    assert one.low <= one.mean <= one.high
    assert common_size([small.model_copy(), large]) == small.growth[-1].size
    assert common_size([measured(["a"]), large]) is None


def test_a_seed_decides_the_draws() -> None:
    # Words of few dialogues only, so that it matters which are drawn.
    sets = [
        [f"{'x ' * (i % 9)}" + " ".join(f"d{i % 23}w{j}" for j in range(30))] for i in range(99)
    ]
    assert measured(*sets, seed=1) == measured(*sets, seed=1)
    assert measured(*sets, seed=1).growth != measured(*sets, seed=2).growth


def test_the_order_of_dialogues_changes_no_figure_of_the_whole_set() -> None:
    sets = [[f"w{i} w{i * i % 7} w{i % 3} end"] for i in range(60)]
    forth, back = measured(*sets), measured(*sets[::-1])
    assert forth.entropy == back.entropy and forth.distinct_3 == back.distinct_3
