"""How a model is served."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from .listening import is_loopback


class ServeSettings(BaseModel):
    """Where the endpoint listens, and whom it answers."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    """0: any free one."""
    key: SecretStr | None = None
    """What a caller must send as its bearer token; None: whoever reaches the port may ask."""
    queue: int = Field(default=64, ge=1)
    """Requests under way, waiting ones included; further ones are told to come back."""

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches it."""
        return is_loopback(self.host)

    @model_validator(mode="after")
    def _open_to_nobody_by_accident(self) -> ServeSettings:
        if not self.is_local and self.key is None:
            raise ValueError(f"at {self.host} others can reach it: give it a key")
        return self
