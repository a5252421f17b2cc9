"""Makes the tool graph of a pool: fields, their vectors, the pairs above the threshold, edges.

Boilerplate that half of the web's APIs share ("pageToken: ...") would join everything with
everything: a string that is in too many tools, itself or as one like it, joins none (`max_share`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ...models.embedding import Encoder
from ...models.vector_store import stored_vectors
from ...tools import ToolSpec
from .fields import Fields
from .graph import ALIKE, FED, FEEDS, ToolGraph
from .similarity_join import Pairs, similar_pairs

THRESHOLD = 0.82
"""The paper's τ."""
_TOOLS = 1_024
"""Rows of the graph that are made at once; bounds the memory of an intermediate product."""

Progress = Callable[[str, int, int], None]
"""Told a stage, how much of it is done, and of how much."""


class GraphConfig(BaseModel):
    """How a pool becomes a graph."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    threshold: float = Field(default=THRESHOLD, gt=0.0, lt=1.0)
    """Cosine similarity that two fields must exceed."""
    max_share: float | None = Field(default=0.01, gt=0.0, le=1.0)
    """Share of the tools that may have a string, or one like it, before it is too common to join
    tools; None: every string joins."""
    least: int = Field(default=20, ge=1)
    """Tools that may have it in any case, however small the pool is."""


def tool_graph(
    tools: Sequence[ToolSpec],
    encoder: Encoder,
    config: GraphConfig | None = None,
    on_progress: Progress | None = None,
) -> ToolGraph:
    """The graph of `tools`. Vectors are kept on disk by content, see `stored_vectors`.

    Raises `ModelUnavailable` where the encoder cannot be loaded, `ValueError` for an encoder of
    sparse vectors, and `ImportError` without numpy and scipy.
    """
    config = config or GraphConfig()
    if encoder.sparse:
        raise ValueError(f"{encoder.name}: the tool graph needs an encoder of dense vectors")
    say = on_progress or _silent
    fields = Fields.of(tools)

    pairs = _pairs(fields, encoder, config.threshold, say)
    return joined([tool.name for tool in tools], fields, pairs, config, say)


def _pairs(fields: Fields, encoder: Encoder, threshold: float, say: Progress) -> Pairs:
    """The strings that are alike; their vectors, 100 MB for 64,429, are let go of here."""

    def embedding(done: int, total: int) -> None:
        say("embed", done, total)

    vectors = stored_vectors(fields.strings, encoder, on_progress=embedding)
    say("compare", 0, 1)
    pairs = similar_pairs(vectors, threshold)
    say("compare", 1, 1)
    return pairs


def joined(
    names: Sequence[str],
    fields: Fields,
    pairs: Pairs,
    config: GraphConfig,
    on_progress: Progress | None = None,
) -> ToolGraph:
    """The graph of tools whose fields are alike as `pairs` (of `fields.strings`) say."""
    import numpy as np

    say = on_progress or _silent
    size = len(fields.strings)
    taken, given = _incidence(fields.parameters, size), _incidence(fields.returns, size)
    like = _likeness(pairs, size)
    common = _common(taken, given, like, len(names), config)
    starts: Any = np.zeros(len(names) + 1, np.int64)
    neighbours, kinds = [], []
    if common.any():
        kept = _only(~common)
        taken, given = taken @ kept, given @ kept
    for top in range(0, len(names), _TOOLS):
        say("join", top, len(names))
        rows = slice(top, min(top + _TOOLS, len(names)))
        edges = _edges(taken, given, like, rows)
        starts[top + 1 : rows.stop + 1] = starts[top] + edges.indptr[1:]
        neighbours.append(edges.indices.astype(np.int32))
        kinds.append(edges.data)
    say("join", len(names), len(names))
    order = np.lexsort((pairs.second, pairs.first))
    return ToolGraph(
        names=tuple(names),
        starts=starts,
        neighbours=_all(neighbours, np.int32),
        kinds=_all(kinds, np.uint8),
        parameters=tuple(_without(one, common) for one in fields.parameters),
        returns=tuple(_without(one, common) for one in fields.returns),
        similar=(pairs.first[order], pairs.second[order], pairs.cosine[order]),
        threshold=config.threshold,
        hubs=int(common.sum()),
    )


def _edges(taken: Any, given: Any, like: Any, rows: slice) -> Any:
    """The rows of the graph: a sparse array of uint8 bits, without a tool's edge to itself."""
    import numpy as np
    from scipy.sparse import csr_array

    takes, gives = taken[rows] @ like, given[rows] @ like
    total = None
    for bit, product in (
        (ALIKE, takes @ taken.T),
        (FEEDS, gives @ taken.T),
        (FED, takes @ given.T),
    ):
        product = csr_array(product)
        product.data = np.full(len(product.data), bit, np.uint8)
        total = product if total is None else total + product
    edges = csr_array(total).tocoo()
    other = edges.coords[0] + rows.start != edges.coords[1]
    made = csr_array(
        (edges.data[other], (edges.coords[0][other], edges.coords[1][other])), shape=edges.shape
    )
    made.sort_indices()
    return made


def _incidence(strings_of: Sequence[Sequence[int]], size: int) -> Any:
    """Tools by strings: whether a tool has a string."""
    import numpy as np
    from scipy.sparse import csr_array

    rows: Any = np.repeat(np.arange(len(strings_of)), [len(one) for one in strings_of])
    columns = np.fromiter((s for one in strings_of for s in one), np.int64, len(rows))
    made = csr_array(
        (np.ones(len(rows), bool), (rows, columns)), shape=(len(strings_of), size), dtype=bool
    )
    made.sum_duplicates()
    return made


def _likeness(pairs: Pairs, size: int) -> Any:
    """Strings by strings: whether they are alike; each is like itself."""
    import numpy as np
    from scipy.sparse import csr_array

    same = np.arange(size)
    rows = np.concatenate([pairs.first, pairs.second, same])
    columns = np.concatenate([pairs.second, pairs.first, same])
    return csr_array((np.ones(len(rows), bool), (rows, columns)), shape=(size, size), dtype=bool)


def _common(taken: Any, given: Any, like: Any, tools: int, config: GraphConfig) -> Any:
    """Mask of the strings that are in too many tools, themselves or as one like them."""
    import numpy as np

    if config.max_share is None:
        return np.zeros(like.shape[0], bool)
    most = max(config.least, int(config.max_share * tools))
    having = (taken + given) @ like
    return np.bincount(having.indices, minlength=like.shape[0]) > most


def _only(mask: Any) -> Any:
    """A diagonal matrix that keeps the strings of `mask`."""
    import numpy as np
    from scipy.sparse import csr_array

    at = np.flatnonzero(mask)
    return csr_array((np.ones(len(at), bool), (at, at)), shape=(len(mask), len(mask)), dtype=bool)


def _without(strings: Sequence[int], common: Any) -> tuple[int, ...]:
    return tuple(-1 if common[string] else string for string in strings)


def _all(parts: list[Any], dtype: Any) -> Any:
    """The parts in one array; each is let go of once it is copied, so that two never are there."""
    import numpy as np

    made = np.empty(sum(map(len, parts)), dtype)
    end = len(made)
    while parts:
        part = parts.pop()
        made[end - len(part) : end] = part
        end -= len(part)
    return made


def _silent(stage: str, done: int, total: int) -> None:
    """Nobody listens."""
