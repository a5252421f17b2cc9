"""Evaluation: how well a model calls tools, told by what its calls did in a sandbox.

May import train and everything below it. Needs no extra: the models bring their own.
"""

from .bootstrap import Gain, paired_gain
from .calls import evaluate_calls
from .gold import CallItem, call_items
from .report import CallResult, EvaluationReport, read_results
from .table import comparison_lines, comparison_table

__all__ = [
    "CallItem",
    "CallResult",
    "EvaluationReport",
    "Gain",
    "call_items",
    "comparison_lines",
    "comparison_table",
    "evaluate_calls",
    "paired_gain",
    "read_results",
]
