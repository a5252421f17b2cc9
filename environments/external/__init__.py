"""Tools that really run, outside: HTTP APIs, MCP servers and a project's own Python functions.

Read `settings` for what a project registers and `environment` for what all kinds have in common;
then the caller of the kind you care about. `sources` finds what stands behind a name. Imports
environments' protocol, models and below; what is heavy, only when it is needed.
"""

from .names import KINDS, is_external, names_a_file, placed

__all__ = ["KINDS", "is_external", "names_a_file", "placed"]
