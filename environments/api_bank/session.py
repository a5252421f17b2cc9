"""One episode's tools and state, called as API-Bank's evaluator calls them.

`Session.call` gives the benchmark's envelope {api_name, input, output, exception}: a tool's own
failure is in the envelope, while a call that never reaches the tool raises `CallRaised`, with
upstream's wording. State lives in the session's world alone; sessions never see each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from random import Random
from typing import Any

from ..world import World
from .arguments import taken
from .coercion import Behaviour, CallRaised
from .data import ApiBankData, ApiBankDataError, api_bank_data
from .declaration import LEVEL_1, LEVEL_3, Catalog
from .desk import Desk
from .search import ToolSearcher

_TOOL_MODULES = ("accounts", "schedule", "meetings", "travel", "hospital", "health", "finance",
                 "home", "information", "media", "level_3_work", "level_3_life",
                 "search_tools")  # fmt: skip


class Session:
    """The tools of one level over a fresh world.

    `seed` drives what is random (tokens, appointment ids); `searcher` is the encoder-backed
    search behind ToolSearcher, by default the level's own.
    """

    def __init__(
        self,
        catalog: Catalog,
        *,
        data: ApiBankData | None = None,
        behaviour: Behaviour = "reference",
        seed: int = 0,
        searcher: ToolSearcher | None = None,
    ) -> None:
        data = data or api_bank_data()
        image = data.level_1_image if catalog is LEVEL_1 else data.level_3_image
        self.catalog = catalog
        self.world = World(*image)
        self._searcher = searcher
        self._desk = Desk(self.world, data, Random(seed), behaviour, self._search)  # noqa: S311

    @property
    def random(self) -> Random:
        """Simulated chance, part of the state."""
        return self._desk.random

    def call(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The envelope of one call. Raises `CallRaised`, and `ApiBankDataError` for a file of the
        data that cannot be used."""
        api = self.catalog.apis.get(name)
        if api is None:
            raise CallRaised("Exception", "invalid tool name.")
        desk = self._desk
        given = taken(api, arguments, desk.behaviour)
        missing = [key for key in api.required if key not in given.values]
        if missing:
            raise CallRaised("TypeError", _missing(name, missing))
        output, exception = None, None
        try:
            output = api.function(desk, **given.values)
        except (CallRaised, ApiBankDataError):
            # Data that cannot be used are no answer of a tool's.
            raise
        except Exception as error:
            # Upstream catches everything inside a tool, its own defects included.
            exception = _words(error)
        envelope = {"input": given.echo(), "output": output, "exception": exception}
        return {"api_name": name, **envelope} if api.named else envelope

    def close(self) -> None:
        """Give back what the session held. May be called twice."""
        self.world.close()

    def _search(self, keywords: str) -> Any:
        if self._searcher is None:
            self._searcher = ToolSearcher.of(self.catalog, self._desk.data, self._desk.behaviour)
        return self._searcher.search(keywords)


def _words(error: Exception) -> str:
    """What an error says; Python cannot say an integer of more than 4,300 digits."""
    try:
        return str(error)
    except ValueError:
        return type(error).__name__


def _missing(name: str, missing: Sequence[str]) -> str:
    """CPython's wording for a call without required arguments."""
    quoted = [f"'{key}'" for key in missing]
    if len(quoted) == 1:
        listed = quoted[0]
    elif len(quoted) == 2:
        listed = " and ".join(quoted)
    else:
        listed = ", ".join(quoted[:-1]) + f", and {quoted[-1]}"
    plural = "" if len(quoted) == 1 else "s"
    return f"{name}.call() missing {len(quoted)} required positional argument{plural}: {listed}"


@lru_cache(maxsize=1)
def _declare_all() -> None:
    for module in _TOOL_MODULES:
        import_module(f".tools.{module}", __package__)


def level_1() -> Catalog:
    """The catalog of levels 1 and 2, with every tool declared."""
    _declare_all()
    return LEVEL_1


def level_3() -> Catalog:
    """The catalog of level 3, with every tool declared."""
    _declare_all()
    return LEVEL_3
