"""Where the tests find a whole API-Bank folder, which is never part of the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

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
