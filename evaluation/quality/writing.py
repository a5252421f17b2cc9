"""Putting a report on disk: `report.json` and the page beside it, whole or not at all."""

from __future__ import annotations

from pathlib import Path

from ...trajectories.whole_file import write_whole
from .comparison import Comparison
from .comparison_text import comparison_markdown
from .page import comparison_page, report_page
from .report import QualityReport


def default_folder(source: Path) -> Path:
    """Where a report on `source` lies if nobody says: in the run, or beside the file."""
    return source / "report" if source.is_dir() else source.with_name(f"{source.stem}-report")


def write_report(report: QualityReport, folder: Path) -> tuple[Path, Path]:
    """Writes report.json and report.html; returns their paths. Raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    record, page = folder / "report.json", folder / "report.html"
    write_whole(record, [report.model_dump_json(indent=2).encode() + b"\n"])
    write_whole(page, [report_page(report).encode()])
    return record, page


def write_comparison(comparison: Comparison, folder: Path) -> list[Path]:
    """Writes compare.json, compare.md and compare.html; returns their paths. Raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "compare.json": comparison.model_dump_json(indent=2) + "\n",
        "compare.md": comparison_markdown(comparison),
        "compare.html": comparison_page(comparison),
    }
    for name, text in content.items():
        write_whole(folder / name, [text.encode()])
    return [folder / name for name in content]
