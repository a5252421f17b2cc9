"""Parameter types that several sandboxes share."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

Timestamp = Annotated[
    str,
    Field(
        description="Time as YYYY-MM-DD HH:MM:SS",
        pattern=r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$",
    ),
]
Date = Annotated[str, Field(description="Date as YYYY-MM-DD", pattern=r"^\d{4}-\d{2}-\d{2}$")]
Clock = Annotated[
    str, Field(description="Time of day as HH:MM", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
]
Token = Annotated[str, Field(description="The user's token, from GetUserToken")]


class Done(TypedDict):
    """A change was made."""

    status: str
