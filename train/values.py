"""Other values for the arguments that a conversation says aloud.

A string or number that a call takes word for word from an earlier user message or tool result is
exchanged for another of the same kind everywhere in the conversation. The student so learns to
copy what is said, whatever it is. What a schema enumerates is exchanged apart, in the schema as
well. Left alone: values that a schema bounds, values that also stand in the system prompt (the
date of today), names that schemas use, and dates and times where a day or a time is also said in
words, which would then be another one than the call's.

The price: what tools computed from a value (a sum, a count) is not computed again. Such results
only follow the calls that are trained on, and no evaluation reads them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any, NamedTuple

from .arguments import arguments_of, json_text, properties_of, read_json
from .dialogue import Dialogue

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SYLLABLES = (
    *("ba", "be", "bo", "da", "del", "dri", "fa", "fen", "gor", "ha", "hol", "in", "jo", "ka"),
    *("kel", "la", "len", "lo", "ma", "mir", "mo", "na", "nor", "o", "pa", "per", "ra", "ri"),
    *("ros", "sa", "sel", "so", "ta", "ten", "tor", "u", "va", "ver", "wil", "ya", "zan", "zo"),
)
WORDS = (
    *("amber", "anchor", "autumn", "bakery", "basket", "blanket", "bridge", "budget", "cabin"),
    *("candle", "canyon", "carpet", "castle", "cedar", "choir", "cinema", "clinic", "clover"),
    *("copper", "corner", "cotton", "dance", "desert", "dinner", "dragon", "drum", "eagle"),
    *("engine", "evening", "falcon", "feather", "fence", "festival", "fiddle", "filter", "forest"),
    *("garden", "garlic", "ginger", "granite", "guitar", "hammer", "harbour", "harvest", "helmet"),
    *("hiking", "island", "jacket", "jungle", "kettle", "kitchen", "ladder", "lantern", "laundry"),
    *("lemon", "library", "linen", "lunch", "magnet", "maple", "marble", "market", "meadow"),
    *("mirror", "monday", "mosaic", "museum", "mustard", "needle", "notebook", "oak", "ocean"),
    *("office", "olive", "orchard", "oyster", "paint", "paper", "parcel", "pasta", "pepper"),
    *("piano", "picnic", "pillow", "planet", "pocket", "pottery", "printer", "puzzle", "quarter"),
    *("radio", "railway", "report", "review", "ribbon", "river", "rocket", "saddle", "salad"),
    *("school", "silver", "soccer", "sparrow", "spring", "stable", "station", "summer", "sunset"),
    *("table", "tailor", "team", "temple", "theatre", "ticket", "timber", "train", "travel"),
    *("tunnel", "umbrella", "valley", "velvet", "village", "violin", "walnut", "window", "winter"),
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{1,2}:\d{2}")
_STAMP = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}")
_WHOLE = re.compile(r"\d{2,}")
_WORDY = re.compile(r"[^\W\d_]+(?:[ '\-][^\W\d_]+)*")
_PLAIN = re.compile(r"[a-z]+")
_AFTER_SPACE = re.compile(r"[\u0120\u2581][a-z]{3,12}")
"""As byte-level BPE (the mark U+0120) and SentencePiece (U+2581) spell them."""
_LETTERS_ONLY = re.compile(r"[a-z]+")
_IN_WORDS = re.compile(
    r"\b(?:\d{1,2}(?::\d\d)? ?[ap]\.?m\b|noon|midnight|o'clock|tonight|today|tomorrow"
    r"|yesterday|in the (?:morning|afternoon|evening)|\d{1,2}/\d{1,2}"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|(?:january|february|march|april|may|june|july|august|september|october|november|december)"
    r" \d{1,2})",
    re.IGNORECASE,
)
_CAPITALS = re.compile(r"[A-Z]{2,6}")
_CODE = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9_\-]{2,}")
_EMAIL = re.compile(r"[\w.\-]+@[\w\-]+\.[a-z]{2,}")


class _Draw(NamedTuple):
    """What other values are made from."""

    chance: Random
    words: Sequence[str]


def whole_words(tokenizer: Any) -> Sequence[str]:
    """Words that a tokenizer of Hugging Face's knows whole, as they stand after a space; a list of
    this file's where it knows few.

    To write them after a quotation mark, where they fall into other pieces, is what a small student
    must learn for every word: from a few it only learns those.
    """
    found = sorted(
        token[1:] for token in tokenizer.get_vocab() if _AFTER_SPACE.fullmatch(token) is not None
    )
    return found if len(found) > len(WORDS) else WORDS


def with_other_values(dialogue: Dialogue, chance: Random, words: Sequence[str] = WORDS) -> Dialogue:
    """The dialogue with every exchangeable value exchanged; phrases are made of `words`."""
    values = _exchangeable(dialogue)
    swaps = {value: _another(value, _Draw(chance, words)) for value in values}
    return _with_swaps(dialogue, swaps, dialogue.tools) if swaps else dialogue


def with_other_choices(dialogue: Dialogue, chance: Random) -> Dialogue:
    """The dialogue with other words for what its schemas enumerate, in another order.

    Only plain words that stand in no name and no description are exchanged, so that nothing but
    the choice itself changes its name.
    """
    described = _described(dialogue)
    swaps: dict[str, str] = {}
    for choice in _choices(dialogue):
        if len(choice) > 2 and _PLAIN.fullmatch(choice) and choice not in described:
            swaps[choice] = chance.choice(WORDS)
    # Two choices of one name would be one choice.
    if len(set(swaps.values())) < len(swaps):
        swaps = {}

    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            changed = {key: renamed(item) for key, item in value.items()}
            if isinstance(value.get("enum"), list):
                options = [swaps.get(o, o) if isinstance(o, str) else o for o in value["enum"]]
                chance.shuffle(options)
                changed["enum"] = options
            if isinstance(value.get("default"), str):
                changed["default"] = swaps.get(value["default"], value["default"])
            return changed
        return [renamed(item) for item in value] if isinstance(value, list) else value

    return _with_swaps(dialogue, swaps, tuple(renamed(tool) for tool in dialogue.tools))


def _choices(dialogue: Dialogue) -> list[str]:
    found: dict[str, None] = {}

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if isinstance(value.get("enum"), list):
                found.update(dict.fromkeys(o for o in value["enum"] if isinstance(o, str)))
            for item in value.values():
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)

    for tool in dialogue.tools:
        walk(tool["function"]["parameters"])
    return list(found)


def _described(dialogue: Dialogue) -> frozenset[str]:
    """The lower-case words of all names and descriptions."""
    said: list[str] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                said.append(str(key))
                if key == "description":
                    said.append(str(item))
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)

    for tool in dialogue.tools:
        said.append(tool["function"]["name"])
        walk(tool["function"])
    return frozenset(word for text in said for word in _LETTERS_ONLY.findall(text.lower()))


def _with_swaps(
    dialogue: Dialogue, swaps: dict[str, str], tools: tuple[dict[str, Any], ...]
) -> Dialogue:
    if not swaps:
        return replace(dialogue, tools=tools)
    pattern = re.compile(
        r"(?<![\w.:\-@])(?:"
        + "|".join(re.escape(v) for v in sorted(swaps, key=lambda v: (-len(v), v)))
        + r")(?![\w:\-@]|\.\d)"
    )

    def swap(text: str) -> str:
        return pattern.sub(lambda found: swaps[found.group()], text)

    messages = tuple(
        m if m["role"] == "system" else _swapped(m, swap, swaps) for m in dialogue.messages
    )
    return replace(dialogue, messages=messages, tools=tools)


def _exchangeable(dialogue: Dialogue) -> list[str]:
    """Values, in order of first use, that may be exchanged."""
    schemas = {t["function"]["name"]: properties_of(t) for t in dialogue.tools}
    fixed = _fixed_words(dialogue)
    system = " ".join(str(m.get("content")) for m in dialogue.messages if m["role"] == "system")
    words = " ".join(str(m.get("content")) for m in dialogue.messages if m["role"] != "system")
    kept = _STRICT if _IN_WORDS.search(words) else ()
    said = ""
    found: dict[str, None] = {}
    for message in dialogue.messages:
        if message["role"] in ("user", "tool"):
            said += "\n" + str(message.get("content") or "")
        for call in message.get("tool_calls") or ():
            schema = schemas.get(call["function"]["name"], {})
            for key, value in arguments_of(call).items():
                for text in _candidates(value, schema.get(key, {})):
                    free = text not in system and text.lower() not in fixed
                    if text in said and free and _kind(text) not in kept:
                        found[text] = None
    return list(found)


def _candidates(value: Any, schema: Any) -> Iterator[str]:
    if not isinstance(schema, dict) or "enum" in schema or "const" in schema:
        return
    if isinstance(value, str):
        kind = _kind(value)
        # Another value of a strict format fits the same pattern; a phrase or code may not.
        if len(value) >= 3 and kind and ("pattern" not in schema or kind in _STRICT):
            yield value
    elif isinstance(value, bool) or value is None:
        return
    elif isinstance(value, int):
        if value >= 10 and not {"minimum", "maximum"} & set(schema):
            yield str(value)
    elif isinstance(value, list):
        for item in value:
            yield from _candidates(item, schema.get("items", {}))


def _kind(text: str) -> Callable[[str, _Draw], str] | None:
    """What makes another value of the kind of `text`; None where the kind is unknown."""
    for pattern, make in _KINDS:
        if pattern.fullmatch(text):
            return make
    return None


def _another(text: str, draw: _Draw) -> str:
    make = _kind(text)
    if make is None:
        raise ValueError(f"no value like {text!r} can be made")
    return make(text, draw)


def _date(_: str, draw: _Draw) -> str:
    return f"2026-{draw.chance.randint(1, 12):02d}-{draw.chance.randint(1, 28):02d}"


def _time(_: str, draw: _Draw) -> str:
    minute = draw.chance.choice((0, 5, 10, 15, 20, 30, 40, 45, 50))
    return f"{draw.chance.randint(7, 21):02d}:{minute:02d}"


def _stamp(_: str, draw: _Draw) -> str:
    return f"{_date('', draw)} {_time('', draw)}:00"


def _number(text: str, draw: _Draw) -> str:
    rest = "".join(draw.chance.choice("0123456789") for _ in text[1:])
    return draw.chance.choice("123456789") + rest


def _email(_: str, draw: _Draw) -> str:
    host = draw.chance.choice(("example.com", "example.org", "mail.example"))
    return f"{_invented(draw.chance)}.{draw.chance.choice(draw.words)}@{host}"


def _code(text: str, draw: _Draw) -> str:
    def other(char: str) -> str:
        if char.isdigit():
            return draw.chance.choice("0123456789")
        if char.isalpha():
            letter = draw.chance.choice(_LETTERS)
            return letter.upper() if char.isupper() else letter
        return char

    return "".join(other(char) for char in text)


def _phrase(text: str, draw: _Draw) -> str:
    """As many words as before, each capitalized as the old one was."""
    words = []
    for old in text.replace("-", " ").split():
        known = draw.chance.random() < 0.7
        new = draw.chance.choice(draw.words) if known else _invented(draw.chance)
        words.append(new.capitalize() if old[0].isupper() else new)
    return " ".join(words)


def _invented(chance: Random) -> str:
    return "".join(chance.choice(_SYLLABLES) for _ in range(chance.randint(2, 3)))


_KINDS: tuple[tuple[re.Pattern[str], Callable[[str, _Draw], str]], ...] = (
    (_DATE, _date),
    (_TIME, _time),
    (_STAMP, _stamp),
    (_WHOLE, _number),
    (_EMAIL, _email),
    (_CAPITALS, _code),
    (_WORDY, _phrase),
    (_CODE, _code),
)
_STRICT = (_date, _time, _stamp)


def _fixed_words(dialogue: Dialogue) -> frozenset[str]:
    """What schemas and results use as names or enumerate, in lower case."""
    fixed: list[str] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                fixed.append(str(key))
                if key == "enum" and isinstance(item, list):
                    fixed.extend(str(choice) for choice in item)
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)

    for tool in dialogue.tools:
        fixed.append(tool["function"]["name"])
        walk(tool["function"]["parameters"])
    for message in dialogue.messages:
        if message["role"] == "tool":
            walk(_json_or_none(message.get("content")))
    return frozenset(word.lower() for word in fixed)


def _json_or_none(text: Any) -> Any:
    try:
        return read_json(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _swapped(
    message: dict[str, Any], swap: Callable[[str], str], swaps: dict[str, str]
) -> dict[str, Any]:
    def walk(value: Any) -> Any:
        if isinstance(value, str):
            return swap(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return int(swaps.get(str(value), value))
        if isinstance(value, dict):
            return {key: walk(item) for key, item in value.items()}
        return [walk(item) for item in value] if isinstance(value, list) else value

    changed = dict(message)
    content = message.get("content")
    if isinstance(content, str):
        parsed = _json_or_none(content) if message["role"] == "tool" else None
        changed["content"] = swap(content) if parsed is None else json_text(walk(parsed))
    if message.get("tool_calls"):
        changed["tool_calls"] = [
            {
                **call,
                "function": {
                    **call["function"],
                    "arguments": json_text(walk(arguments_of(call))),
                },
            }
            for call in message["tool_calls"]
        ]
    return changed
