"""Names that models can call tools by: valid everywhere, and unique in a pool.

The rule. Accents are dropped, and every run of characters other than letters, digits, `_` and `-`
becomes one `_`; a name that would begin with a digit or `-` gets a `_` in front; one longer than 64
characters keeps its first 55, followed by `_` and eight hex digits of the whole name. Those are
names that every provider takes.

Tools of different content that share a name *all* get their group (the API's name) behind it; where
that is not enough, eight hex digits of their content instead. So a name depends on which tools
are in the pool, but never on their order; only tools of equal content cannot both be kept, and
the importer says so.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

LONGEST = 64
_STRANGE = re.compile(r"[^A-Za-z0-9_\-]+")
_STRANGE_PARAMETER = re.compile(r"[^A-Za-z0-9_.\-]+")


def valid_name(text: str, fallback: str = "tool") -> str:
    """`text` as a tool's name, by the rule above; `fallback` where nothing of it remains."""
    return _fitted(_plain(text, _STRANGE) or fallback, text)


def parameter_name(text: str, fallback: str = "value") -> str:
    """`text` as the name of a parameter: the same, but dots may stay and digits may come first."""
    plain = _plain(text, _STRANGE_PARAMETER) or fallback
    return plain if len(plain) <= LONGEST else _shortened(plain, text)


def unique_names(names: Sequence[str], groups: Sequence[str], digests: Sequence[str]) -> list[str]:
    """One name each, all different, by the rule above.

    `names` are valid already; `digests` are hex, one per tool, all different.
    """
    shared = Counter(names)
    taken = {name for name in names if shared[name] == 1}
    qualified = [
        name if shared[name] == 1 else valid_name(f"{name}_{group}" if group else name)
        for name, group in zip(names, groups, strict=True)
    ]
    again = Counter(qualified)
    result = list(names)
    by_digest = sorted(
        (digest, position) for position, digest in enumerate(digests) if shared[names[position]] > 1
    )
    for digest, position in by_digest:
        name = qualified[position]
        if again[name] > 1 or name in taken:
            name = _with_suffix(names[position], digest, taken)
        taken.add(name)
        result[position] = name
    return result


def unique_keys(keys: Sequence[str]) -> list[str]:
    """`keys` with `_2`, `_3` and so on behind those that came before: names of parameters, which
    stand in the order of their document."""
    taken = set(keys)
    seen: set[str] = set()
    result = []
    for key in keys:
        name, number = key, 1
        while name in seen or (number > 1 and name in taken):
            number += 1
            name = f"{key[: LONGEST - 8]}_{number}"
        seen.add(name)
        result.append(name)
    return result


def _with_suffix(name: str, digest: str, taken: set[str]) -> str:
    for length in range(8, len(digest) + 1, 8):
        candidate = f"{name[: LONGEST - 1 - length]}_{digest[:length]}"
        if candidate not in taken:
            return candidate
    number = 2
    while f"{name[:50]}_{number}" in taken:
        number += 1
    return f"{name[:50]}_{number}"


def _plain(text: str, strange: re.Pattern[str]) -> str:
    if text.isascii():
        return strange.sub("_", text).strip("_") if strange.search(text) else text
    folded = unicodedata.normalize("NFKD", text[:1000])
    folded = "".join(mark for mark in folded if not unicodedata.combining(mark))
    return strange.sub("_", folded).strip("_")


def _fitted(name: str, text: str) -> str:
    if not (name[0].isalpha() or name[0] == "_"):
        name = f"_{name}"
    return name if len(name) <= LONGEST else _shortened(name, text)


def _shortened(name: str, text: str) -> str:
    digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=4).hexdigest()
    return f"{name[: LONGEST - 9]}_{digest}"
