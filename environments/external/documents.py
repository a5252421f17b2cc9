"""The tools of an OpenAPI document, or of a pool that was made from documents."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...tools import ToolSpec
from ...tools.importing import import_tools
from ...tools.pool import PoolError


def read_tools(path: Path) -> Sequence[ToolSpec]:
    """The tools that can be called over HTTP. Raises `PoolError`, one line, where there are
    none or the file cannot be read."""
    if not path.is_file():
        raise PoolError(f"{path}: there is no such file")
    imported = import_tools(path)
    usable = [spec for spec in imported.specs if spec.source is not None and spec.source.method]
    if usable:
        return usable
    if imported.problems:
        first = imported.problems[0]
        raise PoolError(f"{path}: {': '.join(filter(None, (first.place, first.reason)))}")
    raise PoolError(
        f"{path}: none of its {len(imported.specs)} tools says where it is called over HTTP"
    )
