"""Single routers of the page's server, asked without the page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi")
from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient

from callsheet.watch.web.place import Place
from callsheet.watch.web.refused import Refused


def asking(project: Path, *routers: Callable[[Place], APIRouter]) -> TestClient:
    """A client of `routers` over the project's folder `runs`."""
    app = FastAPI()
    for router in routers:
        app.include_router(router(Place(project / "runs", project)))

    @app.exception_handler(Refused)
    def refused(request: Any, error: Refused) -> JSONResponse:
        return JSONResponse({"error": error.line}, error.status)

    return TestClient(app)


def refusal(answer: Any) -> str:
    """The one line of an answer that refuses."""
    assert 400 <= answer.status_code < 500, answer.text
    line = answer.json()["error"]
    assert isinstance(line, str) and line and "\n" not in line
    return line
