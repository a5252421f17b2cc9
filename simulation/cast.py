"""The cast: which model plays which role, each made once a process and shared by all episodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from autogen_core.models import ChatCompletionClient

from ..agents.rules import RulesClient
from ..models.accounting import Ledger
from ..models.errors import ModelError, ModelUnavailable
from ..models.model_file import project_folders
from ..models.registry import ModelPool
from ..scenarios.schema import Scenario
from .control import PARTS
from .run_directory import Execution, RunConfig

ROLES = ("user", "assistant", "tool", "tester")
BASELINE = "rules"
"""The model that is built in: deterministic rules, no weights, no key."""
HUMAN = "human"
"""Stands for a person in the place of the user's or the assistant's model."""


class ModelDown(RuntimeError):
    """A model has not answered once in this process: the run stops instead of failing through."""


def model_folders(config: RunConfig) -> list[Path]:
    """Where a run's model files are looked for: in the folders that it was made with or, where none
    of them is left because the project was moved, in those of the project that is here."""
    stored = [Path(folder) for folder in config.model_folders]
    left = [folder for folder in stored if folder.is_dir()]
    return left if left or not stored else project_folders(Path.cwd())


def ledger_of(execution: Execution) -> Ledger:
    """A ledger of what `execution` lets a process spend."""
    return Ledger(token_budget=execution.token_budget, money_budget=execution.money_budget)


class Cast:
    """Clients by role."""

    def __init__(
        self,
        models: Mapping[str, str],
        folders: Sequence[Path] = (),
        clients: Mapping[str, ChatCompletionClient] | None = None,
        budget: Execution | None = None,
        ledger: Ledger | None = None,
    ) -> None:
        """`models`: name by role, over what a scenario says. `clients`: ready ones by name.
        `budget`: what all of them together may spend. `ledger`: where that is entered instead, by
        other casts too; its budgets count.

        Raises `ValueError` for a role that does not exist.
        """
        for role in models:
            if role not in ROLES:
                raise ValueError(f"unknown role {role!r}; the roles are {', '.join(ROLES)}")
        self._models = dict(models)
        self._pool = ModelPool(folders, ledger=ledger or ledger_of(budget or Execution()))
        self._clients: dict[tuple[str, str], ChatCompletionClient] = {}
        self._given = dict(clients or {})
        self._answered: dict[str, bool] = {}

    @property
    def ledger(self) -> Ledger:
        return self._pool.ledger

    def names(self, scenario: Scenario) -> dict[str, str]:
        """The model behind each role of a scenario."""
        chosen = {
            "user": scenario.user.model,
            "assistant": scenario.assistant.model,
            "tester": scenario.tester.judge,
        }
        return {role: self._models.get(role) or chosen.get(role) or BASELINE for role in ROLES}

    def is_person(self, role: str, name: str) -> bool:
        """Whether the role is a person's, who is asked by `callsheet.simulation.people`."""
        return name == HUMAN and role in PARTS and name not in self._given

    def people(self, scenarios: Sequence[Scenario]) -> list[str]:
        """The roles that are a person's from the beginning, in some scenario or other."""
        names = [self.names(scenario) for scenario in scenarios]
        return [part for part in PARTS if any(self.is_person(part, of[part]) for of in names)]

    def client(self, role: str, name: str) -> ChatCompletionClient:
        """Raises `ModelUnavailable` where `name` is not configured or cannot be loaded."""
        if name == BASELINE:
            key = (role, name)
            if key not in self._clients:
                self._clients[key] = RulesClient(role)
            return self._clients[key]
        if name in self._given:
            return self._given[name]
        if name == HUMAN:
            raise ModelUnavailable(f"a person can be a run's user or assistant, not the {role}")
        return self._pool.get(name)

    def answered(self, name: str) -> None:
        """A model has given an answer in this process."""
        self._answered[name] = True

    def failed(self, name: str, error: ModelError) -> None:
        """Raises `ModelDown` where the model has not yet answered at all: the address is wrong,
        the server is not there or the key is refused, and every episode would fail alike."""
        if error.kind in ("endpoint", "unavailable") and name not in self._answered:
            raise ModelDown(f"model {name}: {error}") from None

    async def close(self) -> None:
        await self._pool.close()
