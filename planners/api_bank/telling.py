"""What an assistant says about the results of its calls, by tool.

Values are told as they are, but for times, lists and nested records, which are put into words.
Tools that are only a means (a login, a search for tools) are not spoken of, unless nothing else
was called.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from .goals.spoken import written_date, written_moment
from .script import MadeCall
from .told import TOLD

_MEANS = frozenset(
    ["ToolSearcher", "GetUserToken", "GetToday", "Geocoding", "OrganizationMembers", "UserPosts",
     "UserMoviePreferences", "GetOccupationSalary"]
)  # fmt: skip
"""Tools that are not spoken of where something comes after them."""
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_LONGEST = 400
"""Characters of a text that is told whole."""
_SLOT = re.compile(r"\{([a-z_]+)\}")


def tell(made: Sequence[MadeCall], chance: Random) -> str:
    """The results in a few sentences."""
    if not made:
        return "I'm afraid I can't do that."
    spoken = [one for one in made[:-1] if one.name not in _MEANS or not one.ok]
    return " ".join(_one(one, chance) for one in (*spoken, made[-1]))


def _one(made: MadeCall, chance: Random) -> str:
    if not made.ok:
        error = made.output.get("error") if isinstance(made.output, Mapping) else made.output
        return f"I'm sorry, that did not work: {str(error).rstrip('.')}."
    templates = TOLD.get(made.name, _OTHERS)
    fitting = [
        t
        for t in templates
        if all(
            name in made.arguments or name == "output" or _part(made.output, name) is not None
            for name in _SLOT.findall(t)
        )
    ]
    template = chance.choice(fitting or _OTHERS)

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name == "output":
            return in_words(made.output)
        found = _part(made.output, name)
        return in_words(found if found is not None else made.arguments[name])

    text = _capital(_SLOT.sub(value, template))
    return text if text[-1:] in '.!?"' else f"{text}."


_OTHERS = ("Done. The result is {output}.", "I got this: {output}.")


def _part(output: Any, name: str) -> Any:
    return output.get(name) if isinstance(output, Mapping) else None


def in_words(value: Any) -> str:
    """A JSON value for a person."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str):
        return _timed(value) if len(value) <= _LONGEST else _shortened(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        return _listed([in_words(item) for item in value])
    if isinstance(value, Mapping):
        rest = [in_words(item) for key, item in value.items() if key != "name"]
        if "name" in value and len(rest) == 1:
            return f"{in_words(value['name'])} ({rest[0].rstrip('.')})"
        return ", ".join(f"{_spaced(key)} {in_words(item)}" for key, item in value.items())
    return str(value)


def _timed(text: str) -> str:
    try:
        if _MOMENT.fullmatch(text):
            return written_moment(text)
        return written_date(text) if _DATE.fullmatch(text) else text
    except ValueError:
        return text


def _shortened(text: str) -> str:
    """The first sentences of a long text."""
    end = text.rfind(". ", 0, _LONGEST)
    return text[: end + 1] if end > 0 else text[:_LONGEST].rstrip() + "..."


def _capital(text: str) -> str:
    """A sentence begins with a capital, unless with an address or the like."""
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first.isalpha() else text


def _spaced(name: Any) -> str:
    return str(name).replace("_", " ")


def _listed(parts: Sequence[str]) -> str:
    if not parts:
        return "nothing"
    if len(parts) == 1:
        return parts[0]
    if any(len(part) > 40 for part in parts):
        return "; ".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"
