"""An assistant that says it did something which no call did, or which failed.

English only, and only plain claims: "I have booked ...", "your order has been cancelled", "Done."
A claim of something that can be done in words (writing, explaining) counts only where a tool of
the dialogue is made for that act. What was done in an earlier round may be told again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .branch import Branch, Call, Round
from .config import FilterConfig
from .defect import Defect, defect
from .words import folded, parts, stem, tokens, word_set

_OUTSIDE = word_set(
    "booked reserved scheduled rescheduled ordered purchased bought paid transferred sent emailed "
    "mailed cancelled canceled deleted registered subscribed unsubscribed submitted posted "
    "published uploaded downloaded activated deactivated enabled disabled locked unlocked "
    "refunded charged deposited withdrawn shipped dispatched notified messaged texted forwarded "
    "enrolled invited rebooked renewed switched dimmed"
)
"""Acts that only a tool can do."""
_EITHER = word_set(
    "added created updated changed modified set removed saved recorded logged moved assigned "
    "started stopped closed opened placed made turned completed confirmed processed stored "
    "generated applied marked shared put adjusted converted calculated checked searched retrieved "
    "looked found fetched queried"
)
"""Acts that a tool does, or that are done in words: counts where the tools have such a thing."""
_ADVERB = r"(?:(?:now|just|also|already|successfully|gladly|all|both|then|since|officially) )*"
_VERB = "|".join(sorted(_OUTSIDE | _EITHER))
_CLAIM = re.compile(
    rf"\b(?:i|we)(?:'ve| have)? {_ADVERB}({_VERB})\b"
    rf"|\b(?:i|we)(?:'ve| have)? (?:just |now )?(?:went|gone) ahead and {_ADVERB}({_VERB})\b"
    rf"|\b(?:has|have) {_ADVERB}been {_ADVERB}({_VERB})\b"
    rf"|\b(?:is|are|was|were) (?:now |already |all )*successfully ({_VERB})\b"
    rf"|\b(?:is|are) (?:now|all) ({_VERB})\b"
    rf"|\bsuccessfully ({_VERB})\b"
    rf"|^\W*(?:done|all set|all done)\b[^?]{{0,40}}?[.!,:] ?.{{0,60}}?\b({_VERB})\b"
)
_DONE = re.compile(
    r"^\W*(?:(?:great|okay|ok|sure|perfect|alright)\W+)?(?:it's |that's |all )?done\s*[.!:]"
)
_SUCCESS = re.compile(
    r"\bsuccess(?:ful(?:ly)?)?\b|\bwent through\b|^\W*(?:\w+\W+){0,2}done\b|\ball set\b"
    r"|\bcompleted\b|\bconfirmed\b|\bis (?:now )?(?:booked|set|scheduled|active|on its way)\b"
)
_GUARD = re.compile(
    r"\b(?:not|n't|never|once|if|when|after|before|until|unless|would|could|will|should|can|cannot|"
    r"may|might|unable|fail\w*|want|like|let me|to have|need|no|nothing|example|sample|suppose|"
    r"imagine|wish|assum\w+|in case|as soon|you|whether|shall|going to|about to|haven't|hasn't|"
    r"couldn't|isn't|wasn't|aren't|don't|didn't|won't)\b|n't\b"
)
_TROUBLE = re.compile(
    r"\b(?:error\w*|fail\w*|unable|unfortunately|sorry|apolog\w+|cannot|can not|could not|not|no|"
    r"none|nothing|problem\w*|issue\w*|trouble|invalid|unavailable|denied|refused|rejected|wrong|"
    r"incorrect|missing|already|however|but|exceed\w*|unsuccessful\w*|again|instead|only|timed out|"
    r"timeout|expired|without success|impossible|declined|down|unknown|never)\b|n't\b"
)
_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]?")


def claims(branch: Branch, config: FilterConfig) -> Iterator[Defect]:
    """A defect for each answer that claims what did not happen."""
    if not branch.trajectory.tools and not branch.calls:
        return
    for part in branch.rounds:
        at = branch.answer_of(part)
        if at is None:
            continue
        text = folded(branch.text(at)[:6000])
        calls = branch.calls_in(part)
        if not calls:
            verb = _claimed(text, branch, part)
            if verb:
                detail = f"claims {verb!r} without a call: {branch.text(at)}"
                yield defect("claimed_without_call", detail, branch.messages[at].id)
        elif _all_failed(calls) and _claims_success(text):
            detail = f"{calls[-1].name} failed ({calls[-1].result}), told: {branch.text(at)}"
            yield defect("claimed_after_error", detail, branch.messages[at].id)


def _claimed(text: str, branch: Branch, part: Round) -> str | None:
    """The first act that the answer claims and that neither an earlier call explains nor words."""
    if _earlier_success(branch, part):
        return None
    for sentence in _SENTENCE.findall(text):
        if sentence.rstrip().endswith("?"):
            continue
        for match in _CLAIM.finditer(sentence):
            verb = next(group for group in match.groups() if group)
            if _GUARD.search(sentence[: match.start()]) or _about_past(sentence, match.end()):
                continue
            if verb in _OUTSIDE or _has_tool_for(verb, branch):
                return verb
    if _DONE.match(text) and len(text) < 300:
        return "done"
    return None


def _about_past(sentence: str, end: int) -> bool:
    """ "... that you were sent last year" tells of others' acts."""
    return re.match(r" (?:by|in \d{4}|last|yesterday|years?|centur)", sentence[end:]) is not None


def _earlier_success(branch: Branch, part: Round) -> bool:
    """Whether a call of an earlier round succeeded, which may be what is told."""
    return any(c.at < part.user and c.result_at is not None and not c.failed for c in branch.calls)


def _has_tool_for(verb: str, branch: Branch) -> bool:
    wanted = _root(verb)
    for tool in branch.trajectory.tools:
        said = parts(tool.name) + tokens(folded(tool.description[:300]))
        if any(_root(word) == wanted for word in said):
            return True
    return False


_IRREGULAR = {"made": "make", "found": "find", "set": "set", "put": "put", "looked": "look",
              "sent": "send", "paid": "pay", "bought": "buy"}  # fmt: skip


def _root(verb: str) -> str:
    return stem(_IRREGULAR.get(verb, verb))


def _all_failed(calls: list[Call]) -> bool:
    """Whether nothing of the round's last tool worked."""
    last = calls[-1]
    return last.failed and not any(c.name == last.name and not c.failed for c in calls)


def _claims_success(text: str) -> bool:
    if _TROUBLE.search(text):
        return False
    return any(
        (_CLAIM.search(sentence) or _SUCCESS.search(sentence)) and not sentence.endswith("?")
        for sentence in _SENTENCE.findall(text)
    )
