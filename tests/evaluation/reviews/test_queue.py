"""The queue and what stands of entries: own orders, targets, undo, blindness, changed dialogues."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from review_entries import dialogue_of, entry, written

from callsheet.evaluation.reviews import Entry, items_of, queue, standings
from callsheet.trajectories.reading import TrajectoriesUnreadable

DIALOGUES = [dialogue_of(n) for n in range(6)]


def test_everybody_has_an_order_of_their_own(tmp_path: Path) -> None:
    items = items_of(written(tmp_path / "t.jsonl", DIALOGUES), "0001")
    names = [f"r{n}" for n in range(60)]
    orders = [[p.item.digest for p in queue(items, {}, name, target=2)] for name in names]
    assert all(Counter(order) == Counter(item.digest for item in items) for order in orders)
    assert len({tuple(order) for order in orders}) > 40
    first = Counter(order[0] for order in orders)
    assert len(first) == len(items), "each item comes first for somebody"
    again = queue(items[::-1], {}, "r0", target=2)
    assert [p.item.digest for p in again] == orders[0], "whatever order the files have"
    other = queue(items, {}, "r0", target=2, seed=1)
    assert [p.item.digest for p in other] != orders[0]


def test_items_are_read_where_they_stand(tmp_path: Path) -> None:
    path = written(tmp_path / "t.jsonl", [*DIALOGUES, DIALOGUES[0]])
    items = items_of(path, "0001")
    assert [item.trajectory() for item in items] == DIALOGUES, "the same content is one item"
    path.write_bytes(path.read_bytes().replace(b"Casa Lupo", b"Casa Rapo"))
    with pytest.raises(TrajectoriesUnreadable, match="was changed"):
        items[1].trajectory()
    path.write_bytes(b"\n{}\n")
    with pytest.raises(TrajectoriesUnreadable, match=r"t\.jsonl:2: Field required"):
        items_of(path, "0001")
    with pytest.raises(TrajectoriesUnreadable, match="no file"):
        items_of(tmp_path / "none.jsonl", "0001")


def test_targets_skips_and_changes(tmp_path: Path) -> None:
    items = items_of(written(tmp_path / "t.jsonl", DIALOGUES), "0001")
    one, two, three = DIALOGUES[:3]
    said = standings([
        entry(one, "anna"), entry(one, "berta"),
        entry(two, "anna"), entry(three, "carla", kind="skip"),
        entry(DIALOGUES[3].model_copy(update={"tools": []}), "berta"),
    ])  # fmt: skip
    for name, expected in {
        "anna": {0: "done", 1: "done", 2: "open", 3: "open", 4: "open", 5: "open"},
        "carla": {1: "open", 2: "skipped", 3: "open", 4: "open", 5: "open"},
    }.items():
        places = queue(items, said, name, target=2)
        found = {int(place.item.episode[:6]): place for place in places}
        assert {at: place.state for at, place in sorted(found.items())} == expected
        assert [p.state for p in places] == sorted(
            (p.state for p in places), key=["open", "skipped", "done"].index)  # fmt: skip
        assert found[1].reviewers == 1 and found[3].outdated == 1 and found[1].outdated == 0
    first = queue(items, said, "carla", target=2)[0]
    assert int(first.item.episode[:6]) == 1, "what somebody has begun comes first"
    assert len(queue(items, said, "carla", target=3)) == 6


def test_what_is_blind_stays_as_it_was_said() -> None:
    def after(*entries: Entry) -> tuple[str | None, str | None]:
        (by,) = standings(entries).values()
        one = by["anna"]
        return tuple(r.decision if r else None for r in (one.review, one.blind))  # type: ignore

    yes, no = entry(DIALOGUES[0]), entry(DIALOGUES[0], decision="reject")
    shown, undone = (entry(DIALOGUES[0], kind=kind) for kind in ("reveal", "withdraw"))
    assert after(yes) == ("accept", "accept")
    assert after(yes, no) == ("reject", "reject")
    assert after(yes, shown, no) == ("reject", "accept")
    assert after(yes, undone) == (None, None)
    assert after(yes, undone, no) == ("reject", "reject")
    assert after(yes, shown, undone, no) == ("reject", None)


KINDS = st.sampled_from(["review", "skip", "withdraw", "reveal"])


@settings(deadline=None)
@given(st.lists(st.tuples(KINDS, st.sampled_from(["anna", "berta"])), max_size=20))
def test_people_do_not_disturb_each_other(said: list[tuple[str, str]]) -> None:
    entries = [entry(DIALOGUES[0], who, kind=kind) for kind, who in said]
    together = next(iter(standings(entries).values()), {})
    for who in {who for _, who in said}:
        (alone,) = standings(one for one in entries if one.reviewer == who).values()
        assert alone[who] == together[who]
