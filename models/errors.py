"""What can go wrong between a prompt and an answer.

Each error says what happened, where and what to do in one line, holds no secret and no prompt,
and knows whether asking again can help.
"""

from __future__ import annotations


class ModelError(RuntimeError):
    """A model gave no usable answer."""

    kind = "model"
    """Machine-readable reason, recorded in the episode's status."""
    retryable = False


class EndpointError(ModelError):
    """The endpoint could not be reached, refused, or broke off; retried before it is raised."""

    kind = "endpoint"

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        retryable: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.retryable = retryable
        self.retry_after = retry_after
        """Seconds that the endpoint asked to wait, or None."""


class InvalidAnswer(ModelError):
    """The model answered, but not in the form asked for, even after repair."""

    kind = "invalid_answer"


class AnswerCutOff(InvalidAnswer):
    """The answer broke off at the token limit, within a tool call."""


class ContextOverflow(ModelError):
    """The prompt does not fit the model's context even without its oldest turns."""

    kind = "context_overflow"


class BudgetExceeded(ModelError):
    """The run's budget of tokens or money is spent."""

    kind = "budget"


class ModelUnavailable(ModelError):
    """The model cannot be loaded here: a package, a file or a key is missing; says which."""

    kind = "unavailable"
