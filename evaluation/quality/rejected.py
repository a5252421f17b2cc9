"""What a filter threw out, and why: the file of rejected dialogues beside the accepted ones.

A line is a trajectory with `defects`, a list of {"reason", "blame", …}, either beside its own keys
or around it ({"trajectory": {…}, "defects": […]}). Only reasons and blame are read here: nothing
else of a rejected dialogue enters a report's figures. Constant memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...trajectories.reading import TrajectoriesUnreadable

FILE = "rejected.jsonl"
NOBODY = "nobody"
_REASONS, _BLAMED = 200, 20
"""Names that are counted apart; further ones are counted together."""
_OTHERS = "(others)"


class Defect(BaseModel):
    """Why a dialogue was rejected; what else a filter notes is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    reason: str = Field(min_length=1)
    blame: str | None = None


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore")

    defects: list[Defect] = Field(default_factory=list, max_length=10_000)


class Reason(BaseModel):
    """One reason over all rejected dialogues."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    reason: str
    defects: int
    dialogues: int
    """Rejected dialogues with at least one such defect."""
    blame: dict[str, int] = Field(default_factory=dict)
    """Defects by who was at fault."""


class Rejections(BaseModel):
    """All that was rejected, the most frequent reason first."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    dialogues: int
    defects: int
    reasons: list[Reason] = Field(default_factory=list)
    blame: dict[str, int] = Field(default_factory=dict)


def rejected_files(sources: Sequence[Path]) -> list[Path]:
    """The files of rejected dialogues that lie in, or beside, the sources."""
    folders = dict.fromkeys(path if path.is_dir() else path.parent for path in sources)
    found = [folder / FILE for folder in folders if (folder / FILE).is_file()]
    # A report on rejected dialogues themselves must not count them twice.
    return [path for path in found if path not in sources]


def rejections(paths: Iterable[Path]) -> Rejections | None:
    """What the files say; None without a file. Raises `TrajectoriesUnreadable`."""
    files = list(paths)
    if not files:
        return None
    dialogues = 0
    defects: Counter[tuple[str, str]] = Counter()
    in_dialogues: Counter[str] = Counter()
    blamed: Counter[str] = Counter()
    for path in files:
        for line in _lines(path):
            dialogues += 1
            reasons = [defect.reason[:200] for defect in line.defects]
            reasons = [r if r in in_dialogues or len(in_dialogues) < _REASONS else _OTHERS
                       for r in reasons]  # fmt: skip
            in_dialogues.update(sorted(set(reasons)))
            for reason, defect in zip(reasons, line.defects, strict=True):
                who = (defect.blame or NOBODY)[:80]
                if who not in blamed and len(blamed) >= _BLAMED:
                    who = _OTHERS
                blamed[who] += 1
                defects[reason, who] += 1
    return _tallied(dialogues, defects, in_dialogues)


def _tallied(
    dialogues: int, defects: Counter[tuple[str, str]], in_dialogues: Counter[str]
) -> Rejections:
    by_reason: dict[str, dict[str, int]] = {}
    blame: Counter[str] = Counter()
    for (reason, who), count in sorted(defects.items()):
        by_reason.setdefault(reason, {})[who] = count
        blame[who] += count
    reasons = [
        Reason(reason=r, defects=sum(w.values()), dialogues=in_dialogues[r], blame=w)
        for r, w in by_reason.items()
    ]
    reasons.sort(key=lambda one: (-one.dialogues, -one.defects, one.reason))
    return Rejections(
        dialogues=dialogues,
        defects=defects.total(),
        reasons=reasons,
        blame=dict(sorted(blame.items())),
    )


def _lines(path: Path) -> Iterable[_Line]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                try:
                    yield _Line.model_validate_json(line)
                except ValidationError as error:
                    first = error.errors(include_url=False, include_input=False)[0]
                    where = ".".join(str(part) for part in first["loc"])
                    raise TrajectoriesUnreadable(
                        f"{path}:{number}: {where}: {first['msg']}"
                    ) from None
