"""Who speaks: the user, the assistant, the simulated tool and the tester.

Each is told its task in a prompt of this project's (files in `agents/prompts`) and, all but the
assistant, in a brief (`agents.brief`); each asks its own model client, so that any of them can be
a language model or the rule-based baseline of `agents.rules`.

Beside them stand those who are asked about what is finished: `dialogue_judge`, `rater`, and
`standardizer` about other people's records.

May import scenarios, environments, models, trajectories and tools.
"""

from .architectures import architecture_names
from .assistant import AssistantAgent
from .brief import StepBrief, TesterBrief, TesterReply, ToolBrief, UserBrief, UserReply
from .human import HumanUser
from .prompting import prompt, prompts_digest
from .tester import Evidence, TesterAgent
from .tool import ToolAgent
from .user import UserAgent, UserTurn

__all__ = [
    "AssistantAgent",
    "Evidence",
    "HumanUser",
    "StepBrief",
    "TesterAgent",
    "TesterBrief",
    "TesterReply",
    "ToolAgent",
    "ToolBrief",
    "UserAgent",
    "UserBrief",
    "UserReply",
    "UserTurn",
    "architecture_names",
    "prompt",
    "prompts_digest",
]
