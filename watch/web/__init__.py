"""The page: a web server over a folder of runs.

`app` puts it together, `guard` decides who is answered, `index` knows the runs and `stream` tells
what changes; every other module is one part of what the page can ask. The libraries that serve
(the extra `serve`) are imported when something is really served.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ...models.errors import ModelUnavailable

if TYPE_CHECKING:
    from .settings import WatchSettings


def serve(settings: WatchSettings, on_ready: Callable[[str], None]) -> None:
    """Serve the page until Ctrl-C; `on_ready` is told the address once it answers.

    Raises `CannotListen`, and `ModelUnavailable` without the extra.
    """
    try:
        from .app import run
    except ImportError as error:
        raise ModelUnavailable(
            f"the page needs {error.name}: pip install 'callsheet[serve]'"
        ) from None
    run(settings, on_ready)
