"""API-Bank as scenarios: its recorded dialogues, goals made from its databases, and scripts.

`from_dialogues` makes scenarios and scripts of what was recorded, `goals` makes new scenarios,
`solution` makes a script of any scenario's expected calls, and `annotated` plays scripts as a
model. `leak` keeps the recorded lines out of what is generated. Imports what planners may.
"""

from .annotated import AnnotatedClient, cast_annotated
from .from_dialogues import (
    scenario_of_dialogue,
    scenario_of_requirement,
    script_of_dialogue,
    script_of_requirement,
)
from .goals import generate
from .leak import RecordedLines, recorded_lines
from .script import Reply, Round, Script, ScriptedCall
from .solution import script_of

__all__ = [
    "AnnotatedClient",
    "RecordedLines",
    "Reply",
    "Round",
    "Script",
    "ScriptedCall",
    "cast_annotated",
    "generate",
    "recorded_lines",
    "scenario_of_dialogue",
    "scenario_of_requirement",
    "script_of",
    "script_of_dialogue",
    "script_of_requirement",
]
