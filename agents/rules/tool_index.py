"""Tool schemas compiled for the rules: words with their weights, what each parameter takes.

Compiled once for each set of tools that is offered, and shared by all episodes that offer it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Literal

import orjson
from autogen_core.tools import Tool, ToolSchema

from .clean_schema import cleaned
from .documentation import Spoken, spoken_tool
from .labels import labels
from .words import STOP, act_of, spoken, stem, stems, tokens, word_set

Kind = Literal[
    "opaque", "credential", "email", "enum", "boolean", "list", "number", "length", "datetime",
    "date", "time", "formula", "currency", "phone", "url", "place", "person", "word", "language",
    "content", "topic", "text",
]  # fmt: skip
"""What a parameter takes. opaque: an id or token that nobody would guess. length: a duration as a
number. content: what a person would say in a sentence. topic: what something is called."""

_BY_NAME: tuple[tuple[Kind, frozenset[str]], ...] = (
    ("credential", frozenset(["username", "password", "login", "pin", "passphrase"])),
    ("opaque", frozenset(["token", "id", "ids", "uuid", "key", "session"])),
    ("email", frozenset(["email", "mail"])),
    ("phone", frozenset(["phone", "telephone", "mobile"])),
    ("url", frozenset(["url", "link", "website", "uri"])),
    ("formula", frozenset(["formula", "expression", "equation", "arithmetic"])),
    ("currency", frozenset(["currency", "currencies"])),
    ("language", frozenset(["language", "languages"])),
    ("word", frozenset(["word", "term"])),
    ("content", word_set("content message text body note notes comment task todo description")),
    ("place", word_set(
        """city place location origin destination country venue address room town region airport
        station area"""
    )),
    ("person", word_set(
        """payee beneficiary receiver sender person attendee attendees recipient contact author
        doctor guest participant participants people member patient assignee owner employee
        customer"""
    )),
    ("topic", word_set(
        """topic title subject event query keyword keywords item product name category symptom"""
    )),
)  # fmt: skip
_CODES = word_set("number code reference isbn sku iban no nr digits")
"""Last words of names of strings that people copy rather than invent."""
_LENGTHS = word_set("duration minutes hours length seconds days nights weeks")
_ENDS = word_set("end ends to until till finish return checkout arrival latest")
_STARTS = word_set("start starts begin begins from since checkin departure earliest")


@dataclass(frozen=True, eq=False)
class Param:
    """One parameter of a tool."""

    name: str
    schema: Mapping[str, Any]
    required: bool
    kind: Kind
    template: str
    """strftime template of a date or time; empty for other kinds."""
    stems: frozenset[str]
    """Of its name."""
    described: frozenset[str]
    """Of its description."""
    shape: re.Pattern[str] | None
    """How its values look, where the description gives an example such as T-1217."""
    label: str = ""
    """What a person calls it; no two of a tool are alike."""

    @cached_property
    def spoken(self) -> str:
        return spoken(self.name)

    @cached_property
    def parts(self) -> frozenset[str]:
        return frozenset(tokens(self.name))

    @cached_property
    def is_end(self) -> bool:
        return bool(self.parts & _ENDS)

    @cached_property
    def is_start(self) -> bool:
        return bool(self.parts & _STARTS)

    @cached_property
    def type(self) -> str:
        return type_of(self.schema)

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        pattern = self.schema.get("pattern")
        try:
            return re.compile(pattern) if isinstance(pattern, str) else None
        except re.error:
            return None  # ECMA-262 knows forms that Python does not: then it is not checked here


@dataclass(frozen=True, eq=False)
class CompiledTool:
    """One tool, compiled."""

    name: str
    description: str
    acts: frozenset[str]
    """What the verb in its name means; see `words.ACTS`."""
    nouns: frozenset[str]
    """Stems in its name that are no verb."""
    weights: Mapping[str, float] = field(repr=False)
    """Stem → how much it speaks for this tool."""
    params: tuple[Param, ...] = ()

    @cached_property
    def verbs(self) -> frozenset[str]:
        """First words of name and description, unless they say nothing."""
        first = (*tokens(self.name)[:1], *tokens(self.description)[:1])
        return frozenset(word for word in first if word not in STOP)

    @cached_property
    def spoken(self) -> Spoken:
        """What it does, in a person's words."""
        return spoken_tool(self.name, self.description)

    @cached_property
    def required(self) -> tuple[Param, ...]:
        return tuple(p for p in self.params if p.required)

    @cached_property
    def by_name(self) -> dict[str, Param]:
        return {p.name: p for p in self.params}

    @cached_property
    def kinds(self) -> frozenset[str]:
        return frozenset(p.kind for p in self.params)


_LEAST = 0.5
"""Least weight of a word: where every tool has it, it still speaks for one of them."""


class ToolIndex:
    """The tools of one offer."""

    def __init__(self, schemas: Sequence[Mapping[str, Any]]) -> None:
        counts: Counter[str] = Counter()
        raw = [_words(schema) for schema in schemas]
        for words in raw:
            counts.update(words.keys())
        self._idf = {
            word: max(_LEAST, math.log(1 + len(schemas) / (0.5 + count)))
            for word, count in counts.items()
        }
        self.tools = tuple(
            _compiled(schema, {w: weight * self._idf[w] for w, weight in words.items()})
            for schema, words in zip(schemas, raw, strict=True)
        )
        self.by_name = {tool.name: tool for tool in self.tools}
        self.descriptions = {tool.name: tool.description for tool in self.tools}
        self.verbs = frozenset(v for t in self.tools for v in (*t.verbs, t.spoken.verb))
        """Lower-case words with which a command for one of the tools may begin."""

    def providers(self, param: Param, user: CompiledTool) -> list[CompiledTool]:
        """Tools whose name or whose mention in the parameter's description promise its value."""
        described = str(param.schema.get("description", "")).casefold()
        named = [t for t in self.tools if t is not user and t.name.casefold() in described]
        if named or param.kind != "opaque":
            return named
        wanted = param.stems - {"id", "ids", "key", "number"} or user.nouns
        return [
            tool
            for tool in self.tools
            if tool is not user
            and wanted & (tool.nouns | {stem(t) for t in tokens(tool.name)})
            and ("read" in tool.acts or param.parts & {"token", "session"})
            and param.name not in tool.by_name
        ]


_NO_TOOLS = ToolIndex(())


def index_of(tools: Sequence[Tool | ToolSchema]) -> ToolIndex:
    """The compiled form of an offer."""
    if not tools:
        return _NO_TOOLS
    # Asking whether something is a `Tool`, a runtime protocol, would cost more than the rest.
    schemas = [tool if isinstance(tool, dict) else tool.schema for tool in tools]
    return _index(orjson.dumps(schemas))


@lru_cache(maxsize=512)
def _index(schemas: bytes) -> ToolIndex:
    return ToolIndex(
        [{**tool, "parameters": cleaned(tool.get("parameters"))} for tool in orjson.loads(schemas)]
    )


def type_of(schema: Mapping[str, Any]) -> str:
    """The schema's type, null set aside; "string" where it says none."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((k for k in kind if k != "null"), "string")
    if kind is None:
        for key in ("anyOf", "oneOf"):
            for branch in schema.get(key, ()):
                if branch.get("type") not in (None, "null"):
                    return type_of(branch)
        kind = "string"
    return str(kind)


def flattened(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema with the first branch of a choice that is not null merged in."""
    for key in ("anyOf", "oneOf"):
        branches = [b for b in schema.get(key, ()) if b.get("type") != "null"]
        if branches:
            return {**{k: v for k, v in schema.items() if k != key}, **branches[0]}
    return schema


def _words(schema: Mapping[str, Any]) -> dict[str, float]:
    """Stems of a tool with the weight of the strongest place where they stand."""
    weights: dict[str, float] = {}
    properties = schema.get("parameters", {}).get("properties", {})
    places: list[tuple[float, str]] = [(2.0, schema["name"]), (1.0, schema.get("description", ""))]
    for name, sub in properties.items():
        places.append((0.5, name))
        places.append((0.3, str(sub.get("description", ""))))
        places.extend((0.8, str(value)) for value in flattened(sub).get("enum", ()))
    for weight, text in places:
        for word in stems(text):
            weights[word] = max(weights.get(word, 0.0), weight)
    return weights


def _compiled(schema: Mapping[str, Any], weights: Mapping[str, float]) -> CompiledTool:
    parts = tokens(schema["name"])
    verbs = [p for i, p in enumerate(parts) if act_of(p) and (i == 0 or len(parts) == 1)]
    verbs = verbs or [p for p in parts if act_of(p)][:1]
    described = tokens(schema.get("description", ""))[:1]
    acts = frozenset().union(*(act_of(v) for v in (verbs or described)))
    nouns = frozenset(stem(p) for p in parts if p not in verbs)
    parameters = schema.get("parameters", {})
    required = frozenset(parameters.get("required", ()))
    said = labels(parameters, spoken_tool(schema["name"], schema.get("description", "")).thing)
    params = tuple(
        _param(name, flattened(sub), name in required, said[name])
        for name, sub in parameters.get("properties", {}).items()
    )
    return CompiledTool(schema["name"], schema.get("description", ""), acts, nouns, weights, params)


def _param(name: str, schema: Mapping[str, Any], required: bool, said: str) -> Param:
    kind, template = _kind(name, schema)
    description = str(schema.get("description", ""))
    shape = _shape(description) if type_of(schema) == "string" else None
    if shape is not None and kind in _SHAPED:
        kind = "opaque"
    return Param(
        name, schema, required, kind, template, frozenset(stems(name)),
        frozenset(stems(description)), shape, said,
    )  # fmt: skip


_SHAPED = frozenset({"text", "topic", "word", "opaque", "person", "place"})
_EXAMPLE_CODE = re.compile(
    r"(?:such as|e\.g\.,?|like|for example|example:)\s+[\"'“]?([\w-]*\d[\w-]*|[A-Z]{2,6}\b)"
)


def _shape(description: str) -> re.Pattern[str] | None:
    """The form of codes like the one that a description names: its letters and digits in runs."""
    found = _EXAMPLE_CODE.search(description)
    if found is None or not re.search(r"[A-Za-z-]", found.group(1)):
        return None
    if found.group(1).isupper() and found.group(1).isalpha():
        size = len(found.group(1))
        return re.compile(rf"(?<![\w-])[A-Z]{{{max(2, size - 1)},{size + 1}}}(?![\w-])")
    runs = re.findall(r"[A-Za-z]+|\d+|[^A-Za-z\d]", found.group(1))
    form = "".join(
        r"\d+" if run.isdigit() else "[A-Za-z]+" if run.isalpha() else re.escape(run)
        for run in runs
    )
    return re.compile(rf"(?<![\w-]){form}(?![\w-])")


def _kind(name: str, schema: Mapping[str, Any]) -> tuple[Kind, str]:
    parts, kind = tokens(name), type_of(schema)
    words = frozenset(parts)
    if schema.get("enum"):
        return "enum", ""
    if kind == "boolean":
        return "boolean", ""
    if kind == "array":
        return "list", ""
    if kind in ("number", "integer"):
        return ("length" if words & _LENGTHS else "number"), ""
    moment = _moment_kind(parts, schema)
    if moment is not None:
        return moment
    if schema.get("format") in ("email", "idn-email"):
        return "email", ""
    if schema.get("format") in ("uri", "url"):
        return "url", ""
    if schema.get("format") == "uuid":
        return "opaque", ""
    if parts[-1:] and parts[-1] in _CODES:
        return "opaque", ""
    last = parts[-1:]
    named = _named_kind(frozenset(last)) or _named_kind(words)
    return named or _described_kind(str(schema.get("description", ""))) or "text", ""


def _named_kind(words: frozenset[str]) -> Kind | None:
    return next((kind for kind, names in _BY_NAME if words & names), None)


def _described_kind(description: str) -> Kind | None:
    """Only kinds whose words in a description are telling."""
    words = frozenset(tokens(description))
    telling = ("email", "currency", "place", "person")
    return next((kind for kind, names in _BY_NAME if kind in telling and words & names), None)


_TEMPLATES = (
    ("%Y-%m-%d %H:%M:%S", "datetime"),
    ("%Y-%m-%dT%H:%M:%SZ", "datetime"),
    ("%Y-%m-%dT%H:%M:%S", "datetime"),
    ("%Y-%m-%d %H:%M", "datetime"),
    ("%Y-%m-%dT%H:%M", "datetime"),
    ("%Y-%m-%d", "date"),
    ("%H:%M:%S", "time"),
    ("%H:%M", "time"),
)
_SAID = tuple(
    (
        template.replace("%Y", "YYYY").replace("%m", "MM").replace("%d", "DD")
        .replace("%H", "HH").replace("%M", "MM").replace("%S", "SS"),
        template, kind,
    )
    for template, kind in _TEMPLATES
)  # fmt: skip
_EXAMPLE = "2026-11-23T14:35:46"
_WHEN_WORDS = word_set("date time day datetime when start end deadline due until")


def _moment_kind(parts: Sequence[str], schema: Mapping[str, Any]) -> tuple[Kind, str] | None:
    """Kind and template of a parameter that takes a date or a time of day."""
    description = str(schema.get("description", ""))
    for said, template, kind in _SAID:
        if said in description or template in description:
            return kind, template  # type: ignore[return-value]
    fixed: dict[str, tuple[Kind, str]] = {
        "date-time": ("datetime", "%Y-%m-%dT%H:%M:%SZ"),
        "date": ("date", "%Y-%m-%d"),
        "time": ("time", "%H:%M:%S"),
    }
    if schema.get("format") in fixed:
        return fixed[str(schema["format"])]
    words = frozenset(parts)
    if not words & _WHEN_WORDS and parts[-1:] != ("at",):
        return None
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        return _template_for(pattern)
    if words & _LENGTHS or "zone" in words or words & {"topic", "place", "location", "city"}:
        return None
    if ("date" in words or "day" in words) and "time" not in words:
        return "date", "%Y-%m-%d"
    if "date" in tokens(description) and "time" not in tokens(description):
        return "date", "%Y-%m-%d"
    return "datetime", "%Y-%m-%d %H:%M:%S"


def _template_for(pattern: str) -> tuple[Kind, str] | None:
    from datetime import datetime

    moment = datetime.fromisoformat(_EXAMPLE)
    for template, kind in _TEMPLATES:
        try:
            if re.fullmatch(pattern, moment.strftime(template)):
                return kind, template  # type: ignore[return-value]
        except re.error:
            return None
    return None
