"""A scenario as the text of its file."""

from __future__ import annotations

import io
from typing import Any

from ruamel.yaml import YAML

from .schema import Scenario


def yaml_of(scenario: Scenario) -> str:
    """The scenario as YAML 1.2, which loads as the same scenario."""
    writer: Any = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False
    writer.allow_unicode = True
    writer.width = 100
    text = io.StringIO()
    writer.dump(scenario.model_dump(mode="json", exclude_defaults=True), text)
    return text.getvalue()
