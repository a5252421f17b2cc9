"""Text from models and tools, made harmless for a terminal.

Escape sequences could move the cursor, change colours or rename the window; bidirectional
controls could show another order than the bytes have. All of them become visible marks.
What a file's name holds that is no text at all is told apart.
"""

from __future__ import annotations

import unicodedata


def harmless(text: str) -> str:
    """`text` without control and format characters; line breaks and tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def is_text(name: str) -> bool:
    """Whether a file's name is text: bytes that are no UTF-8 become half a surrogate pair each,
    which nothing can send on."""
    return name.encode(errors="ignore").decode() == name


def _visible(character: str) -> str:
    if character in "\n\t":
        return character
    category = unicodedata.category(character)
    if category in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") and character != "\u200d":
        return f"\\u{ord(character):04x}"
    return character
