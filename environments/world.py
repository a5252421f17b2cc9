"""One episode's SQLite world: tables in memory that can be copied, compared and asked.

The tables are made from an image that is compiled once per process (schema and seed rows) and
loaded into a fresh connection at first use. All state is in rows; the digest is over rows in
order, never over pages, so that equal worlds have equal digests.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from ..trajectories.canonical import canonical
from .protocol import StateDiff

Row = Mapping[str, Any]
_QUERY_STEPS = 2_000_000
"""Virtual machine instructions that a check's query may take."""
_QUERY_VALUE = 100_000
"""Bytes of any value in it: one instruction could otherwise make a gigabyte."""
_QUERY_BYTES = 4_000_000
"""Of the texts in its rows."""
_QUERY_ROWS = 10_000
_READING = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
}
_UNSAFE_FUNCTIONS = {"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"}


class World:
    """The tables of one episode. `tables` names them in the order of their digest."""

    def __init__(self, image: bytes, tables: Sequence[str]) -> None:
        self._image = image
        self._tables = tables
        self._connection: sqlite3.Connection | None = None
        self._digest: tuple[int, str] | None = None
        self._shown: dict[str, list[dict[str, Any]]] | None = None

    @property
    def db(self) -> sqlite3.Connection:
        """The connection, opened at first use; rows come as `sqlite3.Row`."""
        if self._connection is None:
            self._connection = _spare.take(self._image)
        return self._connection

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Take back every change if the block raises."""
        db = self.db
        db.execute("savepoint attempt")
        try:
            yield
        except BaseException:
            db.execute("rollback to attempt")
            raise
        finally:
            db.execute("release attempt")

    def start(self, state: Mapping[str, Any]) -> None:
        """Add a scenario's `state`: rows by table, and `replace` where they replace all rows.

        Raises `ValueError` as `insert` does.
        """
        rows = {table: rows for table, rows in state.items() if table != "replace"}
        self.insert(rows, replace=state.get("replace", False))

    def insert(self, rows_by_table: Mapping[str, Sequence[Row]], replace: bool = False) -> None:
        """Add rows; with `replace`, all tables are emptied first.

        Raises `ValueError` for a table or column that does not exist, a row that does not fit, and
        whatever an author wrote where `replace` or a table's list of rows was wanted.
        """
        if not isinstance(replace, bool):
            # In YAML 1.2 `no` is a text, which Python would take for yes.
            raise ValueError(f"state: replace: true or false is wanted, not {replace!r}")
        if replace:
            for table in self._tables:
                self.db.execute(f'delete from "{table}"')  # noqa: S608 - a name of our own
        for table, rows in rows_by_table.items():
            if table not in self._tables:
                raise ValueError(f"state: no table {table!r}; tables: {', '.join(self._tables)}")
            if not isinstance(rows, list | tuple) or not all(isinstance(r, Mapping) for r in rows):
                raise ValueError(f"state: {table}: a list of rows is wanted, each a mapping")
            for row in rows:
                self._insert(table, row)

    def _insert(self, table: str, row: Row) -> None:
        columns = [r[1] for r in self.db.execute(f'pragma table_info("{table}")')]
        unknown = [name for name in row if name not in columns]
        if unknown:
            raise ValueError(
                f"state: table {table} has no column {unknown[0]!r}; columns: {', '.join(columns)}"
            )
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" for _ in row)
        values = [storable(value) for value in row.values()]
        try:
            self.db.execute(f'insert into "{table}" ({names}) values ({marks})', values)  # noqa: S608
        except (sqlite3.Error, OverflowError) as error:
            raise ValueError(f"state: a row of {table} does not fit: {error}") from None

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows of a table in the order they were written."""
        cursor = self.db.execute(f'select * from "{table}" order by rowid')  # noqa: S608
        return [dict(row) for row in cursor]

    def digest(self) -> str:
        """Hex BLAKE2b-128 over all rows in order."""
        if self._connection is None:
            # Nobody has touched the world: it is its image.
            return _digest_of_image(self._image, tuple(self._tables))
        changes = self.db.total_changes
        if self._digest is None or self._digest[0] != changes:
            self._digest = (changes, self._digest_now())
        return self._digest[1]

    def _digest_now(self) -> str:
        hasher = hashlib.blake2b(digest_size=16)
        for table in self._tables:
            hasher.update(canonical([table, self._plain(table)]))
        return hasher.hexdigest()

    def _plain(self, table: str) -> list[list[Any]]:
        cursor = self.db.execute(f'select * from "{table}" order by rowid')  # noqa: S608
        return [list(row) for row in cursor]

    def diff(self) -> StateDiff:
        """What changed since the last call, or since `mark`."""
        if self._connection is None or self._shown is None:
            return StateDiff()
        added: dict[str, list[Row]] = {}
        removed: dict[str, list[Row]] = {}
        for table in self._tables:
            before, now = self._shown[table], self.rows(table)
            if before == now:
                continue
            added[table] = [row for row in now if row not in before]
            removed[table] = [row for row in before if row not in now]
            self._shown[table] = now
        return StateDiff(
            {table: rows for table, rows in added.items() if rows},
            {table: rows for table, rows in removed.items() if rows},
        )

    def mark(self) -> None:
        """Begin to notice changes, from the state as it is now."""
        if self._shown is None:
            self._shown = {table: self.rows(table) for table in self._tables}

    def snapshot(self) -> bytes:
        """The whole state, for `restore`."""
        return self._image if self._connection is None else self.db.serialize()

    def restore(self, snapshot: bytes) -> None:
        """Go back to a snapshot of this world."""
        self.db.deserialize(snapshot)
        self._digest = None

    def query(self, sql: str) -> list[list[Any]]:
        """Rows of one read-only statement. Raises `ValueError` with one line."""
        db = self.db
        db.set_authorizer(_only_reading)
        db.set_progress_handler(lambda: 1, _QUERY_STEPS)
        longest = db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, max(_QUERY_VALUE, len(sql)))
        try:
            return _fetched(db.execute(sql))
        except (sqlite3.Error, sqlite3.Warning) as error:
            reason = "takes too long" if "interrupted" in str(error) else str(error)
            raise ValueError(f"query refused: {reason}") from None
        finally:
            db.set_authorizer(None)
            db.set_progress_handler(None, 0)
            db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, longest)

    def close(self) -> None:
        """Give the connection back; a world that is used again afterwards starts from its image."""
        if self._connection is not None:
            _spare.give(self._image, self._connection)
            self._connection = None
            self._digest = None
            self._shown = None


def _fetched(cursor: sqlite3.Cursor) -> list[list[Any]]:
    rows: list[list[Any]] = []
    size = 0
    for row in islice(cursor, _QUERY_ROWS):
        rows.append(list(row))
        size += sum(len(value) for value in row if isinstance(value, str | bytes))
        if size > _QUERY_BYTES:
            raise ValueError("query refused: its rows are too large")
    return rows


class _SpareConnections(threading.local):
    """Connections of closed worlds, by image, for the next world of that image.

    Loading the image again replaces every row, while the schema that SQLite has read and the
    statements it knows stay: four times faster than a new connection. One thread's own, as SQLite
    wants it.
    """

    MOST = 64

    def __init__(self) -> None:
        self._by_image: dict[int, tuple[bytes, list[sqlite3.Connection]]] = {}

    def take(self, image: bytes) -> sqlite3.Connection:
        """A connection that holds just the image; rows come as `sqlite3.Row`."""
        kept = self._by_image.get(id(image))
        if kept is not None and kept[0] is image and kept[1]:
            connection = kept[1].pop()
        else:
            connection = sqlite3.connect(":memory:", isolation_level=None)
            connection.row_factory = sqlite3.Row
        connection.deserialize(image)
        return connection

    def give(self, image: bytes, connection: sqlite3.Connection) -> None:
        """Keep a connection, unless something is unfinished on it or there are enough."""
        if connection.in_transaction or connection.row_factory is not sqlite3.Row:
            connection.close()
            return
        kept = self._by_image.get(id(image))
        if kept is None or kept[0] is not image:
            if len(self._by_image) >= self.MOST:
                self._by_image.clear()
            kept = self._by_image[id(image)] = (image, [])
        if len(kept[1]) < self.MOST:
            kept[1].append(connection)
        else:
            connection.close()


_spare = _SpareConnections()


def _only_reading(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    if action not in _READING:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _UNSAFE_FUNCTIONS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


_image_digests: dict[tuple[int, tuple[str, ...]], tuple[bytes, str]] = {}


def _digest_of_image(image: bytes, tables: tuple[str, ...]) -> str:
    """The digest of a world that nobody has opened; computed once for each image."""
    key = (id(image), tables)
    known = _image_digests.get(key)
    if known is None or known[0] is not image:
        world = World(image, tables)
        world.db  # noqa: B018 - opens it
        known = (image, world.digest())
        world.close()
        _image_digests[key] = known
    return known[1]


def compile_image(schema: str, rows: Mapping[str, Sequence[Row]]) -> tuple[bytes, tuple[str, ...]]:
    """The serialized database of a schema with its seed rows, and its tables in order."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    # Tables here are small, and each has pages of its own: small pages keep an open world small.
    db.execute("pragma page_size = 1024")
    db.executescript(schema)
    tables = tuple(
        row[0] for row in db.execute("select name from sqlite_schema where type='table'"
                                     " and name not like 'sqlite_%' order by rowid")
    )  # fmt: skip
    image = db.serialize()
    db.close()
    world = World(image, tables)
    world.insert(rows)
    image = world.snapshot()
    world.close()
    return image, tables


def storable(value: Any) -> Any:
    """A JSON value as SQLite stores it: lists and objects as canonical JSON, truth as 0 and 1."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (dict, list)):
        return canonical(value).decode()
    return value
