"""The application: the parts of the page's server, put together.

Pages are one document that finds its view by its own address; `/page/` holds its files; `/api/`
is what it asks. Errors are one line of JSON. Nothing of a request is logged.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from types import FrameType
from urllib.parse import urlencode

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from ...simulation import RunError
from ...train.serving.listening import address, listen
from ...trajectories.log import LogDamaged
from . import acting, authoring, comparing, exporting, graphs, reading, reports, reviewing, stream
from .guard import Guard
from .index import Index
from .page_files import VIEWS, PageFiles
from .place import Place
from .refused import Refused
from .settings import WatchSettings

_LARGEST = 4 << 20
"""Bytes of a request's body."""


def run(settings: WatchSettings, on_ready: Callable[[str], None]) -> None:
    """See `callsheet.watch.web.serve`."""
    place = Place(settings.runs, settings.project)
    listening = listen(settings.host, settings.port)
    shown = address(settings.host, listening.getsockname()[1])
    if place.opened is not None:
        shown += f"/run?{urlencode({'run': place.opened})}"

    async def serving() -> None:
        hub = stream.Hub(Index(place))
        on_ready(shown)
        await Server(application(place, settings, hub), hub).serve(sockets=[listening])

    with contextlib.closing(listening), contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serving())


class Server(uvicorn.Server):
    """Ends at once when it is told to: streams would otherwise keep it for as long as it waits."""

    def __init__(self, app: ASGIApp, hub: stream.Hub) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=2,
            )
        )
        self._hub = hub
        self._loop = asyncio.get_running_loop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal has come."""
        self._loop.call_soon_threadsafe(self._hub.close)
        super().handle_exit(sig, frame)


def application(place: Place, settings: WatchSettings, hub: stream.Hub) -> ASGIApp:
    """The guarded application."""
    csrf = secrets.token_urlsafe(32)
    app = FastAPI(
        openapi_url=None,
        max_body_size=_LARGEST,
        exception_handlers={
            Refused: _refused,
            HTTPException: _no_route,
            RequestValidationError: _not_valid,
            RunError: _unusable,
            LogDamaged: _unusable,
            Exception: _failed,
        },
    )
    app.include_router(reading.router(hub.index))
    app.include_router(stream.router(hub))
    app.include_router(exporting.router(hub.index))
    app.include_router(comparing.router(hub.index))
    for part in (acting, authoring, reviewing, graphs, reports):
        app.include_router(part.router(place))
    files = PageFiles()
    app.mount("/page", files)

    def page(request: Request) -> Response:
        return HTMLResponse(files.document(request.url.path, csrf, request.state.nonce))

    for view in VIEWS:
        app.add_api_route(view, page, methods=["GET", "HEAD"])
    return Guard(app, settings, csrf)


def _error(status: int, line: str) -> Response:
    return JSONResponse({"error": line}, status)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return _error(error.status, error.line)


async def _no_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _error(error.status_code, f"{request.url.path}: {error.detail}")


async def _not_valid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:]) or "the request"
    return _error(422, f"{where}: {first['msg'].removeprefix('Value error, ')}")


async def _unusable(request: Request, error: Exception) -> Response:
    return _error(422, str(error))


async def _failed(request: Request, error: Exception) -> Response:
    # A defect of ours; the server's terminal shows it whole.
    return _error(
        500, f"{request.url.path}: {type(error).__name__}; the server's terminal says more"
    )
