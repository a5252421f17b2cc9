"""Ids that are unique in a file of any size, in constant memory.

A Bloom filter: an id that was there before is always found out, and gets the place of its record
behind it. A new id is taken for an old one about once in 10^9 at 100,000 ids, and three times in
1,000 at ten million; it then gets a place that it did not need.
"""

from __future__ import annotations

import hashlib

_BITS = 128 * 1024 * 1024
_PROBES = 4


class UniqueIds:
    """The ids of one file."""

    def __init__(self) -> None:
        self._bits = bytearray(_BITS // 8)

    def unique(self, id: str, place: str) -> str:
        """`id`, with `place` behind it where it was there before."""
        while not self._add(id):
            id = f"{id}-{place}"
        return id

    def _add(self, id: str) -> bool:
        """Whether it is new."""
        digest = hashlib.blake2b(id.encode("utf-8", "replace"), digest_size=4 * _PROBES).digest()
        new = False
        for start in range(0, 4 * _PROBES, 4):
            bit = int.from_bytes(digest[start : start + 4], "little") % _BITS
            mask = 1 << (bit & 7)
            new = new or not self._bits[bit >> 3] & mask
            self._bits[bit >> 3] |= mask
        return new
