"""A text is embedded once, whatever list it stands in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from callsheet.models import vector_store
from callsheet.models.vector_store import stored_vectors

np = pytest.importorskip("numpy", reason="needs the embed extra")


class Counting:
    """Vectors of a text's length, and an account of what was asked."""

    name, digest, sparse = "counting", "c" * 32, False

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Any:
        self.asked += texts
        return np.array([[len(t), 1.0] for t in texts], np.float32)


def test_only_what_is_new_is_embedded(tmp_path: Path) -> None:
    encoder = Counting()
    first = stored_vectors(["a", "bb", "a"], encoder, folder=tmp_path)
    assert first.tolist() == [[1, 1], [2, 1], [1, 1]]
    told: list[tuple[int, int]] = []
    again = stored_vectors(
        ["ccc", "bb"], encoder, folder=tmp_path, on_progress=lambda *n: told.append(n)
    )
    assert again.tolist() == [[3, 1], [2, 1]]
    assert encoder.asked.count("bb") == 1
    assert told == [(1, 1)]
    assert stored_vectors([], encoder, folder=tmp_path).shape == (0, 0)


def test_an_interrupted_embedding_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_store, "PORTION", 2)
    encoder = Counting()
    texts = ["x" * n for n in range(1, 8)]

    def stop(done: int, total: int) -> None:
        if done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stored_vectors(texts, encoder, folder=tmp_path, on_progress=stop)
    before = len(encoder.asked)
    assert stored_vectors(texts, encoder, folder=tmp_path)[:, 0].tolist() == list(range(1, 8))
    assert len(encoder.asked) == before + 3


def test_a_damaged_store_costs_time_only(tmp_path: Path) -> None:
    encoder = Counting()
    stored_vectors(["a"], encoder, folder=tmp_path)
    for path in tmp_path.iterdir():
        path.write_bytes(b"no database at all" * 200)
    assert stored_vectors(["a"], encoder, folder=tmp_path).tolist() == [[1, 1]]
    (tmp_path / "file").write_text("")
    assert stored_vectors(["a"], encoder, folder=tmp_path / "file").tolist() == [[1, 1]]


def test_half_a_surrogate_is_a_text(tmp_path: Path) -> None:
    assert stored_vectors(["\ud800"], Counting(), folder=tmp_path).shape == (1, 2)
