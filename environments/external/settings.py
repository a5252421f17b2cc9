"""`callsheet.toml`: a project's own list of what runs outside, and what it needs for it.

    [openapi.pets]                       # environment: openapi:pets
    document = "apis/pets.yaml"          # an OpenAPI document, or a pool made from one
    server = "https://pets.example/v1"   # instead of the document's own
    credentials = [{name = "X-Key", env = "PETS_KEY"}]

    [mcp.files]                          # environment: mcp:files
    command = ["uvx", "mcp-server-files", "."]

    [python.shop]                        # environment: python:shop
    functions = ["shop.tools:find", "shop.tools:cancel"]

The file lies in the folder that `callsheet` is run in. Programs, functions and credentials are
named here (or by an installed package) and nowhere else: no scenario and no page can add one.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

PROJECT_FILE = "callsheet.toml"
_MAX_BYTES = 1_000_000
"""Of the project file itself."""
_FUNCTION = r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$"

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_\-]+$", max_length=100)]
"""No dot and no slash: those tell a file from a name."""
Function = Annotated[str, Field(pattern=_FUNCTION)]
"""`module.name:function`."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Credential(_Part):
    """One secret and where a server expects it. It is added on the way out, after everything that
    could be logged is written."""

    env: str | None = None
    """The environment variable that holds it."""
    secret: SecretStr | None = None
    """The secret itself; better keep it in the environment."""
    place: Literal["header", "query", "cookie"] = "header"
    name: str | None = Field(default=None, pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z\-\[\]]+$")
    """Name of the header, query parameter or cookie. Without it the document says how the secret
    is sent; a tool that asks for none is sent none, and an MCP server has it as a bearer."""
    prefix: str = Field(default="", pattern=r"^[\x21-\x7e ]*$")
    """Put in front, such as `Bearer `."""
    basic: bool = False
    """Whether it is `user:password`, to be sent as HTTP Basic authentication."""
    scheme: str | None = None
    """Only for tools of the document's security scheme with this name; None: for all."""

    @model_validator(mode="after")
    def _one_source(self) -> Credential:
        if (self.env is None) == (self.secret is None):
            raise ValueError("a credential has exactly one of env and secret")
        if self.name is None and self.place != "header":
            raise ValueError(f"a credential in the {self.place} needs a name")
        return self


class _Limits(_Part):
    timeout: float = Field(default=30.0, gt=0, le=3600)
    """Seconds that a call may take in all."""
    max_bytes: int = Field(default=1_000_000, ge=1, le=1 << 28)
    """Bytes that an answer may have."""
    idempotent: list[str] = Field(default_factory=list)
    """Tools, by name, that may be called twice without harm, besides those that say so
    themselves."""
    replay: str | None = None
    """A recording that answers in place of the real tools; nothing is called then."""


class HttpSettings(_Limits):
    """An API over HTTP."""

    document: str
    """An OpenAPI document or a tool pool, relative to the project file."""
    server: str | None = Field(default=None, pattern=r"^https?://[^\s/?#@]+[^\s?#@]*$")
    """URL that paths are appended to, instead of the document's; a mock, say."""
    credentials: list[Credential] = Field(default_factory=list)
    check_output: bool = True
    """Whether an answer that does not fit the document is an error."""


class McpSettings(_Limits):
    """A Model Context Protocol server: a program (stdio) or an address (streamable HTTP)."""

    command: list[str] = Field(default_factory=list)
    """The program and its arguments; it runs in the project's folder."""
    env: dict[str, Credential | str] = Field(default_factory=dict)
    """Environment variables for the program: text, or `{env = "NAME"}` for a secret."""
    url: str | None = Field(default=None, pattern=r"^https?://[^\s/?#@]+[^\s#@]*$")
    credentials: list[Credential] = Field(default_factory=list)
    """Sent to `url`, in headers."""
    tools: str | None = None
    """A pool of the server's tools; without it the server is asked whenever they are needed."""
    per_episode: bool = False
    """Whether each episode has a server process (or session) of its own."""

    @model_validator(mode="after")
    def _one_server(self) -> McpSettings:
        if bool(self.command) == (self.url is not None):
            raise ValueError("a server has exactly one of command and url")
        if any(credential.place != "header" for credential in self.credentials):
            raise ValueError("credentials of a server go into headers")
        return self


class PythonSettings(_Limits):
    """Python functions, run in a process of their own."""

    functions: list[Function] = Field(min_length=1)
    """`module:function`, each typed; see `callsheet.tools.tool_from_function`."""
    path: str | None = None
    """Folder that the modules are looked for in first; without it, the project's own."""
    processes: int = Field(default=1, ge=1, le=64)
    """Calls at the same time; each process keeps its modules' state between calls."""


Settings = HttpSettings | McpSettings | PythonSettings


class ProjectSettings(_Part):
    """The content of `callsheet.toml`."""

    openapi: dict[Name, HttpSettings] = Field(default_factory=dict)
    mcp: dict[Name, McpSettings] = Field(default_factory=dict)
    python: dict[Name, PythonSettings] = Field(default_factory=dict)

    def table(self, kind: str) -> dict[str, Any]:
        """What is registered of one kind, by name."""
        found: dict[str, Any] = getattr(self, kind, {})
        return found


def project_settings(folder: Path) -> ProjectSettings:
    """What the project in `folder` registers; nothing where it has no project file.

    Raises `ValueError`, one line, for a file that cannot be used.
    """
    path = folder / PROJECT_FILE
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_BYTES + 1)
        if len(text) > _MAX_BYTES:
            raise ValueError(f"{path}: longer than {_MAX_BYTES} bytes")
        return ProjectSettings.model_validate(tomllib.loads(text.decode()))
    except FileNotFoundError:
        return ProjectSettings()
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        what = "no such key" if first["type"] == "extra_forbidden" else first["msg"]
        raise ValueError(f"{path}: {where}: {what.removeprefix('Value error, ')}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"{path}: not TOML: {error}") from None
