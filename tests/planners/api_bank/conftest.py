"""The built-in data and, in place of an encoder, a search by the words of the tools' names."""

from __future__ import annotations

import re
from typing import Any

import pytest

from callsheet.environments.api_bank import VARIABLE, ApiBankData, Catalog, api_bank_data
from callsheet.environments.api_bank.search import ToolSearcher

_WORD = re.compile(r"[A-Z]?[a-z]+")


class SearchByName:
    """Finds the tool whose name shares most words with the keywords."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def search(self, keywords: str) -> Any:
        wanted = words(keywords)
        names = [name for name in self._catalog.apis if name != "ToolSearcher"]
        best = max(names, key=lambda name: (len(wanted & words(name)), -len(name)))
        found = {"name": best}
        wants_token = "token" in self._catalog.apis[best].inputs
        return [{"name": "GetUserToken"}, found] if wants_token else found


def words(text: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(text)}


@pytest.fixture
def search_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def of(cls: type, catalog: Catalog, *_: Any) -> SearchByName:
        return SearchByName(catalog)

    monkeypatch.setattr(ToolSearcher, "of", classmethod(of))


@pytest.fixture
def seed_data(monkeypatch: pytest.MonkeyPatch) -> ApiBankData:
    """The package's own data, whatever the environment says."""
    monkeypatch.delenv(VARIABLE, raising=False)
    return api_bank_data()
