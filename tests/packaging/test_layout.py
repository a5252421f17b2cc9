"""Rules of the house that no library checks."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from order_of_sets import lines_that_follow_a_set

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES: list[str] = PROJECT["tool"]["setuptools"]["packages"]
FOLDERS = [ROOT / Path(*name.split(".")[1:]) for name in PACKAGES]
MODULES = sorted(path for folder in FOLDERS for path in folder.glob("*.py"))
DETERMINISTIC = [m for m in MODULES if m.relative_to(ROOT).parts[0] in
                 ("agents", "environments", "simulation")]  # fmt: skip


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def names(module: ast.Module) -> Iterator[tuple[str, int]]:
    """Dotted names that a module reads, calls (with `()`) or imports, with their lines."""
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute | ast.Name):
            yield ast.unparse(node), node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            yield f"{ast.unparse(node.func)}()", node.lineno
        elif isinstance(node, ast.Import):
            yield from ((f"import {alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((f"from {node.module} import {a.name}", node.lineno) for a in node.names)


def chance(module: ast.Module) -> list[int]:
    """Lines that take time, chance or ids from the machine instead of the episode."""
    return [
        line
        for name, line in names(module)
        if name.startswith(("import time", "from time import", "import uuid", "from uuid import",
                            "import secrets", "from secrets import"))
        or name.endswith((".now()", ".today()", ".utcnow()", "os.urandom"))
        or (name.startswith("from random import") and name != "from random import Random")
        or (name.startswith("random.") and name.removesuffix("()") != "random.Random")
    ]  # fmt: skip


PARSE_ONLY = ("from yaml.cyaml import CParser", "from yaml.error import YAMLError")
"""Of a package that is refused otherwise: these make events of a text, and no objects."""


def untrusted(module: ast.Module) -> list[int]:
    """Lines that could run what a text says."""
    found = [
        line
        for name, line in names(module)
        if name not in PARSE_ONLY
        if name in ("eval()", "exec()", "compile()", "os.system()", "os.popen()")
        or name.endswith((".allow_pickle", "trust_remote_code"))
        or name.startswith(tuple(
            f"{how} {what}" for how in ("import", "from")
            for what in ("pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle", "yaml")
        ))
    ]  # fmt: skip
    for node in ast.walk(module):
        if isinstance(node, ast.keyword) and node.arg in ("shell", "trust_remote_code"):
            safe = isinstance(node.value, ast.Constant) and node.value.value is False
            found += [] if safe else [node.value.lineno]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "YAML":
            kinds = [k.value for k in node.keywords if k.arg == "typ"]
            safe = [ast.unparse(kind) for kind in kinds] in (["'safe'"], ["'rt'"])
            found += [] if safe else [node.lineno]
    return found


@pytest.mark.parametrize("path", DETERMINISTIC, ids=lambda p: str(p.relative_to(ROOT)))
def test_time_chance_and_ids_come_from_the_episode(path: Path) -> None:
    assert chance(tree(path)) == []


@pytest.mark.parametrize("path", DETERMINISTIC, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_order_of_a_set_decides_nothing(path: Path) -> None:
    assert lines_that_follow_a_set(tree(path)) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_says_what_it_is_for_and_trusts_no_text(path: Path) -> None:
    assert ast.get_docstring(tree(path)), "a module opens with its docstring"
    assert untrusted(tree(path)) == []


@pytest.mark.parametrize(
    "code",
    [
        "import time",
        "from uuid import uuid4",
        "import datetime as d\nd.datetime.now(d.UTC)",
        "from datetime import date as D\nD.today()",
        "import random\nrandom.shuffle(x)",
        "from random import choice",
        "import os\nos.urandom(8)",
    ],
)
def test_chance_is_noticed(code: str) -> None:
    assert chance(ast.parse(code))
    assert not chance(ast.parse("import random\nr = random.Random(7)\nr.choice(scene.now)"))


@pytest.mark.parametrize(
    "code",
    [
        "for x in {1, 2}: pass",
        "def f(a: set[str]):\n    return [x for x in a]",
        "s = set(y)\nt = ', '.join(s)",
        "s = frozenset(y) | z\nlist(s)",
        "def f(self):\n    self._seen: set[int] = set()\n    return tuple(self._seen)",
        "s = {1}\nmin(s, key=f)",
        "s = {1}\ng(*s)",
        "s = {1}\ns.pop()",
        "d = {k: 1 for k in a.union(b)}",
    ],
)
def test_the_order_of_a_set_is_noticed(code: str) -> None:
    assert lines_that_follow_a_set(ast.parse(code))
    orderly = "s = set(y)\nsorted(s), len(s), max(s), any(p(x) for x in s), {x for x in s}, 1 in s"
    assert not lines_that_follow_a_set(ast.parse(orderly))


@pytest.mark.parametrize(
    "code",
    [
        "eval(x)",
        "import pickle",
        "from yaml import load",
        "from yaml.cyaml import CLoader",
        "subprocess.run(x, shell=True)",
        "subprocess.run(x, shell=y)",
        "load(x, trust_remote_code=z)",
        "YAML()",
        "YAML(typ='unsafe')",
        "os.system(x)",
    ],
)
def test_trust_is_noticed(code: str) -> None:
    assert untrusted(ast.parse(code))
    assert not untrusted(ast.parse("YAML(typ='safe')\nre.compile(x)\nrun(x, shell=False)"))


def test_the_wheel_is_told_of_every_folder_with_modules() -> None:
    outside = ("tests", "benchmarks", "build", "dist", "out", "runs")
    found = [
        ".".join(("callsheet", *path.parent.relative_to(ROOT).parts))
        for path in ROOT.rglob("__init__.py")
        if not path.relative_to(ROOT).parts[0].startswith((".", *outside))
    ]
    assert sorted(found) == sorted(PACKAGES)


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys; sys.argv = ['callsheet', '--help']\n"
        "from callsheet.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(*sorted({m.partition('.')[0] for m in sys.modules}), file=sys.stderr)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(ended.stderr.split())
    heavy = {"torch", "transformers", "numpy", "autogen_core", "autogen_agentchat", "pydantic",
             "httpx", "networkx", "jsonschema_rs"}  # fmt: skip
    assert not loaded & heavy
    assert "Exit codes" in ended.stdout
