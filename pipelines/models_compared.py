"""Models by name on the same held-out questions, with the gain of each over the first.

What says whether an adapter is worth having: `smollm2` and `smollm2+out/adapter` get the same
prompts from the same engine, and the paired bootstrap says how sure the difference is.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from ..evaluation.bootstrap import Gain
from ..evaluation.kept_names import kept_as
from ..evaluation.report import EvaluationReport
from ..evaluation.table import comparison_lines, gain_line
from ..models.adapted import MARK, configured
from ..simulation.cast import BASELINE, Cast
from .journey import JourneyConfig, Progress, evaluated, gain_between, items_of, whole


class Comparison(BaseModel):
    """Models on the same questions; `report.json` in the comparison's folder."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    schema_version: int = 1
    reports: list[EvaluationReport]
    gains: list[Gain]
    """Of each model after the first over the first."""
    notes: list[str] = Field(default_factory=list)

    def markdown(self) -> str:
        """The table, and the gains with their intervals."""
        first, *others = self.reports
        told = [
            gain_line(other.model, first.model, gain)
            for other, gain in zip(others, self.gains, strict=True)
        ]
        return "\n".join([*comparison_lines(self.reports), "", *told, *self.notes]).rstrip() + "\n"


def compared(
    config: JourneyConfig,
    models: Sequence[str],
    folders: Sequence[Path],
    out: Path,
    say: Progress,
) -> Comparison:
    """Configured models, by name, on the config's held-out scenarios; a base beside its adapter
    is decoded by the adapter's engine. Writes the answers, `report.json` and `report.md`.

    Raises `ModelUnavailable` for a name that is not configured, and `ValueError` for scenarios
    without expected calls.
    """
    items = items_of(config, ())
    if not items:
        raise ValueError(
            "nothing to evaluate: none of these scenarios has expected calls (`expect: calls:`)"
        )
    engines = {name: _engine(name, models) for name in models}
    # A wrong name is found before the others have worked for hours.
    kept = {name: kept_as(engine, folders) for name, engine in engines.items()}
    notes = _notes(engines, folders)
    cast = Cast({}, folders)
    reports, gains = [], []
    for name, engine in engines.items():
        make = partial(cast.client, "assistant", engine)
        reports.append(evaluated(name, kept[name], make, items, out, config, say))
        if len(reports) > 1:
            gains.append(gain_between(out, kept[models[0]], kept[name], config.seed))
    comparison = Comparison(reports=reports, gains=gains, notes=notes)
    whole(out / "report.md", comparison.markdown())
    whole(out / "report.json", comparison.model_dump_json(indent=2))
    return comparison


def _engine(name: str, models: Sequence[str]) -> str:
    """The name under which a model is loaded: a base beside its adapter as a checkpoint, so that
    the two differ in the adapter alone."""
    above = f"{name}{MARK}"
    return above if any(other.startswith(above) for other in models) else name


def _notes(engines: dict[str, str], folders: Sequence[Path]) -> list[str]:
    """Which models were not decoded by what their own names stand for."""
    named = {name: engine for name, engine in engines.items() if name != BASELINE}
    return [
        f"{name} was decoded by the engine of its adapters, which is not its own."
        for name, engine in named.items()
        if configured(engine, folders)[0].kind != configured(name, folders)[0].kind
    ]
