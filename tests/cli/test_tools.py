"""`callsheet tools`: from a document to a pool, and what is in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from api_documents import FERRY_2, LIBRARY_3
from fake_endpoint import FakeEndpoint
from program import callsheet, new_project, one_line, use_endpoint


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "apis").mkdir()
    (tmp_path / "apis" / "library.json").write_text(json.dumps(LIBRARY_3))
    (tmp_path / "apis" / "ferry.yaml").write_text(json.dumps(FERRY_2))
    return tmp_path


def test_import_list_show_and_lint(folder: Path) -> None:
    ended = callsheet(folder, "tools", "import", "apis", "-o", "pool.jsonl",
                      "--findings", "findings.jsonl")  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert "2 documents, 0 of them unreadable; 6 operations or records: 6 tools" in ended.stdout
    assert "library.json: openapi: it is an OpenAPI document, version 3.0.3" in ended.stdout
    findings = [json.loads(line) for line in (folder / "findings.jsonl").open()]
    assert {"credential", "transport-header"} <= {finding["kind"] for finding in findings}
    listed = callsheet(folder, "tools", "list", "pool.jsonl", "--tag", "Ferry").stdout
    assert listed.splitlines()[-1].startswith("3 tools, 1 tags")
    shown = json.loads(callsheet(folder, "tools", "show", "pool.jsonl", "lend").stdout)
    assert shown["source"]["places"] == {"body": "whole_body"}
    wrong = callsheet(folder, "tools", "show", "pool.jsonl", "lent")
    assert wrong.returncode == 3 and "did you mean lend" in one_line(wrong)
    linted = callsheet(folder, "tools", "lint", "pool.jsonl", "--against", "apis/ferry.yaml")
    assert linted.returncode == 1
    assert "findCrossings: error: is findCrossings of apis/ferry.yaml" in linted.stdout
    assert "3 error overlap" in linted.stdout


def test_what_is_lost_is_said_and_is_the_exit_code(folder: Path) -> None:
    (folder / "apis" / "broken.json").write_text("{")
    ended = callsheet(folder, "tools", "import", "apis", "-o", "pool.jsonl")
    assert ended.returncode == 1 and "1 of them unreadable" in ended.stdout
    assert "6 tools in pool.jsonl" in ended.stdout
    wrong = callsheet(folder, "tools", "import", "apis", "-o", "p.jsonl", "--from", "opnapi")
    assert wrong.returncode == 3 and "formats are openapi" in one_line(wrong)


def test_missing_descriptions_come_from_a_model(tmp_path: Path) -> None:
    project = new_project(tmp_path)
    (project / "bare.json").write_text('[{"name": "honk", "parameters": {"type": "object"}}]')
    arguments = ("tools", "import", "bare.json", "-o", "pool.jsonl", "--from", "functions",
                 "--complete", "remote")  # fmt: skip
    told = json.dumps({"description": "Make a goose honk.", "parameters": []})
    with FakeEndpoint(lambda request: {"content": told}) as endpoint:
        use_endpoint(project, endpoint.url)
        ended = callsheet(project, *arguments)
    assert ended.returncode == 0, ended.stderr
    assert "1 of 1 tools described by remote" in ended.stdout
    spec = json.loads((project / "pool.jsonl").read_text())
    assert spec["description"] == "Make a goose honk." and spec["tags"] == ["inferred-description"]
    use_endpoint(project, "http://127.0.0.1:9/v1")
    ended = callsheet(project, *arguments)
    assert ended.returncode == 4 and "cannot reach" in one_line(ended)
    assert json.loads((project / "pool.jsonl").read_text())["name"] == "honk"
