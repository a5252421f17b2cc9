"""What `callsheet serve` refuses before it listens; what it serves is in tests/train/serving."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from program import callsheet, one_line

pytest.importorskip("uvicorn", reason="needs the serve extra")
MODEL = "provider: openai_compatible\nconfig: {model: m, base_url: 'http://127.0.0.1:9/v1'}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "configs" / "models").mkdir(parents=True)
    (tmp_path / "configs" / "models" / "remote.yaml").write_text(MODEL)
    return tmp_path


def test_a_port_that_is_taken(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = callsheet(project, "serve", "remote", "--port", port)
    assert ended.returncode == 2 and f"cannot listen at 127.0.0.1:{port}" in one_line(ended)


def test_others_are_not_let_in_without_a_key(project: Path) -> None:
    ended = callsheet(project, "serve", "remote", "--host", "0.0.0.0")
    assert ended.returncode == 2 and "--api-key-env" in one_line(ended)
    ended = callsheet(project, "serve", "remote", "--api-key-env", "NO_SUCH_KEY")
    assert ended.returncode == 4 and "NO_SUCH_KEY is not set" in one_line(ended)


def test_a_model_that_is_not_there(project: Path) -> None:
    ended = callsheet(project, "serve", "nobody", "--port", "0")
    assert ended.returncode == 4 and "no model is called" in one_line(ended)
    ended = callsheet(project, "serve", "remote+out/adapter", "--port", "0")
    assert ended.returncode == 4 and "needs the model's weights here" in one_line(ended)
