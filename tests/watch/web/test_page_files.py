"""What a browser is told to keep of the page, and to fetch ahead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import callsheet
from callsheet.watch.web.page_files import VIEWS, edition, modules

from ..recorded_runs import write_run
from .served import Served


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    write_run(tmp_path / "runs" / "0001", episodes=1)
    with Served(tmp_path / "runs") as server:
        yield server


def test_a_document_names_its_modules_and_they_may_be_kept(served: Served) -> None:
    text = httpx.get(f"{served.address}/episode").text
    ahead = re.findall(r'<link rel="modulepreload" href="([^"]+)">', text)
    assert f"/page/{edition()}/views/episode.js" in ahead and len(ahead) == len(set(ahead))
    assert "{{" not in text and '"/page/app.js"' not in text
    for address in ahead:
        answer = httpx.get(served.address + address)
        assert answer.status_code == 200, address
        assert answer.headers["cache-control"].endswith("immutable")
    earlier = httpx.get(f"{served.address}/page/{'0' * 16}/app.js")
    assert earlier.status_code == 200 and earlier.headers["cache-control"] == "no-cache"
    assert httpx.get(f"{served.address}/page/{edition()}/nowhere.js").status_code == 404


def test_the_page_and_the_server_have_the_same_views() -> None:
    router = Path(callsheet.__file__).parent / "watch" / "page" / "lib" / "router.js"
    table = re.search(r"export const VIEWS = \{(.*?)\};", router.read_text(), re.DOTALL)
    assert table and dict(re.findall(r'"(.*?)": "(.*?)"', table[1])) == VIEWS


def test_each_view_needs_its_own_modules_alone() -> None:
    named = {view: modules(edition(), view) for view in VIEWS.values()}
    assert "vendor/tabulator.js" in named["run"] and "vendor/codemirror.js" in named["author"]
    assert not {"vendor/tabulator.js", "vendor/codemirror.js"} & set(named["runs"])
