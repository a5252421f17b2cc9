"""The store of answers: across processes, across faults of the disk, never fatal."""

from __future__ import annotations

import logging
import multiprocessing
import os
import sqlite3
from pathlib import Path

import pytest
from autogen_core import FunctionCall
from autogen_core.models import CreateResult, RequestUsage

from callsheet.models.cache import AnswerCache
from callsheet.models.errors import ModelUnavailable


def answer(text: str) -> CreateResult:
    return CreateResult(
        finish_reason="stop",
        content=text,
        usage=RequestUsage(prompt_tokens=3, completion_tokens=4),
        cached=False,
    )


def test_an_answer_outlives_its_process(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "answers.sqlite"
    calls = CreateResult(
        finish_reason="function_calls",
        content=[FunctionCall(id="c", name="f", arguments="{}")],
        usage=RequestUsage(prompt_tokens=1, completion_tokens=2),
        cached=False,
        thought="hm",
    )
    first = AnswerCache(path)
    assert first.get("k") is None
    first.put("k", calls)
    first.put("k", answer("the first one stays"))
    first.close()
    found = AnswerCache(path).get("k")
    assert found == calls.model_copy(update={"cached": True})


def _write(path: Path, process: int) -> None:
    cache = AnswerCache(path)
    for i in range(100):
        cache.put(f"{i}", answer(f"answer {i}"))
        cache.put(f"{process}/{i}", answer(f"own {process} {i}"))
    os._exit(cache.failed_writes)


def test_many_processes_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "answers.sqlite"
    opened_before = AnswerCache(path)
    opened_before.put("parent", answer("before the fork"))
    fork = multiprocessing.get_context("fork")
    processes = [fork.Process(target=_write, args=(path, i)) for i in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4, "no write was lost"
    kept = {f"{i}": f"answer {i}" for i in range(100)}
    kept |= {f"{p}/{i}": f"own {p} {i}" for p in range(4) for i in range(100)}
    for key, text in kept.items():
        found = opened_before.get(key)
        assert found is not None and found.content == text


def test_a_file_that_is_no_cache_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, and longer than a header of one hundred bytes " * 4)
    with pytest.raises(ModelUnavailable, match=r"notes\.txt is no cache file"):
        AnswerCache(path).get("k")
    assert path.read_text().startswith("not a database")


def test_a_cache_of_the_future_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "answers.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(ModelUnavailable, match="another version"):
        AnswerCache(path).get("k")


def test_a_cache_that_cannot_be_written_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = AnswerCache(tmp_path / "file" / "answers.sqlite")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            cache.put("k", answer("x"))
            assert cache.get("k") is None
    assert len(caplog.records) == 1 and "going on without" in caplog.text
    assert cache.failed_writes == 6


def test_a_full_disk_does_not_stop_the_run(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path / "answers.sqlite")
    cache.put("small", answer("x"))
    assert cache._connection is not None
    cache._connection.execute("PRAGMA max_page_count = 1")  # the same error as a full disk
    cache.put("large", answer("x" * 100_000))
    assert cache.failed_writes == 1
    found = cache.get("small")
    assert found is not None and found.content == "x"


def test_an_entry_that_cannot_be_read_counts_as_missing(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path / "answers.sqlite")
    cache.put("k", answer("x"))
    assert cache._connection is not None
    with cache._connection as connection:
        connection.execute("UPDATE answers SET answer = '{}'")
    assert cache.get("k") is None
