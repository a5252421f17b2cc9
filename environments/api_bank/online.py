"""Answers that came from the network when the benchmark was made, as far as they are on record.

They are those of the dialogues in the user's folder, and a few of the package's own
(`seed/online.json`), which hold where the folder has no other. Nothing is asked of any network.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson

from .data import SEED, ApiBankData, read_json
from .recordings import NothingRecorded, read_dialogues

_LEVELS = (1, 2)


@dataclass
class _Online:
    definitions: dict[str, bytes] = field(default_factory=dict)
    """JSON of the Dictionary's output, by word."""
    translations: dict[tuple[str, str], str] = field(default_factory=dict)
    """By text and code of the target language."""
    languages: dict[str, str] = field(default_factory=dict)
    """Codes by name, and by themselves."""

    def add(self, tool: str, given: dict[str, Any], output: Any) -> None:
        if tool == "Dictionary":
            self.definitions[_key(str(given.get("keyword")))] = orjson.dumps(output)
        elif tool == "Translate":
            code = self.languages.get(_key(str(given.get("tgt_lang") or "en")))
            if code is not None:
                self.translations[_key(str(given.get("src"))), code] = output


def check_recorded(data: ApiBankData) -> None:
    """Raises `ApiBankDataError` for a dialogue of the folder that cannot be used."""
    _online(data)


def definitions(data: ApiBankData, word: str) -> list[Any] | None:
    """The Dictionary's output for a word, or None."""
    known = _online(data).definitions.get(_key(word))
    if known is None:
        return None
    found: list[Any] = orjson.loads(known)
    return found


def language(data: ApiBankData, name: str | None) -> str | None:
    """The code of a language, or None; no name at all is "auto"."""
    return _online(data).languages.get(_key(name or "auto"))


def translation(data: ApiBankData, text: str, code: str) -> str | None:
    """The translation of a text into a language, or None."""
    return _online(data).translations.get((_key(text), code))


def _key(text: str) -> str:
    return " ".join(text.lower().split())


@lru_cache(maxsize=8)
def _online(data: ApiBankData) -> _Online:
    own = read_json(SEED / "online.json")
    online = _Online(languages=dict(own["languages"]))
    online.languages |= {code: code for code in [*own["languages"].values(), "auto"]}
    for call in own["calls"]:
        online.add(call["api_name"], call["input"], call["output"])
    for level in _LEVELS:
        _add_recorded(online, data, level)
    return online


def _add_recorded(online: _Online, data: ApiBankData, level: Any) -> None:
    try:
        dialogues = read_dialogues(data.folder, level)
    except NothingRecorded:
        # A folder may be without dialogues, as the seed is.
        return
    for dialogue in dialogues:
        for turn in dialogue.calls:
            result = turn.result
            if result.get("output") is not None and result.get("exception") is None:
                online.add(turn.api_name, turn.param_dict, result["output"])
