"""The rater: a whole trajectory, rated from 0 to 5 with an explanation, by any model.

The model reads the trajectory step by step (`trajectories/layout`), told by `prompts/rater.md`
that everything in it is material. Where the layout does not fit the model's context it is asked
again with half of it; beginning and end always stay. Of a tree the main branch is rated.

A model's ratings are opinions: how far they agree with people's labels is measured by
`evaluation.agreement`, and rule signals (`trajectories/signals`) stand beside them, unseen here.
`rating_sample` turns a rated trajectory into the conversation from which a rater is trained: the
same prompt, the same layout, and the rating as the answer.
"""

from __future__ import annotations

import hashlib
from typing import Literal, Protocol

import orjson
from autogen_core.models import ChatCompletionClient, LLMMessage, SystemMessage, UserMessage
from pydantic import BaseModel, ConfigDict, Field

from ..models.errors import ContextOverflow
from ..models.structured import ask_structured
from ..trajectories.layout import LONGEST, layout
from ..trajectories.trajectory import Trajectory, line_of
from .prompting import prompt

_SHORTEST = 1_000
"""Characters of a layout below which a model's context is too small to rate anything."""
_ANSWER = 1_200
"""Characters of an explanation."""
_PARAMS = {"temperature": 0, "seed": 0, "max_tokens": 600}


class Rating(BaseModel):
    """What a rater says of one trajectory; the form in which a model answers."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="rating")

    # First, because a model that explains before it rates, rates by its explanation.
    explanation: str = Field(max_length=_ANSWER)
    rating: Literal[0, 1, 2, 3, 4, 5]


class Rater(Protocol):
    """Whoever rates: a model with the rater's prompt, or the rules."""

    name: str
    """Goes into `rate_model`."""
    versions: dict[str, str]
    """What else decides its ratings, for the trajectory's record."""

    async def rate(self, trajectory: Trajectory) -> Rating:
        """Raises a `ModelError`."""
        ...

    async def close(self) -> None:
        """Let go of connections and memory."""
        ...


class RaterAgent:
    """A model as a rater."""

    def __init__(
        self, client: ChatCompletionClient, name: str = "", *, longest: int = LONGEST
    ) -> None:
        """`longest`: characters of a layout; one that was trained wants what it was trained on."""
        self._client = client
        self._longest = longest
        self.name = name or str(getattr(client, "name", "model"))
        self.versions = {"rater_prompt": rater_digest()}

    async def rate(self, trajectory: Trajectory) -> Rating:
        """The model's rating. Raises `InvalidAnswer` where its answer does not fit the form even
        when asked again, `ContextOverflow` where not even a short layout fits, and whatever else
        its client raises."""
        longest = self._longest
        while True:
            asked: list[LLMMessage] = [
                SystemMessage(content=prompt("rater")),
                UserMessage(content=layout(trajectory, longest), source="director"),
            ]
            try:
                return await ask_structured(self._client, asked, Rating, params=_PARAMS)
            except ContextOverflow:
                if longest <= _SHORTEST:
                    raise
                longest = max(_SHORTEST, longest // 2)

    async def close(self) -> None:
        await self._client.close()


def rater_digest() -> str:
    """Hex BLAKE2b-128 of the rater's prompt."""
    return hashlib.blake2b(prompt("rater").encode(), digest_size=16).hexdigest()


def rating_sample(trajectory: Trajectory, longest: int = LONGEST) -> Trajectory | None:
    """The conversation in which a rater gives this trajectory its rating; None where it has no
    rating or no explanation. The environment's score is 1: the answer is the label itself."""
    if trajectory.rater_score is None or not trajectory.rater_explanation:
        return None
    rating = round(trajectory.rater_score)
    said = {"explanation": trajectory.rater_explanation[:_ANSWER], "rating": rating}
    conversation = [
        {"role": "system", "content": prompt("rater")},
        {"role": "user", "content": layout(trajectory, longest)},
        {"role": "assistant", "content": orjson.dumps(said).decode()},
    ]
    return Trajectory(
        id=f"rating/{trajectory.id}",
        scenario=trajectory.scenario,
        environment="rating",
        messages=line_of(conversation),
        model_name=trajectory.rate_model or "",
        score=1.0,
        versions={"rater_prompt": rater_digest()},
    )
