"""A world that goes through a dialogue by its annotated calls, and judges others on the way.

Ids that are drawn by chance (a new user's token, the number of an appointment) are others than in
the recording: in predictions and records they are exchanged for this world's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...environments.api_bank import ApiBankData, Behaviour, CallRaised, Catalog, Session
from ...planners.api_bank.annotated import renamings, substituted
from ...planners.api_bank.script import Script
from .annotations import GoldCall
from .checkers import Mode
from .predictions import Prediction
from .scoring import Verdict, as_searched, score_call

GENERATED = Script(()).generated
"""Tools whose output is drawn by chance."""


class Replay:
    """One session, and the ids that are others in it than in the recording."""

    def __init__(
        self, catalog: Catalog, data: ApiBankData, behaviour: Behaviour, mode: Mode
    ) -> None:
        self.session = Session(catalog, data=data, behaviour=behaviour)
        self.renamed: dict[str, str] = {}
        """Ids of the recording, each with the one that this world has in its place."""
        self._behaviour: Behaviour = behaviour
        self._mode: Mode = mode

    def judged(self, prediction: Prediction, gold: GoldCall) -> Verdict:
        """The verdict on a call made now; the world is afterwards as it was."""
        if prediction.failure is not None:
            return Verdict(prediction.failure, (), prediction.detail)
        session = self.session
        world, chance = session.world.snapshot(), session.random.getstate()
        verdict = score_call(
            session,
            prediction.name,
            self._of_here(prediction.arguments),
            replace(gold, envelope=self._of_here(gold.envelope)),
            mode=self._mode,
            behaviour=self._behaviour,
        )
        session.world.restore(world)
        session.random.setstate(chance)
        return verdict

    def advance(self, gold: GoldCall) -> dict[str, Any] | None:
        """Make the annotated call; its envelope, or None where it does not reach its tool."""
        arguments = as_searched(self.session, gold.name, gold.arguments)
        try:
            envelope = self.session.call(gold.name, self._of_here(arguments))
        except CallRaised:
            return None
        if gold.name in GENERATED:
            self.renamed.update(renamings(gold.envelope.get("output"), envelope["output"]))
        return envelope

    def close(self) -> None:
        self.session.world.close()

    def _of_here(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values with this world's ids."""
        changed: dict[str, Any] = substituted(dict(values), self.renamed)
        return changed
