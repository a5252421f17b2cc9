import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rouge import Rouge

from callsheet.evaluation.api_bank import rouge_scores
from callsheet.evaluation.api_bank.rouge_scores import (
    MAX_PIECES,
    ResponseScore,
    mean_score,
    published_rouge_l,
    response_score,
    standard_rouge_l,
    without_speakers,
)
from callsheet.models.errors import ModelUnavailable


def by_hand(answer: str, reference: str) -> float:
    """The published score from its description, without recursion."""
    hypotheses, references = (
        [" ".join(part.split()).split(" ") for part in text.split(".") if part]
        for text in (answer, reference)
    )
    if not hypotheses or not references:
        return 0.0
    union: set[str] = set()
    for one in references:
        for other in hypotheses:
            union |= set(common(one, other))
    recall = len(union) / len({word for one in references for word in one})
    precision = len(union) / len({word for one in hypotheses for word in one})
    return 2 * precision * recall / (precision + recall + 1e-8)


def common(x: list[str], y: list[str]) -> list[str]:
    """A longest common subsequence; of several, the one nearest the beginning of x's end."""
    table = [[0] * (len(y) + 1) for _ in range(len(x) + 1)]
    for i, a in enumerate(x, start=1):
        for j, b in enumerate(y, start=1):
            table[i][j] = (
                table[i - 1][j - 1] + 1 if a == b else max(table[i - 1][j], table[i][j - 1])
            )
    i, j, found = len(x), len(y), []
    while i and j:
        if x[i - 1] == y[j - 1]:
            found.append(x[i - 1])
            i, j = i - 1, j - 1
        elif table[i - 1][j] > table[i][j - 1]:
            i -= 1
        else:
            j -= 1
    return found


sentences = st.lists(
    st.sampled_from(
        ["the", "alarm", "is", "set", "Set", ".", ". ", "for", "9:00", "3.5", "  ", "a"]
    ),
    max_size=14,
).map(" ".join)


class TestPublished:
    @given(sentences | st.text(max_size=40), sentences | st.text(max_size=40))
    @settings(max_examples=400)
    def test_is_what_it_is_described_to_be(self, answer: str, reference: str) -> None:
        assert published_rouge_l(answer, reference) == pytest.approx(by_hand(answer, reference))

    @given(sentences, sentences)
    def test_is_the_package_own_figure(self, answer: str, reference: str) -> None:
        if answer.strip(".") and reference.strip("."):
            package = Rouge().get_scores(answer, reference)[0]["rouge-l"]["f"]
            assert published_rouge_l(answer, reference) == package

    def test_known_values(self) -> None:
        reference = "Your appointment has been modified successfully."
        # 5 of 5 words said, 5 of 6 wanted ("modified" is spelt without its full stop).
        assert response_score("Your appointment has been modified.", reference).published == 0.9091
        # A sentence said twice counts once: sets of words.
        twice = f"{reference} {reference}"
        assert published_rouge_l(twice, reference) == pytest.approx(1, abs=1e-6)
        assert standard_rouge_l(twice, reference) == pytest.approx(2 / 3)
        # Capitals matter in one and not in the other.
        assert published_rouge_l("ALARM", "alarm") == 0 and standard_rouge_l("ALARM", "alarm") == 1

    @pytest.mark.parametrize("empty", ["", ".", "...", "." * 5000])
    def test_nothing_said_is_zero(self, empty: str) -> None:
        for pair in ((empty, "some words"), ("some words", empty), (empty, empty)):
            assert response_score(*pair) == ResponseScore(published=0, standard=0)


class TestHostile:
    @pytest.mark.parametrize(
        "answer",
        ["word " * 200_000, ". " * 400_000, "." * 900_000, "a." * 400_000, "x" * 900_000,
         "\x00\ud800 " * 1000, " \t\n" * 300_000],
        ids=["words", "stops", "dots", "short sentences", "one word", "odd", "space"],
    )  # fmt: skip
    @pytest.mark.timeout(60)
    def test_endless_answers(self, answer: str) -> None:
        limit = sys.getrecursionlimit()
        for pair in ((answer, "A reference. Of two sentences."), (answer, answer)):
            score = response_score(*pair)
            assert 0 <= score.published <= 1 and 0 <= score.standard <= 1
        assert sys.getrecursionlimit() == limit

    def test_deep_below_other_functions(self) -> None:
        text = " ".join(f"w{i}" for i in range(MAX_PIECES - 1))
        other = " ".join(f"v{i}" for i in range(MAX_PIECES - 1))

        def below(depth: int) -> float:
            return below(depth - 1) if depth else published_rouge_l(text, other + " w0")

        assert below(600) > 0

    def test_only_the_beginning_counts(self) -> None:
        start = "w " * (MAX_PIECES + 10)
        assert response_score(start + "alarm", "alarm").published == 0
        assert response_score("alarm " + start, "alarm").published > 0


class TestMeans:
    def test_of_rounded_values(self) -> None:
        # 1/3 each: rounded before the mean is taken, as upstream's evaluator does.
        scores = [response_score("a b c", "a x y z d e")] * 3
        assert scores[0].published == round(by_hand("a b c", "a x y z d e"), 4)
        assert mean_score(scores).published == pytest.approx(scores[0].published, abs=1e-12)

    def test_missing_answers_stay_in_the_denominator(self) -> None:
        mean = mean_score([response_score("a b", "a b"), response_score("", "a b")])
        assert mean == ResponseScore(published=0.5, standard=0.5)
        assert mean_score([]) == ResponseScore(published=0, standard=0)


def test_speakers_of_level_3_are_taken_out() -> None:
    assert without_speakers("AI: It is 3.\nUser: Thanks") == " It is 3.\n Thanks"


@pytest.mark.parametrize("package", ["rouge", "rouge_score"])
def test_without_the_extra(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in sys.modules if n.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    rouge_scores._rouge.cache_clear()
    rouge_scores._scorer.cache_clear()
    with pytest.raises(ModelUnavailable, match=r"callsheet\[evaluate\]"):
        response_score("a", "a")
