"""A Hugging Face checkpoint in this process, with an optional PEFT adapter, in batches.

What evaluates a student beside its base: both get the same prompt, rendered with the project's
template, and are decoded under the same grammar. Calls that are made at the same time are
answered together. Everything is read from the folders that are named; no hub is ever asked.

The checkpoint must know ChatML's marks (`<|im_start|>`, `<|im_end|>`), as SmolLM2 and Qwen do.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, Self

from autogen_core import Component
from autogen_core.models import LLMMessage
from autogen_core.tools import Tool, ToolSchema
from pydantic import BaseModel, ConfigDict, Field

from .chat_template import render
from .errors import ModelUnavailable
from .local_call import LocalCall, LocalText
from .local_client import LocalClient
from .messages import chat_messages, tool_schemas
from .quantized import Rounding
from .worker import Job, Worker

_NEEDED = ("torch", "transformers", "tokenizers", "llguidance")


class HuggingFaceConfig(BaseModel):
    """What a YAML file of `configs/models` says under `config` for this provider."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    path: str
    """Folder of the checkpoint."""
    adapter: str | None = None
    """Folder of a PEFT adapter for it."""
    rounding: Rounding | None = None
    """How the base was held while the adapter was trained; None: as it is."""
    threads: int = Field(default=1, ge=1)
    """CPU threads of torch."""
    batch_size: int = Field(default=8, ge=1)
    """Answers that are decoded together."""
    context_size: int = Field(default=4096, ge=64)
    """Tokens that prompt and answer may have together; at most what the checkpoint was made for."""
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """auto: bfloat16 on a GPU, float32 on a processor."""
    device: str = "auto"
    """auto: the GPU where there is one; else as torch calls it."""
    prompt_cache: int = Field(default=512, ge=0)
    """Megabytes for the computed prompts of earlier calls."""
    params: dict[str, Any] = Field(default_factory=dict)
    """Defaults of `temperature`, `top_p`, `max_tokens`; a call's own come first."""


class HuggingFaceClient(LocalClient, Component[HuggingFaceConfig]):
    """One copy of the weights, loaded at the first question."""

    component_type = "model"
    component_config_schema = HuggingFaceConfig
    component_provider_override = "callsheet.models.huggingface.HuggingFaceClient"

    def __init__(
        self, path: str | Path, adapter: str | Path | None = None, **settings: Any
    ) -> None:
        """`settings`: the other fields of `HuggingFaceConfig`.

        Raises `ModelUnavailable` where a package or a file is missing.
        """
        self._config = HuggingFaceConfig(
            path=str(path), adapter=None if adapter is None else str(adapter), **settings
        )
        self._path = _folder(self._config.path, "config.json", "checkpoint")
        _folder(self._config.path, "tokenizer.json", "tokenizer")
        self._adapter = (
            _folder(self._config.adapter, "adapter_config.json", "PEFT adapter")
            if self._config.adapter is not None
            else None
        )
        wanted = [("peft", self._adapter), ("bitsandbytes", self._config.rounding)]
        _check_packages([*_NEEDED, *(name for name, why in wanted if why is not None)])
        self.name = Path(self._config.adapter or self._config.path).name
        self.context_size = self._config.context_size
        engine = _Engine(self._config, self._path, self._adapter)
        super().__init__(Worker(engine.serve, batch=self._config.batch_size), self._config.params)

    def count_tokens(
        self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = []
    ) -> int:
        """Exactly the tokens of the prompt."""
        prompt = render(chat_messages(messages), tool_schemas(tools))
        return len(self._tokenizer.encode(prompt, add_special_tokens=False).ids)

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        return Tokenizer.from_file(str(self._path / "tokenizer.json"))

    def _to_config(self) -> HuggingFaceConfig:
        return self._config

    @classmethod
    def _from_config(cls, config: HuggingFaceConfig) -> Self:
        return cls(**config.model_dump())


class _Engine:
    """Loads the weights when they are first wanted. Lives in the worker's thread."""

    def __init__(self, config: HuggingFaceConfig, path: Path, adapter: Path | None) -> None:
        self._config = config
        self._path = path
        self._adapter = adapter
        self._generator: Any = None

    def serve(self, jobs: Sequence[Job[LocalCall, LocalText]]) -> None:
        if self._generator is None:
            from .generation import Generator

            self._generator = Generator(
                self._path,
                self._adapter,
                threads=self._config.threads,
                context_size=self._config.context_size,
                dtype=self._config.dtype,
                device=self._config.device,
                prompt_cache=self._config.prompt_cache << 20,
                rounding=self._config.rounding,
            )
        self._generator.serve(jobs)


def _folder(path: str, file: str, what: str) -> Path:
    folder = Path(path).expanduser()
    if not (folder / file).is_file():
        raise ModelUnavailable(f"{folder}: no {what} here (it has no {file})")
    return folder


def _check_packages(names: Sequence[str]) -> None:
    missing = [name for name in names if find_spec(name) is None]
    if missing:
        raise ModelUnavailable(
            f"a checkpoint needs {', '.join(missing)}: pip install 'callsheet[train]'"
        )
