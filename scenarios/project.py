"""A new project's folder: what `callsheet init` writes."""

from __future__ import annotations

from pathlib import Path

import orjson

from .loader import json_schema

_SCENARIO = """\
# yaml-language-server: $schema=../scenario.schema.json
name: example
description: The user sets a reminder; the assistant needs a token first.
environment: workspace
context: {now: 2026-03-02T09:00:00Z, location: Zurich}
tools: [GetUserToken, AddReminder, QueryReminders]
user:
  persona: a terse manager
  style: terse
  knows: {username: foo, password: bar}
plan:
  - {tool_call: 'set a reminder to "{what}" at 2026-03-05 10:00:00'}
  - {chitchat: it is a busy week}
vary:
  what: [call Ann, send the minutes, book a room]
tester:
  checks:
    - plan_completed
    - calls_valid
    - query: select content from reminders where username = 'foo' order by id desc limit 1
      equals: [["{what}"]]
"""

_README = """\
# Conversations with tools, by callsheet

    callsheet validate scenarios          # is every scenario well-formed, and can it be solved?
    callsheet run scenarios --live        # watch one conversation after another
    callsheet run scenarios --repeat 100  # many, each a variation; they land in runs/
    callsheet show runs/0001 000000       # one of them again

`scenarios/` holds what is played; editors complete and check it by `scenario.schema.json`.
`configs/models/` holds the models that can play: `--model assistant=mine` is `mine.yaml`.
"""

_MODEL = """\
# Use it with: callsheet run scenarios --model assistant=mine
provider: openai_compatible
config:
  model: gpt-4o-mini
  base_url: https://api.openai.com/v1
  api_key_env: OPENAI_API_KEY
"""


def make_project(folder: Path) -> list[Path]:
    """Write a project into `folder`; returns the files.

    Raises `ValueError` where one of them exists already; nothing is written then.
    """
    schema = orjson.dumps(json_schema(), option=orjson.OPT_INDENT_2).decode()
    files = {
        folder / "scenarios" / "example.yaml": _SCENARIO,
        folder / "scenario.schema.json": schema + "\n",
        folder / "configs" / "models" / "mine.yaml": _MODEL,
        folder / "README.md": _README,
    }
    for path in files:
        if path.exists():
            raise ValueError(f"{path} exists already; choose another folder")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(files)
