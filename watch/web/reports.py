"""Routes of the data-quality report: which there are, one as a page, and making one.

A page is made anew from `report.json` (or `compare.json`), whose content is checked; the HTML file
beside it, which anybody may have written, is never served. It is shown without scripts, forms and
requests, in an origin of its own.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...evaluation.quality import Comparison, QualityReport, Settings
from ...evaluation.quality.page import comparison_page, report_page
from ...evaluation.quality.sources import content_digest
from ...models.embedding import NAMES, encoder
from ...models.errors import ModelUnavailable
from ...trajectories.reading import TrajectoriesUnreadable
from ..text import is_text
from .place import Place
from .refused import Refused
from .report_work import ReportWork

_LARGEST = 32 << 20
"""Bytes of a record that is read."""
_DEEPEST = 4
_REPORT = "report/report.json"
_COMPARISON = "compare.json"
_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)
"""Above it, the page's own policy allows its one style sheet alone."""


class Order(BaseModel):
    """A report to make."""

    model_config = ConfigDict(extra="forbid")

    run: str = Field(max_length=1024)
    encoder: str = Field(default="", max_length=100)
    """One of those that `/api/reports` lists; empty: the first of them."""


class Stop(BaseModel):
    model_config = ConfigDict(extra="forbid")

    run: str = Field(max_length=1024)


def router(place: Place) -> APIRouter:
    """The routes of one server."""
    routes = APIRouter()
    work = ReportWork()

    @routes.get("/api/reports")
    def listed() -> dict[str, Any]:
        runs = set(place.names())
        others = set(_holding(place.runs, _REPORT)) - runs
        return {
            "reports": [_listed(place.runs / name, work, name) for name in sorted(runs)],
            "others": sorted(others),
            "comparisons": sorted(_holding(place.runs, _COMPARISON)),
            "encoders": encoders(),
        }

    @routes.get("/api/report")
    def one(run: str) -> dict[str, Any]:
        path = place.run(run)
        return {**_listed(path, work, run), "stale": _stale(path)}

    @routes.get("/api/report/page")
    def page(run: str) -> Response:
        """The report on a run, or on another folder of dialogues that has one."""
        folder = place.runs / run if run in set(_holding(place.runs, _REPORT)) else place.run(run)
        return _page(report_page(_record(folder / _REPORT, QualityReport)))

    @routes.get("/api/report/comparison")
    def comparison(name: str) -> Response:
        if name not in set(_holding(place.runs, _COMPARISON)):
            raise Refused(404, f"there is no comparison {name[:100]!r} in {place.runs}")
        record = _record(place.runs / name / _COMPARISON, Comparison)
        return _page(comparison_page(record))

    @routes.post("/api/report")
    def made(order: Order) -> dict[str, Any]:
        known = encoders()
        name = order.encoder or known[0]
        if name not in known:
            raise Refused(422, f"there is no encoder {name!r}; there are {', '.join(known)}")
        run = place.run(order.run)
        _digest(run)  # what cannot be read is said now
        return {"work": work.start(run, Settings(encoder=name))}

    @routes.post("/api/report/stop")
    def stopped(stop: Stop) -> dict[str, Any]:
        run = place.run(stop.run)
        work.stop(run)
        return {"work": work.of(run)}

    return routes


def encoders() -> list[str]:
    """The encoders that are installed, the quickest of those that know meanings first."""
    found = []
    for name in NAMES:
        try:
            encoder(name)
        except ModelUnavailable:
            continue
        found.append(name)
    return sorted(found, key=lambda name: name != Settings().encoder)


def _listed(run: Path, work: ReportWork, name: str) -> dict[str, Any]:
    made = None
    with contextlib.suppress(OSError):  # none has been made, or the run has gone
        made = (run / _REPORT).stat().st_mtime
    return {"run": name, "made": made, "work": work.of(run)}


def _stale(run: Path) -> bool:
    """Whether the dialogues are others than when the report was made."""
    path = run / _REPORT
    return path.is_file() and _record(path, QualityReport).figures.digest != _digest(run)


def _digest(run: Path) -> str:
    try:
        return content_digest([run])
    except (TrajectoriesUnreadable, OSError) as error:
        raise Refused(422, f"{error}; wait until the run has ended") from None


def _holding(runs: Path, record: str) -> Iterator[str]:
    """Names of the folders in the runs folder that hold such a file."""
    waiting = [(runs, 0)]
    while waiting:
        folder, deep = waiting.pop()
        with contextlib.suppress(OSError):  # removed, or not ours to enter; other folders still are
            if deep and (folder / record).is_file():
                yield folder.relative_to(runs).as_posix()
            if deep < _DEEPEST and not (folder / "run.json").exists():
                waiting += [(path, deep + 1) for path in _folders(folder)]


def _folders(folder: Path) -> list[Path]:
    inside = [p for p in folder.iterdir() if not p.name.startswith(".") and is_text(p.name)]
    return [p for p in inside if p.is_dir() and not p.is_symlink()]


def _record(path: Path, kind: Any) -> Any:
    """What a file of a report holds. Raises `Refused`."""
    try:
        if path.is_symlink() or path.parent.is_symlink():
            raise Refused(404, f"{path.name} is a link, and links are not followed")
        if path.stat().st_size > _LARGEST:
            raise Refused(422, f"{path}: larger than {_LARGEST >> 20} MB")
        return kind.model_validate_json(path.read_bytes())
    except OSError as error:
        raise Refused(404, f"{path}: {error.strerror}; make a report first") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Refused(422, f"{path}: {where}: {first['msg']}; make the report anew") from None


def _page(text: str) -> Response:
    return HTMLResponse(text, headers={"Content-Security-Policy": _POLICY})
