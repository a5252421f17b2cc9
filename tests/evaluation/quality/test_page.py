"""Pages: nothing of a trajectory becomes markup, and the same report is the same bytes."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hostile_run import HOSTILE, hostile_run
from hypothesis import given
from hypothesis import strategies as st
from scripted_model import Scripted

from callsheet.evaluation.quality import (
    QualityReport,
    Settings,
    compare,
    instruments,
    quality_report,
)
from callsheet.evaluation.quality.distributions import distribution
from callsheet.evaluation.quality.judge import QUALITIES, Judge
from callsheet.evaluation.quality.page import comparison_page, report_page
from callsheet.evaluation.quality.page.charts import (
    Estimate,
    Point,
    bar,
    columns,
    estimates,
    lines,
)
from callsheet.evaluation.quality.page.elements import Markup, el, joined, table, text
from callsheet.evaluation.quality.page.scale import Scale, ticks


class Reader(HTMLParser):
    """All elements and attributes of a page, as a browser's parser would begin them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.said: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[Any]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in ("meta", "link", "br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said.append(data)


KNOWN_TAGS = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section"),
    *("div", "p", "h1", "h2", "h3", "span", "b", "small", "table", "caption", "thead", "tbody"),
    *("tr", "th", "td", "figure", "figcaption", "details", "summary", "ul", "li", "pre", "dl"),
    *("dt", "dd", "svg", "g", "rect", "path", "circle", "text"),
}


def judge() -> Judge:
    grades = {"faults": HOSTILE, **dict.fromkeys(QUALITIES, 2)}
    return Judge(Scripted(*[grades] * 20), HOSTILE, HOSTILE)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> QualityReport:
    folder = tmp_path_factory.mktemp("hostile")
    run = hostile_run(folder)
    using = instruments(Settings(encoder="lexical", judge="j"), judge())
    human = run / "trajectories.jsonl"
    return quality_report([run], using, folder, human=human)


def test_a_page_has_only_its_own_elements_and_attributes(report: QualityReport) -> None:
    page = report_page(report)
    read = Reader(page)
    assert not read.open and read.tags <= KNOWN_TAGS
    assert not {a for a in read.attributes if a.startswith("on")}
    assert not read.attributes & {"href", "src", "style", "srcdoc", "action", "xlink:href"}
    # What was hostile can still be read, as text.
    assert any("<script>document.documentElement" in said for said in read.said)
    assert "<script" not in page and "\x00" not in page and "\u202e" not in page


def test_a_page_forbids_itself_scripts_and_requests(report: QualityReport) -> None:
    page = report_page(report)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert policy[1].startswith("default-src &#x27;none&#x27;; style-src &#x27;sha256-")
    # Before anything that came from outside.
    assert policy.start() < page.index("<title>")


def test_a_comparison_is_as_harmless(tmp_path: Path) -> None:
    run = hostile_run(tmp_path)
    using = instruments(Settings(encoder="lexical", judge="j"), judge())
    compared = compare([run, run], using, [tmp_path, tmp_path], names=[HOSTILE, "b"])
    read = Reader(comparison_page(compared))
    assert not read.open and read.tags <= KNOWN_TAGS
    assert comparison_page(compared) == comparison_page(compared)


def test_the_same_report_is_the_same_page_also_after_a_round_trip(report: QualityReport) -> None:
    again = QualityReport.model_validate_json(report.model_dump_json())
    assert again == report and report_page(again) == report_page(report)


@given(st.text())
def test_any_text_is_text(said: str) -> None:
    read = Reader(el("p", said, title=said))
    assert read.tags == {"p"} and not read.open
    text(said).encode("utf-8")


@pytest.mark.parametrize("tag", ["script", "iframe", "p onload", "", "a>b"])
def test_elements_that_pages_never_have_are_refused(tag: str) -> None:
    with pytest.raises(ValueError):
        el(tag)


@pytest.mark.parametrize("name", ["onclick", "href", "src", "style", "x=y"])
def test_attributes_that_could_do_something_are_refused(name: str) -> None:
    with pytest.raises(ValueError):
        el("p", **{name: "x"})


def test_children_are_escaped_unless_they_are_markup() -> None:
    assert el("p", "<", [Markup("<b>"), "&"], None) == "<p>&lt;<b>&amp;</p>"
    assert joined("a", el("b", "c")) == "a<b>c</b>"
    assert "<small>[1, 2]</small>" in table(["", "x"], [["a [b]", "3 [1, 2]"]])


def test_a_histogram_says_every_column() -> None:
    drawn = columns(distribution({1: 3, 2: 0, 4: 1}), "Turns", "dialogues")
    for said in ("1: 3 dialogues (75.0\u00a0%)", "3: 0 dialogues", "4: 1 dialogues"):
        assert said in drawn
    assert 'aria-label="Turns"' in drawn and drawn.count('class="bar s0"') == 4


def test_drawings_of_nothing_and_of_one_point_are_drawn() -> None:
    for drawn in (
        columns(distribution({}), "none", "x"),
        lines([], "none"),
        lines([("a", [Point(5, 5)])], "one", x_log=True),
        estimates([], "none", zero=True),
        estimates([Estimate("a", 9, 1, 1, 1)], "one"),
        bar([("a", 0, 0)], 0, "none"),
    ):
        assert "nan" not in drawn and "inf" not in drawn and not Reader(drawn).open


def test_intervals_and_lines_have_titles_with_their_numbers() -> None:
    drawn = estimates([Estimate("SS", 0, 2.5, 1, 4)], "x", domain=(0, 5))
    assert "SS: 2.50 [1.00, 4.00]" in drawn
    drawn = lines([("a", [Point(1000, 0.5, 0.4, 0.6), Point(3000, 0.25)])], "x", x_name="words")
    assert "a: 0.500 (0.400 to 0.600) at 1\u202f000 words" in drawn


@given(st.floats(-1e9, 1e9), st.floats(1e-3, 1e9))
def test_ticks_are_few_round_and_inside(low: float, width: float) -> None:
    found = ticks(low, low + width)
    assert 0 <= len(found) <= 12
    assert all(low - width * 1e-6 <= t <= low + width * (1 + 1e-6) for t in found)


def test_a_scale_maps_its_ends() -> None:
    scale = Scale(1, 100, 10, 20, log=True)
    assert (scale(1), scale(10), scale(100)) == (10, 15, 20)
    assert Scale(3, 3, 0, 8)(3) == 4
