"""Tools found by keywords."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.environments import tools_of
from callsheet.environments.sandboxes import BUILT_IN
from callsheet.environments.tool_index import ToolIndex, tool_text
from callsheet.models.embedding import VARIABLE
from callsheet.tools import ToolSpec


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_every_tool_is_found_by_its_own_words(name: str) -> None:
    tools = tools_of(name)
    index = ToolIndex(tools, "lexical")
    for tool in tools:
        ((found, score),) = index.search(tool_text(tool))
        assert found is tool
        assert score > 0.99


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("GetUserToken", "get user token D"),
        ("get_user_token", "get user token D"),
        ("users.getToken-v2", "users get token v2 D"),
        ("QueryStock", "query stock D"),
        ("parseHTML2Text", "parse html2 text D"),
    ],
)
def test_names_are_read_as_words(name: str, text: str) -> None:
    assert tool_text(ToolSpec(name=name, description="D")) == text


def test_equal_tools_come_in_their_order() -> None:
    tools = [ToolSpec(name="find_it", description="Find.") for _ in range(4)]
    found = ToolIndex(tools, "lexical").search("find", top=3)
    assert [id(tool) for tool, _ in found] == [id(tool) for tool in tools[:3]]


def test_a_threshold_may_leave_nothing() -> None:
    index = ToolIndex(tools_of("shop"), "lexical")
    (_, best), *_ = index.search("cancel order", top=3)
    assert index.search("cancel order", threshold=best) == []
    assert ToolIndex([], "lexical").search("cancel order") == []


def test_indexes_of_the_same_tools_share_their_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    class Counted:
        name = digest = "counted"
        sparse = True

        def encode(self, texts: Any) -> Any:
            asked.append(len(texts))
            return [{0: 1.0} for _ in texts]

    chosen, tools = Counted(), tools_of("shop")
    for _ in range(3):
        assert ToolIndex(tools, chosen).search("anything")[0][0] is tools[0]
    assert asked == [len(tools), 1]


def test_auto_follows_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "lexical")
    assert ToolIndex(tools_of("shop")).encoder.name == "lexical"
    with pytest.raises(ValueError, match="unknown encoder"):
        ToolIndex(tools_of("shop"), "none of these")


@given(st.text(), st.integers(0, 5), st.floats(-1, 1))
def test_any_keywords_give_ranked_tools(keywords: str, top: int, threshold: float) -> None:
    found = ToolIndex(tools_of("shop"), "lexical").search(keywords, top, threshold)
    scores = [score for _, score in found]
    assert len(found) <= top
    assert scores == sorted(scores, reverse=True)
    assert all(threshold < score <= 1.0 for score in scores)
