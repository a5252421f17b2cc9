"""Whole files: what is read from damaged ones, what is refused, and that nothing goes missing."""

from __future__ import annotations

import gzip
import json
import lzma
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from callsheet.tools.importers.documents import Unreadable
from callsheet.trajectories.formats.conversion import Conversion
from callsheet.trajectories.formats.convert import convert_file, convert_folder
from callsheet.trajectories.formats.ids import UniqueIds
from callsheet.trajectories.formats.records import read_records
from callsheet.trajectories.reading import read_trajectories


def _record(number: int = 0, **more: Any) -> dict[str, Any]:
    said = [{"role": "user", "content": f"Question {number}?"},
            {"role": "assistant", "content": "An answer."}]  # fmt: skip
    return {"messages": said, **more}


def _convert(path: Path, payload: bytes | str, **options: str) -> tuple[Conversion, list[Any]]:
    path.write_bytes(payload.encode() if isinstance(payload, str) else payload)
    out = path.with_name("out.jsonl")
    report = convert_file(path, out, **options)
    assert report.read == report.converted + report.refusals
    assert json.loads((out.parent / "out.jsonl.report.json").read_text()) == report.model_dump()
    refused = out.parent / "out.jsonl.refused.jsonl"
    assert refused.exists() == bool(report.refusals)
    lines = refused.read_text().splitlines() if refused.exists() else []
    assert len(lines) == report.refusals
    return report, [json.loads(line) for line in lines]


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.jsonl.gz", "a.json.xz"])
def test_packed_or_plain_lines_or_array(tmp_path: Path, name: str) -> None:
    records = [_record(n) for n in range(3)]
    if "jsonl" in name:
        text = "\n".join(map(json.dumps, records)).encode()
    else:
        text = json.dumps(records, indent=1).encode()
    pack = {"gz": gzip.compress, "xz": lzma.compress}.get(name.rsplit(".", 1)[1], bytes)
    report, _ = _convert(tmp_path / name, pack(text))
    ids = [t.id for t in read_trajectories(tmp_path / "out.jsonl")]
    assert report.converted == 3 and ids == ["a-1", "a-2", "a-3"]


def test_an_object_of_records_and_an_object_that_is_one(tmp_path: Path) -> None:
    report, _ = _convert(tmp_path / "a.json", json.dumps({"x": _record(), "y": _record()}))
    assert report.converted == 2
    assert [t.id for t in read_trajectories(tmp_path / "out.jsonl")] == ["a-x", "a-y"]
    report, _ = _convert(tmp_path / "a.json", json.dumps(_record(), indent=2))
    assert report.converted == 1


def test_bad_lines_are_kept_with_place_and_reason(tmp_path: Path) -> None:
    good = json.dumps(_record()).encode()
    lines = [good, b"", b'{"torn": ', b'{"n": NaN}', b'{"w": "\xff"}', b"[" * 9000, b'{"who": 1}',
             b'{"messages": [{"content": 1e999}]}', good + b" " + good, good]  # fmt: skip
    report, refused = _convert(tmp_path / "a.jsonl", b"\n".join(lines))
    assert (report.read, report.converted) == (9, 2)
    assert [one["place"] for one in refused] == [f"line {n}" for n in range(3, 10)]
    reasons = " | ".join(one["reason"] for one in refused)
    for words in ("not JSON", "NaN", "not UTF-8", "nested too deeply", "no known format", "1e999"):
        assert words in reasons
    assert refused[4]["record"] == {"who": 1}
    assert refused[0]["text"].strip() == '{"torn":'


def test_a_torn_array_gives_what_was_whole_and_says_where_it_broke(tmp_path: Path) -> None:
    whole = json.dumps([_record(n) for n in range(3)])
    torn = whole[: whole.rindex("Question")]
    report, refused = _convert(tmp_path / "a.json", torn)
    assert (report.converted, report.refusals) == (2, 1)
    offset = int(refused[0]["place"].removeprefix("byte "))
    assert torn[offset:].startswith('{"messages"')
    assert "damaged from here on" in refused[0]["reason"]


@pytest.mark.parametrize("cut", [30, 200, 300])
def test_every_cut_of_an_array_or_of_packed_lines_is_survived(tmp_path: Path, cut: int) -> None:
    payload = json.dumps([_record(n) for n in range(3)]).encode()
    report, _ = _convert(tmp_path / "a.json", payload[:cut])
    assert report.refusals == 1
    packed = gzip.compress(b"\n".join(json.dumps(_record(n)).encode() * 20 for n in range(30)))
    report, _ = _convert(tmp_path / "a.jsonl.gz", packed[: len(packed) - 12])
    assert report.refusals >= 1


def test_a_hostile_record_in_an_array_does_not_take_the_others_with_it(tmp_path: Path) -> None:
    good = json.dumps(_record())
    deep = '[{"x":' * 3000 + '"]"' + "}]" * 3000
    report, refused = _convert(tmp_path / "a.json", f'[{good}, {deep}, {{"a": Infinity}}, {good}]')
    assert (report.converted, report.refusals) == (2, 2)
    assert [one["place"] for one in refused] == ["record 2", "record 3"]


def test_surrogates_and_large_numbers_are_changed_and_told(tmp_path: Path) -> None:
    text = (
        json.dumps(_record(n=1)).replace("Question 0", "\\ud800").replace(": 1}", f": {10**30}}}")
    )
    report, _ = _convert(tmp_path / "a.json", f"[{text}]")
    assert report.lost == {"values that JSON cannot hold as they stood": 2}
    (trajectory,) = read_trajectories(tmp_path / "out.jsonl")
    assert trajectory.other_information == {"n": str(10**30)}


def test_ids_are_unique(tmp_path: Path) -> None:
    records = [_record(id="same"), _record(id="same"), _record(id=3), _record()]
    report, _ = _convert(tmp_path / "a.json", json.dumps(records))
    ids = [t.id for t in read_trajectories(tmp_path / "out.jsonl")]
    assert ids == ["same", "same-a-2", "3", "a-4"]
    assert report.lost == {"ids that stood before": 1}
    many = UniqueIds()
    assert len({many.unique(str(n % 500), str(n)) for n in range(1000)}) == 1000


def test_a_mixed_file_is_read_record_by_record(tmp_path: Path) -> None:
    other = {"conversations": [{"from": "human", "value": "x"}, {"from": "gpt", "value": "y"}]}
    report, _ = _convert(tmp_path / "a.json", json.dumps([_record(), other, _record()]))
    assert report.formats == {"openai": 2, "sharegpt": 1}


def test_a_said_format_is_kept_to(tmp_path: Path) -> None:
    report, refused = _convert(tmp_path / "a.json", json.dumps([_record()]), source="xlam")
    assert report.converted == 0 and "not of the form xlam" in refused[0]["reason"]
    with pytest.raises(ValueError, match="there is no format"):
        convert_file(tmp_path / "a.json", tmp_path / "b.jsonl", source="nothing")


def test_any_format_to_any_other_and_back(tmp_path: Path) -> None:
    records = [_record(n, id=f"r{n}") for n in range(3)]
    _convert(tmp_path / "a.json", json.dumps(records))
    out, theirs = tmp_path / "out.jsonl", tmp_path / "theirs.json"
    convert_file(out, theirs, target="sharegpt")
    assert [record["id"] for record in json.loads(theirs.read_text())] == ["r0", "r1", "r2"]
    convert_file(theirs, tmp_path / "back.jsonl")
    back = [t.messages for t in read_trajectories(tmp_path / "back.jsonl")]
    assert back == [t.messages for t in read_trajectories(out)]


def test_tools_become_a_pool(tmp_path: Path) -> None:
    tools = [{"name": f"tool_{n}", "description": "x", "parameters": {"type": "object"}}
             for n in range(3)]  # fmt: skip
    path = tmp_path / "tools.json"
    path.write_text(json.dumps(tools))
    report = convert_file(path, tmp_path / "pool.jsonl")
    assert (report.tools, report.read, report.converted, report.trajectories) == (3, 3, 3, 0)
    assert len((tmp_path / "pool.jsonl").read_text().splitlines()) == 3


def test_a_folder_is_converted_file_by_file(tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "a.json").write_text(json.dumps([_record()]))
    (tmp_path / "in" / "deep" / "b.jsonl").write_text(json.dumps(_record()))
    (tmp_path / "in" / "a.jsonl").write_text(json.dumps(_record()))
    (tmp_path / "in" / "notes.txt").write_text("no records")
    done = list(convert_folder(tmp_path / "in", tmp_path / "in" / "out"))
    assert [one.converted for one in done] == [1, 1, 1]
    assert len({one.out for one in done}) == 3
    assert (tmp_path / "in" / "out" / "deep" / "b.jsonl").exists()


def test_nothing_is_written_where_the_work_breaks_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from callsheet.trajectories.formats import convert

    (tmp_path / "a.jsonl").write_text(json.dumps(_record()) + "\n" + json.dumps(_record()))
    monkeypatch.setattr(convert.UniqueIds, "unique", lambda *_: (_ for _ in ()).throw(OSError()))
    with pytest.raises(OSError):
        convert_file(tmp_path / "a.jsonl", tmp_path / "out.jsonl")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl"]


def test_what_cannot_be_read_at_all_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        convert_file(tmp_path / "none.json", tmp_path / "out.jsonl")
    (tmp_path / "a.jsonl").write_text("")
    assert convert_file(tmp_path / "a.jsonl", tmp_path / "out.jsonl").read == 0


def test_parquet_and_zstandard(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pyarrow.Table.from_pylist([_record(n) for n in range(5)]),
                        tmp_path / "a.parquet")  # fmt: skip
    assert convert_file(tmp_path / "a.parquet", tmp_path / "out.jsonl").converted == 5
    with pyarrow.output_stream(str(tmp_path / "a.jsonl.zst"), compression="zstd") as file:
        file.write("\n".join(json.dumps(_record(n)) for n in range(4)).encode())
    assert convert_file(tmp_path / "a.jsonl.zst", tmp_path / "out.jsonl").converted == 4


@pytest.mark.parametrize("form", ["lines", "array"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, form: str) -> None:
    path = tmp_path / ("a.jsonl" if form == "lines" else "a.json")

    def most(records: int) -> int:
        lines = [json.dumps(_record(n, text="x" * 2000)) for n in range(records)]
        path.write_text("\n".join(lines) if form == "lines" else f"[{','.join(lines)}]")
        del lines
        tracemalloc.start()
        count = sum(1 for _ in read_records(path, lambda value: True))
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count == records
        return held

    assert most(6000) < 2 * most(2000)
