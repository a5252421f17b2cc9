"""Rules of the house that no library checks."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES: list[str] = PROJECT["tool"]["setuptools"]["packages"]
FOLDERS = [ROOT / Path(*name.split(".")[1:]) for name in PACKAGES]
MODULES = sorted(path for folder in FOLDERS for path in folder.glob("*.py"))
DETERMINISTIC = [m for m in MODULES if m.relative_to(ROOT).parts[0] in
                 ("agents", "environments", "simulation")]  # fmt: skip


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def names(path: Path) -> Iterator[tuple[str, int]]:
    """Dotted names that a module reads or calls, and what it imports, with their lines."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute):
            yield ast.unparse(node), node.lineno
        elif isinstance(node, ast.Name):
            yield node.id, node.lineno
        elif isinstance(node, ast.Import):
            yield from ((f"import {alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((f"from {node.module} import {a.name}", node.lineno) for a in node.names)


@pytest.mark.parametrize("path", DETERMINISTIC, ids=lambda p: str(p.relative_to(ROOT)))
def test_time_chance_and_ids_come_from_the_episode(path: Path) -> None:
    banned = ("import time", "from time import", "import uuid", "from uuid import",
              "import secrets", "from random import choice")  # fmt: skip
    for name, line in names(path):
        assert not name.startswith(banned), f"{path}:{line}: {name}"
        assert not name.endswith(("datetime.now", "datetime.today", "date.today", "utcnow")), (
            f"{path}:{line}: {name}"
        )
        if name.startswith("random."):
            assert name == "random.Random", f"{path}:{line}: {name} is global chance"


@pytest.mark.parametrize("path", DETERMINISTIC, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_loop_goes_over_a_set(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            source = node.iter
            over_set = isinstance(source, ast.Set | ast.SetComp) or (
                isinstance(source, ast.Call)
                and isinstance(source.func, ast.Name)
                and source.func.id in ("set", "frozenset")
            )
            assert not over_set, f"{path}:{source.lineno}: the order of a set is chance"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_says_what_it_is_for_and_trusts_no_text(path: Path) -> None:
    module = tree(path)
    assert ast.get_docstring(module), f"{path} has no docstring"
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in ("eval", "exec", "pickle.load", "pickle.loads", "yaml.load"), (
                f"{path}:{node.lineno}: {called}"
            )
            for keyword in node.keywords:
                unsafe = keyword.arg in ("shell", "trust_remote_code") and (
                    isinstance(keyword.value, ast.Constant) and keyword.value.value is True
                )
                assert not unsafe, f"{path}:{node.lineno}: {keyword.arg}=True"


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
