"""How good a set of dialogues is: the figures of ToolFlow's tables, a judge's grades, and a page.

    sources, rounds       dialogues one at a time, cut into rounds
    size                  table 1: dialogues, turns, tokens, calls (tokens, distributions)
    coherence, diversity  table 2: SS, EnR (entailment), H and D-3 (words)
    judge                 grades from 1 to 5 for a sample (grades, transcript, prompts)
    coverage, endings, rejected, spending    tools, outcomes, reasons, cost
    measure, report       one pass over all; the record that report.json holds
    comparison            several runs side by side
    page, writing         the same as HTML, and on disk

Reads trajectories and plain dialogues; changes nothing of a run.
"""

from .comparison import Comparison, compare
from .measure import Instruments, instruments, measure, quality_report
from .report import Figures, QualityReport, Settings
from .writing import default_folder, write_comparison, write_report

__all__ = [
    "Comparison",
    "Figures",
    "Instruments",
    "QualityReport",
    "Settings",
    "compare",
    "default_folder",
    "instruments",
    "measure",
    "quality_report",
    "write_comparison",
    "write_report",
]
