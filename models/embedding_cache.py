"""Vectors of texts kept on disk, so that a tool pool is embedded once a machine.

One file for each list of texts and encoder, in the user's cache folder: a mark, a digest of the
rest, and the numbers. A file that is damaged counts as none and is written anew; a folder that
cannot be written costs time, nothing else. Files appear whole, by renaming.

Not covered: eviction. Delete the folder when it is too large.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .embedding import Encoder
from .user_cache import user_cache

_MARK = b"callsheet vectors 1\n"
_DIGEST = 16


def vectors(texts: Sequence[str], encoder: Encoder) -> Any:
    """What a dense `encoder` makes of `texts`: an array of float32 (n, d)."""
    return cached(file_for(texts, encoder), len(texts), lambda: encoder.encode(texts))


def cached(path: Path, rows: int, make: Callable[[], Any]) -> Any:
    """The array of `rows` rows that `path` holds, else the one that `make` makes, kept there."""
    found = _read(path, rows)
    if found is None:
        found = make()
        _write(path, found)
    return found


def file_for(texts: Sequence[str], encoder: Encoder) -> Path:
    """The file that holds an encoder's vectors of these texts in this order."""
    hasher = hashlib.blake2b(encoder.digest.encode(), digest_size=16)
    for text in texts:
        hasher.update(hashlib.blake2b(text.encode("utf-8", "surrogatepass")).digest())
    return user_cache() / "vectors" / f"{hasher.hexdigest()}.f32"


def _read(path: Path, rows: int) -> Any:
    import numpy

    try:
        content = path.read_bytes()
    except OSError:
        return None
    start = len(_MARK) + _DIGEST
    payload = content[start:]
    right = (
        content.startswith(_MARK)
        and content[len(_MARK) : start] == _digest(payload)
        and rows > 0
        and payload
        and len(payload) % (4 * rows) == 0
    )
    return numpy.frombuffer(payload, dtype="<f4").reshape(rows, -1) if right else None


def _write(path: Path, array: Any) -> None:
    payload = array.astype("<f4").tobytes()
    if not payload:
        return
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(dir=path.parent, prefix=path.stem)
        written = Path(name)
        try:
            with os.fdopen(number, "wb") as file:
                file.write(_MARK + _digest(payload) + payload)
            written.replace(path)
        finally:
            written.unlink(missing_ok=True)


def _digest(payload: bytes) -> bytes:
    return hashlib.blake2b(payload, digest_size=_DIGEST).digest()
