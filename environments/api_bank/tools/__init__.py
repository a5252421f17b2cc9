"""API-Bank's tools by domain; each module declares its own in a catalog when it is imported."""
