"""`callsheet convert` and `callsheet export` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

from program import callsheet

from callsheet.trajectories.reading import read_trajectories

_TALK = [{"from": "human", "value": "Two and two?"}, {"from": "gpt", "value": "Four."}]


def test_a_table_says_what_was_recognized_refused_and_lost(tmp_path: Path) -> None:
    records = [{"conversations": _TALK}, {"who": 1}]
    (tmp_path / "in.json").write_text(json.dumps(records))
    ran = callsheet(tmp_path, "convert", "in.json", "out.jsonl")
    assert ran.returncode == 1, ran.stderr
    assert "sharegpt (1 records): its conversations have turns from gpt, human" in ran.stdout
    assert "refused 1 × it looks like no known format" in ran.stdout
    assert (tmp_path / "out.jsonl.refused.jsonl").read_text().count("\n") == 1
    assert [t.id for t in read_trajectories(tmp_path / "out.jsonl")] == ["in-1"]


def test_a_data_set_with_its_card(tmp_path: Path) -> None:
    talks = [{"conversations": _TALK, "id": f"t{n}"} for n in range(3)]
    (tmp_path / "in.json").write_text(json.dumps(talks))
    assert callsheet(tmp_path, "convert", "in.json", "run.jsonl").returncode == 0
    ran = callsheet(tmp_path, "export", "run.jsonl", "--to", "openai", "-o", "set")
    assert ran.returncode == 0, ran.stderr
    assert len((tmp_path / "set" / "train.jsonl").read_text().splitlines()) == 3
    front, card = (tmp_path / "set" / "README.md").read_text().split("---\n")[1:3]
    assert "path: train.jsonl" in front and "| trajectories | 3 |" in card
    assert "| ids | 3 |" in card
    ran = callsheet(
        tmp_path, "export", "run.jsonl", "--to", "trl", "-o", "best", "--accept", "score>=0.5"
    )
    assert "left out 3 × not score>=0.5" in ran.stdout


def test_a_wrong_name_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text("[]")
    ran = callsheet(tmp_path, "convert", "in.json", "out.jsonl", "--to", "nothing")
    assert ran.returncode == 3
    assert ran.stderr.startswith("callsheet: there is no format 'nothing'; formats are callsheet,")
    assert not (tmp_path / "out.jsonl").exists()
