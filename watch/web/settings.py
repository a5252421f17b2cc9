"""Where the page is served, from which folder, and whom it answers."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from ...train.serving.listening import is_loopback


class WatchSettings(BaseModel):
    """Raises `ValidationError` where others could reach the page without a token."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    runs: Path
    """The folder that holds the runs, or one of its runs; it need not exist yet."""
    project: Path
    """Where scenario files are found, in its folder `scenarios`."""
    host: str = "127.0.0.1"
    port: int = Field(default=8600, ge=0, le=65535)
    """0: any free one."""
    token: SecretStr | None = None
    """What a visitor must know; None: whoever reaches the port may look and act."""

    @model_validator(mode="after")
    def _open_to_nobody_by_accident(self) -> WatchSettings:
        if self.token is not None and len(self.token.get_secret_value()) < 16:
            raise ValueError("a token has 16 characters at least")
        if self.token is None and not is_loopback(self.host):
            raise ValueError(f"at {self.host} others can reach the page: give it a --token")
        return self
