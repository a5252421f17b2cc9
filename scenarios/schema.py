"""The scenario: what an author writes, as types. Its JSON Schema serves editors.

Covers the shape only. Reading files, placing errors by line and column, and filling `vary`
are the loader's; telling sense from nonsense is the linter's.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError

from ..tools import ToolSpec

ModelName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:\-]*$")]
"""A configured model. Folders of weights can be named on the command line alone: whose file a
scenario is does not decide what is loaded."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Context(BaseModel):
    """Facts of the world that the assistant is told at the start. Any further key is one more."""

    model_config = ConfigDict(frozen=True, extra="allow", use_attribute_docstrings=True)

    now: datetime = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
    """The simulated clock at the start of the episode; a time without zone is UTC."""
    location: str | None = None
    """Where the user is."""


class Step(_Part):
    """One step of the plan: exactly one of `tool_call` and `chitchat`."""

    tool_call: str | None = None
    """A request that needs tools, in the author's words, without tool names."""
    chitchat: str | None = None
    """Talk that needs no tool."""

    @model_validator(mode="after")
    def _one_kind(self) -> Step:
        if (self.tool_call is None) == (self.chitchat is None):
            raise ValueError("a plan step has exactly one key: tool_call or chitchat")
        return self

    @property
    def kind(self) -> Literal["tool_call", "chitchat"]:
        return "tool_call" if self.tool_call is not None else "chitchat"

    @property
    def request(self) -> str:
        return self.tool_call if self.tool_call is not None else self.chitchat or ""


class User(_Part):
    """Who speaks to the assistant."""

    persona: str = "a person with a request"
    """Who the user is, in a few words; colours how they speak."""
    style: Literal["casual", "polite", "terse", "chatty", "formal"] = "casual"
    """How the user words things."""
    knows: dict[str, Any] = Field(default_factory=dict)
    """Facts by parameter-like name, which the user reveals only when asked for them."""
    verbatim: bool = False
    """Whether the user says each step of the plan in exactly its words."""
    patience: int = Field(default=3, ge=1, le=20)
    """Turns that a step may take, the request among them, before the user gives up on it."""
    improvises: int | None = Field(default=None, ge=1, le=100)
    """Where given, there is no plan: the user makes this many requests, each chosen from the tools
    and from what was said so far."""
    model: ModelName | None = None
    """Name of the model that plays the user; None: the run's own."""


class Assistant(_Part):
    """Who is asked, and how it thinks."""

    architecture: str = "zero-shot"
    """zero-shot or react; further ones are registered by plugins."""
    model: ModelName | None = None
    """Name of the model that answers; None: the run's own."""
    instructions: str | None = None
    """Text added to the assistant's system prompt."""


class Check(_Part):
    """A named rule, or a query on the state with the rows it must give."""

    rule: Literal["plan_completed", "calls_valid", "no_calls", "expected_calls", "state"] | None = (
        None
    )
    """plan_completed: every step was met. calls_valid: no call was refused by its schema.
    no_calls: nothing was called. expected_calls: those of `expect.calls` were made, with success.
    state: the rows of `expect.state` are there at the end."""
    query: str | None = None
    """One read-only SQL statement over the sandbox's tables."""
    equals: list[list[Any]] | None = None
    """Rows that `query` must give, in order."""
    called: str | None = None
    """A tool that must have been called with success at least once."""
    not_called: str | None = None
    """A tool that must not have been called."""
    says: str | None = None
    """Text that some assistant message must contain, compared without case."""

    @model_validator(mode="before")
    @classmethod
    def _bare_rule(cls, value: Any) -> Any:
        return {"rule": value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """A rule may stand alone, as its name."""
        whole = handler.resolve_ref_schema(handler(core_schema))
        names = next(b["enum"] for b in whole["properties"]["rule"]["anyOf"] if "enum" in b)
        return {"anyOf": [{"enum": list(names)}, whole]}

    @model_validator(mode="after")
    def _one_check(self) -> Check:
        kinds = [k for k in ("rule", "query", "called", "not_called", "says") if getattr(self, k)]
        if len(kinds) != 1:
            raise ValueError(
                "a check is one of: plan_completed, calls_valid, no_calls, expected_calls, state, "
                "{query, equals}, {called}, {not_called}, {says}"
            )
        if (self.query is None) != (self.equals is None):
            raise ValueError("query and equals belong together")
        return self


class Tester(_Part):
    checks: list[Check] = Field(
        default_factory=lambda: [Check(rule="plan_completed"), Check(rule="calls_valid")]
    )
    """What must hold at the end; the score is the share that does."""
    judge: ModelName | None = None
    """Name of a model that also judges the dialogue, or None for rules and execution alone."""


class ExpectedCall(_Part):
    """One call of the author's own solution, in order."""

    name: str
    """Name of the tool."""
    arguments: dict[str, Any] = Field(default_factory=dict)
    """Exactly what is passed; an argument that equals its default may be left out."""
    step: int | None = Field(default=None, ge=0)
    """Index in `plan` (from 0) of the step that needs this call. Calls of the same step follow
    each other; several calls of one step that do not need each other's results may come in any
    order. None: the step is inferred, by spreading the calls over the tool_call steps in order."""


class Expect(_Part):
    """The author's own solution; no agent ever sees it."""

    calls: list[ExpectedCall] = Field(default_factory=list)
    """The calls that do what the plan asks for, in order."""
    state: dict[str, list[dict[str, Any]]] = Field(default_factory=dict)
    """Rows that must be in these tables at the end (other rows may be there too)."""


class Faults(_Part):
    """Tool faults, injected by a seeded draw before each call."""

    timeout: float = Field(default=0.0, ge=0.0, le=1.0)
    """Share of calls that time out."""
    unavailable: float = Field(default=0.0, ge=0.0, le=1.0)
    """Share of calls that find their tool unavailable."""
    refused: float = Field(default=0.0, ge=0.0, le=1.0)
    """Share of calls that a simulated tool refuses for a reason that the real one could have, such
    as a thing that is not there or is locked; only in `planned`."""
    at: list[int] = Field(default_factory=list)
    """Ordinals of calls (from 0) that fail as unavailable whatever the draw says."""
    seed: int = 0
    """Changes which calls are hit."""


class Retrieve(_Part):
    """Tools that the assistant must find before it can call them."""

    top: int = Field(default=1, ge=1, le=50)
    """How many tools a search finds at most."""
    threshold: float = Field(default=0.0, ge=-1.0, le=1.0)
    """Cosine similarity that a tool must exceed to be found."""
    encoder: Literal["auto", "paraphrase-minilm-l3", "all-minilm-l6", "wordllama", "lexical"] = (
        "auto"
    )
    """What ranks the tools; auto: the one that CALLSHEET_ENCODER names, else the best installed."""
    tool: str = Field(default="ToolSearcher", pattern=r"^[A-Za-z_][A-Za-z0-9_.\-]{0,127}$")
    """Name of the search. Where the environment has a tool of this name, as api_bank has, that one
    searches, in its own way: `top`, `threshold` and `encoder` are then not read."""


class Limits(_Part):
    turns: int = Field(default=12, ge=1)
    """User turns."""
    tool_calls: int = Field(default=20, ge=0)
    """Calls of tools, over the whole dialogue."""
    tokens: int = Field(default=20_000, ge=1)
    """Prompt and answer tokens over all agents of the episode."""


class Scenario(_Part):
    """A scene: who talks to whom, about what, with which tools, in which world."""

    schema_version: Literal[1] = 1
    """Version of this format."""
    name: str = Field(min_length=1, max_length=100, pattern=r"^[a-z0-9][a-z0-9_\-]*$")
    """Name of the scenario, best that of its file."""
    description: str = ""
    """What it is for, in a sentence."""
    tags: list[str] = Field(default_factory=list)
    """Words to group scenarios by."""
    environment: str = "workspace"
    """A sandbox by name; `planned`: tools that the Tool agent simulates; or what really runs
    outside: `openapi:` with a document, a pool or a name, `mcp:` and `python:` with a name from
    `callsheet.toml`, `replay:` with a recording of such tools. Files are relative to the scenario's
    own."""
    context: Context = Field(default_factory=Context)
    """What the assistant is told of the world at the start."""
    tools: list[str | ToolSpec] = Field(default_factory=list)
    """Names from the environment (or from `pool`), or whole tool specs (only in `planned`)."""
    pool: str | None = None
    """A JSON file with a list of tool specs, relative to the scenario's file."""
    state: dict[str, Any] = Field(default_factory=dict)
    """Rows by table, added to the environment's own; `replace: true` starts from empty tables."""
    user: User = Field(default_factory=User)
    """The person with the requests."""
    retrieve: Retrieve | None = None
    """Where given, only a search is on offer at the start, and what it finds from then on; `tools`
    and `pool` are then what can be found."""
    plan: list[Step] = Field(default_factory=list, validate_default=True)
    """What the user wants, step by step; empty exactly where the user improvises."""
    assistant: Assistant = Field(default_factory=Assistant)
    """Who is asked."""
    tester: Tester = Field(default_factory=Tester)
    """How the dialogue is judged."""
    expect: Expect = Field(default_factory=Expect)
    """The author's own solution."""
    faults: Faults = Field(default_factory=Faults)
    """Tool faults that are injected."""
    limits: Limits = Field(default_factory=Limits)
    """Where an episode is stopped."""
    vary: dict[str, list[Any]] = Field(default_factory=dict)
    """Values by name; `{name}` anywhere in the scenario's text becomes the one that the episode's
    seed draws. A string that is nothing but `{name}` takes the value with its type. A value may be
    a mapping, whose parts are `{name.part}`, and may hold other placeholders."""

    @field_validator("plan")
    @classmethod
    def _planned_or_improvised(cls, plan: list[Step], info: ValidationInfo) -> list[Step]:
        user = info.data.get("user")
        improvises = user is not None and user.improvises is not None
        if plan and improvises:
            raise ValueError("a user who improvises has no plan; leave out one of the two")
        if not plan and not improvises and user is not None:
            raise PydanticCustomError(
                "too_short", "List should have at least 1 item, or user.improvises be given"
            )
        return plan

    @property
    def requests(self) -> int:
        """How many requests the user makes: the plan's steps, or as many as are improvised."""
        return len(self.plan) or self.user.improvises or 0

    @property
    def retrieve_in_solution(self) -> Retrieve | None:
        """`retrieve` where the author's own solution searches too. Where it does not, it is
        carried out with all tools on offer, and how they are found is left to the assistant."""
        if self.retrieve is None:
            return None
        searches = any(call.name == self.retrieve.tool for call in self.expect.calls)
        return self.retrieve if searches else None
