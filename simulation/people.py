"""People: what waits for a person's words, and where the person says them.

A person speaks for the user or the assistant where the model is called `human`, or where they
have taken the role over (`callsheet.simulation.control`). Questions and answers are files in the
run's folder, `people/<episode>.<role>.asked.json` and `.said.json`, so that they outlive the page,
its server and the run's process: what was said while nobody played is heard on resume.

The words are recorded as any model's answer is, marked as a person's.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import orjson
from autogen_core import FunctionCall
from autogen_core.models import CreateResult, LLMMessage, RequestUsage
from autogen_core.tools import Tool, ToolSchema
from pydantic import BaseModel, ConfigDict, ValidationError

from ..agents import UserBrief, UserReply
from ..models.messages import tool_schemas
from ..trajectories.canonical import encodable
from ..trajectories.whole_file import write_whole
from .control import LOOK_SECONDS, PARTS, locked, read_control
from .run_directory import RunError

_Record = TypeVar("_Record", bound=BaseModel)
_HINT = 4000
"""Characters of a hint; the rest is in the conversation."""


class Waiting(BaseModel):
    """A question that waits for a person."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    episode: str
    role: Literal["user", "assistant"]
    key: str
    """Of the model call that the answer becomes, such as user.2."""
    prompt_hint: str = ""
    """What the role was told besides the conversation."""
    tools: list[dict[str, Any]] = []
    """What the assistant may call now: name, description, parameters (a JSON Schema)."""
    taken_over: bool = False
    """Whether a model is in the role otherwise, and gets it back when the person leaves."""


class Said(BaseModel):
    """A person's answer."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    key: str
    content: str | None = None
    calls: list[dict[str, str]] | None = None
    """Each with `name` and `arguments`, the JSON text of an object."""
    step_met: bool = True


def waiting(run: Path) -> list[Waiting]:
    """What waits for a person in a run, played or not, by episode."""
    found = []
    people = read_control(run)
    try:
        paths = sorted((run / "people").glob("*.asked.json"))
    except FileNotFoundError:  # taken away while it was listed
        paths = []
    for path in paths:
        asked = _read(path, Waiting)
        if asked is not None and path != _asked(run, asked.episode, asked.role):
            continue  # It would be answered in another place, perhaps outside the run.
        said = asked and _read(_said(run, asked.episode, asked.role), Said)
        if asked is None or (said is not None and said.key == asked.key):
            continue
        if not asked.taken_over or asked.role in people.of(asked.episode).people:
            found.append(asked)
    return found


def say(
    run: Path,
    episode: str,
    role: str,
    content: str | None = None,
    calls: Sequence[Mapping[str, Any]] | None = None,
    step_met: bool = True,
) -> None:
    """Answer what waits for a person.

    The assistant says `content`, or makes `calls`: each a mapping with `name` and `arguments`, a
    JSON object or its text. The user says `content`, with no words the dialogue is over; and
    `step_met` says whether the assistant has dealt with the step talked about.

    Raises `RunError` where nobody waits for these words, or they are none that the role can say.
    """
    with locked(run):
        asked = next((w for w in waiting(run) if (w.episode, w.role) == (episode, role)), None)
        if asked is None:
            raise RunError(f"{episode}: nobody waits for the {role}'s words now")
        said = Said(
            key=asked.key,
            content=None if content is None else encodable(content)[0],
            calls=read_calls(calls, asked.tools) if calls else None,
            step_met=step_met,
        )
        if role == "user" and said.calls:
            raise RunError("a user has words only, and calls no tools")
        if role == "assistant" and bool(said.calls) == bool((said.content or "").strip()):
            raise RunError("an assistant says something or calls tools, one of both")
        write_whole(_said(run, episode, role), [said.model_dump_json().encode()])


def read_calls(
    calls: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]]
) -> list[dict[str, str]]:
    """A person's calls as a model's: name and the JSON text of the arguments.

    Raises `RunError` for a tool that is not among `tools`, and arguments that are no JSON object.
    """
    names = [tool["name"] for tool in tools]
    read = []
    for call in calls:
        name, arguments = str(call.get("name")), call.get("arguments", {})
        if name not in names:
            raise RunError(f"there is no tool {name!r} now; there are: {', '.join(names) or '-'}")
        try:
            value = orjson.loads(arguments or "{}") if isinstance(arguments, str) else arguments
        except orjson.JSONDecodeError as error:
            raise RunError(f"{name}: the arguments are not JSON: {error}") from None
        if not isinstance(value, dict):
            raise RunError(f"{name}: the arguments are not a JSON object")
        read.append({"name": name, "arguments": orjson.dumps(encodable(value)[0]).decode()})
    return read


class People:
    """A playing process's side: asks, and waits until it is answered."""

    def __init__(self, run: Path) -> None:
        self._run = run
        self._any = (run / "people").exists()
        """Whether there may be anything to clear: nobody else asks in the episodes played here."""

    async def answer(self, asked: Waiting) -> CreateResult:
        """What a person says. The question stays where it is if the process ends meanwhile."""
        self._any = True
        (self._run / "people").mkdir(exist_ok=True)
        question = asked.model_dump_json().encode()
        write_whole(_asked(self._run, asked.episode, asked.role), [question])
        path = _said(self._run, asked.episode, asked.role)
        # Another process answers, and it has no other way to this one than the file.
        while (said := _read(path, Said)) is None or said.key != asked.key:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_SECONDS)
        self.withdraw(asked.episode, asked.role)
        return _result(asked.role, said)

    def withdraw(self, episode: str, role: str) -> None:
        """Nobody waits for an answer any more."""
        _asked(self._run, episode, role).unlink(missing_ok=True)

    def clear(self, episode: str) -> None:
        """Nothing of an episode is left, which begins anew or has ended."""
        if not self._any:
            return
        for role in PARTS:
            self.withdraw(episode, role)
            _said(self._run, episode, role).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            (self._run / "people").rmdir()


def question(
    episode: str,
    role: Literal["user", "assistant"],
    key: str,
    messages: Sequence[LLMMessage],
    tools: Sequence[Tool | ToolSchema],
    *,
    taken_over: bool,
) -> Waiting:
    """What a person is asked where a model would be asked this."""
    last = messages[-1] if messages else None
    told = ""
    if last is not None and last.type == "UserMessage" and last.source == "director":
        told = str(last.content)
        if role == "user":
            told = _in_words(UserBrief.model_validate_json(told))
    offered = [schema["function"] for schema in tool_schemas(tools)]
    return Waiting(
        episode=episode,
        role=role,
        key=key,
        prompt_hint=encodable(told[:_HINT])[0],
        tools=encodable(offered)[0],
        taken_over=taken_over,
    )


def _in_words(brief: UserBrief) -> str:
    facts = "; ".join(f"{name}: {value}" for name, value in brief.facts.items())
    lines = {
        "talked about now": brief.current and brief.current.request,
        "to be said next": brief.upcoming and brief.upcoming.request,
        "the user knows": facts,
        "style": brief.style,
    }
    return "\n".join(f"{name}: {text}" for name, text in lines.items() if text)


def _result(role: str, said: Said) -> CreateResult:
    content: str | list[FunctionCall] = said.content or ""
    if role == "user":
        content = UserReply(step_met=said.step_met, message=said.content or "").model_dump_json()
    elif said.calls:
        content = [FunctionCall(id="", **call) for call in said.calls]
    return CreateResult(
        finish_reason="function_calls" if isinstance(content, list) else "stop",
        content=content,
        usage=RequestUsage(prompt_tokens=0, completion_tokens=0),
        cached=False,
    )


def _asked(run: Path, episode: str, role: str) -> Path:
    return run / "people" / f"{episode}.{role}.asked.json"


def _said(run: Path, episode: str, role: str) -> Path:
    return run / "people" / f"{episode}.{role}.said.json"


def _read(path: Path, form: type[_Record]) -> _Record | None:
    try:
        return form.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
