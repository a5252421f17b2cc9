"""Models by name: from a YAML file to a client that is ready to be asked.

A provider is one of callsheet's own clients or one that an installed package offers under the
entry-point group `callsheet.models`. AutoGen's own loader imports whatever path a file names;
here nothing outside these two lists is ever imported, because scenarios, pages and shared
configuration folders are other people's input.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from random import Random
from typing import Any

from autogen_core.models import ChatCompletionClient

from ..trajectories.canonical import digest, encodable
from .accounting import Ledger, Prices
from .adapted import configured, made_ready
from .cache import AnswerCache
from .errors import ModelUnavailable
from .flow import Flow
from .model_file import OWN_PROVIDERS, ModelFile, model_names, validated
from .retry import Retrier, RetryPolicy
from .shared import SharedClient
from .user_cache import user_cache

__all__ = [
    "ModelPool",
    "configuration_digest",
    "identity_digest",
    "load",
    "model_names",
    "weights_digest",
]

_OWN = OWN_PROVIDERS
_SHORT = {short: full for full, short in _OWN.items()}
_GROUP = "callsheet.models"
_EXTRAS = {"xllamacpp": "local", "torch": "train", "transformers": "train", "peft": "train"}


def load(
    name: str,
    search: Sequence[Path] = (),
    *,
    cache: AnswerCache | None = None,
    ledger: Ledger | None = None,
    seed: int = 0,
) -> SharedClient:
    """The model configured as `name` in the folders of `search`, or in the package's own, or the
    checkpoint that `name` says (see `callsheet.models.adapted`).

    `cache` replaces the one that the file names; `seed` is for the jitter of retries. Raises
    `ModelUnavailable`: no such name, a wrong file, a missing key, package or weights.
    """
    file, path = configured(name, search)
    made_ready(file)
    inner = _client(file, path)
    concurrency, retries = file.concurrency, file.retries
    try:
        policy = RetryPolicy(retries.attempts, retries.first_wait, retries.longest_wait)
        flow = Flow(
            start=min(concurrency.start, concurrency.most),
            most=concurrency.most,
            longest_wait=retries.longest_wait,
        )
    except ValueError as error:
        raise ModelUnavailable(f"{path}: {error}") from None
    params = file.config.get("params")
    return SharedClient(
        inner,
        name=name,
        identity=_identity(file),
        context_size=file.context_size,
        defaults=params if isinstance(params, dict) else {},
        prices=Prices(file.prices.prompt, file.prices.completion),
        flow=flow,
        retrier=Retrier(policy, Random(f"{seed}/{name}")),  # noqa: S311 - jitter, no secret
        cache=cache or _cache(file),
        ledger=ledger,
    )


def configuration_digest(name: str, search: Sequence[Path] = ()) -> str:
    """Digest of what decides the model's answers: provider, config and context size.

    Raises `ModelUnavailable` for a name that is not configured or a file that cannot be read.
    """
    file, _ = configured(name, search)
    described = {"provider": file.provider, "config": file.config, "size": file.context_size}
    return digest(encodable(described)[0])


def identity_digest(name: str, search: Sequence[Path] = ()) -> str:
    """Digest of what tells the model's answers from all others': other than the configuration's,
    it changes with weights that were trained anew in the same place.

    Weights that are still packed are unpacked first, as `load` does it. Raises as `load`.
    """
    file, _ = configured(name, search)
    made_ready(file)
    return digest(_identity(file))


def weights_digest(*places: Path) -> str:
    """Digest of weights in local files or folders, by their names, sizes and times of change; the
    places themselves may be moved."""
    return digest([_stamp(place) for place in places])


class ModelPool:
    """The models of one process: the same client for the same name, one ledger for all."""

    def __init__(
        self,
        search: Sequence[Path] = (),
        *,
        cache: Path | None = None,
        ledger: Ledger | None = None,
        seed: int = 0,
    ) -> None:
        """`cache`: a file in which all models of this pool keep answers, whatever theirs say."""
        self.ledger = ledger or Ledger()
        self._search = tuple(search)
        self._cache = AnswerCache(cache) if cache else None
        self._seed = seed
        self._clients: dict[str, SharedClient] = {}

    def get(self, name: str) -> SharedClient:
        """Raises `ModelUnavailable` as `load` does."""
        client = self._clients.get(name)
        if client is None:
            client = load(
                name, self._search, cache=self._cache, ledger=self.ledger, seed=self._seed
            )
            self._clients[name] = client
        return client

    def names(self) -> list[str]:
        return model_names(self._search)

    async def close(self) -> None:
        """Close every client that was made; the pool can be used again afterwards."""
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.close()


def _client(file: ModelFile, path: str) -> ChatCompletionClient:
    kind = _provider(file.provider, path)
    form = getattr(kind, "component_config_schema", None)
    try:
        if form is not None:
            made = kind._from_config(validated(form, file.config, f"{path}: config"))
        else:
            made = kind(**file.config)
    except ImportError as error:
        raise _missing(error, path) from None
    except (TypeError, ValueError) as error:
        raise ModelUnavailable(f"{path}: config: {error}") from None
    if not isinstance(made, ChatCompletionClient):
        raise ModelUnavailable(f"{path}: {file.provider} is no ChatCompletionClient")
    return made


def _provider(provider: str, path: str) -> Any:
    own = _SHORT.get(provider, provider)
    offered = _offered()
    try:
        if own in _OWN:
            module, _, name = own.rpartition(".")
            return getattr(import_module(module), name)
        if provider in offered:
            return offered[provider].load()
    except ImportError as error:
        raise _missing(error, path) from None
    known = ", ".join(sorted([*_SHORT, *(name for name in offered if "." not in name)]))
    raise ModelUnavailable(f"{path}: unknown provider {provider!r}; there are: {known}")


def _offered() -> Mapping[str, EntryPoint]:
    """What installed packages offer, by the entry point's name and by the class's dotted path."""
    offered: dict[str, EntryPoint] = {}
    for point in entry_points(group=_GROUP):
        offered[point.name] = offered[point.value.replace(":", ".")] = point
    return offered


def _missing(error: ImportError, path: str) -> ModelUnavailable:
    package = (error.name or "").partition(".")[0]
    extra = _EXTRAS.get(package)
    advice = f"install callsheet[{extra}]" if extra else f"install {package or 'it'}"
    return ModelUnavailable(f"{path}: needs the package {package or error}; {advice}")


def _identity(file: ModelFile) -> dict[str, Any]:
    """What tells this model's answers from all others' in a cache. Weights in local files count
    by name, size and time of change, so that a newly trained adapter is a new model."""
    stamps = {
        key: _stamp(Path(value))
        for key, value in file.config.items()
        if key in ("path", "adapter") and isinstance(value, str)
    }
    plain, _ = encodable(file.config)
    return {"provider": file.kind, "config": plain, "files": stamps}


def _stamp(path: Path) -> list[list[Any]]:
    if not path.exists():
        return []
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    stats = [(file.name, file.stat()) for file in files if file.is_file()]
    return [[name, stat.st_size, stat.st_mtime_ns] for name, stat in stats]


def _cache(file: ModelFile) -> AnswerCache | None:
    if file.cache is False:
        return None
    if isinstance(file.cache, str):
        return AnswerCache(Path(file.cache).expanduser())
    return AnswerCache(user_cache() / "answers.sqlite")
