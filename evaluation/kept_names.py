"""What the files with a model's answers are called, so that none are taken for another model's.

A name alone is not enough: an adapter that is trained anew has its old name and place. The digest
in a file's name is that of the weights and the configuration, and costs no reading of weights.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ..models.registry import identity_digest, weights_digest
from ..simulation.cast import BASELINE
from ..simulation.digests import package_digest

_DIGITS = 12
"""Of a digest; chance makes two alike after millions of models."""
_LONGEST = 80
"""Characters of a model's name that are kept, from its end: paths begin alike."""


def kept_as(name: str, folders: Sequence[Path] = ()) -> str:
    """The name for the answers of a configured model, or of the rules, as it is now.

    Raises `ModelUnavailable` for a name that is not configured, and what unpacking raises.
    """
    digest = package_digest() if name == BASELINE else identity_digest(name, folders)
    return _with(name, digest)


def weights_kept_as(name: str, base: Path, adapter: Path | None) -> str:
    """The same for weights that no configuration names."""
    return _with(name, weights_digest(*(one for one in (base, adapter) if one is not None)))


def file_name(name: str) -> str:
    """A model's name, which may be a path, as that of a file."""
    return re.sub(r"[^A-Za-z0-9._+-]+", "_", name)[-_LONGEST:].lstrip("._") or "model"


def _with(name: str, digest: str) -> str:
    return f"{file_name(name)}-{digest[:_DIGITS]}"
