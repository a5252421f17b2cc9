"""The wheel, installed away from the repository: whole, and alone under its own name.

An editable install would hide a data file that the wheel lacks.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PROGRAM = """
import pkgutil, importlib, sys
from pathlib import Path
import callsheet
root = Path(callsheet.__file__).parent
assert str(root).startswith(sys.argv[1]), root
optional = {"torch", "transformers", "peft", "trl", "bitsandbytes", "datasets", "xllamacpp",
            "matplotlib", "gguf", "accelerate", "sentence_transformers"}
for module in pkgutil.walk_packages(callsheet.__path__, "callsheet."):
    # These are made of torch, and are imported where torch is wanted.
    if module.name.removeprefix("callsheet.") not in (
        "models.generation", "train.mixing.workers", "train.preference_trainer",
        "train.causal_blocks", "train.labelled_logits", "train.quantized_base", "train.trainer",
    ):
        importlib.import_module(module.name)
assert not optional & set(sys.modules), optional & set(sys.modules)
from callsheet.agents import prompt
for path in (root / "agents" / "prompts").glob("*.md"):
    assert prompt(path.stem).strip()
from callsheet.evaluation.quality.judge import rubric
from callsheet.evaluation.quality.page.elements import document
assert (root / "train" / "templates" / "patch.jinja").read_text().strip()
assert rubric().strip() and "<style>:root" in document("page")
from callsheet.models.model_file import model_names, read, find
for name in model_names([]):
    read(find(name, []))
from callsheet.scenarios import library, load_scenarios
from callsheet.simulation import RunConfig, simulate
scenarios = load_scenarios(library().values())
assert len(scenarios) >= 8
assert load_scenarios([root / "scenarios" / "training", root / "scenarios" / "heldout"])
from callsheet.train import load_train_config
for path in (root / "configs" / "train").glob("*.yaml"):
    assert load_train_config(path.stem)
run = Path(sys.argv[2])
progress = simulate(scenarios[:2], RunConfig(), run)
assert progress.done == 2
print("ok")
"""


def tracked() -> list[str]:
    """What git would give to a stranger, without what a build leaves in the work tree."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [name for name in listed if (ROOT / name).exists()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in tracked():
        path = ROOT / name
        if path.is_file() and not path.is_symlink():
            target = source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(folder), source],
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


def test_only_our_own_name_is_installed(wheel: Path) -> None:
    names = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name for name in names if not name.endswith(".dist-info")} == {"callsheet"}


def test_every_tracked_file_of_the_package_is_in_the_wheel(wheel: Path) -> None:
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    folders = {name.split(".")[1] for name in packages["packages"] if "." in name}
    expected = {
        f"callsheet/{name}"
        for name in tracked()
        if name.partition("/")[0] in folders or name in ("__init__.py", "__main__.py", "py.typed")
    }
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == expected


def test_the_wheel_works_away_from_the_repository(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    ended = subprocess.run(
        [sys.executable, program, str(site), str(tmp_path / "run")],
        env={"PYTHONPATH": str(site), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert ended.stdout.strip() == "ok", ended.stderr[-3000:]
