"""Worlds that come after one another on the same connection know nothing of each other."""

from __future__ import annotations

from threading import Thread

import pytest

from callsheet.environments.world import World, compile_image

SCHEMA = "create table notes (id text primary key, words text)"
IMAGE = compile_image(SCHEMA, {"notes": [{"id": "1", "words": "seed"}]})


def test_a_world_begins_with_its_image_whatever_the_one_before_did() -> None:
    fresh = World(*IMAGE)
    before = fresh.digest()
    fresh.insert({"notes": [{"id": "2", "words": "mine"}]})
    fresh.db.execute("create table extra (x)")
    fresh.close()
    later = World(*IMAGE)
    assert later.rows("notes") == [{"id": "1", "words": "seed"}]
    assert later.query("select count(*) from sqlite_schema where name = 'extra'") == [[0]]
    assert later.digest() == before
    later.mark()
    assert not later.diff()


def test_an_unfinished_transaction_is_not_handed_on() -> None:
    world = World(*IMAGE)
    world.db.execute("begin")
    world.db.execute("delete from notes")
    world.close()
    later = World(*IMAGE)
    assert not later.db.in_transaction
    assert later.rows("notes") == [{"id": "1", "words": "seed"}]


def test_seed_rows_may_be_a_tuple() -> None:
    world = World(*compile_image(SCHEMA, {"notes": ({"id": "1"}, {"id": "2"})}))
    assert len(world.rows("notes")) == 2


def test_a_replace_that_is_no_truth_empties_nothing() -> None:
    world = World(*IMAGE)
    with pytest.raises(ValueError, match="true or false is wanted, not 'no'"):
        world.insert({}, replace="no")  # type: ignore[arg-type]
    assert len(world.rows("notes")) == 1


def test_a_closed_world_that_is_used_again_starts_anew() -> None:
    world = World(*IMAGE)
    world.insert({"notes": [{"id": "2", "words": "gone"}]})
    world.close()
    world.close()
    assert world.rows("notes") == [{"id": "1", "words": "seed"}]


def test_open_worlds_share_nothing() -> None:
    one, other = World(*IMAGE), World(*IMAGE)
    one.insert({"notes": [{"id": "2", "words": "one"}]})
    assert len(one.rows("notes")) == 2
    assert len(other.rows("notes")) == 1
    assert one.digest() != other.digest()


@pytest.mark.parametrize("worlds", [200])
def test_threads_do_not_get_each_others_connections(worlds: int) -> None:
    World(*IMAGE).db  # noqa: B018 - opens it
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for number in range(worlds):
                world = World(*IMAGE)
                world.insert({"notes": [{"id": f"x{number}", "words": "y"}]})
                assert len(world.rows("notes")) == 2
                world.close()
        except BaseException as error:
            failures.append(error)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
