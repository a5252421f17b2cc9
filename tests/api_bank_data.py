"""Where the tests find a whole API-Bank folder, which is never part of the repository."""

from __future__ import annotations

import os
from pathlib import Path
from shutil import copytree
from typing import Any

import orjson
import pytest

from callsheet.environments.api_bank import ApiBankData
from callsheet.environments.api_bank.data import SEED

_BESIDE = Path(__file__).parents[2] / "shared" / "data" / "api_bank"
FOLDER: Path | None = next(
    (p for p in (Path(os.environ.get("CALLSHEET_API_BANK", "/nonexistent")), _BESIDE)
     if (p / "init_database").is_dir()),
    None,
)  # fmt: skip
"""The folder, or None."""

needs_data = pytest.mark.skipif(
    FOLDER is None, reason="no API-Bank folder: set CALLSHEET_API_BANK to one"
)


def seed_with(folder: Path, **files: Any) -> ApiBankData:
    """The package's own tables, laid out in `folder`, with these files in place of their own."""
    copytree(SEED / "init_database", folder / "init_database")
    for name, content in files.items():
        (folder / "init_database" / f"{name}.json").write_bytes(orjson.dumps(content))
    return ApiBankData(folder)
