"""All views of the page over one run, with what is there once a view is ready."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

VIEWS = (
    "runs", "run", "episode", "unfinished", "compare", "compare-runs", "compare-which", "review",
    "review-who", "review-results", "graph", "report", "author", "start", "nowhere",
)  # fmt: skip
READY = {
    "runs": "[data-testid=run-row]",
    "run": ".tabulator-row",
    "episode": "[data-testid=conversation][aria-busy=false] article",
    "unfinished": "[data-testid=conversation][aria-busy=false] article",
    "compare": "[data-testid=difference], .pair",
    "compare-runs": "[data-testid=run-comparison] h2",
    "compare-which": "[data-testid=choose-run2]",
    "review": ".review-read .conversation article",
    "review-who": ".review-setup .source",
    "review-results": "[data-testid=results]",
    "graph": "[data-testid=chosen]",
    "report": "[data-testid=make]",
    "author": ".cm-line",
    "start": ".start-entry",
    "nowhere": "[role=alert] h1",
}
"""A view is ready once this is drawn."""


def address(view: str, run: str, episodes: Sequence[str], other: str = "") -> str:
    """Where a view of the run and its two episodes is; `other` is a second run."""
    of = {"run": run}
    first, second = episodes
    path, params = {
        "runs": ("/", {}),
        "run": ("/run", of),
        "episode": ("/episode", of | {"episode": first}),
        "unfinished": ("/episode", of | {"episode": second}),
        "compare": ("/compare", of | {"episode": first, "episode2": second}),
        "compare-runs": ("/compare", of | {"run2": other or run}),
        "compare-which": ("/compare", {}),
        "review": ("/review", {"source": run}),
        "review-who": ("/review", {}),
        "review-results": ("/review", {"source": run, "tab": "results"}),
        "graph": ("/graph", {"graph": f"run:{run}", "tool": "0"}),
        "report": ("/report", of),
        "author": ("/author", {"template": "single-call"}),
        "start": ("/start", {}),
        "nowhere": ("/run", {"run": f"{run}, which is nowhere"}),
    }[view]
    return f"{path}?{urlencode(params)}" if params else path


KEPT_NAME = "if (location.protocol === 'http:') localStorage.setItem('callsheet.reviewer', 'anna')"
"""A script for a new page: the reviewer has been here before."""
