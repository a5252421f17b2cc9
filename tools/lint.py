"""What is well-formed in a tool pool and still makes no sense, or makes a pool unfit for its use.

Covers names that providers refuse, schemas that cannot be used, what a model would not understand
for want of words, twins, credentials asked of the caller; `against` a pool kept for evaluation, the
tools that stand in both (see `overlap`). Not covered: whether a description is true.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .overlap import TELLING, Known, plain
from .spec import ToolSpec
from .validation import SchemaUnusable, check_schema

_PROVIDERS = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CREDENTIALS = frozenset(
    ("apikey", "accesstoken", "authtoken", "authorization", "clientsecret", "xapikey",
     "xrapidapikey", "bearertoken", "apitoken", "apisecret")
)  # fmt: skip
_MANY = 60


@dataclass(frozen=True, slots=True)
class PoolFinding:
    """One thing about one tool; its text is one line."""

    tool: str
    severity: Literal["error", "warning"]
    """error: the tool cannot be used, or must not be in this pool."""
    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.tool}: {self.severity}: {self.what} [{self.rule}]"


def lint_pool(
    specs: Sequence[ToolSpec], against: Sequence[ToolSpec] = (), name: str = "the evaluation pool"
) -> list[PoolFinding]:
    """The findings of a pool, in its order; `name` is what `against` is called in them."""
    known = Known(against)
    twins: dict[str, list[str]] = defaultdict(list)
    findings: list[PoolFinding] = []
    for spec in specs:
        findings += _own(spec)
        shared = known.overlap(spec)
        if shared is not None:
            what = f"is {shared.other} of {name}, by its {shared.by}"
            severity: Literal["error", "warning"] = "error" if shared.sure else "warning"
            findings.append(PoolFinding(spec.name, severity, "overlap", what))
        if len(plain(spec.description)) >= TELLING:
            same = twins[f"{plain(spec.description)} {sorted(spec.properties)}"]
            if same:
                what = f"says and takes the same as {same[0]}"
                findings.append(PoolFinding(spec.name, "warning", "twin", what))
            same.append(spec.name)
    return findings


def _own(spec: ToolSpec) -> Iterator[PoolFinding]:
    if not _PROVIDERS.fullmatch(spec.name):
        what = "some providers take only 64 letters, digits, _ and - as a name"
        yield PoolFinding(spec.name, "warning", "name", what)
    if not spec.description:
        yield PoolFinding(spec.name, "warning", "no-description", "has no description")
    unusable = {"parameters": _unusable(spec.parameters), "returns": _unusable(spec.returns or {})}
    for what, error in unusable.items():
        if error:
            yield PoolFinding(spec.name, "error", "unusable-schema", f"{what}: {error}")
    if unusable["parameters"]:
        return
    if spec.parameters.get("type") != "object":
        what = 'the type of the parameters is not "object"'
        yield PoolFinding(spec.name, "error", "not-an-object", what)
    absent = [name for name in spec.required if name not in spec.properties]
    if absent:
        what = f"requires what it does not describe: {', '.join(absent[:5])}"
        yield PoolFinding(spec.name, "error", "unknown-required", what)
    bare = [name for name, schema in spec.properties.items()
            if not (isinstance(schema, dict) and schema.get("description"))]  # fmt: skip
    if bare:
        what = f"{len(bare)} of {len(spec.properties)} parameters have no description"
        yield PoolFinding(spec.name, "warning", "bare-parameters", what)
    if len(spec.properties) > _MANY:
        what = f"{len(spec.properties)} parameters are more than a model keeps in view"
        yield PoolFinding(spec.name, "warning", "many-parameters", what)
    secret = [name for name in spec.properties if plain(name) in _CREDENTIALS]
    if secret:
        what = f"asks the caller for a credential: {', '.join(secret[:3])}"
        yield PoolFinding(spec.name, "warning", "credential", what)


def _unusable(schema: dict[str, Any]) -> str:
    """Why `schema` cannot be used; empty where it can."""
    try:
        check_schema(schema)
    except SchemaUnusable as error:
        return str(error)
    return ""
