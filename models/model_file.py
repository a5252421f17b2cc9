"""The YAML file that configures a model: AutoGen's component form, with what callsheet adds.

`provider` and `config` say which client and how; the rest says how its calls are shared. The JSON
Schema of `ModelFile` is what an editor completes from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from .errors import ModelUnavailable

PACKAGED = Path(__file__).parent.parent / "configs" / "models"
PROJECT = Path("configs", "models")
"""Where a project keeps its model files, beside the package's own."""
OWN_PROVIDERS = {
    "callsheet.models.endpoint.OpenAICompatibleClient": "openai_compatible",
    "callsheet.models.huggingface.HuggingFaceClient": "huggingface",
    "callsheet.models.replay.ReplayClient": "replay",
    "callsheet.models.smollm2.SmolLM2Client": "smollm2",
}
"""This project's clients by their full name, and how a file may call them for short."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LARGEST = 1 << 20


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class PriceList(_Part):
    """Money per million tokens."""

    prompt: float = Field(default=0.0, ge=0)
    completion: float = Field(default=0.0, ge=0)


class Concurrency(_Part):
    """Calls at a time; the limit moves between 1 and `most` with the endpoint's answers."""

    start: int = Field(default=8, ge=1)
    most: int = Field(default=64, ge=1)


class Retries(_Part):
    attempts: int = Field(default=5, ge=1)
    """Calls in all, the first one included."""
    first_wait: float = Field(default=0.5, ge=0)
    """Seconds; doubles with every failure."""
    longest_wait: float = Field(default=60.0, ge=0)
    """Seconds. An endpoint that asks to wait longer is given up on."""


class ModelFile(_Part):
    """A model's configuration."""

    provider: str
    """The client: one of callsheet's own, or one that an installed package offers."""
    config: dict[str, Any] = Field(default_factory=dict)
    """The client's own settings."""
    component_type: str = "model"
    version: int | None = None
    component_version: int | None = None
    description: str | None = None
    label: str | None = None
    context_size: int | None = Field(default=None, ge=64)
    """Tokens that prompt and answer may have together."""
    prices: PriceList = PriceList()
    concurrency: Concurrency = Concurrency()
    retries: Retries = Retries()
    cache: bool | str = False
    """Keep answers across runs: true for the user's cache folder, or the path of a file."""

    @property
    def kind(self) -> str:
        """The provider, by its short name where it has one."""
        return OWN_PROVIDERS.get(self.provider, self.provider)


def find(name: str, search: Sequence[Path]) -> Path:
    """The file that configures `name`; folders of `search` first, then the package's own.

    Raises `ModelUnavailable` listing the names there are. A name is never taken for a path.
    """
    if _NAME.fullmatch(name):
        for folder in (*search, PACKAGED):
            path = folder / f"{name}.yaml"
            if path.is_file():
                return path
    known = ", ".join(model_names(search)) or "none"
    raise ModelUnavailable(f"no model is called {name!r}; there are: {known}")


def model_names(search: Sequence[Path]) -> list[str]:
    """Names of all configured models, the package's own included, in alphabetical order."""
    names: dict[str, None] = {}
    for folder in (*search, PACKAGED):
        for path in folder.glob("*.yaml"):
            if _NAME.fullmatch(path.stem):
                names[path.stem] = None
    return sorted(names)


def project_folders(project: Path) -> list[Path]:
    """The folders in which a project's model files are looked for, before the package's."""
    folder = (project / PROJECT).resolve()
    return [folder] if folder.is_dir() else []


def read(path: Path) -> ModelFile:
    """The configuration in `path`. Raises `ModelUnavailable` naming file and place."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ModelUnavailable(f"{path}: larger than 1 MB, which no configuration is")
        # pure: ruamel's own reader is the one that follows YAML 1.2
        document = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        mark = error.problem_mark
        where = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise ModelUnavailable(f"{path}{where}: {error.problem}") from None
    except (OSError, UnicodeError, YAMLError) as error:
        raise ModelUnavailable(f"{path}: {error}") from None
    if not isinstance(document, dict):
        raise ModelUnavailable(f"{path}: wants `provider:` and `config:` at the top")
    file: ModelFile = validated(ModelFile, document, str(path))
    return file


def validated(form: type[Any], value: Any, where: str) -> Any:
    """`value` as `form`. Raises `ModelUnavailable` naming `where` and the first problems; values
    are not repeated, because one may be a key that was pasted in the wrong place."""
    try:
        return form.model_validate(value)
    except ValidationError as error:
        problems = "; ".join(
            f"`{'.'.join(str(part) for part in item['loc'])}`: {item['msg']}"
            for item in error.errors(include_url=False, include_input=False)[:3]
        )
        raise ModelUnavailable(f"{where}: {problems}") from None
