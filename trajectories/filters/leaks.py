"""Words that belong behind the scene: the plan, the director's instructions, tools' names in the
user's mouth, the system prompt, speakers' marks.

A user may say "step 3" of a recipe, an assistant may list steps: what counts is the typing of a
plan's steps, a step's number together with the plan, and the machinery's own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..trajectory import Blame
from .branch import Branch
from .config import FilterConfig
from .defect import Defect, defect, shown
from .words import folded, tokens, word_set

_PLAN_USER = re.compile(
    r"[\[({<*_`\"]\s*(?:tool[ _-]?calls?|chit-?chat|small ?talk)\s*[\])}>*_`\"]"
    r"|^\s*(?:tool[ _-]?call|chit-?chat|request)\s*(?:#?\d+)?\s*[:\-–—]"
    r"|\btool_calls?\b|\bstep_met\b|\btimes_said\b|\bupcoming\"\s*:"
    r"|\b(?:according to|as per|per|following|from|in|of) (?:my|the|our) (?:dialogue |"
    r"conversation )?"
    r"(?:plan|script|scenario)\b(?=[,.:;!]|\s+(?:step|i |it|we|says|i'm|next|now|the next|my next))"
    r"|\b(?:my|the|our|dialogue|conversation) (?:plan|script|scenario) (?:says|tells|wants|asks|"
    r"requires|is for me|calls for)\b"
    r"|^\W*(?:step|turn|request|item)\s*#?\s*\d+(?:\s*(?:of|/)\s*\d+)?\s*[:.)\-–—]"
    r"|^\W*(?:(?:now|next|then|so|ok|okay|moving|on|and|this|that|here|is|to|comes|for|let's|"
    r"we|are|at|it's|do|go|with|i'm|i|am|the|my|going)\W+){0,6}(?:step|turn)\s+(?:#?\d+|one|two|"
    r"three|four|five|six|seven)(?:\s+of\s+(?:the|my|our)\s+(?:plan|script|list|scenario|"
    r"conversation|dialogue))?\s*(?:[:,.;!\-–—]|of\b|is\b)"
    r"|\bstep\s+(?:#?\d+|one|two|three|four|five) (?:of|in|from) (?:the|my|our) (?:plan|script|"
    r"scenario|dialogue|conversation)\b"
    r"|\bask (?:the )?(?:ai )?assistant (?:to|for|about|if|whether)\b"
    r"|\bthe user (?:should|must|will|wants|asks|needs|is supposed|then|now|says|requests|thanks)\b"
    r"|\b(?:user|simulated user|user simulator|role[- ]?play(?:ing)?) (?:agent|persona|role|"
    r"prompt|turn)\b|\bas (?:an?|the) (?:simulated )?user,|\bstay in character\b",
    re.IGNORECASE | re.MULTILINE,
)
_PLAN_ASSISTANT = re.compile(
    r"\bstep_met\b|\btimes_said\b|\b(?:the )?user'?s plan (?:says|is|has|step|wants|requires|"
    r"calls)\b"
    r"|\b(?:according to|as per|per) (?:the|your|our) (?:dialogue|conversation|simulation|user'?s) "
    r"(?:plan|script)\b|\bstep\s+#?\d+ (?:of|in|from) (?:the|your|our) (?:dialogue |conversation |"
    r"user'?s )?(?:plan|script|scenario)\b"
    r"|[\[({<]\s*(?:chit-?chat|tool_call)\s*[\])}>]|^\s*(?:chit-?chat|tool_call)\s*[:\-–—]"
    r"|\b(?:the )?(?:next|upcoming|current) (?:step|request) (?:of|in) (?:the|your|my) "
    r"(?:dialogue |conversation |user'?s )?(?:plan|script|scenario)\b",
    re.IGNORECASE | re.MULTILINE,
)
_HINTS = ("step", "plan", "script", "scenario", "chit", "tool", "talk", "turn", "request", "item",
          "user", "assistant", "character", "times_said", "upcoming")  # fmt: skip
"""One of them is in everything that the two patterns match; looking for them is cheap."""
_BRIEF = re.compile(
    r'^\s*(?:```(?:json)?\s*)?\{\s*"(?:step_met|message|kind|task|request|role)"\s*:'
)
_MARK = re.compile(
    r"^\s*(?:\*\*|#+\s*|\[|<)?(?:user|human|assistant|ai|ai assistant|system|customer|agent|"
    r"chatbot|bot|tool|function|observation|director|planner)(?:\]|>)?(?:\*\*)?\s*(?::|>)(?:\*\*)?\s+\S",
    re.IGNORECASE,
)
_SPEAKERS = re.compile(
    r"^\s*(?:\*\*|#+\s*|\[)?(user|human|assistant|ai|system)(?:\])?(?:\*\*)?\s*:(?:\*\*)?(?:\s|$)",
    re.IGNORECASE | re.MULTILINE,
)
_HEADED = re.compile(
    r"^\s*###\s*(?:instruction|response|input|human|assistant|user|system)s?\b\s*:?\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_SENTENCE = re.compile(r"[^.!?\n]+")
_ADDRESSED = word_set("you your yourself never always user users tool tools assistant")
_TELLING = re.compile(r"_|[a-z][A-Z]|\w\.\w|[a-z]-[a-z].*-")
_JOINED = re.compile(r"[\w/@-]")
"""Beside a name, it makes another word of it."""
_MOST = 20_000


def leaks(branch: Branch, config: FilterConfig) -> Iterator[Defect]:
    """A defect for each turn in which something from behind the scene is said."""
    orders = _instructions(branch)
    recited = [order for order in _sentences(branch) if len(order.split()) >= 12]
    names = _telling_names(branch)
    for at, message in enumerate(branch.messages):
        if message.role not in ("user", "assistant") or not message.content:
            continue
        text = message.content[:_MOST]
        by_user = message.role == "user"
        blame: Blame = "user" if by_user else "assistant"
        low = branch.reading(at).text
        found = None
        if any(hint in low for hint in _HINTS):
            found = (_PLAN_USER if by_user else _PLAN_ASSISTANT).search(text)
        if found is None and by_user:
            found = _BRIEF.match(text)
        if found:
            yield defect("leaked_plan", _around(text, found.start()), message.id, blame)
        if by_user:
            yield from _tool_names(names, text, message.id)
        if recited or orders:
            flat = " ".join(branch.reading(at).tokens)
            # An assistant may tell what it knows from there, such as a shop's rules; a user has
            # never read it.
            known = recited + orders if by_user else orders
            said = next((order for order in known if order in flat), None)
            if said:
                yield defect("leaked_system_prompt", said, message.id, blame)
        if _marked(text, low):
            yield defect("leaked_role_marker", text[:80], message.id, blame)


def _tool_names(names: list[str], text: str, message: int) -> Iterator[Defect]:
    for name in names:
        at = text.find(name)
        if at >= 0 and not _JOINED.search(text[max(0, at - 1) : at] + text[at + len(name) :][:1]):
            yield defect("leaked_tool_name", f"{name}: {shown(text, 80)}", message)


def _telling_names(branch: Branch) -> list[str]:
    """Names that no user would come up with: joined words, not one plain word."""
    names = (tool.name for tool in branch.trajectory.tools)
    return [name for name in names if len(name) > 4 and _TELLING.search(name)]


def _instructions(branch: Branch) -> list[str]:
    """Those of its sentences that are addressed to the assistant."""
    return [order for order in _sentences(branch) if _ADDRESSED & set(order.split())]


def _sentences(branch: Branch) -> list[str]:
    """The system message's sentences from six words on, as their words."""
    if not branch.messages or branch.messages[0].role != "system":
        return []
    sentences = _SENTENCE.findall(branch.text(0)[:_MOST])
    flat = [tokens(folded(sentence)) for sentence in sentences]
    return [" ".join(words) for words in flat if len(words) >= 6]


def _marked(text: str, low: str) -> bool:
    if _MARK.match(text):
        return True
    if "###" in text and _HEADED.search(text):
        return True
    if "user" not in low and "human" not in low:
        return False
    speakers = {found.lower() for found in _SPEAKERS.findall(text)}
    return len(speakers) > 1


def _around(text: str, at: int) -> str:
    return text[max(0, at - 20) : at + 80]
