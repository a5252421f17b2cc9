"""`rules`: the rule-based baseline that can play every role without a model.

`RulesClient(role)` is a `ChatCompletionClient` like any other; `RulesRater` rates finished
trajectories by their signals. Read `client` first, then the
policy of the role you care about.
"""

from .client import RulesClient
from .rater import RulesRater

__all__ = ["RulesClient", "RulesRater"]
