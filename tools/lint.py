"""What is well-formed in a tool pool and still makes no sense, or makes a pool unfit for its use.

Covers names that providers refuse, schemas that cannot be used, what a model would not understand
for want of words, twins, credentials asked of the caller; `against` a pool kept for evaluation, the
tools that stand in both. Two are the same endpoint where one of these agrees, written without
case, spaces and punctuation: API and endpoint name; API or host, method and path; the description
(of 25 letters or more); the name with the names of all parameters (of one only: a warning).
Not covered: whether a description is true.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from .spec import ToolSpec
from .validation import SchemaUnusable, check_schema

_PROVIDERS = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_CREDENTIALS = frozenset(
    ("apikey", "accesstoken", "authtoken", "authorization", "clientsecret", "xapikey",
     "xrapidapikey", "bearertoken", "apitoken", "apisecret")
)  # fmt: skip
_BY_PARAMETERS = "name and parameters"
_MANY = 60
_TELLING = 25
"""Letters from which on a description tells which endpoint it is of."""


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
    known: dict[Hashable, str] = {}
    for spec in against:
        for _, key in _identities(spec):
            known.setdefault(key, spec.name)
    twins: dict[str, list[str]] = defaultdict(list)
    findings: list[PoolFinding] = []
    for spec in specs:
        findings += _own(spec)
        findings += _overlap(spec, known, name)
        if len(_plain(spec.description)) >= _TELLING:
            same = twins[f"{_plain(spec.description)} {sorted(spec.properties)}"]
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
    for what, schema in (("parameters", spec.parameters), ("returns", spec.returns)):
        try:
            if schema is not None:
                check_schema(schema)
        except SchemaUnusable as error:
            yield PoolFinding(spec.name, "error", "unusable-schema", f"{what}: {error}")
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
    secret = [name for name in spec.properties if _plain(name) in _CREDENTIALS]
    if secret:
        what = f"asks the caller for a credential: {', '.join(secret[:3])}"
        yield PoolFinding(spec.name, "warning", "credential", what)


def _overlap(spec: ToolSpec, known: dict[Hashable, str], name: str) -> Iterator[PoolFinding]:
    for what, key in _identities(spec):
        if key in known:
            said = f"is {known[key]} of {name}, by its {what}"
            # Many services have a `getUser` of one `id`.
            sure = what != _BY_PARAMETERS or len(spec.properties) > 1
            yield PoolFinding(spec.name, "error" if sure else "warning", "overlap", said)
            return


def _identities(spec: ToolSpec) -> Iterator[tuple[str, Hashable]]:
    """What a tool can be recognised by, and in words what that is."""
    source = spec.source
    name = _plain((source and source.operation_id) or spec.name)
    api = _plain((source and source.document) or (spec.tags[0] if spec.tags else ""))
    if api:
        yield "API and name", ("name", api, name)
    if source and source.path:
        path = _PLACEHOLDER.sub("{}", source.path).rstrip("/").lower()
        for owner in (api, _host(source.server)):
            if owner:
                yield "method and path", ("path", owner, source.method, path)
    description = _plain(spec.description)
    if len(description) >= _TELLING:
        yield "description", ("description", description)
    if spec.properties:
        yield _BY_PARAMETERS, ("takes", name, *sorted(map(_plain, spec.properties)))


def _host(server: str | None) -> str:
    try:
        return urlsplit(server or "").netloc.lower()
    except ValueError:
        return ""


def _plain(text: str) -> str:
    return _NOT_ALPHANUMERIC.sub("", text).casefold()
