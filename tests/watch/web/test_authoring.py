"""Authoring from the page: files are saved safely, texts linted with places, nothing reached."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi")

from fastapi.testclient import TestClient

from callsheet.scenarios import library
from callsheet.watch.web.authoring import router

from ..asked import asking, refusal

GOOD = """\
name: mine
tools: [GetWeather]
plan:
  - {tool_call: 'what is the weather in Oslo?'}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "scenarios").mkdir()
    # What runs outside is registered in the folder that the program runs in.
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def page(project: Path) -> TestClient:
    return asking(project, router)


def found(page: TestClient, text: str, file: str | None = None) -> list[dict[str, Any]]:
    answer = page.post("/api/author/lint", json={"text": text, "file": file})
    assert answer.status_code == 200, answer.text
    findings: list[dict[str, Any]] = answer.json()["findings"]
    return findings


def test_what_there_is_to_write_with(page: TestClient, project: Path) -> None:
    (project / "scenarios" / "trips").mkdir()
    (project / "scenarios" / "trips" / "a.yaml").write_text(GOOD)
    (project / "scenarios" / "notes.txt").write_text("no scenario")
    (project / "configs" / "models").mkdir(parents=True)
    (project / "configs" / "models" / "ours.yaml").write_text("provider: replay\n")
    (project / "callsheet.toml").write_text('[mcp.files]\ncommand = ["x"]\n')
    known = page.get("/api/author").json()
    assert known["files"] == ["trips/a.yaml"]
    assert {"rules", "human", "ours", "openai"} <= set(known["models"])
    assert {"workspace", "planned", "mcp:files"} <= set(known["environments"])
    assert [one["name"] for one in known["library"]] == list(library())
    assert "properties" in known["schema"]
    tools = page.get("/api/author/tools", params={"environment": "workspace"}).json()["tools"]
    assert "GetWeather" in [tool["name"] for tool in tools]


def test_every_scenario_of_the_library_lints_clean_where_it_stands_alone(page: TestClient) -> None:
    for one in page.get("/api/author").json()["library"]:
        text = page.get("/api/author/template", params={"name": one["name"]}).json()["text"]
        assert bool(found(page, text)) != one["alone"], one["name"]


def test_findings_have_places(page: TestClient) -> None:
    assert found(page, GOOD) == []
    [finding] = found(page, GOOD.replace("GetWeather", "GetWether"))
    assert (finding["line"], finding["rule"]) == (2, "unknown-tool")
    assert "GetWeather" in finding["what"]
    [finding] = found(page, GOOD + "limits: {turn: 3}\n")
    assert (finding["line"], finding["column"], finding["severity"]) == (5, 10, "error")
    assert "'turns'" in finding["what"]
    [finding] = found(page, "name: [unclosed\n")
    assert "not YAML" in finding["what"]
    assert found(page, "")[0]["line"] == 1


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("environment: 'python:os'", "unknown environment"),
        ("environment: 'mcp:files'", "unknown environment"),
        ("environment: 'openapi:pets'", "unknown environment"),
        ("environment: 'openapi:/etc/pets.yaml'", "outside the project"),
        ("environment: 'openapi:../../pets.yaml'", "outside the project"),
        ("environment: 'openapi:pets.yaml'", "callsheet.toml"),
        ("environment: 'replay:../../x.jsonl'", "outside the project"),
        ("environment: '{e}'\nvary: {e: ['openapi:/etc/pets.yaml']}", "placeholder"),
        ("environment: planned\npool: /etc/passwd", "outside the project"),
        ("environment: planned\npool: ../../pool.json", "outside the project"),
        ('environment: planned\npool: "a\\0b"', "null"),
        ("environment: planned\npool: link/pool.json", "outside the project"),
    ],
)
def test_what_a_scenario_must_not_name(
    page: TestClient, project: Path, tmp_path_factory: pytest.TempPathFactory, text: str, word: str
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "pool.json").write_text("[]")
    (project / "scenarios" / "link").symlink_to(outside)
    scenario = f"name: mine\nplan: [{{chitchat: hello}}]\n{text}\n"
    answer = page.post("/api/author/lint", json={"text": scenario})
    said = answer.json()
    lines = [said["error"]] if "error" in said else [one["what"] for one in said["findings"]]
    assert any(word in line for line in lines), said


def test_files_within_the_project_are_read(page: TestClient, project: Path) -> None:
    pool = Path(library()["planned-pool"]).parent.parent / "pools" / "everyday.json"
    (project / "pools").mkdir()
    (project / "pools" / "everyday.json").write_bytes(pool.read_bytes())
    text = library()["planned-pool"].read_text()
    assert found(page, text) == []
    assert found(page, text.replace("../pools", "../../pools"), "trips/a.yaml") == []


@pytest.mark.parametrize(
    "bomb",
    [
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"{c}: &{c} [{', '.join('*' + p for _ in range(9))}]\n"
                  for p, c in zip("abcdefgh", "bcdefghi", strict=True)),
        "[" * 2000 + "]" * 2000,
        "a: !!python/object/apply:os.system [id]",
        "a: 1\na: 2",
    ],
    ids=["aliases", "depth", "tag", "twice"],
)  # fmt: skip
def test_hostile_documents_are_findings(page: TestClient, bomb: str) -> None:
    assert found(page, bomb)[0]["severity"] == "error"


def test_giant_texts_are_refused(page: TestClient) -> None:
    answer = page.post("/api/author/lint", json={"text": "x" * 200_000})
    assert 400 <= answer.status_code < 500
    answer = page.post("/api/author/file", json={"text": "é" * 100_000, "file": "a.yaml"})
    assert "KB" in refusal(answer)


def test_a_file_is_saved_opened_and_saved_again(page: TestClient, project: Path) -> None:
    first = page.post("/api/author/file", json={"file": "trips/a.yaml", "text": GOOD}).json()
    assert (project / "scenarios" / "trips" / "a.yaml").read_text() == GOOD
    opened = page.get("/api/author/file", params={"file": "trips/a.yaml"}).json()
    assert opened == {"file": "trips/a.yaml", "text": GOOD, "digest": first["digest"]}
    again = {"file": "trips/a.yaml", "text": GOOD + "# more\n", "replaces": first["digest"]}
    assert page.post("/api/author/file", json=again).status_code == 200
    # The digest is of what was there before: somebody else has saved meanwhile.
    assert "meanwhile" in refusal(page.post("/api/author/file", json=again))
    assert "already" in refusal(
        page.post("/api/author/file", json={"file": "trips/a.yaml", "text": "x"})
    )
    assert (project / "scenarios" / "trips" / "a.yaml").read_text() == GOOD + "# more\n"
    gone = {"file": "b.yaml", "text": GOOD, "replaces": first["digest"]}
    assert "no longer" in refusal(page.post("/api/author/file", json=gone))
    assert [path.name for path in (project / "scenarios").rglob("*") if path.is_file()] == [
        "a.yaml"
    ]


@pytest.mark.parametrize(
    "name",
    ["../callsheet.toml", "../x.yaml", "/tmp/x.yaml", "a/../../x.yaml", "x.toml", ".x.yaml", "",
     "a/.hidden/x.yaml", "a//x.yaml", "a\\x.yaml", "a\0.yaml", "a\nb.yaml", ".yaml", "link/x.yaml",
     "a/b/c/d/e.yaml", "x" * 200 + ".yaml", "./x.yaml"],
)  # fmt: skip
def test_only_scenario_files_are_written_and_read(
    page: TestClient, project: Path, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "x.yaml").write_text("secret")
    (project / "scenarios" / "link").symlink_to(outside)
    before = sorted(str(path) for path in project.rglob("*"))
    refusal(page.post("/api/author/file", json={"file": name, "text": GOOD}))
    answer = page.get("/api/author/file", params={"file": name})
    assert "secret" not in answer.text
    refusal(answer)
    refusal(page.post("/api/author/lint", json={"text": GOOD, "file": name or "/"}))
    assert sorted(str(path) for path in project.rglob("*")) == before
    assert (outside / "x.yaml").read_text() == "secret"


def test_a_linked_file_is_not_listed(page: TestClient, project: Path, tmp_path: Path) -> None:
    (project / "scenarios" / "x.yaml").symlink_to("/etc/hostname")
    assert page.get("/api/author").json()["files"] == []
