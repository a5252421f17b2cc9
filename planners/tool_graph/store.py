"""A tool graph on disk: one file of numpy arrays, which is written whole or not at all.

Read with pickling off; what is no graph of ours is refused with a line that names the file.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from ...tools import ToolSpec
from ...trajectories.whole_file import write_whole
from .graph import ToolGraph

_FORMAT = 1
_ARRAYS = ("starts", "neighbours", "kinds")


class GraphUnreadable(ValueError):
    """A file holds no tool graph, or that of another pool; the message says which."""


def save_graph(graph: ToolGraph, path: Path) -> None:
    """Write `graph` to `path`. Raises `OSError`."""
    import numpy as np

    arrays: dict[str, Any] = {name: getattr(graph, name) for name in _ARRAYS}
    arrays["format"] = np.array([_FORMAT])
    arrays["names"] = _packed_text(graph.names)
    arrays["threshold"] = np.array([graph.threshold])
    arrays["hubs"] = np.array([graph.hubs])
    arrays["similar_first"], arrays["similar_second"], arrays["similar_cosine"] = graph.similar
    for name in ("parameters", "returns"):
        lists: Sequence[Sequence[int]] = getattr(graph, name)
        arrays[f"{name}_ends"] = np.array(list(accumulate(map(len, lists))), np.int64)
        arrays[name] = np.array([s for one in lists for s in one], np.int32)
    payload = io.BytesIO()
    np.savez(payload, **arrays)
    write_whole(path, [payload.getbuffer()])


def load_graph(path: Path, tools: Sequence[ToolSpec] | None = None) -> ToolGraph:
    """The graph in `path`. With `tools`, it must be that of a pool of these names.

    Raises `GraphUnreadable`.
    """
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
        graph = _graph(arrays)
    except OSError as error:
        raise GraphUnreadable(f"{path}: cannot be read: {error.strerror or error}") from None
    except (KeyError, ValueError, IndexError, EOFError, zipfile.BadZipFile) as error:
        raise GraphUnreadable(f"{path}: not a tool graph ({error})") from None
    if tools is not None and tuple(tool.name for tool in tools) != graph.names:
        raise GraphUnreadable(
            f"{path}: the graph of another pool; build it anew with callsheet graph build"
        )
    return graph


def _graph(arrays: dict[str, Any]) -> ToolGraph:
    if int(arrays["format"][0]) != _FORMAT:
        raise ValueError(f"format {arrays['format'][0]}, not {_FORMAT}")
    names = tuple(bytes(arrays["names"]).decode().split("\n")) if len(arrays["names"]) else ()
    graph = ToolGraph(
        names=names,
        starts=arrays["starts"],
        neighbours=arrays["neighbours"],
        kinds=arrays["kinds"],
        parameters=_lists(arrays, "parameters"),
        returns=_lists(arrays, "returns"),
        similar=(
            arrays["similar_first"],
            arrays["similar_second"],
            arrays["similar_cosine"],
        ),
        threshold=float(arrays["threshold"][0]),
        hubs=int(arrays["hubs"][0]),
    )
    _check(graph)
    return graph


def _check(graph: ToolGraph) -> None:
    """Raises `ValueError` where the arrays do not fit each other."""
    import numpy as np

    size, edges = len(graph), len(graph.neighbours)
    fits = (
        len(graph.starts) == size + 1
        and int(graph.starts[0]) == 0
        and int(graph.starts[-1]) == edges == len(graph.kinds)
        and bool((np.diff(graph.starts) >= 0).all())
        and (not edges or (graph.neighbours.min() >= 0 and graph.neighbours.max() < size))
        and len(graph.parameters) == len(graph.returns) == size
    )
    if not fits:
        raise ValueError("its arrays do not fit each other")


def _packed_text(names: Sequence[str]) -> Any:
    import numpy as np

    return np.frombuffer("\n".join(names).encode(), np.uint8)


def _lists(arrays: dict[str, Any], name: str) -> tuple[tuple[int, ...], ...]:
    values = arrays[name].tolist()
    ends = [0, *arrays[f"{name}_ends"].tolist()]
    return tuple(tuple(values[start:end]) for start, end in pairwise(ends))
