"""The scenario files that the page lists, opens and saves: `scenarios/**/*.yaml` of the project.

Nothing else is ever written, and no link is followed out of that folder. A save says which content
it replaces, by digest, so that what an editor or a colleague changed meanwhile is not overwritten;
it is whole or not done. Programs that do not ask here for the lock, such as another editor, can
still write at the very moment between look and save.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from ...trajectories.whole_file import write_whole
from .refused import Refused

FOLDER = "scenarios"
LARGEST = 128 * 1024
"""Bytes of a scenario that the page edits."""
_DEEPEST = 4
_MOST = 2000
"""Files that are listed."""


class ScenarioFiles:
    """The files of one project."""

    def __init__(self, project: Path) -> None:
        self.project = project.resolve()
        self.folder = self.project / FOLDER

    def names(self) -> list[str]:
        """What there is, as paths relative to `scenarios/`, in order."""
        found = []
        for path in sorted(self.folder.rglob("*.yaml")):
            name = path.relative_to(self.folder).as_posix()
            with contextlib.suppress(Refused):
                if self.place(name).is_file():
                    found.append(name)
            if len(found) == _MOST:
                break
        return found

    def place(self, name: str) -> Path:
        """Where a file of that name is or would be. Raises `Refused` for a name that is none of a
        scenario file's, or that leads out of the folder."""
        parts = PurePosixPath(name).parts
        plain = all(
            0 < len(part) <= 100 and part.isprintable() and part[0] != "." and "\\" not in part
            for part in parts
        )
        if not plain or not 1 <= len(parts) <= _DEEPEST or "/".join(parts) != name:
            raise Refused(
                400, f"{name[:100]!r}: a scenario's file is named such as trips/offsite.yaml"
            )
        if not name.endswith(".yaml") or name.endswith("/.yaml"):
            raise Refused(400, f"{name[:100]}: a scenario's file ends in .yaml")
        path = self.folder / name
        if not path.resolve().is_relative_to(self.folder.resolve()) or self.folder.is_symlink():
            raise Refused(400, f"{name[:100]}: this leads out of the project's {FOLDER} folder")
        return path

    def read(self, name: str) -> tuple[str, str]:
        """A file's text and its digest. Raises `Refused`."""
        path = self.place(name)
        payload = _payload(path)
        if payload is None:
            raise Refused(404, f"{FOLDER}/{name}: there is no such file")
        if len(payload) > LARGEST:
            raise Refused(
                413, f"{FOLDER}/{name}: longer than {LARGEST // 1024} KB; edit it elsewhere"
            )
        try:
            return payload.decode(), _digest(payload)
        except UnicodeDecodeError:
            raise Refused(422, f"{FOLDER}/{name}: not text in UTF-8") from None

    def write(self, name: str, text: str, replaces: str | None) -> str:
        """Save `text`; `replaces`: digest of what it stands in for, or None for a new file.

        Returns the new digest. Raises `Refused`; nothing is written then.
        """
        path = self.place(name)
        payload = encoded(text)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with self._locked():
                before = _payload(path)
                if replaces is None and before is not None:
                    raise Refused(409, f"{FOLDER}/{name}: there is such a file already")
                if replaces is not None and (before is None or _digest(before) != replaces):
                    what = "is no longer there" if before is None else "was changed meanwhile"
                    advice = "save under another name, or open it again"
                    raise Refused(409, f"{FOLDER}/{name}: the file {what}; {advice}")
                write_whole(path, [payload])
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise Refused(422, f"{FOLDER}/{name}: cannot be written: {reason}") from None
        return _digest(payload)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other pages' servers from saving; the lock is the folder's own."""
        handle = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def encoded(text: str) -> bytes:
    """A scenario's text as bytes. Raises `Refused` where it is too long or no text."""
    try:
        payload = text.encode()
    except UnicodeEncodeError:
        raise Refused(422, "half a surrogate pair is no character") from None
    if len(payload) > LARGEST:
        raise Refused(413, f"a scenario longer than {LARGEST // 1024} KB is edited elsewhere")
    return payload


def _payload(path: Path) -> bytes | None:
    """A file's bytes, one more than are wanted at most; None where there is none."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Refused(422, f"{path.name}: cannot be read: {error.strerror}") from None


def _digest(payload: bytes) -> str:
    return hashlib.blake2b(payload, digest_size=16).hexdigest()
