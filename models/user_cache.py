"""Where this program keeps, for one user, what can be made anew."""

from __future__ import annotations

import os
from pathlib import Path


def user_cache() -> Path:
    """`callsheet` in `$XDG_CACHE_HOME`, or in `~/.cache`; may not exist yet."""
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(home).expanduser() / "callsheet"
