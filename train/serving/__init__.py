"""Serving a model over HTTP as OpenAI's chat completions: an adapter over its base, or any other.

`wire` is the shape of requests and answers, `server` the endpoint, `errors` how it refuses. The
libraries that serve (the extra `serve`) are imported when something is really served.

May import models and below.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ...models.errors import ModelUnavailable

if TYPE_CHECKING:
    from autogen_core.models import ChatCompletionClient

    from .settings import ServeSettings


def serve(
    client: ChatCompletionClient,
    name: str,
    settings: ServeSettings,
    on_ready: Callable[[str], None],
) -> None:
    """Serve `client` under `name` until Ctrl-C; `on_ready` is told the address once it answers.

    Raises `ModelUnavailable` without the extra or where the weights cannot be loaded, and
    `CannotListen`.
    """
    try:
        from .server import run
    except ImportError as error:
        raise ModelUnavailable(
            f"serving needs {error.name}: pip install 'callsheet[serve]'"
        ) from None
    run(client, name, settings, on_ready)
