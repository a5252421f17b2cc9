"""How dialogues ended, what was rejected and why, and what all of it cost."""

from __future__ import annotations

from collections.abc import Mapping

from ..endings import Endings
from ..rejected import Rejections
from ..spending import PLANNING, Spending
from ..wording import NONE, count, decimal, percent, ratio
from .charts import bar, legend
from .elements import Markup, el, joined, table
from .layout import card, grid, section

_AT_FAULT = ("user", "assistant", "tool", "environment", "endpoint", "scenario", "nobody")
"""In the order of their colours; whoever else is blamed has the last one."""


def ending_section(endings: Endings) -> Markup:
    """Outcomes, blame and verdicts."""
    return section(
        "How dialogues ended",
        f"{count(endings.passed)} of {count(endings.judged)} tested dialogues were completed and "
        "failed no check."
        if endings.judged
        else "No dialogue has a tester's verdict.",
        grid(card(_counts("outcome", endings.statuses), title="Outcomes"),
             card(_counts("at fault", endings.blame), title="Whose fault, where it ended badly")),
        card(_checks(endings), title="The tester's checks") if endings.checks else None,
    )  # fmt: skip


def rejection_section(rejections: Rejections | None) -> Markup:
    """Reasons for rejection, by who was at fault."""
    if rejections is None:
        return section(
            "Rejected dialogues", "There is no file of rejected dialogues beside these dialogues."
        )
    whole = float(max((reason.defects for reason in rejections.reasons), default=0))
    rows = [
        (reason.reason, bar(_blamed(reason.blame), whole, f"defects: {reason.reason}"),
         count(reason.dialogues), count(reason.defects), _who(reason.blame))
        for reason in rejections.reasons
    ]  # fmt: skip
    names = sorted(rejections.blame, key=_place)
    lead = f"{count(rejections.dialogues)} dialogues were rejected, with "
    return section(
        "Rejected dialogues",
        lead + f"{count(rejections.defects)} defects. A dialogue may have several.",
        card(
            legend([(name, _place(name)) for name in names]),
            table(["reason", "defects by who was at fault", "dialogues", "defects", "at fault"],
                  rows, left=2),
        ),
    )  # fmt: skip


def spending_section(spending: Spending) -> Markup:
    """Tokens, calls and money."""
    rows = [
        (a.role, a.model, count(a.calls), count(a.prompt_tokens), count(a.completion_tokens),
         decimal(a.cost, 4))
        for a in spending.accounts
    ]  # fmt: skip
    total = ("in these dialogues", "", count(spending.model_calls), count(spending.prompt_tokens),
             count(spending.completion_tokens), NONE)  # fmt: skip
    models = ", ".join(f"{name} ({count(n)})" for name, n in spending.models.items())
    planned = any(a.role == PLANNING for a in spending.accounts)
    return section(
        "Usage and cost",
        f"Assistants: {models}. " * bool(models)
        + f"{count(spending.tool_calls)} tool calls. Money by the models' configured prices, "
        "where a log holds it; rows by role count all that was played, rejected dialogues too."
        + " Planning is what models spent on the plans of a synthesis." * planned,
        card(table(["role", "model", "model calls", "prompt tokens", "answer tokens", "cost"],
                   [*rows, total], left=2)),
    )  # fmt: skip


def _counts(what: str, counts: Mapping[str, int]) -> Markup:
    if not counts:
        return el("p", "Nobody's." if what == "at fault" else "None.", class_="soft")
    total = sum(counts.values())
    rows = [
        (name, bar([(name, float(n), _place(name) if what == "at fault" else 0)], float(total),
                   name), count(n), percent(ratio(n, total)))
        for name, n in sorted(counts.items(), key=lambda one: -one[1])
    ]  # fmt: skip
    return table([what, "", "dialogues", "share"], rows, left=2)


def _checks(endings: Endings) -> Markup:
    rows = []
    for check in endings.checks:
        total = check.passed + check.failed
        parts = [("passed", float(check.passed), 2), ("failed", float(check.failed), 1)]
        drawing = bar(parts, float(total), f"verdicts: {check.check}")
        rows.append((check.check, check.by, drawing, count(check.passed), count(check.failed),
                     percent(ratio(check.passed, total))))  # fmt: skip
    return joined(
        legend([("passed", 2), ("failed", 1)]),
        table(["check", "by", "", "passed", "failed", "share passed"], rows, left=3),
    )


def _blamed(blame: Mapping[str, int]) -> list[tuple[str, float, int]]:
    return [(name, float(blame[name]), _place(name)) for name in sorted(blame, key=_place)]


def _who(blame: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count(blame[name])}" for name in sorted(blame, key=_place))


def _place(name: str) -> int:
    return _AT_FAULT.index(name) if name in _AT_FAULT else len(_AT_FAULT)
