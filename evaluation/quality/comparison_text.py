"""A comparison as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .comparison import Comparison
from .comparison_rows import Rows, difference_rows, quality_rows, size_rows

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|!&~])")


def comparison_markdown(comparison: Comparison) -> str:
    """The tables, the differences and the notes; names of runs cannot act as markup."""
    return "\n".join(_lines(comparison)) + "\n"


def _lines(comparison: Comparison) -> Iterator[str]:
    yield "# Runs compared"
    for rows in (size_rows(comparison), quality_rows(comparison), difference_rows(comparison)):
        yield from ("", f"## {_plain(rows.title)}", "")
        yield from _table(rows)
    settings, coherence = comparison.settings, comparison.runs[0].coherence
    yield ""
    yield f"SS by {_plain(coherence.encoder)}; EnR by {_plain(coherence.nli or 'no model')}; " + (
        f"tokens by {_plain(settings.tokenizer)}; seed {settings.seed}. Brackets: 95 % bootstrap "
        "intervals, dialogues of one scenario drawn together, 1,000 resamples; * where the "
        "interval of a difference excludes 0. D-3 at equal size: mean, lowest and highest of "
        "five draws of whole dialogues."
    )
    for note in comparison.notes:
        yield from ("", _plain(note))


def _table(rows: Rows) -> Iterator[str]:
    yield "| " + " | ".join(rows.headings) + " |"
    yield "|---|" + "---:|" * (len(rows.headings) - 1)
    for name, *cells in rows.cells:
        yield "| " + " | ".join([_plain(name), *cells]) + " |"


def _plain(text: str) -> str:
    """`text` as Markdown shows it, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
