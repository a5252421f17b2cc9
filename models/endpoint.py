"""Any OpenAI-compatible endpoint: OpenAI, vLLM, Ollama, llama.cpp's server and the like.

One HTTP request per call, over httpx connections that are kept open. The stock clients cost more
CPU a call (`benchmarks/endpoint.py`, one at a time, 5 tools): this one 0.6 ms, the openai SDK's
raw path 0.8 to 1.1, the SDK as documented 2.3, AutoGen's own 2.5; with 256 calls under way the
SDK's paths cost 2.7 and 4.4 times as much as this.

Promises: the key comes from the environment and appears in no dump, error or answer; a cancelled
call is broken off at once; every failure is a `ModelError` of one line that says whether asking
again can help. Not here: retries, limits, cache, budgets; see `callsheet.models.shared`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal, Self, TypeVar

import httpx
import orjson
from autogen_core import CancellationToken, Component
from autogen_core.models import CreateResult, LLMMessage, ModelFamily, ModelInfo, RequestUsage
from autogen_core.tools import Tool, ToolSchema
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from . import secrets
from .base import ChatClient, ToolChoice
from .completion import WrongShape, decode, encode, failure_in, read_completion, request_body
from .connections import Connections
from .errors import EndpointError, ModelError
from .refusals import inner_status, refusal
from .stream import DONE, Assembly, events

T = TypeVar("T")

_LARGEST_ANSWER = 64 << 20
_SEED_BITS = 0x7FFF_FFFF
"""Some servers hold seeds in 32 bits; sending the low 31 of a longer one is repeatable anywhere."""


class EndpointConfig(BaseModel):
    """What a YAML file of `configs/models` says under `config` for this provider."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    model: str
    """The model's name at the endpoint."""
    base_url: str = "https://api.openai.com/v1"
    """Where the API begins; `/chat/completions` is added to it."""
    api_key_env: str | None = None
    """Environment variable that holds the key; left out where the endpoint needs none."""
    headers_env: dict[str, str] = Field(default_factory=dict)
    """Further headers, each with the environment variable that holds its value."""
    params: dict[str, Any] = Field(default_factory=dict)
    """Sent with every request: temperature, max_tokens, logprobs, top_p and the like."""
    timeout: float = Field(default=120.0, gt=0)
    """Seconds for a whole answer; in a stream, from one chunk to the next."""
    connect_timeout: float = Field(default=10.0, gt=0)
    """Seconds to get a connection."""
    send_seed: bool = True
    """False for endpoints that refuse a seed."""
    output: Literal["json_schema", "json_object", "none"] = "json_schema"
    """How far the endpoint understands `response_format`; answers are validated anyway."""
    max_tokens_name: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    """What the endpoint calls the limit; OpenAI's reasoning models want the longer name."""
    stream_usage: bool = True
    """False for endpoints that refuse `stream_options`."""
    family: str = ModelFamily.UNKNOWN
    """AutoGen's name of the model family."""

    @field_validator("base_url")
    @classmethod
    def _is_plain(cls, value: str) -> str:
        try:
            url = httpx.URL(value)
        except httpx.InvalidURL as error:
            raise ValueError(f"is no address: {error}") from None
        if url.scheme not in ("http", "https") or not url.host:
            raise ValueError("wants an address that begins with http:// or https://")
        if url.userinfo or url.query:
            raise ValueError(
                "may hold neither a user nor a query: name the key's variable in `api_key_env`; "
                "of Azure, take the address that ends in /openai/v1"
            )
        return value.rstrip("/")

    @field_validator("params")
    @classmethod
    def _are_json(cls, value: dict[str, Any]) -> dict[str, Any]:
        try:
            orjson.dumps(value)
        except TypeError as error:
            raise ValueError("may hold JSON values only") from error
        return value


class OpenAICompatibleClient(ChatClient, Component[EndpointConfig]):
    """A client of one model at one endpoint."""

    component_type = "model"
    component_config_schema = EndpointConfig
    component_provider_override = "callsheet.models.endpoint.OpenAICompatibleClient"

    def __init__(self, config: EndpointConfig) -> None:
        """Raises `ModelUnavailable` where a variable that the configuration names is not set."""
        super().__init__()
        self._config = config
        self.name = config.model
        url = httpx.URL(config.base_url + "/chat/completions")
        self._url = url
        self.host = f"{url.scheme}://{url.netloc.decode()}"
        """Scheme, host and port, as errors name them."""
        self._headers = self._read_headers()
        self._connections = Connections(
            read_timeout=config.timeout, connect_timeout=config.connect_timeout
        )

    def _read_headers(self) -> dict[str, SecretStr]:
        config, needed_by = self._config, f"model {self._config.model}"
        headers = {
            name: secrets.from_environment(variable, needed_by=needed_by)
            for name, variable in config.headers_env.items()
        }
        if config.api_key_env:
            key = secrets.from_environment(config.api_key_env, needed_by=needed_by)
            headers["authorization"] = SecretStr(f"Bearer {key.get_secret_value()}")
        return headers

    async def create(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[Tool | ToolSchema] = [],
        tool_choice: ToolChoice = "auto",
        json_output: bool | type[BaseModel] | None = None,
        extra_create_args: Mapping[str, Any] = {},
        cancellation_token: CancellationToken | None = None,
    ) -> CreateResult:
        """One answer; its usage is estimated where the endpoint sends none.

        Raises `EndpointError` or `ContextOverflow`, and `CancelledError` once the token is
        cancelled.
        """
        body = self._body(messages, tools, tool_choice, json_output, extra_create_args)
        result, counted = await _cancellable(self._ask(body), cancellation_token)
        return self._counted(result, counted, messages, tools)

    async def create_stream(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[Tool | ToolSchema] = [],
        tool_choice: ToolChoice = "auto",
        json_output: bool | type[BaseModel] | None = None,
        extra_create_args: Mapping[str, Any] = {},
        cancellation_token: CancellationToken | None = None,
    ) -> AsyncGenerator[str | CreateResult, None]:
        """Chunks of text as they come, then the whole answer.

        Raises as `create` does; a stream that breaks off is an `EndpointError` worth a retry.
        """
        body = self._body(messages, tools, tool_choice, json_output, extra_create_args)
        body["stream"] = True
        if self._config.stream_usage:
            body["stream_options"] = {"include_usage": True}
        assembly = Assembly()
        pieces = self._pieces(body, assembly)
        try:
            # Each step on its own, so that the token is heard while waiting for any of them.
            while (text := await _cancellable(_next(pieces), cancellation_token)) is not None:
                yield text
        finally:
            await pieces.aclose()
        yield self._counted(assembly.result(), assembly.usage is not None, messages, tools)

    def _body(
        self,
        messages: Sequence[LLMMessage],
        tools: Sequence[Tool | ToolSchema],
        tool_choice: ToolChoice,
        json_output: bool | type[BaseModel] | None,
        extra: Mapping[str, Any],
    ) -> dict[str, Any]:
        config = self._config
        params = {**config.params, **extra}
        seed = params.pop("seed", None)
        if seed is not None and config.send_seed:
            params["seed"] = int(seed) & _SEED_BITS
        if "max_tokens" in params:
            params[config.max_tokens_name] = params.pop("max_tokens")
        body = request_body(
            config.model,
            messages,
            tools=tools,
            tool_choice=tool_choice,
            json_output=json_output,
            params=params,
        )
        if config.output != "json_schema" and "response_format" in body:
            if config.output == "none":
                del body["response_format"]
            else:
                body["response_format"] = {"type": "json_object"}
        return body

    async def _ask(self, body: dict[str, Any]) -> tuple[CreateResult, bool]:
        try:
            async with asyncio.timeout(self._config.timeout), self._exchange(body) as response:
                content = secrets.hidden_bytes(await self._read(response))
        except TimeoutError:
            raise self._too_slow() from None
        try:
            value = decode(content)
        except (ValueError, RecursionError):
            raise EndpointError(
                f"{self.host}: the answer is not JSON, or broke off", status=200, retryable=True
            ) from None
        if failed := failure_in(value):
            raise self._error_in_answer(failed, body)
        try:
            return read_completion(value)
        except WrongShape as error:
            raise self._wrong_shape(error) from None

    @asynccontextmanager
    async def _exchange(self, body: dict[str, Any]) -> AsyncIterator[httpx.Response]:
        """An answer with status 200, its body unread. Raises `ModelError` for all else."""
        headers = {name: value.get_secret_value() for name, value in self._headers.items()}
        headers["content-type"] = "application/json"
        try:
            async with self._connections.one() as client:
                request = client.build_request(
                    "POST", self._url, content=encode(body), headers=headers
                )
                response = await client.send(request, stream=True)
                try:
                    if response.status_code != 200:
                        raise self._refusal(response, await self._read(response), body)
                    yield response
                finally:
                    await response.aclose()
        except httpx.ConnectTimeout:
            raise self._unreachable("no answer to the connection") from None
        except httpx.TimeoutException:
            raise self._too_slow() from None
        except httpx.ConnectError as error:
            raise self._unreachable(str(error)) from None
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise self._broken(type(error).__name__) from None

    async def _read(self, response: httpx.Response) -> bytes:
        parts: list[bytes] = []
        size = 0
        async for part in response.aiter_bytes():
            size += len(part)
            if size > _LARGEST_ANSWER:
                raise EndpointError(f"{self.host}: the answer is larger than 64 MB", status=200)
            parts.append(part)
        return b"".join(parts)

    async def _pieces(self, body: dict[str, Any], assembly: Assembly) -> AsyncGenerator[str, None]:
        """Feed the stream to `assembly`; hand out new text. Raises where it is cut short."""
        try:
            async with self._exchange(body) as response:
                whole = response.headers.get("content-type", "").startswith("application/json")
                async for data in events(response.aiter_bytes()):
                    whole = False
                    if data == DONE:
                        break
                    value = self._event(data)
                    if failed := failure_in(value):
                        raise self._error_in_answer(failed, body)
                    if text := assembly.feed(value):
                        yield text
        except WrongShape as error:
            raise self._wrong_shape(error) from None
        if whole:
            raise EndpointError(f"{self.host} does not stream its answers", status=200)
        if not assembly.finished:
            raise self._broken("before its stream was complete")

    def _event(self, data: bytes) -> Any:
        try:
            return decode(secrets.hidden_bytes(data))
        except (ValueError, RecursionError):
            raise self._broken("in the middle of its stream") from None

    def _counted(
        self,
        result: CreateResult,
        counted: bool,
        messages: Sequence[LLMMessage],
        tools: Sequence[Tool | ToolSchema],
    ) -> CreateResult:
        if not counted:
            result.usage = RequestUsage(
                prompt_tokens=self.count_tokens(messages, tools=tools),
                completion_tokens=len(str(result.content)) // 4 + 1,
            )
        self.account(result.usage)
        return result

    def _refusal(
        self, response: httpx.Response, content: bytes, body: dict[str, Any]
    ) -> ModelError:
        variable = self._config.api_key_env
        return refusal(
            response.status_code,
            response.headers,
            content,
            host=self.host,
            key=f"${variable}" if variable else "`api_key_env` (none is configured)",
            prompt=body["messages"],
        )

    def _error_in_answer(self, failed: Any, body: dict[str, Any]) -> ModelError:
        """Some gateways report a failure with status 200, or in the middle of a stream."""
        content = encode({"error": failed})
        prompt = body.get("messages", ())
        status = inner_status(content)
        return refusal(status, {}, content, host=self.host, key="the key", prompt=prompt)

    def _unreachable(self, reason: str) -> EndpointError:
        return EndpointError(
            f"cannot reach {self.host} ({secrets.hidden(reason)}): is the server running, and is "
            "`base_url` right?",
            retryable=True,
        )

    def _too_slow(self) -> EndpointError:
        return EndpointError(
            f"{self.host} gave no answer within {self._config.timeout:g} s; raise `timeout` if it "
            "needs longer",
            retryable=True,
        )

    def _broken(self, how: str) -> EndpointError:
        return EndpointError(f"{self.host} broke off ({how})", retryable=True)

    def _wrong_shape(self, error: WrongShape) -> EndpointError:
        return EndpointError(
            f"{self.host}: the answer is no chat completion ({error}); is `base_url` an "
            "OpenAI-compatible API?",
            status=200,
        )

    async def close(self) -> None:
        await self._connections.close()

    @property
    def model_info(self) -> ModelInfo:
        return ModelInfo(
            vision=False,
            function_calling=True,
            json_output=self._config.output != "none",
            family=self._config.family,
            structured_output=self._config.output == "json_schema",
            multiple_system_messages=True,
        )

    def _to_config(self) -> EndpointConfig:
        return self._config

    @classmethod
    def _from_config(cls, config: EndpointConfig) -> Self:
        return cls(config)


async def _next(pieces: AsyncGenerator[str, None]) -> str | None:
    return await anext(pieces, None)


async def _cancellable(work: Coroutine[Any, Any, T], token: CancellationToken | None) -> T:
    """`work`, broken off as soon as `token` is cancelled."""
    if token is None:
        return await work
    task = asyncio.ensure_future(work)
    token.link_future(task)
    return await task
