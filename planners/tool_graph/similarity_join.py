"""All pairs of vectors whose cosine is above a threshold: exact, and cheaper than a full product.

The vectors are rotated so that their first dimensions carry most of their length (PCA). Of each
only `keep` dimensions are kept, and the length of the rest as one dimension more: by
Cauchy-Schwarz the product of two such short vectors is at least that of the whole ones. What
exceeds the threshold there is a candidate, and is verified with the whole vectors; a candidate
within rounding of the threshold is decided in double precision. No pair is missed or made up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

KEEP = 63
"""Dimensions that are kept; with the rest's length they are 64."""
_ROWS, _COLUMNS = 1024, 4096
"""Shape of a block of products: 16 MB, which stays in the processor's cache in part."""
_AT_ONCE = 16_384
"""Candidates verified together; bounds the memory of gathering them."""
_UNIT = 2.0**-24
"""Relative error of rounding to single precision."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of rows, each once, with `first` < `second`; arrays of one length."""

    first: Any
    """int32."""
    second: Any
    """int32."""
    cosine: Any
    """float32."""

    def __len__(self) -> int:
        return len(self.first)


def similar_pairs(vectors: Any, threshold: float, *, keep: int = KEEP) -> Pairs:
    """The pairs of rows of `vectors` whose inner product exceeds `threshold`.

    `vectors`: float32 (n, d), each of length 1. The product is that of the rows as they are,
    summed in double precision. Order: by blocks of rows, deterministic. Memory: beside the
    vectors 80 n floats, 40 MB, and the pairs. Raises `ImportError` without numpy.
    """
    import numpy as np

    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    count, dimensions = vectors.shape
    firsts, seconds, cosines = [], [], []
    if count > 1:
        short = _shortened(vectors, min(keep, dimensions))
        # What rounding can take off a short product: the entries', and that of their sum.
        slack = (short.shape[1] + 8) * _UNIT
        verify = _Verifier(vectors, threshold)
        for first, second in _candidates(short, threshold - slack):
            right, cosine = verify(first, second)
            firsts.append(first[right].astype(np.int32))
            seconds.append(second[right].astype(np.int32))
            cosines.append(cosine[right])
    if not firsts:
        return Pairs(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32))
    return Pairs(np.concatenate(firsts), np.concatenate(seconds), np.concatenate(cosines))


def _shortened(vectors: Any, keep: int) -> Any:
    """The rotated vectors' first `keep` dimensions and the length of the rest: (n, keep + 1)."""
    import numpy as np

    count, dimensions = vectors.shape
    moment = np.zeros((dimensions, dimensions))
    for start in range(0, count, _COLUMNS):
        block = vectors[start : start + _COLUMNS].astype(np.float64)
        moment += block.T @ block
    _, rotation = np.linalg.eigh(moment)
    # Largest first. The rotation is orthonormal to double precision, so that lengths are kept.
    rotation = np.ascontiguousarray(rotation[:, ::-1][:, :keep])
    short = np.empty((count, keep + 1), np.float32)
    for start in range(0, count, _COLUMNS):
        block = vectors[start : start + _COLUMNS].astype(np.float64)
        kept = block @ rotation
        rest = (block**2).sum(1) - (kept**2).sum(1)
        short[start : start + _COLUMNS, :keep] = kept
        # Above the rest's own rounding, so that the bound holds.
        short[start : start + _COLUMNS, keep] = np.sqrt(np.maximum(rest, 0.0) + 1e-14)
    return short


def _candidates(short: Any, threshold: float) -> Any:
    """Blocks of pairs (first < second) whose short product exceeds `threshold`."""
    import numpy as np

    count = len(short)
    products: Any = np.empty((_ROWS, _COLUMNS), np.float32)
    above: Any = np.empty((_ROWS, _COLUMNS), bool)
    for top in range(0, count, _ROWS):
        rows = short[top : top + _ROWS]
        for left in range(top, count, _COLUMNS):
            columns = short[left : left + _COLUMNS]
            shape = (len(rows), len(columns))
            whole = shape == products.shape
            product = products if whole else np.empty(shape, np.float32)
            np.dot(rows, columns.T, out=product)
            mask = above if whole else np.empty(shape, bool)
            np.greater(product, np.float32(threshold), out=mask)
            found = np.flatnonzero(mask.reshape(-1))
            if not len(found):
                continue
            first: Any = found // shape[1] + top
            second: Any = found % shape[1] + left
            ordered = first < second
            if ordered.any():
                yield first[ordered], second[ordered]


class _Verifier:
    """Says of candidates which exceed the threshold, by the whole vectors."""

    def __init__(self, vectors: Any, threshold: float) -> None:
        self._vectors = vectors
        self._threshold = threshold
        # The bound of a sum of d products in single precision, for vectors of length 1.
        self._unsure = (vectors.shape[1] + 2) * _UNIT

    def __call__(self, first: Any, second: Any) -> tuple[Any, Any]:
        """A mask over the candidates, and their cosines (float32)."""
        import numpy as np

        right: Any = np.empty(len(first), bool)
        cosine: Any = np.empty(len(first), np.float32)
        for start in range(0, len(first), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            one, other = self._vectors[first[part]], self._vectors[second[part]]
            cosine[part] = np.einsum("ij,ij->i", one, other)
            right[part] = cosine[part] > self._threshold
            near = np.flatnonzero(np.abs(cosine[part] - self._threshold) <= self._unsure)
            if len(near):
                exact = (one[near].astype(np.float64) * other[near].astype(np.float64)).sum(1)
                right[start + near] = exact > self._threshold
        return right, cosine
