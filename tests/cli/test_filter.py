"""`callsheet filter`, as a person runs it."""

from __future__ import annotations

from pathlib import Path

from filter_dialogues import ASKED, GOOD, RETURNED, TOLD, calls, dialogue, gives, says, user
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


def test_what_nests_too_deeply_is_rejected_and_stops_nothing(tmp_path: Path) -> None:
    def nested(depth: int) -> str:
        return '{"a":' * depth + "1" + "}" * depth

    lines = [dialogue(*GOOD)]
    for depth in (255, 1000, 5000):
        lines += [
            dialogue(ASKED, calls("book_table", nested(depth)), RETURNED, TOLD),
            dialogue(*GOOD[:2], gives(nested(depth)), says("Done.")),
        ]
    (tmp_path / "in").write_text("".join(f"{one.model_dump_json()}\n" for one in lines))
    ended = callsheet(tmp_path, "filter", "in", "--accepted", "good", "--rejected", "bad")
    assert ended.returncode == 0, ended.stderr
    assert "7 dialogues: " in ended.stdout and "3  arguments_not_json" in ended.stdout
    assert "book_table: nested too deeply" in (tmp_path / "bad").read_text()


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
