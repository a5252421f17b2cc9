"""Ranking by Okapi BM25, and the words it ranks by."""

from __future__ import annotations

import math
from importlib.util import find_spec

import pytest
from api_bank_data import FOLDER, needs_data
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.environments.api_bank import Session, api_bank_data, level_1
from callsheet.environments.api_bank.data import SEED
from callsheet.environments.api_bank.okapi import Okapi
from callsheet.environments.api_bank.words import words

WORDS = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=8)


def by_definition(documents: list[list[str]], query: list[str]) -> list[float]:
    """BM25 term by term, as the formula reads."""
    total = len(documents)
    mean = sum(len(d) for d in documents) / total
    idf = {}
    for word in {w for d in documents for w in d}:
        n = sum(word in d for d in documents)
        idf[word] = math.log((total - n + 0.5) / (n + 0.5))
    average = sum(idf.values()) / len(idf)
    idf = {word: 0.25 * average if value < 0 else value for word, value in idf.items()}
    return [
        sum(
            idf[word] * d.count(word) * 2.5 / (d.count(word) + 1.5 * (0.25 + 0.75 * len(d) / mean))
            for word in query
            if word in idf
        )
        for d in documents
    ]


@given(st.lists(WORDS, min_size=1, max_size=8), st.lists(st.sampled_from("abcdefz"), max_size=6))
def test_scores_are_those_of_the_formula(documents: list[list[str]], query: list[str]) -> None:
    index = Okapi(documents)
    expected = by_definition(documents, query)
    assert index.scores(query) == pytest.approx(expected, abs=1e-12)
    best = index.best(query, 2)
    scores = index.scores(query)
    assert [scores[i] for i in best] == sorted(scores, reverse=True)[:2]


def test_equal_scores_keep_the_order_of_documents() -> None:
    index = Okapi([["a"], ["b"], ["a"], ["b"], ["c", "c"]])
    assert index.best(["b"], 3) == [1, 3, 0]
    assert index.best([], 2) == index.best(["z"], 2) == [0, 1]
    assert Okapi([]).best(["a"], 2) == []


def test_a_common_word_counts_a_quarter_of_the_mean() -> None:
    documents = [["the", "cat"], ["the", "dog"], ["the", "owl"], ["fox"]]
    rare, common = math.log(3.5 / 1.5), math.log(1.5 / 3.5)
    mean = (4 * rare + common) / 5
    length = 1.5 * (0.25 + 0.75 * 2 / 1.75)
    assert Okapi(documents).scores(["the"])[0] == pytest.approx(0.25 * mean * 2.5 / (1 + length))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a beginner's guide", "a beginner 's guide"),
        ("don't, we'll cannot gonna", "do n't , we 'll can not gon na"),
        ("(real-time) costs: 1,000 at 3.5%!", "( real-time ) costs : 1,000 at 3.5 % !"),
        ("rise and fall.", "rise and fall ."),
        ("rise. fall.", "rise . fall ."),
        ("the u.s. economy", "the u.s. economy"),
        ('the "old" boats\' dock ...', "the `` old '' boats ' dock ..."),
        ("'so' it's--well", "' so ' it 's -- well"),
        (
            "what\u2019s \u2018new\u2019 \u2013 or old\u2014or",
            "what \u2019 s \u2018 new \u2019 \u2013 or old \u2014 or",
        ),
        ("`a` '+'", "` a ` '+ '"),
        (" \n ", ""),
    ],
)
def test_words(text: str, expected: str) -> None:
    assert words(text) == expected.split()


PIECES = ["a", "boat", "don't", "it's", "we'll", "cannot", "gonna", "'tis", "1,000", "3.5", "a:b",
          "x,", "(z)", '"q"', "--", "...", "-", "!", "e-mail", "'s", "dogs'", "100%", "$5", "a..b",
          "[k]", "hello,", "what?", "rock", "'em", "d'ye", "shouldn't've", "it\u2019s",
          "\u2018hi\u2019", "2001\u20132003", "a\u2014b", "`c`"]  # fmt: skip


@pytest.mark.skipif(find_spec("nltk") is None, reason="NLTK is not installed")
@settings(deadline=None)  # the first import of NLTK takes seconds
@given(st.lists(st.sampled_from(PIECES), max_size=6), st.sampled_from(["", ".", "?"]))
def test_words_are_those_of_the_treebank(pieces: list[str], end: str) -> None:
    """Beside the library that upstream used; a sentence at a time, as that takes them."""
    from nltk.tokenize import NLTKWordTokenizer

    text = " ".join(pieces) + end
    assert words(text) == NLTKWordTokenizer().tokenize(text)


@given(st.text(max_size=60))
def test_words_of_any_text(text: str) -> None:
    found = words(text)
    assert all(word and not word.isspace() for word in found)
    joined = "".join(found).replace("``", '"').replace("''", '"')
    assert joined.replace('"', "") == "".join(text.split()).replace("''", "").replace('"', "")


def test_searching_the_seed() -> None:
    session = Session(level_1(), data=api_bank_data(SEED))

    def titles(keyword: str) -> list[str]:
        output = session.call("SearchEngine", {"keyword": keyword})["output"]
        assert all(page.keys() == {"title", "url", "abstract"} for page in output)
        return [page["title"] for page in output]

    assert titles(" Tidal POWER ") == [
        "Small Islands Turn to Tidal Power",
        "How Tidal Power Works",
    ]
    assert titles("the bees' honey")[0] == "Honey Harvests Fall After Wet Spring"
    assert (
        titles("")
        == titles("zzzz")
        == [
            "A Beginner's Guide to Beekeeping",
            "Honey Harvests Fall After Wet Spring",
        ]
    )


@pytest.mark.parametrize("folder", [SEED, pytest.param(FOLDER, marks=needs_data)])
def test_documents_are_split_as_queries_are(folder: object) -> None:
    pages = api_bank_data(folder).file("SearchEngine")  # type: ignore[arg-type]
    for page, split in zip(pages["raw_documents"], pages["tokenized_documents"], strict=True):
        assert words(f"{page['title']} - {page['abstract']}".lower()) == split


@needs_data
def test_sample_queries_of_the_data() -> None:
    data = api_bank_data(FOLDER)
    session = Session(level_1(), data=data)
    for keyword, found in data.file("SearchEngine").get("sample_queries", {}).items():
        assert session.call("SearchEngine", {"keyword": keyword})["output"] == found
