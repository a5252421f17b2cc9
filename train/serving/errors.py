"""How the endpoint refuses: OpenAI's error object, with the status that its clients act upon."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from ...models.errors import (
    ContextOverflow,
    EndpointError,
    InvalidAnswer,
    ModelError,
    ModelUnavailable,
)

_TYPES = {401: "authentication_error", 429: "rate_limit_error"}


class Refusal(Exception):
    """A request that gets no answer, and what its caller is told."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.param = param
        self.headers = {} if retry_after is None else {"Retry-After": str(retry_after)}

    def body(self) -> dict[str, Any]:
        """OpenAI's error object."""
        kind = "server_error" if self.status >= 500 else "invalid_request_error"
        return {
            "error": {
                "message": str(self),
                "type": _TYPES.get(self.status, kind),
                "param": self.param,
                "code": self.code,
            }
        }


def of_model(error: ModelError) -> Refusal:
    """What a model's failure means for whoever asked."""
    if isinstance(error, ContextOverflow):
        # As OpenAI does it: 400 with this code, not 413.
        return Refusal(400, str(error), code="context_length_exceeded", param="messages")
    if isinstance(error, InvalidAnswer):
        return Refusal(422, str(error), code="invalid_answer")
    if isinstance(error, EndpointError):
        wait = None if error.retry_after is None else max(1, round(error.retry_after))
        status = 429 if error.status == 429 else 502
        return Refusal(status, str(error), code="endpoint", retry_after=wait)
    status = 503 if isinstance(error, ModelUnavailable) else 500
    return Refusal(status, str(error), code=error.kind)


def of_validation(error: ValidationError) -> Refusal:
    """What is wrong with a request: of all that does not fit, what lies deepest, because that is
    where the caller meant something else and not another kind of value."""
    problems = error.errors(include_url=False, include_input=False)
    deepest = max(problems, key=lambda problem: len(problem["loc"]))
    param = ".".join(str(part) for part in deepest["loc"]) or None
    message = deepest["msg"].removeprefix("Value error, ")
    return Refusal(400, f"{param}: {message}" if param else message, param=param)
