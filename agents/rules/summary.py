"""What a result of many parts says, in a sentence or two: the parts that a person would tell.

Short results are told whole (see `assistant_phrasing`); from long or nested ones the first few
values are told, and of a list what its members are called.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from .dialogue import Made
from .documentation import Spoken, is_plural, spoken_tool
from .labels import label
from .verbs import past
from .words import tokens, word_set

_PLAIN = 4
"""Fields of a flat result that is told whole."""
_TOLD = 5
"""Values that are told of a longer one."""
_LISTED = 6
_SKIPPED = word_set(
    """token password secret etag cursor link links href url uri next previous metadata meta
    pagination paging page kind self odata"""
)
_NAMING = ("name", "title", "label", "subject", "email", "id")
_DONE = (
    "{The thing} {has} been {past}",
    "I have {past} {the thing}",
    "{The thing} {is} {past} now",
)
_FOUND = ("Here is the {thing}", "This is what I found on the {thing}", "I found the {thing}")


def is_long(output: Any) -> bool:
    """Whether an output is better summed up than told whole."""
    if isinstance(output, list):
        return any(isinstance(item, dict) for item in output)
    if not isinstance(output, dict):
        return False
    if output and all(value in ([], {}, None, "") or _skipped(n) for n, value in output.items()):
        return any(value == [] for value in output.values())
    return len(output) > _PLAIN or any(map(_is_nested, output.values()))


def _is_nested(value: Any) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and any(isinstance(item, dict) for item in value)
    )


def summed_up(made: Made, description: str, chance: Random) -> str:
    """One or two sentences on a result, without a full stop at their end."""
    spoken = spoken_tool(made.name, description)
    thing = spoken.thing or "result"
    output = made.output
    listed = _main_list(output)
    if listed is not None and spoken.act not in ("create", "update", "delete"):
        return _on_list(listed, thing, output, chance)
    facts = list(_facts(output))[:_TOLD]
    told = _joined([f"the {name} {_is(name)} {value}" for name, value in facts])
    if spoken.act in ("read", "list"):
        opening = chance.choice(_FOUND).format(thing=thing)
        return f"{opening}: {told}" if told else f"{opening}, with nothing more to tell"
    opening = _done(spoken, chance)
    return f"{opening}; {told}" if told else opening


def _done(spoken: Spoken, chance: Random) -> str:
    """That an act has been done: "The invoice has been sent"."""
    what = spoken.object if len(spoken.object) < 40 else f"the {spoken.thing or 'request'}"
    if not what.startswith(("the ", "my ", "all ")):
        return "That is done"
    what = what.replace("my ", "your ", 1) if what.startswith("my ") else what
    plural = is_plural(what)
    pattern = chance.choice(_DONE)
    return (
        pattern.replace("{The thing}", what[:1].upper() + what[1:])
        .replace("{the thing}", what)
        .replace("{has}", "have" if plural else "has")
        .replace("{is}", "are" if plural else "is")
        .replace("{past}", past(spoken.verb))
    )


def _is(name: str) -> str:
    last = name.split()[-1] if name else ""
    return "are" if last.endswith("s") and not last.endswith(("ss", "us", "is", "ics")) else "is"


def _main_list(output: Any) -> list[Any] | None:
    """The list that an output is about."""
    if isinstance(output, list):
        return output
    lists = [v for n, v in output.items() if isinstance(v, list) and not _skipped(n) and v]
    scalars = sum(not isinstance(v, dict | list) and not _skipped(n) for n, v in output.items())
    told = any(isinstance(v, dict) and v and not _skipped(n) for n, v in output.items())
    if not lists and not told and any(v == [] and not _skipped(n) for n, v in output.items()):
        return [] if scalars <= 1 else None
    records = [v for v in lists if any(isinstance(item, dict) for item in v)]
    found = records or lists
    return found[0] if len(found) == 1 and scalars <= _PLAIN else None


def _on_list(listed: list[Any], thing: str, output: Any, chance: Random) -> str:
    count = len(listed)
    if not count:
        return f"I found no {_plural(thing)}"
    plural = thing if count == 1 else _plural(thing)
    names = [_called(item) for item in listed[:_LISTED]]
    told = _joined([name for name in names if name])
    opening = chance.choice(
        (f"I found {count} {plural}", f"There {'is' if count == 1 else 'are'} {count} {plural}")
    )
    more = f", and {count - _LISTED} more" if count > _LISTED else ""
    return f"{opening}: {told}{more}" if told else opening


def _plural(thing: str) -> str:
    if thing.endswith("s") and not thing.endswith(("ss", "us")):
        return thing
    if thing.endswith("y") and thing[-2:-1] not in "aeiou":
        return thing[:-1] + "ies"
    return thing + ("es" if thing.endswith(("s", "x", "ch", "sh")) else "s")


def _called(item: Any) -> str:
    """What a member of a list is called, with its id or state."""
    if not isinstance(item, dict):
        return _value(item) if not isinstance(item, list) else ""
    plain = {n: v for n, v in item.items() if not isinstance(v, dict | list) and v is not None}
    named = next((n for key in _NAMING for n in plain if tokens(n)[-1:] == (key,)), None)
    rest = [n for n in plain if n != named and tokens(n)[-1:] in (("id",), ("status",), ("state",))]
    if named is None:
        named = next(iter(plain), None)
    if named is None:
        return ""
    beside = ", ".join(_value(plain[n]) for n in rest[:2])
    return f"{_value(plain[named])} ({beside})" if beside else _value(plain[named])


def _facts(output: Any) -> Iterator[tuple[str, str]]:
    """Labels and values, the plain ones first."""
    later: list[tuple[str, str]] = []
    for name, value in output.items():
        if _skipped(name) or value in ({}, [], None, ""):
            continue
        said = label(name)
        if isinstance(value, dict):
            inner = [(label(n), _value(v)) for n, v in value.items()
                     if not isinstance(v, dict | list) and v not in (None, "")]  # fmt: skip
            for what, told in inner[:2]:
                later.append((said if what == "value" else _merged(said, what), told))
        elif isinstance(value, list):
            told = _joined([t for t in (_called(i) for i in value[:_LISTED]) if t])
            if told:
                later.append((said, told))
        else:
            yield said, _value(value)
    yield from later


_WRAPPERS = word_set("data result results response item items content contents details body")


def _merged(outer: str, inner: str) -> str:
    """Two labels as one: the "ID" of a "pool" is the "pool ID", and so is its "pool ID"."""
    words = [] if outer in _WRAPPERS else outer.split()
    for word in inner.split():
        if word not in words:
            words.append(word)
    return " ".join(words)


def _skipped(name: str) -> bool:
    return bool(frozenset(tokens(name)) & _SKIPPED)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = " ".join(str(value).split())
    text = text if len(text) <= 160 else text[:157] + "..."
    return f'"{text}"' if "?" in text or ". " in text or text.endswith(".") else text


def _joined(parts: list[str]) -> str:
    return ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else "".join(parts)
