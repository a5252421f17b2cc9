"""What becomes of the output: a reader that stops, an encoding that is small, none at all."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from program import PROGRAM, callsheet, new_project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = new_project(tmp_path_factory.mktemp("output"))
    assert callsheet(project, "run", "scenarios", "--repeat", "3", "--out", "out").returncode == 0
    return project


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (("run", "scenarios", "--repeat", "20", "--live"), 1),
        (("replay", "out", "--live"), 0),
        (("show", "out", "000000"), 0),
        (("show", "out", "--json"), 0),
        (("--help",), 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_reader_that_stops_ends_the_program_quietly(
    project: Path, arguments: tuple[str, ...], lines: int
) -> None:
    process = subprocess.Popen(
        [*PROGRAM, *arguments], cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    for _ in range(lines):
        assert process.stdout.readline()
    process.stdout.close()
    process.stdout = None  # `communicate` would read from it
    assert process.communicate(timeout=60)[1] == b""
    assert process.returncode == 0


def test_a_reader_of_both_streams_that_stops_is_no_error(project: Path) -> None:
    process = subprocess.Popen(
        [*PROGRAM, "show", "out"], cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=60) == 0


def test_what_an_encoding_lacks_is_written_as_its_number(project: Path) -> None:
    ended = callsheet(project, "show", "out", "000000", PYTHONIOENCODING="ascii")
    assert ended.returncode == 0, ended.stderr
    assert "\\u2192 AddReminder(" in ended.stdout


@pytest.mark.parametrize("stream", [1, 2])
def test_a_stream_that_was_closed_before_is_not_missed(project: Path, stream: int) -> None:
    ended = callsheet(project, "--version", before=lambda: os.close(stream))
    assert ended.returncode == 0
    assert "Traceback" not in ended.stderr
