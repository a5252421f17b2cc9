"""The built-in sandboxes, by name; each module is imported when its sandbox is first opened."""

BUILT_IN = {
    "workspace": "workspace:WORKSPACE",
}
"""`module:attribute` of each sandbox, within this package."""
