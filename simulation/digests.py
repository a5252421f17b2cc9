"""Digests of all that a run's outcome depends on, so that a change between two sittings is seen."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from autogen_core.models import ChatCompletionClient

from .. import __version__
from ..agents import prompts_digest
from ..environments import PLANNED, source_named, tools_of
from ..models.embedding import encoder
from ..models.registry import configuration_digest
from ..scenarios.schema import Scenario
from ..tools.pool import PoolError, load_pool
from ..trajectories.canonical import digest
from .cast import BASELINE, HUMAN, Cast, model_folders
from .run_directory import RunConfig

_POOLS = "pools"


def digests_of(
    scenarios: Sequence[Scenario],
    config: RunConfig,
    clients: Mapping[str, ChatCompletionClient] | None = None,
) -> dict[str, str]:
    """By name: config, scenarios, prompts, tools, package, and each model's configuration; the
    environments' data, the pools and the encoders, where there are such.

    Of a ready client in `clients`, only its class is known. Raises `ValueError` for what does not
    exist, and `ModelUnavailable`.
    """
    cast = Cast(config.models)
    names = sorted({name for s in scenarios for name in cast.names(s).values()})
    folders = model_folders(config)
    environments = sorted({s.environment for s in scenarios if s.environment != PLANNED})
    found = {
        "config": digest(config.model_dump(mode="json", exclude={"model_folders"})),
        "scenarios": digest([s.model_dump(mode="json") for s in scenarios]),
        "prompts": prompts_digest(),
        "tools": digest([[tool.digest for tool in tools_of(name)] for name in environments]),
        "package": package_digest(),
    }
    data = {name: source_named(name).digest for name in environments}
    if any(data.values()):
        found["environments"] = digest({name: of for name, of in data.items() if of})
    pools = sorted({s.pool for s in scenarios if s.environment == PLANNED and s.pool is not None})
    if pools:
        found[_POOLS] = digest([_pool_digest(Path(pool)) for pool in pools])
    encoders = {name: encoder(name).digest for name in _encoders(scenarios)}
    if encoders:
        found["encoders"] = digest(encoders)
    for name in names:
        if clients and name in clients:
            found[f"model {name}"] = digest(type(clients[name]).__qualname__)
        elif name not in (BASELINE, HUMAN):
            found[f"model {name}"] = configuration_digest(name, folders)
    return found


def _pool_digest(path: Path) -> str | None:
    """Of the tools, not of the file; None where it cannot be read, which is a change as well."""
    try:
        return digest([tool.digest for tool in load_pool(path)])
    except PoolError:
        return None


def _encoders(scenarios: Sequence[Scenario]) -> list[str]:
    """Names of the encoders by which tools are found; an environment's own search is part of its
    digest."""
    return sorted(
        {
            s.retrieve.encoder
            for s in scenarios
            if s.retrieve is not None
            and (
                s.environment == PLANNED or s.retrieve.tool not in source_named(s.environment).tools
            )
        }
    )


def changed(before: dict[str, str], now: dict[str, str]) -> list[str]:
    """Names whose digests differ, or that only one side has."""
    # Runs that were made before pools had a digest are not to be told that theirs changed.
    names = (before.keys() | now.keys()) - ({_POOLS} - before.keys())
    return sorted(name for name in names if before.get(name) != now.get(name))


@lru_cache
def package_digest() -> str:
    """Digest of the package's code that plays episodes: not of its documentation or tests."""
    root = Path(__file__).parent.parent
    hasher = hashlib.blake2b(digest_size=16)
    for folder in ("agents", "environments", "models", "scenarios", "simulation", "tools"):
        for path in sorted((root / folder).rglob("*.py")):
            hasher.update(str(path.relative_to(root)).encode())
            hasher.update(path.read_bytes())
    return hasher.hexdigest()


def versions() -> dict[str, str]:
    """Versions that a trajectory names."""
    return {
        "callsheet": __version__,
        "python": platform.python_version(),
        "autogen": version("autogen-agentchat"),
    }
