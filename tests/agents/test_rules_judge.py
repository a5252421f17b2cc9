import asyncio
from typing import Any

import orjson
import pytest
from autogen_core.models import UserMessage

from callsheet.agents import TesterReply as Reply
from callsheet.agents.rules import RulesClient

USER = {"role": "user", "content": "Move it."}
ANSWER = {"role": "assistant", "content": "Moved."}
CALL = {"role": "assistant", "content": None, "tool_calls": [{"id": "c"}]}
PLAN = [{"kind": "tool_call", "request": "move it"}]


@pytest.mark.parametrize(
    ("conversation", "passed"),
    [
        ([USER, ANSWER], True),
        ([USER, CALL, ANSWER], True),
        ([USER], False),
        ([USER, CALL], False),
        ([USER, {"role": "assistant", "content": "  "}], False),
        ([USER, {"role": "assistant", "content": "I could not finish this."}], False),
        ([], False),
    ],
)
def test_every_request_wants_an_answer(conversation: list[Any], passed: bool) -> None:
    brief = {"task": "verdict", "plan": PLAN, "conversation": conversation}
    message = UserMessage(content=orjson.dumps(brief).decode(), source="director")
    result = asyncio.run(RulesClient("tester").create([message]))
    reply = Reply.model_validate_json(str(result.content))
    assert reply.passed is passed
    assert reply.reason
