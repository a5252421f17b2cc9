"""Where an API-Bank episode's data come from: the user's folder, or the package's small seed.

A folder has `init_database/*.json` and, where it is a whole one, `apis.json` (descriptions of the
tools), `level-3/inline_database.json` and dialogues. It is read, never written, and each file only
when something asks for it. The folder is the one named by `CALLSHEET_API_BANK` (what the command
line's `--data` sets, and worker processes inherit); without it, the seed.
"""

from __future__ import annotations

import hashlib
import os
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import orjson

from ..world import compile_image
from .tables import FILES, LEVEL_1_SCHEMA, LEVEL_3_PARTS, LEVEL_3_SCHEMA, level_1_rows

VARIABLE = "CALLSHEET_API_BANK"
SEED = Path(__file__).parent / "seed"
_LOOK_UPS = ("History", "ImageCaptioning", "QuestionAnswering", "SearchEngine",
             "SpeechRecognition", "Stock", "Symptom", "Wiki")  # fmt: skip
"""Files of `init_database` that tools look things up in and never change."""
_LISTS = {"ImageCaptioning"}
"""Files that hold an array; all others hold an object."""


class ApiBankDataError(ValueError):
    """A folder that is no API-Bank folder, or a file in it that cannot be used; one line."""


class ApiBankData:
    """The parsed files of one folder, shared by all episodes of a process."""

    def __init__(self, folder: Path) -> None:
        """Raises `ApiBankDataError` for a folder without `init_database`."""
        self.folder = folder
        if not (folder / "init_database").is_dir():
            raise ApiBankDataError(
                f"{folder} has no folder init_database; give an API-Bank folder by --data or "
                f"{VARIABLE}, or none to use the built-in data"
            )
        self._files: dict[str, Any] = {}

    @property
    def is_seed(self) -> bool:
        return self.folder == SEED

    @property
    def borrowed(self) -> dict[str, str]:
        """What the package stands in for, by the file that a user's folder does not have."""
        if self.is_seed:
            return {}
        wanted = {
            "apis.json": "the tools' descriptions, which ToolSearcher goes by",
            "level-3/inline_database.json": "the tables behind level 3",
        }
        return {name: what for name, what in wanted.items() if not (self.folder / name).exists()}

    def file(self, name: str) -> Any:
        """`init_database/<name>.json`, parsed once; shared, so never to be changed.

        Raises `ApiBankDataError`.
        """
        if name not in self._files:
            path = self._path(name)
            found = read_json(path)
            if not isinstance(found, list if name in _LISTS else dict):
                raise ApiBankDataError(f"{path}: no {'array' if name in _LISTS else 'object'}")
            self._files[name] = found
        return self._files[name]

    def check_look_ups(self) -> None:
        """Raises `ApiBankDataError` for a file of look-ups that cannot be used."""
        for name in _LOOK_UPS:
            self.file(name)

    def _path(self, name: str) -> Path:
        return self.folder / "init_database" / f"{name}.json"

    @cached_property
    def level_3(self) -> dict[str, Any]:
        """The constant tables of the level-3 tools, by tool. A folder without them has the
        seed's. Raises `ApiBankDataError`."""
        path = self.folder / "level-3" / "inline_database.json"
        if not path.exists():
            path = SEED / "level-3" / "inline_database.json"
        found = read_json(path)
        if not isinstance(found, dict):
            raise ApiBankDataError(f"{path}: no object of tables by tool")
        for (tool, part), kind in LEVEL_3_PARTS.items():
            parts = found.get(tool)
            if not (isinstance(parts, dict) and isinstance(parts.get(part), kind)):
                what = "array" if kind is list else "object"
                raise ApiBankDataError(f"{path}: {tool} has no {what} {part}")
        return found

    @cached_property
    def level_1_image(self) -> tuple[bytes, tuple[str, ...]]:
        """The changeable tables of levels 1 and 2, as `World` takes them.

        Raises `ApiBankDataError`, also for a file of look-ups that is not there: that is told
        before anything is played, since no tool can tell it.
        """
        for name in (*FILES, *_LOOK_UPS):
            if not self._path(name).is_file():
                raise ApiBankDataError(f"{self._path(name)}: no such file")
        files = {name: self.file(name) for name in FILES}
        try:
            return compile_image(LEVEL_1_SCHEMA, level_1_rows(files))
        except ValueError as error:
            raise ApiBankDataError(
                f"{self.folder}/init_database: not in API-Bank's shape: {error}"
            ) from None

    @cached_property
    def level_3_image(self) -> tuple[bytes, tuple[str, ...]]:
        """The changeable tables of level 3. Raises `ApiBankDataError` where the constant ones,
        which every call may need, cannot be used."""
        _ = self.level_3
        return compile_image(LEVEL_3_SCHEMA, {})

    @cached_property
    def signatures(self) -> dict[tuple[str, str], dict[str, Any]]:
        """The benchmark's own descriptions, by (group, tool), from `apis.json`; empty where the
        folder has none. Groups are "level-1/2" and "level-3"."""
        path = self.folder / "apis.json"
        if not path.exists():
            return {}
        try:
            found = {(api["group"], api["name"]): api for api in read_json(path)["apis"]}
        except (TypeError, KeyError) as error:
            raise ApiBankDataError(f"{path}: not in the expected shape: {error}") from None
        for (_, name), api in found.items():
            if not _is_signature(api):
                raise ApiBankDataError(f"{path}: {name}: not in the expected shape")
        return found

    @cached_property
    def digest(self) -> str:
        """Hex BLAKE2b-128 over the files that answers depend on. Raises `ApiBankDataError`."""
        hasher = hashlib.blake2b(digest_size=16)
        paths = sorted((self.folder / "init_database").glob("*.json"))
        paths += [self.folder / "apis.json", self.folder / "level-3" / "inline_database.json"]
        # Two tools answer from what the dialogues recorded.
        paths += sorted(self.folder.glob("*level-*/*.jsonl"))
        paths += sorted(self.folder.glob("lv1-lv2-samples/*/*.jsonl"))
        for path in paths:
            if path.exists():
                hasher.update(path.name.encode() + b"\0")
                hasher.update(read_bytes(path))
        return hasher.hexdigest()


def api_bank_data(folder: str | Path | None = None) -> ApiBankData:
    """The data of `folder`, else of the environment's, else the seed's; one object a folder.

    Raises `ApiBankDataError`.
    """
    chosen = folder or os.environ.get(VARIABLE) or SEED
    return _load(Path(chosen).expanduser().resolve())


@lru_cache(maxsize=8)
def _load(folder: Path) -> ApiBankData:
    return ApiBankData(folder)


def _is_signature(api: dict[str, Any]) -> bool:
    """Whether the parts that are read have the types that they should have."""
    texts = [api["name"], *(api.get(k) or "" for k in ("description", "first_release_description"))]
    parts = [api.get(key, {}) for key in ("input_parameters", "output_parameters")]
    return all(isinstance(text, str) for text in texts) and all(
        isinstance(part, dict) and all(isinstance(one, dict) for one in part.values())
        for part in parts
    )


def read_json(path: Path) -> Any:
    """Raises `ApiBankDataError` where the file is not there or is no JSON."""
    try:
        return orjson.loads(read_bytes(path))
    except orjson.JSONDecodeError as error:
        raise ApiBankDataError(f"{path}: no JSON: {error}") from None


def read_bytes(path: Path) -> bytes:
    """Raises `ApiBankDataError` where the file cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ApiBankDataError(f"{path}: {error.strerror or error}") from None
