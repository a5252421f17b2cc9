"""What an endpoint's refusal means, in one line that says where and what to do.

The line holds the host, the status and the provider's own words: cut short, and without live
secrets or anything that stands in the prompt, because some servers echo the whole request.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from .errors import ContextOverflow, EndpointError, ModelError
from .secrets import hidden

_LONGEST = 200
_ECHO = 16
"""Prompt texts of fewer characters are not hunted for in what the provider says."""

_ADVICE = {
    400: "the endpoint does not accept this request",
    401: "the key was refused; check {key}",
    402: "the account has no credit left",
    403: "access was denied; check what {key} may use",
    404: "no such model or path; check `model`, and that `base_url` ends where its API begins "
    "(usually in /v1)",
    413: "the request is too large for the endpoint",
    422: "the endpoint does not accept this request",
}
_STATUSES = {str(status) for status in range(400, 600)}
_TRY_AGAIN = {408, 409, 425, 429}
_KINDS = {"exceed_context_size_error", "insufficient_quota"}
_OVERFLOW = (
    "context_length_exceeded",
    "exceed_context_size",
    "maximum context length",
    "context length is",
    "context length of",
    "model's context length",
    "context size",
    "context window",
    "prompt is too long",
    "maximum prompt length",
    "exceeds the maximum number of tokens",
    "max_new_tokens` must be <=",
    "`inputs` must have less than",
)


def refusal(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    host: str,
    key: str,
    prompt: Sequence[Mapping[str, Any]],
) -> ModelError:
    """The error for an answer with a status other than 200.

    `key` is how the key is called in the configuration ("$OPENAI_API_KEY"), for the advice.
    """
    code, words = _provider_words(body)
    said = _fit_to_show(words, prompt)
    told = f" (it says: {said})" if said else ""
    if status in (400, 413, 422) and _is_overflow(f"{code} {words}"):
        return ContextOverflow(f"{host}: the prompt does not fit the model's context{told}")
    if 300 <= status < 400:
        return EndpointError(
            f"{host} redirects elsewhere ({status}), which is not followed: set `base_url` to the "
            "final address",
            status=status,
        )
    if code == "insufficient_quota":
        return EndpointError(f"{host}: the account's quota is used up{told}", status=status)
    again = status in _TRY_AGAIN or status >= 500
    advice = _ADVICE.get(status, "").format(key=key)
    if again:
        advice = "too many requests" if status == 429 else "the endpoint failed"
    return EndpointError(
        f"{host} answered {status}{': ' + advice if advice else ''}{told}",
        status=status,
        retryable=again,
        retry_after=retry_after(headers) if again else None,
    )


def inner_status(body: bytes) -> int:
    """The HTTP status that an error object names as its code; 502 where it names none."""
    code, words = _provider_words(body)
    if words.startswith("Unexpected endpoint"):
        return 404  # LM Studio's answer, with status 200, to any path that it does not know
    return int(code) if code in _STATUSES else 502


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the endpoint asks to wait: from `Retry-After` in either of its forms, or from
    `retry-after-ms`; None where it asks for nothing that can be read."""
    milliseconds = headers.get("retry-after-ms")
    if milliseconds is not None and milliseconds.strip().isdigit():
        return int(milliseconds) / 1000
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        return _until(value, headers.get("date"))
    return max(0.0, seconds) if seconds < float("inf") else None


def _until(date: str, servers_now: str | None) -> float | None:
    """Seconds until `date`, by the server's own clock where it says what it is."""
    try:
        then = parsedate_to_datetime(date).timestamp()
    except ValueError:
        return None
    try:
        now = parsedate_to_datetime(servers_now or "").timestamp()
    except ValueError:
        now = time.time()
    return max(0.0, then - now)


def _provider_words(body: bytes) -> tuple[str, str]:
    """The provider's error code and message; what is no JSON (a proxy's page) is left out."""
    try:
        value = orjson.loads(body)
    except ValueError:
        return "", ""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]  # as Gemini's compatible API wraps its errors
    error = value.get("error", value) if isinstance(value, dict) else None
    if isinstance(error, str):
        return "", error
    if not isinstance(error, dict):
        return "", ""
    code, kind = error.get("code"), error.get("type")
    message = error.get("message") or error.get("detail") or ""
    if isinstance(code, int) and kind in _KINDS:
        code = kind  # llama.cpp repeats the status as the code, and says what it is as the type
    words = message if isinstance(message, str) else json.dumps(message)
    # A gateway's own words say little; those of the provider behind it stand apart.
    behind = error["metadata"].get("raw") if isinstance(error.get("metadata"), dict) else None
    return str(code or kind or ""), f"{words}: {behind}" if isinstance(behind, str) else words


def _is_overflow(words: str) -> bool:
    lowered = words.lower()
    return any(sign in lowered for sign in _OVERFLOW)


def _fit_to_show(words: str, prompt: Sequence[Mapping[str, Any]]) -> str:
    for text in _prompt_texts(prompt):
        raw = json.dumps(text, ensure_ascii=False)
        for form in (text, raw[1:-1], json.dumps(text)[1:-1], repr(text)[1:-1]):
            words = words.replace(form, "…")
    line = " ".join(hidden(words).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _prompt_texts(prompt: Sequence[Mapping[str, Any]]) -> list[str]:
    texts: list[str] = []
    for message in prompt:
        texts.append(str(message.get("content") or ""))
        texts += [str(call["function"]["arguments"]) for call in message.get("tool_calls") or ()]
    return sorted((text for text in texts if len(text) >= _ECHO), key=len, reverse=True)
