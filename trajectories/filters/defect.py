"""What can be wrong with a finished dialogue: the reason codes, who is blamed, what is reported.

A reason code is stable: files of rejected dialogues, reports and configurations name it. Who is
at fault is the party whose turn shows the defect; it is a label for triage, not a proof.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from ..trajectory import Blame


class Defect(BaseModel):
    """One thing wrong with a dialogue."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    reason: str
    """A code of `REASONS`."""
    blame: Blame
    message: int | None = None
    """Id of the message that shows it; None where no single one does."""
    detail: str = ""
    """For a person, in one line."""


class Reason(NamedTuple):
    """What a code means."""

    family: str
    """The rule that reports it; a name of `RULES` in `find.py`, or `judge`, `review` and `size`."""
    blame: Blame
    """Who is at fault where the rule knows no better."""
    meaning: str


REASONS: dict[str, Reason] = {
    # call_format
    "arguments_not_json": Reason("call_format", "assistant", "a call's arguments are no JSON"),
    "arguments_not_object": Reason("call_format", "assistant", "the arguments are no object"),
    "duplicate_call_id": Reason("call_format", "assistant", "two calls have one id"),
    "unknown_call_id": Reason("call_format", "environment", "a result names a call not made"),
    # schema
    "missing_required": Reason("schema", "assistant", "a required parameter is not given"),
    "unknown_parameter": Reason("schema", "assistant", "a parameter that the tool lacks"),
    "wrong_type": Reason("schema", "assistant", "a value of another type than documented"),
    "not_in_enum": Reason("schema", "assistant", "a value that is not among those allowed"),
    "schema_violation": Reason("schema", "assistant", "a value that the schema refuses"),
    "schema_unusable": Reason("schema", "scenario", "the tool's own schema cannot be used"),
    # tool_names
    "unknown_tool": Reason("tool_names", "assistant", "a call of a tool that is not on offer"),
    # grounding
    "fabricated_argument": Reason("fabricated", "assistant", "a value that nobody gave"),
    "vague_argument": Reason("vague", "assistant", "a stand-in instead of a value"),
    "left_out_value": Reason("left_out", "assistant", "the user gave a value, the call has none"),
    # incomplete
    "ends_on_user_message": Reason("endings", "assistant", "the last user turn has no answer"),
    "ends_on_tool_result": Reason("endings", "assistant", "the last results have no answer"),
    "no_answer_after_calls": Reason("endings", "assistant", "results that were never told"),
    "no_assistant_turn": Reason("endings", "assistant", "the assistant says nothing at all"),
    "plan_step_unanswered": Reason("endings", "user", "a step of the plan was not dealt with"),
    "uncalled_requests": Reason("endings", "assistant", "few of the plan's requests led to a call"),
    "not_completed": Reason("endings", "environment", "the episode did not end as completed"),
    # pairing
    "call_without_result": Reason("pairing", "environment", "a call has no result"),
    "result_without_call": Reason("pairing", "environment", "a result follows no call"),
    # leaks
    "leaked_plan": Reason("leaks", "user", "words of the plan or of the direction"),
    "leaked_tool_name": Reason("leaks", "user", "a tool's name in the user's mouth"),
    "leaked_system_prompt": Reason("leaks", "assistant", "the instructions said aloud"),
    "leaked_role_marker": Reason("leaks", "assistant", "a turn with a speaker's mark in it"),
    # repeats
    "repeated_user_turn": Reason("repeats", "user", "the user says the same twice"),
    "repeated_assistant_turn": Reason("repeats", "assistant", "the same answer twice"),
    "repeated_call": Reason("repeats", "assistant", "the same call with the same result"),
    # empty
    "empty_turn": Reason("empty", "assistant", "a turn that says nothing"),
    # claims
    "claimed_without_call": Reason("claims", "assistant", "says it was done; nothing was called"),
    "claimed_after_error": Reason("claims", "assistant", "says it was done; the call failed"),
    # answers
    "ungrounded_answer": Reason("answers", "assistant", "a number or id that occurs nowhere"),
    "ignored_result": Reason("ignored", "assistant", "denies what the tool returned"),
    # text
    "control_token": Reason("text_damage", "assistant", "a chat template's mark in the text"),
    "replacement_character": Reason("text_damage", "assistant", "characters were lost"),
    "mojibake": Reason("text_damage", "assistant", "text decoded in a wrong encoding"),
    "control_character": Reason("text_damage", "assistant", "an invisible control character"),
    "language_switch": Reason("text_damage", "assistant", "an answer in another script"),
    # role_order
    "bad_role_order": Reason("role_order", "environment", "turns in an impossible order"),
    # verdicts
    "execution_failed": Reason("verdicts", "assistant", "a check by execution failed"),
    "check_failed": Reason("verdicts", "assistant", "a check by rule failed"),
    "judge_failed": Reason("verdicts", "assistant", "the tester's judge was not satisfied"),
    # found by the model judge (`agents/dialogue_judge.py`), never by a rule
    "judged_unhelpful": Reason("judge", "assistant", "a request is not dealt with"),
    "judged_wrong_call": Reason("judge", "assistant", "a call that the request does not ask for"),
    "judged_ungrounded": Reason("judge", "assistant", "says or passes what nothing supports"),
    "judged_incoherent": Reason("judge", "user", "a turn that does not follow from before"),
    "judged_unnatural": Reason("judge", "user", "a turn that nobody would write"),
    "judged_bad_result": Reason("judge", "tool", "a result that contradicts tool or dialogue"),
    "judge_unusable": Reason("judge", "endpoint", "the judge gave no usable answer"),
    # said by people (`evaluation/reviews`), never by a rule
    "review_missing": Reason("review", "environment", "too few people have reviewed it"),
    "review_rejected": Reason("review", "assistant", "people do not accept it"),
    "review_rated_low": Reason("review", "assistant", "people rate it below the bound"),
    # size
    "too_large": Reason("size", "environment", "more branches or messages than are looked at"),
}
"""By code. A code is never given another meaning."""

_SHOWN = 160


def defect(
    reason: str, detail: str = "", message: int | None = None, blame: Blame | None = None
) -> Defect:
    """A defect with its reason's blame, unless another is given. Raises `KeyError` for a reason
    that there is none of."""
    return Defect(
        reason=reason, blame=blame or REASONS[reason].blame, message=message, detail=shown(detail)
    )


def shown(value: Any, limit: int = _SHOWN) -> str:
    """`value` as one line of at most `limit` characters."""
    text = " ".join(str(value)[: 4 * limit].split())
    return text if len(text) <= limit else text[: limit - 3] + "..."
