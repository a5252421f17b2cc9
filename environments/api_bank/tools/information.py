"""Sums, dates, and tables of knowledge: an encyclopedia, a search engine, documents, a dictionary.

All but the sums are look-ups in constant tables. Dictionary and Translate asked services on the
network, which no benchmark can ask again: they give what was recorded (`online.py`). DocumentQA
never knows an answer, because upstream looks for the question where it cannot be.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ..coercion import CallRaised
from ..data import ApiBankData, ApiBankDataError
from ..declaration import LEVEL_1, LEVEL_3, Param, Refusal
from ..desk import DATE, Desk, loose_time
from ..formula import Endless, evaluated, evaluated_upstream
from ..okapi import Okapi
from ..online import definitions, language, translation
from ..words import words
from .answers import NUMBER, TEXT, record, several

TODAY = "2023-03-31"
"""The benchmark's present day."""
_KEYWORD = Param("str", "What to look for.")
_SHOWN = 2
"""Documents that the search engine shows."""
_SUM = "Do a sum with whole numbers, such as 12 * (7 - 3)."
_FORMULA = {"formula": Param("str", "The sum, with whole numbers, + - * / and parentheses.")}
_RESULT = {"result": Param("float", "What it comes to.")}


@LEVEL_1.api(_SUM, _FORMULA, _RESULT, returns=NUMBER)
@LEVEL_3.api(_SUM, _FORMULA, _RESULT, returns=NUMBER)
def Calculator(desk: Desk, formula: str) -> float:
    if not desk.strict:
        return evaluated(formula)
    try:
        return evaluated_upstream(formula)
    except Endless:
        raise CallRaised("Hang", "no answer within 0.2 s (upstream loops for ever)") from None


@LEVEL_1.api(
    "Get today's date.",
    {},
    {"date": Param("str", f"Today. Format: {DATE}")},
    returns={"type": "string", "format": "date"},
)
def GetToday(desk: Desk) -> str:
    return TODAY


@LEVEL_1.api(
    "Find out what happened on a day of the year.",
    {"date": Param("str", "The day. Format: %m-%d")},
    {"history": Param("list", "Sentences about what happened.")},
    returns=several(TEXT),
)
def QueryHistoryToday(desk: Desk, date: str) -> list[str]:
    try:
        day = loose_time(date)[-5:]
    except ValueError:
        day = loose_time(date, "%m-%d")
    found = _history(desk.data).get(day)
    if found is None:
        raise Refusal("The date is not in the database.")
    return list(found)


@lru_cache(maxsize=8)
def _history(data: ApiBankData) -> dict[str, list[str]]:
    """Sentences by day of the year."""
    return {
        day: [
            f"Title: {event['Title']}, Date: {event['Date']}, Description: {event['Description']}"
            for event in events
        ]
        for day, events in data.file("History").items()
    }


@LEVEL_1.api(
    "Look a subject up in the encyclopedia.",
    {"keyword": _KEYWORD},
    {"results": Param("dict", "Address and summary of the article.")},
    returns=record(url=TEXT, summary=TEXT),
)
def Wiki(desk: Desk, keyword: str) -> dict[str, str]:
    article = desk.data.file("Wiki").get(keyword.replace("_", " ").strip().lower())
    if article is None:
        raise Refusal("Keyword not found.")
    return {"url": article["url"], "summary": article["summary"]}


@LEVEL_1.api(
    "Answer a question about a document.",
    {
        "url": Param("str", "Address of the document, ending in .txt."),
        "question": Param("str", "The question."),
    },
    {"answer": Param("str", "The answer.")},
    returns=TEXT,
)
def DocumentQA(desk: Desk, url: str, question: str) -> str:
    url, question = url.strip(), question.strip()
    if not question:
        raise Refusal("The question is empty.")
    if url not in desk.data.file("QuestionAnswering"):
        raise Refusal("The document of this url failed to be processed.")
    return "The question is too difficult to answer."


@LEVEL_1.api(
    "Search the web for pages on a subject.",
    {"keyword": _KEYWORD},
    {"results": Param("list", "Title, address and abstract of each page.")},
    returns=several(record(title=TEXT, url=TEXT, abstract=TEXT)),
)
def SearchEngine(desk: Desk, keyword: str) -> list[dict[str, Any]]:
    index, pages = _index(desk.data)
    best = index.best(words(keyword.lower().strip()), _SHOWN)
    return [dict(pages[number]) for number in best]


@lru_cache(maxsize=8)
def _index(data: ApiBankData) -> tuple[Okapi, list[dict[str, Any]]]:
    """The pages, and the index over their words."""
    found = data.file("SearchEngine")
    pages, split = (found.get(key) for key in ("raw_documents", "tokenized_documents"))
    if not (isinstance(pages, list) and isinstance(split, list) and len(pages) == len(split)):
        raise ApiBankDataError(
            f"{data.folder}/init_database/SearchEngine.json: raw_documents and tokenized_documents "
            "are no arrays of the same length"
        )
    return Okapi(split), pages


@LEVEL_1.api(
    "Look a word up in the dictionary.",
    {"keyword": Param("str", "The word.")},
    {"results": Param("list", "Meanings by part of speech.")},
    returns=several({"type": "object", "required": ["partOfSpeech", "definitions"]}),
)
def Dictionary(desk: Desk, keyword: str) -> list[Any]:
    found = definitions(desk.data, keyword)
    if found is None:
        raise Refusal("Failed.")
    return found


@LEVEL_1.api(
    "Translate a text into another language.",
    {
        "src": Param("str", "The text."),
        "src_lang": Param("str", "Its language; found out if not given.", optional=True),
        "tgt_lang": Param("str", "Language wanted; English if not given.", optional=True),
    },
    {"translated_text": Param("str", "The translation.")},
    returns=TEXT,
    echo_given=True,
)
def Translate(desk: Desk, src: str, src_lang: str = "auto", tgt_lang: str = "en") -> str:
    codes = [language(desk.data, name) for name in (src_lang, tgt_lang)]
    if None in codes:
        raise Refusal("Language not supported.")
    found = translation(desk.data, src, codes[1] or "en")
    if found is None:
        raise Refusal("There is no recorded translation of this text.")
    return found
