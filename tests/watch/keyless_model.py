"""A model that is configured and cannot be used."""

from __future__ import annotations

from pathlib import Path


def keyless_model(project: Path) -> None:
    """Give the project a model `keyless`, whose key NO_SUCH_KEY nobody has set."""
    models = project / "configs" / "models"
    models.mkdir(parents=True)
    (models / "keyless.yaml").write_text(
        "provider: openai_compatible\n"
        "config: {model: m, base_url: 'http://127.0.0.1:9', api_key_env: NO_SUCH_KEY}\n"
    )
