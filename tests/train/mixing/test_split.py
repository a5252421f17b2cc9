"""Filters, the split into parts, and what is refused before anything is fed."""

import json
from itertools import chain

import pytest
from conversations import trajectory
from hypothesis import given
from hypothesis import strategies as st
from mixing_files import ids, mixture, write
from pydantic import ValidationError

from callsheet.train.mixing import (
    Mixture,
    MixtureConfig,
    MixtureInvalid,
    StateMismatch,
    index_sources,
)
from callsheet.trajectories.reading import TrajectoriesUnreadable


def source(path, **changes):
    return {"name": path.stem, "path": path} | changes


def config(*sources, **changes):
    return MixtureConfig.model_validate({"sources": list(sources)} | changes)


def test_each_source_has_its_own_filter_with_field_and_scale(tmp_path):
    scores = [0.5, 0.8, 1.0, None]
    shop = write(tmp_path / "shop.jsonl", 8, score=lambda n: scores[n % 4])
    rated = write(tmp_path / "rated.jsonl", 6, rater_score=lambda n: float(n), score=None)
    neither = write(tmp_path / "neither.jsonl", 3, score=None)
    whole = Mixture(
        config(
            source(shop, accept={"field": "score", "at_least": 0.8}),
            source(rated, accept={"field": "rater_score", "at_least": 4}),
            source(neither, accept=None),
            evaluation=0,
        ),
        seed=0,
    )
    counts = whole.counts()
    assert (counts["shop"].read, counts["shop"].accepted) == (8, 4)
    assert counts["shop"].refused == {"no score": 2, "score below 0.8 (of 1)": 2}
    assert counts["rated"].refused == {"rater_score below 4 (of 5)": 4}
    assert counts["neither"].accepted == 3
    assert all(r.trajectory().score >= 0.8 for name, r in whole if name == "shop")


def test_the_reasons_are_those_that_the_filter_gives_a_whole_trajectory(tmp_path):
    path = tmp_path / "mixed.jsonl"
    given_ones = [
        trajectory(f"t{n}", score=s, status=e)
        for n, (s, e) in enumerate(
            [(1.0, "completed"), (0.2, "completed"), (1.0, "limit"), (None, "completed")]
        )
    ]
    path.write_text("".join(t.model_dump_json() + "\n" for t in given_ones))
    made = config(source(path, accept={"field": "score", "at_least": 0.5}), evaluation=0)
    keep = made.sources[0].accept
    reasons = [keep.refusal(t) for t in given_ones]
    assert Mixture(made, seed=0).counts()["mixed"].refused == dict.fromkeys(
        sorted(filter(None, reasons)), 1
    )


def parts(made):
    index = index_sources(made)
    train = Mixture(made, seed=0, index=index)
    return train, Mixture(made, seed=0, part="evaluation", index=index)


def test_no_query_stands_on_both_sides_also_across_sources(tmp_path):
    # The same 40 queries in both files: as a field in one, as the first user message in the other,
    # with another case and spacing.
    said = write(tmp_path / "said.jsonl", 120, user_query=lambda n: f"Plan trip {n % 40}")
    asked = tmp_path / "asked.jsonl"
    with asked.open("w") as file:
        for n in range(120):
            messages = [
                {"role": "system", "content": "Help."},
                {"role": "user", "content": f"plan  TRIP {n % 40}\n"},
            ]
            file.write(trajectory(f"asked-{n}", messages=messages).model_dump_json() + "\n")
    train, evaluation = parts(config(source(said), source(asked), evaluation=0.3))

    def queries(records):
        found = set()
        for _, record in records:
            t = record.trajectory()
            text = t.user_query or next(m.content for m in t.messages if m.role == "user")
            found.add(" ".join(text.split()).casefold())
        return found

    learnt, held_out = queries(train), queries(evaluation)
    assert learnt and held_out and not learnt & held_out
    assert len(learnt | held_out) == 40


def test_every_accepted_record_is_in_exactly_one_part_and_evaluation_has_each_once(tmp_path):
    made = mixture(tmp_path, {"a": 300, "b": 50}, evaluation=0.2)
    train, evaluation = parts(made)
    learnt, held_out = ids(train), ids(evaluation)
    assert len(held_out) == len(set(held_out)) == len(evaluation)
    assert not set(learnt) & set(held_out)
    assert len(set(learnt) | set(held_out)) == 350
    assert sum(c.held_out for c in train.counts().values()) == len(held_out)
    assert 35 < len(held_out) < 110
    assert evaluation.passes() == {"a": 1.0, "b": 1.0}


def test_evaluation_is_shared_out_too_and_knows_no_chance(tmp_path):
    made = mixture(tmp_path, {"a": 300, "b": 50}, evaluation=0.2)
    _, whole = parts(made)
    shared = [Mixture(made, seed=9, rank=r, world=3, part="evaluation") for r in range(3)]
    seen = [ids(one) for one in shared]
    assert sorted(chain(*seen)) == sorted(ids(whole))
    assert seen[0] == ids(Mixture(made, seed=0, rank=0, world=3, part="evaluation"))


def test_a_query_that_was_held_out_is_so_with_any_seed_and_a_larger_share(tmp_path):
    made = mixture(tmp_path, {"a": 300}, evaluation=0.1)
    wider = made.model_copy(update={"evaluation": 0.3})
    small = set(ids(Mixture(made, seed=1, part="evaluation")))
    large = set(ids(Mixture(wider, seed=2, part="evaluation")))
    assert small < large


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("", "holds no trajectory"),
        ("\n  \n", "holds no trajectory"),
        ("{oops\n", r":1: "),
        ("[]\n", ":1: no trajectory; `callsheet convert`"),
        ('\n{"messages": []}\n', ":2: no trajectory"),
        ('{"id": "a", "scenario": "s", "environment": "e", "messages": {}}\n', "no trajectory"),
        ('{"id": "a", "scenario": "s", "environment": "e", "outcome": 3}\n', "outcome or score"),
        ('{"id": "a", "scenario": "s", "environment": "e", "score": "1"}\n', "outcome or score"),
        ('{"id": "a", "scenario": "s", "environment": "e"}\n', "leaves nothing of 1 .*no score: 1"),
    ],
)
def test_a_source_that_gives_nothing_is_named_with_the_reason(tmp_path, lines, message):
    path = tmp_path / "bad.jsonl"
    path.write_text(lines)
    with pytest.raises(MixtureInvalid, match=rf"source 'bad': .*{message}"):
        Mixture(config(source(path, accept={"field": "score", "at_least": 0.5})), seed=0)


def test_a_missing_file_is_named_and_a_run_folder_is_read(tmp_path):
    with pytest.raises(MixtureInvalid, match=r"source 'gone': .*gone\.jsonl: no such file"):
        Mixture(config(source(tmp_path / "gone.jsonl")), seed=0)
    run = tmp_path / "run"
    run.mkdir()
    with pytest.raises(MixtureInvalid, match=r"source 'run': .* holds no \.jsonl file"):
        Mixture(config(source(run)), seed=0)
    write(run / "trajectories.jsonl", 4)
    assert len(Mixture(config(source(run), evaluation=0), seed=0)) == 4


def test_a_folder_that_was_converted_is_read_file_by_file(tmp_path, monkeypatch):
    folder = tmp_path / "trees"
    (folder / "more").mkdir(parents=True)
    for number in range(9):
        write(folder / "more" / f"{number}.jsonl", 2)
    (folder / "more" / "3.jsonl.refused.jsonl").write_text('{"line": 1}\n')
    (folder / "more" / "3.jsonl.report.json").write_text("{}")
    monkeypatch.setattr("callsheet.train.mixing.files._MOST_OPEN", 2)
    made = config(source(folder), evaluation=0)
    whole = Mixture(made, seed=0)
    assert sorted(ids(whole)) == sorted(f"{f}-{n}" for f in range(9) for n in range(2))
    write(folder / "more" / "9.jsonl", 2)
    with pytest.raises(StateMismatch, match="another content of 'trees'"):
        Mixture(made, seed=0).restore(whole.state())
    (folder / "more" / "4.jsonl").write_text("{}")
    with pytest.raises(MixtureInvalid, match=r"source 'trees': .*4\.jsonl:1: no trajectory"):
        Mixture(made, seed=0)


def test_a_part_without_records_is_an_error(tmp_path):
    path = write(tmp_path / "one.jsonl", 20, user_query="the same")
    share = next(
        share / 100
        for share in range(1, 100)
        if index_sources(config(source(path), evaluation=share / 100))[0].counts.held_out
    )
    with pytest.raises(MixtureInvalid, match="'one': all that its filter leaves is held"):
        Mixture(config(source(path), evaluation=share), seed=0)
    with pytest.raises(MixtureInvalid, match="no trajectory is held out"):
        Mixture(config(source(path), evaluation=0), seed=0, part="evaluation")


def test_names_weights_and_scales_are_checked_when_the_config_is_read(tmp_path):
    path = tmp_path / "a.jsonl"
    for wrong in (
        {"sources": []},
        {"sources": [source(path), source(path)]},
        {"sources": [source(path, weight=0)]},
        {"sources": [source(path, weight=float("inf"))]},
        {"sources": [source(path, accept={"field": "score", "at_least": 4})]},
        {"sources": [source(path)], "evaluation": 1},
    ):
        with pytest.raises(ValidationError):
            MixtureConfig.model_validate(wrong)
    with pytest.raises(ValidationError, match="two sources are named 'a'"):
        config(source(path), source(path))


def test_relative_paths_are_those_of_the_configs_folder(tmp_path):
    made = config({"name": "a", "path": "data/a.jsonl"}, {"name": "b", "path": tmp_path / "b"})
    moved = made.under(tmp_path / "configs")
    assert [s.path for s in moved.sources] == [tmp_path / "configs/data/a.jsonl", tmp_path / "b"]


def test_a_record_that_only_looks_like_a_trajectory_is_named_where_it_is_used(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('\n{"id": "a", "scenario": "s", "environment": "e", "messages": [1]}\n')
    (_, record), *_ = Mixture(config(source(path), evaluation=0), seed=0)
    with pytest.raises(TrajectoriesUnreadable, match=r"a\.jsonl: byte 1: messages\.0: "):
        record.trajectory()


@given(st.lists(st.sampled_from([b"\n", b"  \n", b"x"]), max_size=30), st.booleans())
def test_records_are_read_as_they_stand_between_blank_lines(tmp_path_factory, shape, ends):
    path = tmp_path_factory.mktemp("lines") / "t.jsonl"
    wanted = []
    text = b""
    for number, kind in enumerate([*shape, b"x"]):
        if kind == b"x":
            wanted.append(f"é{number}")
            record = {"id": wanted[-1], "scenario": "s", "environment": "e"}
            text += json.dumps(record, ensure_ascii=False).encode() + b"\n"
        else:
            text += kind
    path.write_bytes(text if ends else text.rstrip(b"\n"))
    assert sorted(ids(Mixture(config(source(path), evaluation=0), seed=0))) == sorted(wanted)
