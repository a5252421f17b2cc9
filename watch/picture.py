"""A picture of a live run: `python -m callsheet.watch.picture FILE.svg`.

Plays one scenario of the library and saves what the terminal shows, so that the README's picture
is always one that the program made.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from ..scenarios import library, load_scenario
from ..simulation import RunConfig, Watchers, simulate
from .terminal import LiveView


def picture(scenario: str, seed: int, target: Path) -> None:
    """Play `scenario` (a library name) and save its conversation as SVG."""
    console = Console(
        record=True, width=100, file=io.StringIO(), force_terminal=True, highlight=False
    )
    view = LiveView(console)
    with tempfile.TemporaryDirectory() as folder:
        simulate(
            [load_scenario(library()[scenario])],
            RunConfig(seed=seed),
            Path(folder) / "run",
            watchers=Watchers(on_event=view.show),
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    console.save_svg(str(target), title=f"callsheet run {scenario} --live")


if __name__ == "__main__":
    picture("reschedule-offsite", 3, Path(sys.argv[1]))
