"""Damage to the text itself: marks of a chat template, characters lost or decoded wrongly, an
answer in another script than the dialogue's.

English mojibake patterns are those of UTF-8 read as Windows-1252 or Latin-1, which is nearly all
there is. Languages are told apart by script only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from ..trajectory import Blame, Message
from .branch import Branch
from .config import FilterConfig
from .defect import Defect, defect, shown

_TOKENS = re.compile(
    r"<\|[a-z_0-9▁ ]{2,40}\|>|<｜[^｜>]{2,40}｜>|\A(?:(?!<s>)[\s\S]){0,20000}?</s>|<s>\s*\[INST|"
    r"\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|"
    r"<(?:bos|eos|pad|unk)>|</?tool_(?:call|response|calls|result)>|<\|?endoftext\|?>|"
    r"\[/?(?:TOOL_CALLS|AVAILABLE_TOOLS|TOOL_RESULTS)\]|<function=[\w.-]+>|</function>|"
    r"<\|(?:im_start|im_end)|</?function_calls?>|<minimax:tool_call>"
)
_MOJIBAKE = re.compile(
    "[ÃÂ][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014"
    "\u2018-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]"
    "|â(?:€|\u0080)[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u02dc\u2013\u2014\u2018-\u201e"
    "\u2020-\u2022\u2026\u2030\u2039\u203a\u2122]|â[\u0080-\u009f][\u0080-\u00bf]|ï»¿|ð(?:Ÿ|\u009f)|Ã\u00ad|â‚¬|â„¢"
)
_REAL = re.compile(r"[ÃÂ][ªºA-Z]|\bÂ°\b", 0)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u0080-\u0084\u0086-\u009f\ufffe\uffff]")
_ESCAPED = re.compile(r"\\u(?:d[89ab]|D[89AB])[0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])")
_ASKED = re.compile(
    r"\btranslat|\b(?:in|into|to|speak|use|write)\s+(?:amharic|arabic|armenian|belarusian|bengali"
    r"|bulgarian|burmese|cantonese|chinese|farsi|georgian|greek|gujarati|hebrew|hindi|japanese"
    r"|kannada|kazakh|khmer|korean|lao|macedonian|malayalam|mandarin|marathi|mongolian|nepali"
    r"|persian|punjabi|russian|serbian|sinhala|tamil|telugu|thai|ukrainian|urdu)\b",
    re.IGNORECASE,
)
"""A wish for a translation, or for a language that is not written in Latin letters."""
_MOST = 200_000
_LETTERS = 10


def text_damage(branch: Branch, config: FilterConfig) -> Iterator[Defect]:
    """A defect for each kind of damage in each message."""
    for message in branch.messages:
        blame = _blame(message)
        for text in _texts(message):
            if text.isascii() and "<" not in text and "[" not in text and text.isprintable():
                continue
            for reason, pattern in _patterns(message):
                found = pattern.search(text)
                if found:
                    around = text[max(0, found.start() - 20) : found.start() + 40]
                    yield defect(reason, shown(ascii(around)), message.id, blame)
    yield from _switches(branch)


def _patterns(message: Message) -> tuple[tuple[str, re.Pattern[str]], ...]:
    # The web is full of pages with broken characters; that a tool passes on as it is.
    if message.role == "tool":
        return (("control_token", _CHAT_TOKENS),)
    return _ALL


_CHAT_TOKENS = re.compile(r"<\|(?:im_start|im_end|endoftext|eot_id|start_header_id)\|>")
_ALL = (
    ("control_token", _TOKENS),
    ("replacement_character", re.compile("\ufffd")),
    ("mojibake", _MOJIBAKE),
    ("control_character", _CONTROL),
)


def _texts(message: Message) -> Iterator[str]:
    if message.content:
        yield message.content[:_MOST]
    for call in message.tool_calls or ():
        yield call.function.arguments[:_MOST]
        yield call.function.name


def _blame(message: Message) -> Blame:
    if message.role == "system":
        return "scenario"
    return message.role


def _switches(branch: Branch) -> Iterator[Defect]:
    """Answers mostly in a script in which nobody else wrote a word, and for which nobody asked."""
    if all(m.content is None or m.content.isascii() for m in branch.messages):
        return
    known: set[str] = set()
    asked = False
    for message in branch.messages:
        if message.role == "user":
            asked = _ASKED.search(message.content or "") is not None
        if message.role in ("user", "tool", "system"):
            known |= scripts(message.content or "").keys()
            continue
        found = scripts(message.content or "")
        total = sum(found.values())
        for script, letters in found.items():
            if not asked and script not in known and letters >= _LETTERS and 2 * letters > total:
                detail = f"{script}: {shown(message.content, 60)}"
                yield defect("language_switch", detail, message.id)


def scripts(text: str) -> dict[str, int]:
    """Letters of a text by script (LATIN, CYRILLIC, CJK, ...); the Japanese ones as one."""
    counted: dict[str, int] = {}
    for char in text[:4000]:
        if char.isalpha():
            script = "LATIN" if char.isascii() else unicodedata.name(char, "?").split()[0]
            script = "CJK" if script in ("HIRAGANA", "KATAKANA") else script
            counted[script] = counted.get(script, 0) + 1
    return counted
