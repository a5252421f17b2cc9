"""The dialogue judge: its objections are defects, and count only with a quote that is there."""

from __future__ import annotations

import asyncio

from filter_dialogues import GOOD, branched, dialogue, says, user
from scripted_model import Scripted

from callsheet.agents.dialogue_judge import judge_dialogue
from callsheet.trajectories.filters import REASONS

GOOD_REPLY = {"defects": []}


def objection(quote: str, message: int = 4) -> dict[str, object]:
    one = {"reason": "judged_ungrounded", "message": message, "quote": quote, "why": "made up"}
    return {"defects": [one]}


def test_an_objection_with_proof_is_a_defect() -> None:
    model = Scripted(objection("is  BOOKED: b-4417"))
    (one,) = asyncio.run(judge_dialogue(model, dialogue(*GOOD)))
    assert (one.reason, one.blame, one.message) == ("judged_ungrounded", "assistant", 4)
    brief = model.brief()
    assert brief["conversation"][2]["calls"][0]["name"] == "book_table"
    assert {tool["name"] for tool in brief["tools"]} >= {"book_table", "note"}


def test_an_objection_without_proof_is_sent_back() -> None:
    model = Scripted(objection("never said"), GOOD_REPLY)
    assert asyncio.run(judge_dialogue(model, dialogue(*GOOD))) == []
    assert "does not contain the quote" in str(model.prompts[1][-1].content)


def test_a_judge_without_a_usable_answer_accepts_nothing() -> None:
    model = Scripted("no idea", "still none")
    (one,) = asyncio.run(judge_dialogue(model, dialogue(*GOOD)))
    assert (one.reason, one.blame) == ("judge_unusable", "endpoint")
    assert one.reason in REASONS


def test_every_branch_is_judged() -> None:
    tree = branched((user("Hi"), says("Yes?")), (user("a"), says("b")), (user("c"), says("d")))
    model = Scripted(GOOD_REPLY, GOOD_REPLY)
    assert asyncio.run(judge_dialogue(model, tree)) == []
    assert model.prompts[0] != model.prompts[1]
    one = Scripted(GOOD_REPLY)
    assert asyncio.run(judge_dialogue(one, tree, leaf=tree.leaves()[0])) == []
