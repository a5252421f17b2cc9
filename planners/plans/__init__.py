"""Plans: from a few tools to the requests of a dialogue (ToolFlow, Wang et al., 2024).

`plan_by_rules` and `plan_with_model` make scenarios whose user follows a plan; with
`improvised_by_rules` the user has none (the ablation). `check_plan` says what a plan lacks. May
import agents' rules, scenarios, models and tools.
"""

from .by_model import plan_with_model
from .by_rules import draft_by_rules, plan_by_rules
from .checks import PlanFault, check_plan
from .drafting import Draft
from .improvised import improvised_by_rules
from .plan import Link, PlannedBy, PlannedRequest, choose

__all__ = [
    "Draft",
    "Link",
    "PlanFault",
    "PlannedBy",
    "PlannedRequest",
    "check_plan",
    "choose",
    "draft_by_rules",
    "improvised_by_rules",
    "plan_by_rules",
    "plan_with_model",
]
