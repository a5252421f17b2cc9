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
    fields = scenario.model_dump(mode="json", exclude_unset=True)
    # A null says nothing where it is what the field is anyway.
    said = {
        name: value
        for name, value in fields.items()
        if value is not None or Scenario.model_fields[name].default is not None
    }
    writer.dump(said, text)
    return text.getvalue()
