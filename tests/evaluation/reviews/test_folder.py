"""The folder of reviews: nothing acknowledged is lost, whatever ends the process or the line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from review_entries import dialogue_of, entry

from callsheet.evaluation.reviews import ReviewFolder, ReviewsUnreadable, reviewer_name

ONE = dialogue_of(0)


def test_what_is_written_is_read_in_order_by_reviewer(tmp_path: Path) -> None:
    folder = ReviewFolder(tmp_path / "reviews")
    assert list(folder.entries()) == []
    given = [entry(ONE, "berta"), entry(ONE, "anna"), entry(ONE, "berta", decision="reject")]
    for one in given:
        folder.append(one)
    assert list(folder.entries()) == [given[1], given[0], given[2]]
    assert sorted(path.name for path in folder.path.iterdir()) == ["anna.jsonl", "berta.jsonl"]


@pytest.mark.parametrize("torn", [b"{", b'{"schema_version":1,"kind":"rev', b"\xff" * 70_000])
def test_a_torn_last_line_is_passed_over_and_cut_off(tmp_path: Path, torn: bytes) -> None:
    folder = ReviewFolder(tmp_path)
    folder.append(entry(ONE))
    path = tmp_path / "anna.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + torn)
    assert list(folder.entries()) == [entry(ONE)]
    folder.append(entry(ONE, decision="reject"))
    added = path.read_bytes().removeprefix(whole)
    assert added.startswith(b"{") and added.count(b"\n") == 1 and added.endswith(b"\n")
    assert len(list(folder.entries())) == 2
    path.write_bytes(torn)
    assert list(folder.entries()) == []


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"{}", "Field required"),
        (b"\xff", "no review"),
        (entry(ONE, "berta").model_dump_json().encode(), "another's file"),
        (entry(ONE).model_dump_json().replace('"schema_version":1', '"schema_version":2').encode(),
         "Input should be 1"),
    ],
)  # fmt: skip
def test_a_line_that_is_no_review_is_named(tmp_path: Path, line: bytes, why: str) -> None:
    (tmp_path / "anna.jsonl").write_bytes(line + b"\n")
    with pytest.raises(ReviewsUnreadable, match=rf"anna.jsonl:1: .*{why}"):
        list(ReviewFolder(tmp_path).entries())


def test_files_that_are_nobodys_are_left_alone(tmp_path: Path) -> None:
    for name in ("<img src=x>.jsonl", "Anna.jsonl", ".anna.jsonl", "notes.txt"):
        (tmp_path / name).write_text("anything\n")
    assert list(ReviewFolder(tmp_path).entries()) == []
    with pytest.raises(ReviewsUnreadable, match="no folder of reviews"):
        ReviewFolder.existing(tmp_path / "elsewhere")


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "reviews").mkdir()
    (tmp_path / "reviews" / "anna.jsonl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        ReviewFolder(tmp_path / "reviews").append(entry(ONE))
    assert not (tmp_path / "elsewhere").exists()


def test_a_full_disk_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = ReviewFolder(tmp_path)
    folder.append(entry(ONE))
    before = (tmp_path / "anna.jsonl").read_bytes()
    real = os.write

    def half(handle: int, data: bytes) -> int:
        if len(data) < 60:
            raise OSError(28, "No space left on device")
        return real(handle, data[:40])

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(OSError, match="No space"):
        folder.append(entry(ONE))
    assert (tmp_path / "anna.jsonl").read_bytes() == before


_WRITER = """
import sys
from pathlib import Path
from callsheet.evaluation.reviews import ReviewFolder
from review_entries import dialogue_of, entry
folder, name = ReviewFolder(Path(sys.argv[1])), sys.argv[2]
one = entry(dialogue_of(0), name, comment="x" * 5000)
for number in range(100_000):
    folder.append(one.model_copy(update={"at": float(number)}))
    print(number, flush=True)
"""


def writer(folder: Path, name: str) -> subprocess.Popen[str]:
    path = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(folder), name],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip


def killed_after(process: subprocess.Popen[str], lines: int) -> int:
    """How many entries the process said it had kept when it was killed."""
    assert process.stdout is not None
    for _ in range(lines):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read()
    process.wait()
    return lines + rest.count("\n")


def test_a_killed_writer_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    kept = killed_after(writer(tmp_path, "anna"), 25)
    folder = ReviewFolder(tmp_path)
    found = [one.at for one in folder.entries()]
    assert found == [float(n) for n in range(len(found))] and kept <= len(found) <= kept + 1
    folder.append(entry(ONE))
    assert len(list(folder.entries())) == len(found) + 1


def test_two_processes_as_one_person_take_turns(tmp_path: Path) -> None:
    both = [writer(tmp_path, "anna") for _ in range(2)]
    kept = [killed_after(process, 20) for process in both]
    found = [one.at for one in ReviewFolder(tmp_path).entries()]
    assert sum(kept) <= len(found) <= sum(kept) + 2


@settings(deadline=None)
@given(st.text(max_size=50))
def test_a_name_is_one_file_in_the_folder(text: str) -> None:
    try:
        name = reviewer_name(text)
    except ValueError:
        return
    assert reviewer_name(name) == name and len(name) >= 1
    path = Path("/runs/reviews") / f"{name}.jsonl"
    assert path.parent == Path("/runs/reviews") and path.stem == name
    assert not set(name) & set("/\\<>\"'&\0\n:*?|")


@pytest.mark.parametrize("name", ["", " ", ".", "..", "-x", "a/b", "a" * 41, "x.", "<b>", "a\nb"])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(ValueError, match="1 to 40 letters"):
        reviewer_name(name)


def test_names_of_all_writings() -> None:
    assert [reviewer_name(n) for n in (" Anna ", "ZOË", "李 雷", "j.r. 2")] == [
        "anna", "zoë", "李 雷", "j.r. 2"]  # fmt: skip


def test_a_review_and_its_revision_belong_together() -> None:
    with pytest.raises(ValidationError, match="decision edit"):
        entry(ONE, decision="edit")
    with pytest.raises(ValidationError, match="kind review"):
        entry(ONE).model_validate({**entry(ONE).model_dump(), "review": None})
