"""Plain Python functions as tools: signature and docstring become the schema.

`package.module` gives all public functions that the module itself defines, `package.module:name`
one of them, or whatever else can be called there, such as what a decorator made. Types come from
annotations, what a parameter is for from `Annotated[type, "..."]`, else from the docstring
(Google's `Args:`, NumPy's `Parameters`, Sphinx's `:param name:`). Importing a module runs it: this
is for one's own code, and happens only where a user names it.
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from ..functions import tool_from_function
from ..spec import ToolSource
from .documents import Unreadable
from .draft import Draft, Refused, Yielded, one_line
from .json_schema import set_parameters, set_returns
from .references import Unresolved

_SPHINX = re.compile(r"^\s*:param(?:\s+[\w\[\], .|]+?)?\s+(\w+):\s*(.*)$")
_GOOGLE = re.compile(r"^(\s+)\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:\s+(.*)$")
_NUMPY = re.compile(r"^(\s*)(\w+)\s+:\s*\S.*$")


def read(target: str) -> Yielded:
    """One draft a function. Raises `Unreadable` where the module cannot be imported."""
    name, _, wanted = target.partition(":")
    module = _imported(name)
    found = list(_functions(module, wanted))
    if not found:
        missing = f"function {wanted}" if wanted else "public functions of its own"
        raise Unreadable(f"the module {name} has no {missing}")
    for label, function in found:
        yield _draft(name, label, function)


def _imported(name: str) -> ModuleType:
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:  # whatever the module's own code raises
        reason = one_line(f"{type(error).__name__}: {error}")
        raise Unreadable(f"the module {name} cannot be imported: {reason}") from error
    finally:
        sys.path.remove(here)


def _functions(module: ModuleType, wanted: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    for label, value in vars(module).items():
        if wanted:
            if label == wanted and callable(value):
                yield label, value
        elif (
            inspect.isfunction(value)
            and not label.startswith("_")
            and value.__module__ == module.__name__
        ):
            yield label, value


def _draft(module: str, label: str, function: Callable[..., Any]) -> Draft | Refused:
    place = f"{module}:{label}"
    try:
        spec = tool_from_function(function, name=label)
    except Exception as error:  # annotations run anybody's code
        return Refused(place, "not-describable", one_line(error) or type(error).__name__)
    draft = Draft(
        name=label, place=place, description=spec.description, group=module, tags=(module,),
        source=ToolSource(document=f"python:{module}", operation_id=label),
    )  # fmt: skip
    told = described_parameters(inspect.getdoc(function) or "")
    properties = {name: _with_description(schema, told.get(name))
                  for name, schema in spec.properties.items()}  # fmt: skip
    try:
        set_parameters(draft, {**spec.parameters, "properties": properties})
    except Unresolved as problem:
        return Refused(place, problem.kind, str(problem))
    set_returns(draft, spec.returns)
    return draft


def _with_description(schema: dict[str, Any], text: str | None) -> dict[str, Any]:
    return schema if "description" in schema or not text else {**schema, "description": text}


def described_parameters(docstring: str) -> dict[str, str]:
    """What a docstring says of each parameter, in any of the three usual styles."""
    told: dict[str, str] = {}
    section, current, indent = "", "", 0
    lines = docstring.splitlines()
    for number, line in enumerate(lines):
        if sphinx := _SPHINX.match(line):
            current = sphinx[1]
            told[current] = sphinx[2].strip()
            section = "sphinx"
            continue
        heading = line.strip().rstrip(":").lower()
        underlined = number + 1 < len(lines) and set(lines[number + 1].strip()) == {"-"}
        if line.strip() and not line[:1].isspace() and (line.rstrip().endswith(":") or underlined):
            section, current = ("numpy" if underlined else "google"), ""
            if heading not in ("args", "arguments", "parameters", "params"):
                section = ""
            continue
        begins = {"google": _GOOGLE, "numpy": _NUMPY}.get(section)
        match = begins.match(line) if begins else None
        if match and (not current or len(match[1]) <= indent):
            current, indent = match[2], len(match[1])
            told[current] = match[3].strip() if section == "google" else ""
        elif not line.strip() or (section == "sphinx" and line.strip().startswith(":")):
            current = "" if section == "sphinx" else current
        elif current:
            told[current] = f"{told[current]} {line.strip()}".strip()
    return told
