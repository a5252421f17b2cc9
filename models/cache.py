"""A store of answers that outlives the process, shared by all processes of a machine.

One SQLite file in WAL mode. The key is a digest of all that can change the answer: the model's
identity, messages, tools, tool choice, response format, parameters and seed. Keys and values hold
no secret. A cache that cannot be written (full disk, locked too long) costs money, not the run:
it is said once as a warning and counted.

Not covered: eviction. Delete the file when it is too large.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from pathlib import Path

from autogen_core.models import CreateResult
from pydantic import ValidationError

from .errors import ModelUnavailable

_LOG = logging.getLogger(__name__)
_FORMAT = 1
_BUSY_SECONDS = 2.0


class AnswerCache:
    """Answers by key. Opened at first use, in each process anew."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.failed_writes = 0
        self._connection: sqlite3.Connection | None = None
        self._process = -1

    def get(self, key: str) -> CreateResult | None:
        """The answer under `key`, marked as cached, or None.

        Raises `ModelUnavailable` where the file is there and is no cache of ours.
        """
        try:
            row = self._open().execute("SELECT answer FROM answers WHERE key = ?", (key,))
            found = row.fetchone()
        except sqlite3.OperationalError as error:
            self._failed("read", error)
            return None
        if found is None:
            return None
        try:
            return CreateResult.model_validate_json(found[0]).model_copy(update={"cached": True})
        except ValidationError:
            return None  # written by another version of AutoGen; asking again mends it

    def put(self, key: str, answer: CreateResult) -> None:
        """Keep `answer` under `key`; the first one stays where two processes were equally fast."""
        try:
            value = answer.model_dump_json()
            with self._open() as connection:
                connection.execute("INSERT OR IGNORE INTO answers VALUES (?, ?)", (key, value))
        except (sqlite3.OperationalError, UnicodeError, ValueError) as error:
            self._failed("written", error)

    def close(self) -> None:
        if self._connection is not None and self._process == os.getpid():
            self._connection.close()
        self._connection = None

    def _open(self) -> sqlite3.Connection:
        # A connection carried over a fork corrupts the file: each process opens its own.
        if self._connection is None or self._process != os.getpid():
            self._connection = self._connect()
            self._process = os.getpid()
        return self._connection

    def _connect(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise sqlite3.OperationalError(error.strerror) from None
        connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version not in (0, _FORMAT):
                raise ModelUnavailable(f"{self.path} is a cache of another version; delete it")
            with connection:
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT NOT "
                    "NULL) WITHOUT ROWID"
                )
                connection.execute(f"PRAGMA user_version = {_FORMAT}")
        except sqlite3.OperationalError:
            connection.close()
            raise
        except sqlite3.DatabaseError:
            connection.close()
            raise ModelUnavailable(
                f"{self.path} is no cache file; delete it or name another one"
            ) from None
        return connection

    def _failed(self, what: str, error: Exception) -> None:
        if not self.failed_writes:
            _LOG.warning("the cache %s cannot be %s: %s; going on without", self.path, what, error)
        self.failed_writes += 1
