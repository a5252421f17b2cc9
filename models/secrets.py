"""Secrets: read from the environment, held as `SecretStr`, kept out of everything recorded.

A configuration names the environment variable, never the value. Each secret read here is live
until the process ends; `hidden` takes every live one out of a text, also where a server echoes it
in base64, in URL escapes or in JSON escapes. Provider errors, answers and tool replies pass
through it before they are logged.

Not covered: a server that echoes a secret in pieces or in an encoding of its own.
"""

from __future__ import annotations

import base64
import json
import os
from urllib.parse import quote

from pydantic import SecretStr

from .errors import ModelUnavailable

HIDDEN = "[secret]"
_SHORTEST = 6
"""Shorter values are not hunted for: taking `abc` out of every text would garble the log."""

_live: dict[str, tuple[str, ...]] = {}
_live_bytes: list[bytes] = []


def from_environment(variable: str, *, needed_by: str) -> SecretStr:
    """The secret in the environment variable, live from now on.

    Raises `ModelUnavailable`, naming the variable, where it is not set, empty or no header's text.
    """
    value = os.environ.get(variable, "").strip()
    if not value:
        raise ModelUnavailable(
            f"{needed_by}: the environment variable {variable} is not set; put the key there"
        )
    if not (value.isascii() and value.isprintable()):
        raise ModelUnavailable(
            f"{needed_by}: the environment variable {variable} holds a character that no key has, "
            "such as a curly quote; copy the key anew"
        )
    guard(value)
    return SecretStr(value)


def guard(secret: str) -> None:
    """Make `secret` live: `hidden` takes it out from now on."""
    if len(secret) < _SHORTEST or secret in _live:
        return
    _live[secret] = _forms(secret)
    _live_bytes.extend(form.encode() for form in _live[secret])


def hidden(text: str) -> str:
    """`text` with every live secret, in every form known here, replaced by `[secret]`."""
    for forms in _live.values():
        for form in forms:
            if form in text:
                text = text.replace(form, HIDDEN)
    return text


def hidden_bytes(body: bytes) -> bytes:
    """The same for bytes; costs a search per secret and form where nothing is found."""
    for form in _live_bytes:
        if form in body:
            body = body.replace(form, HIDDEN.encode())
    return body


def _forms(secret: str) -> tuple[str, ...]:
    """How `secret` may be written, longest first, so that no form leaves a rest of another."""
    plain = secret.encode()
    forms = {secret, quote(secret, safe=""), quote(secret), json.dumps(secret)[1:-1]}
    for before in range(3):
        # Inside a longer base64 text the secret starts at one of three offsets; the characters
        # that also hold bits of its neighbours are left out.
        coded = base64.b64encode(b"\0" * before + plain).decode().rstrip("=")
        start = (0, 2, 3)[before]
        end = len(coded) if (before + len(plain)) % 3 == 0 else len(coded) - 1
        inner = coded[start:end]
        if len(inner) >= _SHORTEST:
            forms |= {inner, inner.replace("+", "-").replace("/", "_")}
    return tuple(sorted(forms, key=lambda form: (-len(form), form)))
