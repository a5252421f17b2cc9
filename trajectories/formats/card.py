"""The card of an exported data set: a README with the front matter that the Hugging Face hub reads.

It says only what was counted, and leaves the licence to whoever publishes the data.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping

from ...tools.importers.draft import one_line
from .export import Export

_SHOWN = 50
"""Tools and sources that are listed."""
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def card(export: Export) -> str:
    """The card as Markdown."""
    from ... import __version__

    name = export.source.parent.name or export.source.stem
    calls, messages = sum(export.calls.values()), sum(export.messages.values())
    counted = {
        "trajectories": export.written,
        "messages": messages,
        **{f"messages of {role}": count for role, count in sorted(export.messages.items())},
        "tool calls": calls,
        "tools": len(export.tools),
    }
    sections = [
        _front_matter(export, name),
        f"# {_text(name)}",
        f"Conversations with tool calls, in the format `{export.format.name}`: "
        f"{export.format.about}. Written by callsheet {__version__}.",
        "## Counts\n\n" + _table(("", "count"), counted),
        _listed("Tools", "tool", export.calls | Counter(dict.fromkeys(export.tools, 0)), "calls"),
        _listed("Scenarios", "scenario", export.scenarios),
        _listed("Environments", "environment", export.environments),
        _listed("Models", "assistant's model", export.models),
        _listed("Versions", "version", export.versions),
        _listed("Left out", "reason", export.left_out + export.refused),
        _listed("Not held by the format", "what", export.lost, "times"),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _front_matter(export: Export, name: str) -> str:
    size = next((word for most, word in _SIZES if export.written < most), "n>1M")
    return "\n".join(
        [
            "---",
            f"pretty_name: {json.dumps(one_line(name, 80))}",
            "task_categories:\n- text-generation",
            "tags:\n- tool-use\n- function-calling\n- trajectories\n- callsheet",
            f"size_categories:\n- {size}",
            "configs:\n- config_name: default\n  data_files:\n  - split: train\n"
            f"    path: {export.data.name}",
            "---",
        ]
    )


def _listed(title: str, what: str, counts: Counter[str], unit: str = "trajectories") -> str:
    if not counts:
        return ""
    shown = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN])
    more = len(counts) - len(shown)
    rest = f"\n\nand {more} more" if more else ""
    return f"## {title}\n\n{_table((what, unit), shown)}{rest}"


def _table(heads: tuple[str, str], rows: Mapping[str, int]) -> str:
    lines = [f"| {_text(key)} | {count:,} |" for key, count in rows.items()]
    return "\n".join([f"| {heads[0]} | {heads[1]} |", "|---|---:|", *lines])


def _text(value: str) -> str:
    """Text of others, which must not become Markdown or HTML of ours."""
    plain = one_line(value, 120)
    for sign in "\\`*_[]<>|#":
        plain = plain.replace(sign, f"\\{sign}")
    return plain
