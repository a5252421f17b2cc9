"""Every file of the folder of published trajectories converts, and nothing of it goes missing."""

from __future__ import annotations

import json
from pathlib import Path

from trajectory_data import FOLDER, needs_data

from callsheet.trajectories.formats import FORMATS
from callsheet.trajectories.formats.convert import convert_folder, record_files
from callsheet.trajectories.formats.detect import known_record
from callsheet.trajectories.formats.records import read_records
from callsheet.trajectories.reading import read_trajectories


@needs_data
def test_every_file_converts(tmp_path: Path) -> None:
    assert FOLDER is not None
    done = {one.file: one for one in convert_folder(FOLDER, tmp_path)}
    listed = json.loads((FOLDER / "MANIFEST.json").read_text())
    for entry in listed:
        one = done[str(FOLDER / entry["file"])]
        assert one.read == one.converted + one.refusals
        if one.tools is not None:
            assert one.tools > 0
            continue
        assert one.read == entry["records"]
        assert one.converted >= 0.98 * one.read, (one.file, one.refused)
        kept = list(read_trajectories(Path(one.out)))
        assert len(kept) == one.trajectories == len({t.id for t in kept})


@needs_data
def test_no_record_is_claimed_by_two_formats(tmp_path: Path) -> None:
    assert FOLDER is not None
    for file in record_files(FOLDER, tmp_path):
        for record in read_records(file, known_record):
            claimed = [name for name, one in FORMATS.items() if one.recognize(record.value)]
            assert len(claimed) <= 1, (file, record.place, claimed)
