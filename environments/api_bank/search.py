"""ToolSearcher: the tool whose description is nearest in meaning to some keywords.

As upstream, the text of a tool is its name in words, directly followed by its description, and
one tool is found. In levels 1 and 2 a tool that takes a token comes with GetUserToken in front of
it, so that a caller can log in. The encoder is the one that `CALLSHEET_ENCODER` names or, without
it, the best that is installed; upstream's own is `paraphrase-minilm-l3`. In level 3, whose gold
tools were chosen by hand, `reference` also takes keywords that are a tool's very name to mean it.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from ...models.embedding import Encoder, encoder
from ...models.text_index import text_index
from .coercion import Behaviour
from .data import ApiBankData
from .declaration import LEVEL_3, Api, Catalog, Param, Refusal

SEARCH = "ToolSearcher"
LOGIN = "GetUserToken"
_TOKEN = "token"  # noqa: S105 - the name of a parameter
_LONGEST_NAME = 200
_BEFORE_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


class ToolSearcher:
    """Finds one tool of a catalog; nothing in it changes, so that all sessions share it."""

    _shared: ClassVar[OrderedDict[tuple[Any, ...], ToolSearcher]] = OrderedDict()

    def __init__(
        self, catalog: Catalog, data: ApiBankData, behaviour: Behaviour, encoder: Encoder
    ) -> None:
        self.encoder = encoder
        self._made_of = (catalog, data)
        entries = {
            api.name: _entry(api, data.signatures.get((_group(catalog), api.name), {}), behaviour)
            for api in catalog.apis.values()
        }
        self._found = [entry for name, entry in entries.items() if name != SEARCH]
        self._login = None if catalog is LEVEL_3 else entries.get(LOGIN)
        # The annotators of level 3 chose by hand, and keywords that name a tool meant that tool.
        by_name = catalog is LEVEL_3 and behaviour == "reference"
        names = [entry["name"].lower() for entry in self._found] if by_name else []
        self._named = {name: at for at, name in enumerate(names)}
        self._index = text_index(tuple(map(search_text, self._found)), encoder)

    @classmethod
    def of(
        cls,
        catalog: Catalog,
        data: ApiBankData,
        behaviour: Behaviour,
        encoder_name: str = "auto",
    ) -> Self:
        """The process's own searcher of that catalog.

        Raises `ModelUnavailable` where the encoder is not installed, `ValueError` where there is
        none of that name.
        """
        chosen = encoder(encoder_name)
        # The searcher holds catalog and data, so that no other object can get their identities.
        key = (cls, id(catalog), len(catalog.apis), id(data), behaviour, chosen.digest)
        found = cls._shared.get(key)
        if found is None:
            found = cls._shared[key] = cls(catalog, data, behaviour, chosen)
            if len(cls._shared) > 32:
                cls._shared.popitem(last=False)
        assert isinstance(found, cls)
        return found

    def search(self, keywords: Any) -> Any:
        """The output of the tool ToolSearcher: {name, description, input_parameters,
        output_parameters}, or a list of two such with GetUserToken first.

        Raises `Refusal` for keywords that are no text, and where no tool is near at all.
        """
        if not isinstance(keywords, str):
            raise Refusal("The keywords should be a text.")
        at = self._named.get(keywords[:_LONGEST_NAME].replace(" ", "").lower())
        if at is None:
            best = self._index.search(keywords)
            if not best:
                raise Refusal("No tool fits the keywords.")
            at = best[0][0]
        entry = self._found[at]
        if self._login is None or _TOKEN not in entry["input_parameters"]:
            return _copied(entry)
        login = _copied(self._login) | {"desc_for_search": search_text(self._login)}
        return [login, _copied(entry)]


def split_keywords(keywords: str) -> str:
    """Keywords with a space before each capital but the first: what upstream's evaluator of
    level 3 does to a prediction's keywords, since a tool's name is what they mostly are."""
    return _BEFORE_CAPITAL.sub(" ", keywords)


def search_text(entry: Mapping[str, Any]) -> str:
    """The text that a tool is found by: no space stands between name and description."""
    return split_keywords(entry["name"]).lower() + str(entry["description"])


def described(signature: Mapping[str, Any], behaviour: Behaviour) -> str:
    """The description in the benchmark's data: that of the first release, which the recorded
    dialogues have, unless upstream's latest is wanted; empty where the data have none."""
    first = None if behaviour == "strict-upstream" else signature.get("first_release_description")
    return str(first or signature.get("description") or "")


def _entry(api: Api, signature: Mapping[str, Any], behaviour: Behaviour) -> dict[str, Any]:
    return {
        "name": api.name,
        "description": described(signature, behaviour) or api.description,
        "input_parameters": signature.get("input_parameters") or _parts(api.inputs),
        "output_parameters": signature.get("output_parameters") or _parts(api.outputs),
    }


def _parts(params: Mapping[str, Param]) -> dict[str, Any]:
    return {
        name: {"type": param.type, "description": param.description}
        for name, param in params.items()
    }


def _copied(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry that its receiver may change."""
    parts = ("input_parameters", "output_parameters")
    return {**entry, **{part: {n: dict(p) for n, p in entry[part].items()} for part in parts}}


def _group(catalog: Catalog) -> str:
    return "level-3" if catalog.name == LEVEL_3.name else "level-1/2"
