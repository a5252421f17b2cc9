"""Vectors of single texts kept on disk by content, so that a text is embedded once a machine.

For large collections that change a little: a tool pool of 64,429 strings takes minutes to embed,
and the next version of it shares most of them. One SQLite file for each encoder (its digest names
it) in the user's cache folder, WAL mode, safe for several processes. What is embedded is kept
every `PORTION` texts, so that an interrupted embedding goes on where it was. A store that cannot
be read or written costs time, nothing else.

Not covered: eviction. Delete the file when it is too large. Small lists that are looked up as a
whole have a faster cache, `embedding_cache`.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from .embedding import Encoder
from .user_cache import user_cache

PORTION = 1_024
"""Texts between two times of writing."""
_BUSY_SECONDS = 5.0


def stored_vectors(
    texts: Sequence[str],
    encoder: Encoder,
    *,
    folder: Path | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Any:
    """What a dense `encoder` makes of `texts`: an array of float32 (n, d).

    `folder`: where the store lies; None: the user's cache folder. `on_progress` is told how many
    of the texts that were missing are embedded. Raises `ModelUnavailable` where the encoder
    cannot be loaded.
    """
    import numpy as np

    path = (folder or _cache_folder()) / f"{encoder.digest}.sqlite"
    keys = [hashlib.blake2b(text.encode("utf-8", "surrogatepass")).digest()[:16] for text in texts]
    with _opened(path) as store:
        found = _read(store, keys)
        missing = [at for at, key in enumerate(keys) if key not in found]
        # Texts of like length together: an encoder pads the others to the longest.
        missing.sort(key=lambda at: len(texts[at]))
        for start in range(0, len(missing), PORTION):
            portion = missing[start : start + PORTION]
            made = np.asarray(encoder.encode([texts[at] for at in portion]), dtype="<f4")
            new = {keys[at]: made[row].tobytes() for row, at in enumerate(portion)}
            found.update(new)
            _write(store, new)
            if on_progress is not None:
                on_progress(start + len(portion), len(missing))
    if not keys:
        return np.empty((0, 0), np.float32)
    return np.frombuffer(b"".join(found[key] for key in keys), "<f4").reshape(len(keys), -1)


def _cache_folder() -> Path:
    return user_cache() / "strings"


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection | None]:
    """The store, or None where there can be none."""
    connection: sqlite3.Connection | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=_BUSY_SECONDS)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS vectors (text BLOB PRIMARY KEY, vector BLOB NOT NULL)"
            " WITHOUT ROWID"
        )
    except (OSError, sqlite3.Error):
        if connection is not None:
            connection.close()
        connection = None
    try:
        yield connection
    finally:
        if connection is not None:
            connection.close()


def _read(store: sqlite3.Connection | None, keys: Sequence[bytes]) -> dict[bytes, bytes]:
    """The vectors that are there, all of one length."""
    found: dict[bytes, bytes] = {}
    if store is None:
        return found
    with contextlib.suppress(sqlite3.Error):
        for start in range(0, len(keys), PORTION):
            part = keys[start : start + PORTION]
            marks = ",".join("?" * len(part))
            found.update(
                store.execute(f"SELECT text, vector FROM vectors WHERE text IN ({marks})", part)  # noqa: S608 - marks are question marks
            )
    lengths = {len(vector) for vector in found.values()}
    whole = len(lengths) <= 1 and all(length and length % 4 == 0 for length in lengths)
    return found if whole else {}


def _write(store: sqlite3.Connection | None, vectors: dict[bytes, bytes]) -> None:
    if store is not None:
        with contextlib.suppress(sqlite3.Error), store:
            store.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", vectors.items())
