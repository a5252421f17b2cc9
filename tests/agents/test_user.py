"""The user agent: code owns the cursor, whatever the model says."""

import asyncio
from typing import Any

import orjson
import pytest
from autogen_agentchat.conditions import MaxMessageTermination, TextMentionTermination
from autogen_agentchat.messages import StopMessage, TextMessage
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_core import CancellationToken
from autogen_core.models import AssistantMessage, SystemMessage, UserMessage
from hypothesis import given
from hypothesis import strategies as st
from scripted_model import Scripted

from callsheet.agents import AssistantAgent, StepBrief, UserAgent, UserTurn
from callsheet.models.errors import InvalidAnswer

STEPS = [
    StepBrief(kind="tool_call", request="move the offsite to Friday"),
    StepBrief(kind="chitchat", request="too many meetings"),
]


def met(message: str) -> dict[str, Any]:
    return {"step_met": True, "message": message}


def unmet(message: str) -> dict[str, Any]:
    return {"step_met": False, "message": message}


def user(*answers: Any, **options: Any) -> tuple[UserAgent, Scripted]:
    model = Scripted(*answers)
    options.setdefault("steps", STEPS)
    return UserAgent(model, persona="a terse manager", **options), model


def turns(agent: UserAgent, *heard: str | None) -> list[UserTurn]:
    async def run() -> list[UserTurn]:
        return [await agent.next(words) for words in heard]

    return asyncio.run(run())


def test_steps_follow_each_other_and_then_it_is_done() -> None:
    agent, _ = user(met("Move the offsite, please."), met("So many meetings."), met(""))
    first, second, last = turns(agent, None, "Moved.", "Indeed.")
    assert first == UserTurn("Move the offsite, please.", step=0, met=True, done=False)
    assert second == UserTurn("So many meetings.", step=1, met=True, done=False)
    assert last == UserTurn("", step=2, met=True, done=True)


def test_the_model_is_told_the_step_the_style_and_the_facts() -> None:
    agent, model = user(met("a"), unmet("b"), met("c"), facts={"username": "foo"}, style="terse")
    turns(agent, None, "Who are you?", "Thanks.")
    assert model.brief(0) == {
        "task": "user_turn",
        "style": "terse",
        "facts": {"username": "foo"},
        "current": None,
        "upcoming": {"kind": "tool_call", "request": "move the offsite to Friday"},
        "times_said": 0,
    }
    assert model.brief(1)["current"] == model.brief(0)["upcoming"]
    assert [model.brief(i)["times_said"] for i in range(3)] == [0, 1, 2]


def test_it_hears_the_dialogue_with_the_roles_changed_over() -> None:
    agent, model = user(met("Move it."), met("Too many."))
    turns(agent, None, "Moved.")
    system, own, heard, _brief = model.prompts[1]
    assert isinstance(system, SystemMessage)
    assert "a terse manager" in system.content
    assert isinstance(own, AssistantMessage)
    assert own.content == "Move it."
    assert isinstance(heard, UserMessage)
    assert heard.content == "Moved."


def test_a_step_that_is_never_met_is_given_up() -> None:
    agent, model = user(
        met("Move it."), unmet("again"), unmet("and again"), unmet("no"), met("Too many meetings.")
    )
    got = turns(agent, None, "What?", "What?", "What?")
    assert [t.step for t in got] == [0, 0, 0, 1]
    assert got[-1].met is False
    assert got[-1].message == "Too many meetings."
    assert model.brief(4)["current"] is None
    assert model.brief(4)["upcoming"]["request"] == "too many meetings"


def test_giving_up_on_the_last_step_ends_the_plan() -> None:
    agent, model = user(met("Move it."), unmet("x"), steps=STEPS[:1], patience=1)
    got = turns(agent, None, "What?")
    assert got[-1] == UserTurn("", step=1, met=False, done=True)
    assert len(model.prompts) == 2


def test_verbatim_says_the_request_as_it_stands() -> None:
    agent, model = user(met("in my own words"), unmet("the answer"), met(""), verbatim=True)
    got = turns(agent, None, "Done.", "Which?", "Fine.")
    assert [t.message for t in got] == [
        "move the offsite to Friday",
        "too many meetings",
        "the answer",
        "",
    ]
    assert len(model.prompts) == 3, "the first step needs no model"


@pytest.mark.parametrize("said", ["", "  ", '{"current": 1}', 'Well, "step_met": true'])
def test_a_brief_said_aloud_or_nothing_becomes_the_request(said: str) -> None:
    agent, _ = user(met(said), unmet(said))
    first, second = turns(agent, None, "When?")
    assert first.message == "move the offsite to Friday"
    assert second.message == "move the offsite to Friday"


def test_the_next_step_cannot_be_said_before_its_turn() -> None:
    agent, _ = user(met("Move it."), unmet("Too many  MEETINGS."))
    _, second = turns(agent, None, "When?")
    assert second.step == 0
    assert second.message == "move the offsite to Friday"


def test_silence_is_heard_as_silence() -> None:
    agent, model = user(met("Move it."), unmet("Hello?"))
    turns(agent, None, "")
    assert model.prompts[1][-2].content == "(no answer)"


def test_an_answer_in_no_form_is_asked_for_again_and_then_an_error() -> None:
    agent, model = user("no JSON", met("Move it."), "no", "never")
    assert turns(agent, None)[0].message == "Move it."
    with pytest.raises(InvalidAnswer):
        turns(agent, "Moved.")
    assert len(model.prompts) == 4


@given(
    st.lists(st.sampled_from(["met", "unmet"]), min_size=1, max_size=30),
    st.integers(1, 4),
    st.integers(1, 4),
)
def test_no_answers_can_skip_or_reorder_steps(
    answers: list[str], count: int, patience: int
) -> None:
    steps = [StepBrief(kind="tool_call", request=f"request {i}") for i in range(count)]
    said = [met("m") if a == "met" else unmet("u") for a in answers]
    # Wording after giving up asks once more; enough answers are at hand for both.
    agent, _ = user(met("m"), *[x for a in said for x in (a, met("m"))], steps=steps,
                    patience=patience)  # fmt: skip
    cursor, spoken = -1, 0
    heard = None
    for _ in answers:
        turn = turns(agent, heard)[0]
        heard = "ok"
        assert turn.step in (cursor, cursor + 1)
        spoken = spoken + 1 if turn.step == cursor else 1
        assert spoken <= patience
        cursor = turn.step
        assert turn.done == (cursor == count)
        if turn.done:
            return


def test_in_a_team_it_speaks_in_turn_and_stops() -> None:
    class NoTools:
        async def list_tools(self) -> list[Any]:
            return []

    agent, _ = user(met("Move the offsite."), met("Too many meetings."), met(""))
    helper = AssistantAgent("assistant", Scripted("Moved.", "Indeed."), NoTools())  # type: ignore[arg-type]
    team = RoundRobinGroupChat(
        [agent, helper],
        termination_condition=TextMentionTermination("That is all.") | MaxMessageTermination(20),
    )
    result = asyncio.run(team.run())
    said = [(m.source, m.to_text()) for m in result.messages]  # type: ignore[union-attr]
    assert said == [
        ("user", "Move the offsite."),
        ("assistant", "Moved."),
        ("user", "Too many meetings."),
        ("assistant", "Indeed."),
        ("user", "That is all."),
    ]
    assert isinstance(result.messages[-1], StopMessage)


def test_a_reset_starts_the_plan_anew() -> None:
    agent, model = user(met("one"), met("one again"))

    async def run() -> None:
        token = CancellationToken()
        await agent.on_messages([], token)
        await agent.on_reset(token)
        await agent.on_messages([TextMessage(content="the team's task", source="team")], token)

    asyncio.run(run())
    assert len(model.prompts[1]) == 2, "what was said before is gone, and a task is not heard"
    assert orjson.loads(str(model.prompts[1][-1].content))["current"] is None
