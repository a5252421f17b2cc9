"""What a parameter is for, as far as its name and documentation tell a rule.

Grounding asks different things of different parameters: a body of a mail is composed, an offset
is the caller's own choice, coordinates follow from a place, and a patient's name must have been
said by somebody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import orjson

from ...tools import ToolSpec
from .numbers import numbers_in
from .words import folded, parts, stem, tokens, word_set

COMPOSED = word_set(
    """query queries search keyword keywords q term terms text body content message messages msg
    title subject headline caption description desc summary abstract note notes comment comments
    prompt question instruction instructions topic topics tag tags sql script html markdown
    formula expression equation regex pattern template filename path file slug details detail
    reason feedback review reply response answer bio purpose agenda memo label reasoning thought
    thoughts plan steps problem input sentence phrase paragraph story statement post tweet
    review context idea ideas objective goal task tasks command emoji filter where
    symptom symptoms complaint remark remarks justification explanation issue"""
)
"""Words in a parameter's name that let its text be composed, not copied."""

FREE = word_set(
    """query queries search keyword keywords q term terms prompt question sql script html
    command regex pattern thought thoughts reasoning reply response answer body message messages
    description reason feedback review emoji filter where template"""
)
"""Those of them whose words are the assistant's own, such as a search's."""

SEARCHED = word_set("query queries search keyword keywords q term terms")
"""What a search is made with; "user token" is a thing to look for, not a stand-in."""

KNOBS = word_set(
    """limit count max min maximum minimum top page pages per size offset skip start cursor order
    sort sorting depth temperature seed timeout retries verbose format version precision decimals
    digits results result num number n k rows columns width height quality fps resolution radius
    interval step batch threshold tolerance length size level recursive include exclude fields
    lang language locale encoding timezone tz mode type kind method operation action unit units
    period range sensitivity priority severity status category visibility
    cuisine genre mood tone theme style sport industry occasion season gender"""
)
"""Words in the name of an optional parameter that the caller may choose."""

WORLD = word_set(
    """lat latitude lon lng long longitude coordinates coords bbox iata icao airport country
    currency ticker symbol isin timezone tz zip postal postcode locale lang language region state
    hex color colour rgb cidr mime iso fips cas chain network domain website slug"""
)
"""Words in a name whose values follow from knowledge of the world (a city's coordinates)."""

SECRETS = word_set("key token secret apikey password passwd session uuid nonce")


@dataclass(frozen=True)
class Parameter:
    """One parameter of a tool."""

    name: str
    words: frozenset[str]
    """Words of the name."""
    required: bool
    schema: Mapping[str, Any]
    allowed: tuple[str, ...]
    """Values of its enum, folded."""

    @cached_property
    def text(self) -> str:
        """All that the documentation says of it, folded; with defaults, enums and examples."""
        said = {key: value for key, value in self.schema.items() if key != "type"}
        return folded(orjson.dumps(said).decode()[:20_000])

    @cached_property
    def documented(self) -> frozenset[str]:
        """The stems of the words of that text."""
        return frozenset(stem(word) for word in tokens(self.text))

    @cached_property
    def numbers(self) -> frozenset[float]:
        """The numbers in that text."""
        return frozenset(numbers_in(self.text))

    @property
    def composed(self) -> bool:
        return bool(self.words & COMPOSED) or self.name in ("code", "source_code", "script")

    @property
    def knob(self) -> bool:
        return not self.required and bool(self.words & KNOBS)

    @property
    def world(self) -> bool:
        return bool(self.words & WORLD)


def parameters_of(spec: ToolSpec) -> dict[str, Parameter]:
    """A tool's top-level parameters by name; none for one whose schema has no properties."""
    # A schema from a file may hold integers of more than 64 bits, which orjson does not write.
    return _of(spec.name, spec.model_dump_json(include={"parameters"}))


@lru_cache(maxsize=8192)
def _of(tool: str, described: str) -> dict[str, Parameter]:
    parameters = orjson.loads(described)["parameters"]
    properties = parameters.get("properties")
    if not isinstance(properties, dict):
        return {}
    required = parameters.get("required")
    required = required if isinstance(required, list) else []
    return {
        name: _parameter(name, found if isinstance(found, dict) else {}, name in required)
        for name, found in properties.items()
    }


def _parameter(name: str, schema: dict[str, Any], required: bool) -> Parameter:
    allowed = schema.get("enum")
    return Parameter(
        name=name,
        words=frozenset(parts(name)),
        required=required,
        schema=schema,
        allowed=tuple(folded(str(v)) for v in allowed) if isinstance(allowed, list) else (),
    )
