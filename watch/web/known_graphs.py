"""The tool graphs that the page can show, by name, and the latest few of them in memory.

A name is `saved:PLACE` (a file of `callsheet graph build` or of a synthesis), `pool:PLACE` (a pool,
whose graph is made when asked for) or `run:RUN` (the tools that a run called). PLACE begins with
the folder it is in (`runs/`, `project/` or `library/`, the pools of the package) and leads nowhere
else. Reads only; what it makes stays in memory.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ...models.embedding import encoder
from ...models.errors import ModelUnavailable
from ...planners.tool_graph import GraphUnreadable, load_graph, tool_graph
from ...planners.tool_graph.exploring import Explorable, PoolGraph
from ...planners.tool_graph.finding import POOL_SUFFIXES, graph_files, pool_files, pool_of
from ...planners.tool_graph.used import UsedTools
from ...scenarios import library
from ...tools import PoolError, load_pool
from ...trajectories.log import LogDamaged, logged_bytes, read_episodes
from .place import Place
from .refused import Refused

MOST_TOOLS = 2_000
"""A larger pool takes longer than a page waits."""
ENCODER = "wordllama"
"""A hundred times faster than the others, and so fit for a page."""
_KEPT = 3

_Stamp = tuple[Any, Any]
"""Which file or run it is, and what changes with it as soon as the graph may have changed."""


class KnownGraphs:
    """Graphs by name; one is made at a time, and read by any number."""

    def __init__(self, place: Place) -> None:
        pools = next(iter(library().values())).parent.parent / "pools"
        self._place = place
        # A folder may lie in another: the first one that has a file gives it its name.
        self._roots = {"runs": place.runs, "library": pools, "project": place.project}
        self._made: OrderedDict[str, tuple[_Stamp, Explorable]] = OrderedDict()
        self._making = threading.Lock()

    def listed(self) -> list[dict[str, str]]:
        """All there are: {graph, kind, name}."""
        found = [("saved", self._name(path)) for path in self._files(graph_files)]
        found += [("pool", self._name(path)) for path in self._files(pool_files)]
        found += [("run", name) for name in sorted(self._place.names())]
        return [{"graph": f"{kind}:{name}", "kind": kind, "name": name} for kind, name in found]

    def named(self, graph: str) -> Explorable:
        """The graph of that name. Raises `Refused` where there is none, or it cannot be made."""
        kind, _, name = graph.partition(":")
        if kind not in ("saved", "pool", "run"):
            raise Refused(404, f"{graph[:100]!r} is no graph; choose one of the list")
        path = self._place.run(name) if kind == "run" else self._path(kind, name)
        try:
            stamp = _stamp(path)
        except OSError as error:  # removed since
            raise Refused(404, str(error)) from None
        with self._making:
            had = self._made.get(graph)
            if had is None or had[0] != stamp:
                # A run that goes on keeps the numbers by which a page knows its tools.
                first = had[1].names if had is not None and had[0][0] == stamp[0] else ()
                had = self._made[graph] = stamp, _told(lambda: self._make(kind, path, first))
                while len(self._made) > _KEPT:
                    self._made.popitem(last=False)
            self._made.move_to_end(graph)
            return had[1]

    def _make(self, kind: str, path: Path, first: Sequence[str]) -> Explorable:
        if kind == "run":
            return UsedTools((events for _, events in read_episodes(path)), first)
        return self._saved(path) if kind == "saved" else self._of_pool(path)

    def _saved(self, path: Path) -> Explorable:
        graph = load_graph(path)
        beside = [path.with_name("pool.jsonl"), *self._files(pool_files)]
        return PoolGraph(graph, pool_of(graph, beside))

    def _of_pool(self, path: Path) -> Explorable:
        tools = load_pool(path)
        if len(tools) > MOST_TOOLS:
            raise Refused(
                422,
                f"{path.name}: {len(tools)} tools take a while: make the graph with "
                f"callsheet graph build {path.name} --out graph.npz, and reload the page",
            )
        return PoolGraph(tool_graph(tools, encoder(ENCODER)), tools)

    def _files(self, find: Callable[[Path], list[Path]]) -> Iterator[Path]:
        """Files of every root, each once."""
        for root in self._roots:
            for path in find(self._roots[root]):
                if self._name(path).startswith(f"{root}/"):
                    yield path

    def _name(self, path: Path) -> str:
        name, root = next((n, r) for n, r in self._roots.items() if path.is_relative_to(r))
        return f"{name}/{path.relative_to(root).as_posix()}"

    def _path(self, kind: str, name: str) -> Path:
        first, _, rest = name.partition("/")
        root = self._roots.get(first)
        suffixes = (".npz",) if kind == "saved" else POOL_SUFFIXES
        try:
            if root is not None and "\0" not in name:
                path = (root / rest).resolve()
                inside = path.is_relative_to(root.resolve())
                if inside and path.suffix in suffixes and path.is_file():
                    return path
        except OSError:
            pass  # A name that no file can have names no graph.
        raise Refused(404, f"there is no {kind} graph {name[:100]!r}; choose one of the list")


def _stamp(path: Path) -> _Stamp:
    if path.is_dir():
        made = (path / "scenarios.jsonl").stat()  # written once, when the run is made
        return (made.st_ino, made.st_mtime_ns), logged_bytes(path)
    found = path.stat()
    return found.st_ino, (found.st_mtime_ns, found.st_size)


def _told(make: Callable[[], Explorable]) -> Explorable:
    """What `make` gives; what can go wrong becomes a line for the page."""
    try:
        return make()
    except ImportError as error:
        line = f"a tool graph needs {error.name}: pip install 'callsheet[graph]'"
        raise Refused(422, line) from None
    except ModelUnavailable as error:
        line = f"{error}; or make the graph with callsheet graph build, and reload the page"
        raise Refused(422, line) from None
    except (GraphUnreadable, PoolError, LogDamaged, OSError) as error:
        raise Refused(422, str(error)) from None
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(422, f"the graph cannot be made: {error}") from None
