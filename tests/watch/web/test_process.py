"""`callsheet watch` as a person runs it: one line, one clear refusal, an end at once."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path

import httpx
import pytest
from program import callsheet

from ..recorded_runs import LiveRun, write_run
from .served import Reader, process, until

pytest.importorskip("fastapi")

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_at_once_though_streams_are_open(tmp_path: Path, sent: signal.Signals) -> None:
    with LiveRun(tmp_path / "runs" / "live") as live:
        live.begin()
        with process(tmp_path) as (server, address):
            topics = ("runs", "run:live", f"episode:live:{live.name()}")
            with Reader(address, *topics) as one, Reader(address, *topics) as other:
                for reader in (one, other):
                    reader.until(lambda r: r.events)
                began = time.monotonic()
                server.send_signal(sent)
                for reader in (one, other):
                    reader.until(lambda r: r.ended)
                said, wrong = server.communicate(timeout=30)
                print(
                    f"ended after {time.monotonic() - began:.2f} s, the interpreter's end included"
                )
            assert wrong == ""
            assert said == ""


def test_it_opens_at_the_run_that_it_is_given(tmp_path: Path) -> None:
    write_run(tmp_path / "my runs" / "0001", 1)
    with process(tmp_path, "my runs/0001") as (_, address):
        assert address.endswith("/run?run=0001")
        assert httpx.get(address).status_code == 200


def test_what_it_refuses(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        in_use = callsheet(tmp_path, "watch", "--port", port)
    assert in_use.returncode == 2 and in_use.stdout == ""
    assert in_use.stderr.startswith(f"callsheet: Invalid value: cannot listen at 127.0.0.1:{port}")
    assert "choose another --port" in in_use.stderr and in_use.stderr.count("\n") == 1
    for arguments, says in (
        (("--host", "0.0.0.0"), "give it a --token"),
        (("--token", "short"), "16 characters"),
        (("--host", "nowhere.invalid", "--token", "x" * 16), "cannot listen at nowhere.invalid"),
        (("file",), "is not a folder"),
    ):
        (tmp_path / "file").write_text("x")
        refused = callsheet(tmp_path, "watch", *arguments)
        assert refused.returncode == 2 and says in refused.stderr, refused.stderr
        assert refused.stderr.count("\n") == 1


def test_without_the_extra_it_says_how_to_install_it(tmp_path: Path) -> None:
    (tmp_path / "fastapi.py").write_text("raise ModuleNotFoundError('no', name='fastapi')")
    refused = callsheet(tmp_path, "watch", PYTHONPATH=str(tmp_path))
    assert refused.returncode == 4
    assert refused.stderr == "callsheet: the page needs fastapi: pip install 'callsheet[serve]'\n"
    helped = callsheet(tmp_path, "watch", "--help", PYTHONPATH=str(tmp_path))
    assert helped.returncode == 0 and "--token" in helped.stdout and "--open" in helped.stdout


def test_the_browser_is_opened_with_the_token(tmp_path: Path) -> None:
    opener = tmp_path / "xdg-open"
    opener.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    opener.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    with process(tmp_path, "--open", "--token", "x" * 16, PATH=path) as (_, address):
        opened = until(lambda: (tmp_path / "opened").exists() and (tmp_path / "opened").read_text())
        assert opened == f"{address}?token={'x' * 16}\n"
