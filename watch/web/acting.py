"""Routes that act: begin and go on with runs, pause, cancel, fork, speak for a role.

Each is one call of the simulation or of the `callsheet` program (see `starting`); whatever they
refuse is told in their line. Only models that are configured by name can be chosen here, never a
path, and a scenario's text is looked over as in `authoring`.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, model_validator

from ...models.errors import ModelUnavailable
from ...models.model_file import project_folders
from ...scenarios import Scenario, ScenarioError, library, load_scenario
from ...scenarios.schema import Limits
from ...simulation import RunConfig, RunDirectory, fork_at, make_run
from ...simulation.cast import HUMAN, ROLES
from ...simulation.control import Part, change_control
from ...simulation.episodes import episode_key
from ...simulation.people import say
from ...trajectories.log import LogBusy, LogDamaged
from ..text import harmless
from .authoring import models, read_draft
from .place import Place
from .refused import Refused
from .scenario_files import LARGEST, ScenarioFiles
from .starting import Starter, last_words

Identity = Annotated[str, Field(pattern=r"^[A-Za-z0-9\-]{8,64}$")]
"""Made by the page for one press of a button."""
Run = Annotated[str, Field(max_length=1024)]
Episode = Annotated[str, Field(max_length=200)]
_WORDS = 100_000
"""Characters that a person can say at once."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Chosen(_Body):
    """A scenario to play: from the library, a file of the project, or text from the editor."""

    library: str | None = None
    file: str | None = Field(default=None, max_length=400)
    text: str | None = Field(default=None, max_length=LARGEST)

    @model_validator(mode="after")
    def _one_of_them(self) -> Chosen:
        if self.library is None and self.file is None and self.text is None:
            raise ValueError("a scenario is named by library, file or text")
        return self


class ChosenLimits(_Body):
    """Limits over what the scenarios say."""

    turns: int | None = Field(default=None, ge=1, le=10_000)
    tool_calls: int | None = Field(default=None, ge=0, le=100_000)
    tokens: int | None = Field(default=None, ge=1)


class Start(_Body):
    id: Identity
    scenarios: list[Chosen] = Field(min_length=1, max_length=500)
    models: dict[str, str] = Field(default_factory=dict, max_length=len(ROLES))
    seed: int = Field(default=0, ge=-(2**53), le=2**53)
    repeat: int = Field(default=1, ge=1, le=100_000)
    limit: int | None = Field(default=None, ge=1, le=1_000_000)
    limits: ChosenLimits = ChosenLimits()
    concurrency: int = Field(default=16, ge=1, le=1000)
    max_tokens: int | None = Field(default=None, ge=1)
    max_cost: float | None = Field(default=None, gt=0)


class GoOn(_Body):
    run: Run
    new_attempt: bool = False
    repeat_started: bool = False


class Fork(_Body):
    id: Identity
    run: Run
    episode: Episode
    seq: int = Field(ge=0)
    """Of the message at which it goes another way; the user's or the assistant's."""
    message: str | None = Field(default=None, max_length=_WORDS)
    calls: list[dict[str, Any]] | None = Field(default=None, min_length=1, max_length=20)


class Control(_Body):
    run: Run
    episode: Episode | None = None
    paused: bool | None = None
    cancelled: bool | None = None
    people: dict[Part, bool] | None = None
    """Roles that a person takes over, or hands back."""


class Words(_Body):
    run: Run
    episode: Episode
    role: Literal["user", "assistant"]
    content: str | None = Field(default=None, max_length=_WORDS)
    calls: list[dict[str, Any]] = Field(default_factory=list, max_length=20)
    step_met: bool = True


def router(place: Place) -> APIRouter:
    """The routes of one server."""
    routes = APIRouter()
    starter = Starter(place)
    files = ScenarioFiles(place.project)

    @routes.post("/api/start")
    def start(wish: Start) -> dict[str, Any]:
        with plainly():
            scenarios = [_limited(_read(chosen, files), wish.limits) for chosen in wish.scenarios]
            config = RunConfig(
                seed=wish.seed,
                repeat=wish.repeat,
                limit=wish.limit,
                models=_cast(wish.models, place.project),
                model_folders=[str(folder) for folder in project_folders(place.project)],
            )
            name = starter.start_once(
                wish.id, lambda folder: make_run(scenarios, config, folder), _options(wish)
            )
            return _began(place, name)

    @routes.post("/api/resume")
    def resume(wish: GoOn) -> dict[str, Any]:
        with plainly():
            run = place.run(wish.run)
            options = ["--new-attempt"] if wish.new_attempt else []
            options += ["--repeat-started"] if wish.repeat_started else []
            with RunDirectory(run).locked():
                pass  # Raises where somebody plays it; the program looks again.
            starter.play(run, options)
            return {"run": wish.run}

    @routes.post("/api/fork")
    def forked(wish: Fork) -> dict[str, Any]:
        with plainly():
            source = RunDirectory(place.run(wish.run))
            _known(source, wish.episode)
            name = starter.start_once(
                wish.id,
                lambda folder: fork_at(
                    source, wish.episode, wish.seq, folder, message=wish.message, calls=wish.calls
                ),
            )
            return _began(place, name)

    @routes.post("/api/control")
    def control(wish: Control) -> dict[str, Any]:
        with plainly():
            run = place.run(wish.run)
            if wish.episode is not None:
                _known(RunDirectory(run), wish.episode)
            state = change_control(
                run,
                episode=wish.episode,
                paused=wish.paused,
                cancelled=wish.cancelled,
                people=wish.people,
            )
            return state.model_dump(mode="json", include={"paused", "cancelled"})

    @routes.post("/api/say")
    def said(words: Words) -> dict[str, Any]:
        with plainly():
            run = place.run(words.run)
            say(run, words.episode, words.role, words.content, words.calls, words.step_met)
            return {}

    @routes.get("/api/acting")
    def about(run: str) -> dict[str, Any]:
        with plainly():
            return {"last_words": last_words(place.run(run))}

    return routes


@contextlib.contextmanager
def plainly() -> Iterator[None]:
    """What the rooms below refuse, as the page's one line."""
    try:
        yield
    except LogBusy as error:
        raise Refused(409, _line(error)) from None
    except (ModelUnavailable, LogDamaged, ValueError) as error:
        raise Refused(422, _line(error)) from None
    except OSError as error:
        raise Refused(422, harmless(f"{error.filename or ''}: {error.strerror or error}")) from None


def _line(error: Exception) -> str:
    """The first of an error's lines, and how many there are."""
    first, *more = str(error).splitlines() or [type(error).__name__]
    return harmless(first + (f" (and {len(more)} more)" if more else ""))


def _read(chosen: Chosen, files: ScenarioFiles) -> Scenario:
    if chosen.library is not None:
        path = library().get(chosen.library)
        if path is None:
            raise Refused(404, f"the library has no scenario {chosen.library[:100]!r}")
        return load_scenario(path)
    text = chosen.text
    if text is None:
        text, _ = files.read(chosen.file or "")
    try:
        return read_draft(text, chosen.file, files)[0]
    except ScenarioError as error:
        first = error.problems[0]
        where = f"{chosen.file or 'the scenario'}:{first.place.line}:{first.place.column}"
        raise Refused(422, harmless(f"{where}: {first.what}")) from None


def _limited(scenario: Scenario, limits: ChosenLimits) -> Scenario:
    given = limits.model_dump(exclude_none=True)
    if not given:
        return scenario
    limited = Limits(**{**scenario.limits.model_dump(), **given})
    return scenario.model_copy(update={"limits": limited})


def _cast(chosen: dict[str, str], project: Path) -> dict[str, str]:
    """The models by role. Raises `Refused` for a role or name that there is not."""
    known = models(project)
    for role, name in chosen.items():
        if role not in ROLES:
            raise Refused(422, f"unknown role {role[:100]!r}; the roles are {', '.join(ROLES)}")
        if name not in known:
            raise Refused(422, f"no model is called {name[:100]!r}; there are: {', '.join(known)}")
        if name == HUMAN and role not in ("user", "assistant"):
            raise Refused(422, f"a person plays the user or the assistant, not the {role}")
    return chosen


def _options(wish: Start) -> list[str]:
    # Nothing is recorded yet: what was installed anew since this server began may play it.
    options = ["--new-attempt", "--concurrency", str(wish.concurrency)]
    if wish.max_tokens is not None:
        options += ["--max-tokens", str(wish.max_tokens)]
    if wish.max_cost is not None:
        options += ["--max-cost", str(wish.max_cost)]
    return options


def _known(run: RunDirectory, episode: str) -> None:
    """Raises `Refused` (404) for what is no episode of the run."""
    manifest, number = run.manifest(), episode.partition("-")[0]
    index = int(number) if re.fullmatch("[0-9]{6,9}", number) else manifest.episodes
    if (
        index >= manifest.episodes
        or episode_key(manifest.config, run.scenarios(), index).id != episode
    ):
        raise Refused(404, f"{episode[:100]!r} is no episode of this run")


def _began(place: Place, name: str) -> dict[str, Any]:
    """A run by name, and its episode where it has one alone."""
    run = RunDirectory(place.run(name))
    manifest = run.manifest()
    one = manifest.episodes == 1
    only = episode_key(manifest.config, run.scenarios(), 0).id if one else None
    return {"run": name, "episode": only}
