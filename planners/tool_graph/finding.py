"""Finding tool graphs and pools of tools under a folder, and which pool a graph was made of.

Looks only so deep and at so many entries, follows no links, and leaves out folders in which
programs keep their own things, and names that are no text: a project may lie beside anything.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from ...tools import PoolError, ToolSpec, load_pool
from .graph import ToolGraph

_DEEP = 4
_MOST_ENTRIES = 20_000
_LEFT_OUT = {"node_modules", "__pycache__", "venv", "log", "spool", "epochs", "batches"}
_PARTS = {"format.npy", "names.npy", "starts.npy", "neighbours.npy"}
POOL_SUFFIXES = (".json", ".jsonl")


def graph_files(root: Path) -> list[Path]:
    """The files under `root` that hold a tool graph, as far as their table of contents says."""
    return [path for path in _files(root) if path.suffix == ".npz" and _is_graph(path)]


def pool_files(root: Path) -> list[Path]:
    """The pools under `root`: what a synthesis calls `pool.jsonl`, and the files in a folder
    `pools`."""
    return [
        path
        for path in _files(root)
        if path.suffix in POOL_SUFFIXES
        and (path.name == "pool.jsonl" or path.parent.name == "pools")
    ]


def pool_of(graph: ToolGraph, pools: Iterable[Path]) -> list[ToolSpec]:
    """The tools of the first of `pools` that has the graph's names in its order; else nothing."""
    for path in pools:
        try:
            tools = load_pool(path)
        except PoolError:
            continue
        if tuple(tool.name for tool in tools) == graph.names:
            return tools
    return []


def _is_graph(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as file:
            return set(file.namelist()) >= _PARTS
    except (OSError, zipfile.BadZipFile):
        return False


def _is_text(name: str) -> bool:
    """Bytes that are no UTF-8 become half a surrogate pair each, which nobody can be told."""
    return name.encode(errors="ignore").decode() == name


def _files(root: Path) -> Iterator[Path]:
    """Files under `root`, folder by folder, by name."""
    waiting, seen = [(root, 0)], 0
    while waiting:
        folder, deep = waiting.pop(0)
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            seen += 1
            if seen > _MOST_ENTRIES:
                return
            if entry.name.startswith(".") or entry.name in _LEFT_OUT or not _is_text(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                if deep < _DEEP:
                    waiting.append((folder / entry.name, deep + 1))
            elif entry.is_file(follow_symlinks=False):
                yield folder / entry.name
