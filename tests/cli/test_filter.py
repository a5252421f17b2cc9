"""`callsheet filter`, as a person runs it."""

from __future__ import annotations

from pathlib import Path

from filter_dialogues import GOOD, dialogue, says, user
from program import callsheet, one_line


def written(folder: Path) -> None:
    lines = [dialogue(*GOOD), dialogue(user(" "), says("Yes?")), dialogue(*GOOD[:3])]
    text = "".join(f"{one.model_dump_json()}\n" for one in lines)
    (folder / "run").mkdir()
    (folder / "run" / "trajectories.jsonl").write_text(text)


def test_sorts_a_run_and_says_why(tmp_path: Path) -> None:
    written(tmp_path)
    ended = callsheet(tmp_path, "filter", "run", "--accepted", "good", "--rejected", "bad")
    assert ended.returncode == 0, ended.stderr
    assert "3 dialogues: 1 accepted, 2 rejected (66.7%)" in ended.stdout
    assert "1  empty_turn" in ended.stdout and "at fault:  assistant 1, user 1" in ended.stdout
    assert len((tmp_path / "good").read_text().splitlines()) == 1
    (tmp_path / "filter.yaml").write_text("off: [empty]\n")
    again = callsheet(tmp_path, "filter", "bad", "--accepted", "good2", "--rejected", "bad2",
                      "--config", "filter.yaml")  # fmt: skip
    assert "2 dialogues: 1 accepted, 1 rejected (50.0%)" in again.stdout


def test_what_is_wrong_is_one_line(tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "filter.yaml").write_text("off: [emptyness]\n")
    where = ("filter", "run", "--accepted", "good", "--rejected", "bad")
    ended = callsheet(tmp_path, *where, "--config", "filter.yaml")
    assert ended.returncode == 3 and "no reason or rule named 'emptyness'" in one_line(ended)
    ended = callsheet(tmp_path, *where, "--judge", "no-such-model")
    assert ended.returncode == 4 and "no-such-model" in one_line(ended)
    ended = callsheet(tmp_path, "filter", "none.jsonl", *where[2:])
    assert ended.returncode == 3 and "none.jsonl" in one_line(ended)
    assert not (tmp_path / "good").exists() and not (tmp_path / "bad").exists()
