"""Sorting: everything goes to one of two files, whole or not at all, in constant memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from filter_dialogues import GOOD, dialogue, says, user
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.trajectories.filters import (
    Defect,
    FilterConfig,
    defects_of,
    sort_trajectories,
    without_defects,
)
from callsheet.trajectories.reading import TrajectoriesUnreadable, read_trajectories
from callsheet.trajectories.trajectory import Trajectory

GOOD_ONE, BAD_ONE = dialogue(*GOOD), dialogue(user(" "), says("Yes?"))


def named(one: Trajectory, name: str) -> Trajectory:
    return one.model_copy(update={"id": name})


def written(path: Path, trajectories: list[Trajectory]) -> Path:
    path.write_text("".join(f"{one.model_dump_json()}\n" for one in trajectories))
    return path


@given(kinds=st.lists(st.booleans(), max_size=12))
@settings(max_examples=25, deadline=None)
def test_what_goes_in_comes_out(
    kinds: list[bool], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("sorted")
    given_ = [named(GOOD_ONE if good else BAD_ONE, str(n)) for n, good in enumerate(kinds)]
    report = sort_trajectories(given_, folder / "a", folder / "r")
    accepted, rejected = (
        list(read_trajectories(folder / "a")),
        list(read_trajectories(folder / "r")),
    )
    assert accepted == [one for one, good in zip(given_, kinds, strict=True) if good]
    assert [without_defects(one) for one in rejected] == [
        one for one, good in zip(given_, kinds, strict=True) if not good
    ]
    assert (report.accepted, report.rejected) == (len(accepted), len(rejected))


def test_rejected_ones_keep_their_reasons_and_can_be_sorted_again(tmp_path: Path) -> None:
    source = written(tmp_path / "in.jsonl", [GOOD_ONE, BAD_ONE, BAD_ONE])
    report = sort_trajectories([source], tmp_path / "a", tmp_path / "r")
    assert report.by_reason == {"empty_turn": 2}
    assert report.by_blame == {"user": 2}
    for one in read_trajectories(tmp_path / "r"):
        assert [defect.reason for defect in defects_of(one)] == ["empty_turn"]
    again = sort_trajectories(
        [tmp_path / "r"], tmp_path / "a2", tmp_path / "r2", FilterConfig(off=("empty",))
    )
    assert again.accepted == 2
    assert list(read_trajectories(tmp_path / "a2")) == [BAD_ONE, BAD_ONE]


def test_a_damaged_line_leaves_the_files_as_they_were(tmp_path: Path) -> None:
    source = written(tmp_path / "in.jsonl", [GOOD_ONE])
    with source.open("a") as file:
        file.write('{"id": 3}\n')
    (tmp_path / "a").write_text("before")
    with pytest.raises(TrajectoriesUnreadable, match=r"in\.jsonl:2"):
        sort_trajectories([source], tmp_path / "a", tmp_path / "r")
    assert (tmp_path / "a").read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "in.jsonl"]


def test_no_file_is_read_and_written_at_once(tmp_path: Path) -> None:
    source = written(tmp_path / "in.jsonl", [GOOD_ONE])
    with pytest.raises(ValueError, match="cannot be written"):
        sort_trajectories([source], source, tmp_path / "r")
    with pytest.raises(ValueError, match="a file each"):
        sort_trajectories([source], tmp_path / "a", tmp_path / "a")
    assert list(read_trajectories(source)) == [GOOD_ONE]


def test_a_judge_is_asked_about_what_the_rules_accept(tmp_path: Path) -> None:
    asked: list[str] = []

    def judge(trajectory: Trajectory) -> list[Defect]:
        asked.append(trajectory.id)
        return [Defect(reason="judged_unnatural", blame="user")]

    given_ = [named(GOOD_ONE, "good"), named(BAD_ONE, "bad")]
    report = sort_trajectories(given_, tmp_path / "a", tmp_path / "r", judge=judge)
    assert asked == ["good"]
    assert report.by_reason == {"empty_turn": 1, "judged_unnatural": 1}


def test_memory_does_not_grow_with_the_files(tmp_path: Path) -> None:
    def many(count: int) -> Iterator[Trajectory]:
        for number in range(count):
            yield named(GOOD_ONE if number % 2 else BAD_ONE, str(number))

    def peak(count: int) -> int:
        tracemalloc.start()
        sort_trajectories(many(count), tmp_path / "a", tmp_path / "r")
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(50)
    assert peak(800) < peak(100) + 300_000
