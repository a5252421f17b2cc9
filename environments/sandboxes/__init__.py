"""The built-in sandboxes, by name; each module is imported when its sandbox is first opened."""

BUILT_IN = {
    "workspace": "workspace:WORKSPACE",
    "bank": "bank:BANK",
    "books": "books:BOOKS",
    "fitness": "fitness:FITNESS",
    "home": "home:HOME",
    "kitchen": "kitchen:KITCHEN",
    "shop": "shop:SHOP",
    "tickets": "tickets:TICKETS",
    # Kept for evaluation; nothing is trained on these.
    "city": "city:CITY",
    "clinic": "clinic:CLINIC",
    "travel": "travel:TRAVEL",
}
"""`module:attribute` of each sandbox, within this package."""
