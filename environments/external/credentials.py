"""Credentials on their way out: read from the environment, added to a request at the last moment.

Each one read here is live from then on (`callsheet.models.secrets`), so that no answer that
echoes it is recorded with it. Arguments, errors and logged URLs never hold one.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from pydantic import SecretStr

from ...models.secrets import from_environment, guard
from .settings import Credential


@dataclass
class Outgoing:
    """What credentials add to a request. Its text form shows none of it."""

    headers: dict[str, str] = field(default_factory=dict, repr=False)
    query: list[str] = field(default_factory=list, repr=False)
    """Encoded `name=value`."""
    cookies: list[str] = field(default_factory=list, repr=False)


class Credentials:
    """The credentials of one server."""

    def __init__(self, credentials: Sequence[Credential], needed_by: str) -> None:
        self._credentials = credentials
        self._needed_by = needed_by
        self._read: list[tuple[Credential, SecretStr]] | None = None

    def prepare(self) -> None:
        """Read all of them. Raises `ModelUnavailable`, naming the variable, where one is not
        set."""
        if self._read is None:
            self._read = [(c, read(c, self._needed_by)) for c in self._credentials]

    def outgoing(self, scheme: str | None = None, form: str | None = None) -> Outgoing:
        """What a request of a tool with this security scheme carries; `form` is
        `ToolSource.auth_form`. Raises as `prepare`."""
        self.prepare()
        assert self._read is not None
        out = Outgoing()
        for credential, secret in self._read:
            sent = as_documented(credential, form)
            if sent is None or credential.scheme not in (None, scheme):
                continue
            name, value = sent.name or "Authorization", _sent(sent, secret)
            if sent.place == "header":
                out.headers[name] = value
            elif sent.place == "query":
                out.query.append(f"{quote(name, safe='')}={quote(value, safe='')}")
            else:
                out.cookies.append(f"{name}={quote(value, safe='')}")
        return out


def as_documented(credential: Credential, form: str | None) -> Credential | None:
    """The credential with its place, name and prefix filled in; None where it is not sent."""
    if credential.name is not None or credential.prefix or credential.basic:
        return credential
    place, _, name = (form or "").partition(" ")
    if place in ("header", "query", "cookie") and name:
        return credential.model_copy(update={"place": place, "name": name})
    if place == "basic":
        return credential.model_copy(update={"basic": True})
    return credential.model_copy(update={"prefix": "Bearer "}) if place else None


def read(credential: Credential, needed_by: str) -> SecretStr:
    """The secret, live from now on. Raises `ModelUnavailable` where its variable is not set, and
    `ValueError` for one that no header can hold."""
    if credential.secret is not None:
        secret = credential.secret
        guard(secret.get_secret_value())
    else:
        assert credential.env is not None
        secret = from_environment(credential.env, needed_by=needed_by)
    text = secret.get_secret_value()
    if not text.isascii() or not text.isprintable():
        where = credential.env or credential.name or "secret"
        raise ValueError(f"{needed_by}: the credential {where} is not printable ASCII")
    # Of `user:password`, the password alone is a secret too.
    guard(text.partition(":")[2])
    return secret


def _sent(credential: Credential, secret: SecretStr) -> str:
    text = secret.get_secret_value()
    if credential.basic:
        text = "Basic " + base64.b64encode(text.encode()).decode()
    return credential.prefix + text
