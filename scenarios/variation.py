"""Variations of a scenario: the values of `vary` put in the place of their `{name}`.

A value that is a mapping gives its parts as `{name.part}`, so that what belongs together (a day as
people say it and its date) is drawn together. A value may itself hold `{other}`, so that one
request can be worded in several ways. Braces around anything that `vary` does not name
stay as they are. A variation depends on the scenario and the seed alone.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .schema import Scenario

PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*)\}")
_NESTED = 4
"""How deep values may stand within values; what is left after that stays as it is."""
_LARGEST = 1_000_000
"""Characters that filling in may add."""
_KEPT = ("vary", "pool")
"""Fields in which nothing is filled in."""
_COVERING = 64
"""The most variations that `covering` gives."""


def render(scenario: Scenario, seed: int) -> Scenario:
    """The variation of a scenario that `seed` draws, without `vary`.

    A text that is nothing but `{name}` takes the value with its type. Raises `ValueError`
    (pydantic's) where a value does not fit where it stands.
    """
    if not scenario.vary:
        return scenario
    chance = random.Random(seed)  # noqa: S311 - a reproducible draw
    drawn = {name: chance.choice(choices) for name, choices in scenario.vary.items() if choices}
    return filled(scenario, drawn)


def variations(scenario: Scenario) -> int:
    """How many different variations there are."""
    count = 1
    for choices in scenario.vary.values():
        count *= max(1, len(choices))
    return count


def covering(scenario: Scenario) -> Iterator[tuple[dict[str, Any], Scenario]]:
    """Variations in which every value of `vary` comes up, with the values drawn (the first 64 of
    longer lists). Raises `ValueError` where a value does not fit where it stands."""
    longest = max((len(choices) for choices in scenario.vary.values()), default=1)
    for i in range(max(1, min(longest, _COVERING))):
        drawn = {n: choices[i % len(choices)] for n, choices in scenario.vary.items() if choices}
        yield drawn, filled(scenario, drawn)


def filled(scenario: Scenario, values: Mapping[str, Any]) -> Scenario:
    """The scenario with `values` in the place of their names. Raises `ValueError`."""
    dumped = scenario.model_dump(exclude={"vary"}, exclude_unset=True)
    filler = _Filler(dict(_named(values)))
    for _ in range(_NESTED):
        filler = _Filler({name: filler.fill(value) for name, value in filler.known.items()})
    return Scenario.model_validate(
        {name: part if name in _KEPT else filler.fill(part) for name, part in dumped.items()}
    )


def placeholders(value: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every `{name}` in the texts of a value, with the path of the text."""
    if isinstance(value, str):
        for found in PLACEHOLDER.finditer(value):
            yield (), found.group(1)
    elif isinstance(value, dict):
        for key, item in value.items():
            for found in PLACEHOLDER.finditer(str(key)):
                yield (key,), found.group(1)
            for path, name in placeholders(item):
                yield (key, *path), name
    elif isinstance(value, list | tuple):
        for at, item in enumerate(value):
            for path, name in placeholders(item):
                yield (at, *path), name


def _named(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The values by name, and the parts of mappings by dotted name."""
    for name, value in values.items():
        yield prefix + str(name), value
        if isinstance(value, Mapping):
            yield from _named(value, f"{prefix}{name}.")


class _Filler:
    """Fills known names in, and stops where values within values grow beyond all measure."""

    def __init__(self, known: Mapping[str, Any]) -> None:
        self.known = known
        self._left = _LARGEST

    def fill(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            return {self._key(key): self.fill(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.fill(item) for item in value]
        return value

    def _text(self, text: str) -> Any:
        if "{" not in text:
            return text
        whole = PLACEHOLDER.fullmatch(text)
        if whole is not None and whole.group(1) in self.known:
            value = self.known[whole.group(1)]
            self._spend(_size(value))
            return value
        return PLACEHOLDER.sub(self._said, text)

    def _said(self, found: re.Match[str]) -> str:
        if found.group(1) not in self.known:
            return found.group()
        value = self.known[found.group(1)]
        said = str(value).lower() if isinstance(value, bool) else str(value)
        self._spend(len(said))
        return said

    def _key(self, key: Any) -> Any:
        return str(self._text(key)) if isinstance(key, str) else key

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise ValueError(f"vary: filled in, the scenario has more than {_LARGEST} characters")


def _size(value: Any) -> int:
    """Characters of a value, roughly."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return 1 + sum(len(str(key)) + _size(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return 1 + sum(_size(item) for item in value)
    return 1
