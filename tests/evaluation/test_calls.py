import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from autogen_core import FunctionCall
from autogen_core.models import CreateResult, RequestUsage

from callsheet.evaluation.calls import CUT_OFF, evaluate_calls, unanswered
from callsheet.evaluation.gold import call_items
from callsheet.evaluation.report import read_results
from callsheet.evaluation.table import comparison_lines
from callsheet.models.base import ChatClient
from callsheet.models.errors import AnswerCutOff, EndpointError, InvalidAnswer
from callsheet.models.messages import chat_messages, prompt_of
from callsheet.scenarios.schema import Scenario

SCENARIO = Scenario.model_validate(
    {
        "name": "words",
        "environment": "workspace",
        "tools": ["LookUpWord", "GetWeather", "AddMeeting"],
        "plan": [
            {"tool_call": "What is a quorum? And the weather in Oslo on 2026-03-03?"},
            {"tool_call": "Put lunch at the Bar on 9 March from noon to one (tok-9f31c2)"},
        ],
        "expect": {
            "calls": [
                {"name": "LookUpWord", "arguments": {"word": "quorum"}, "step": 0},
                {
                    "name": "GetWeather",
                    "arguments": {"city": "Oslo", "date": "2026-03-03"},
                    "step": 0,
                },
                {
                    "name": "AddMeeting",
                    "arguments": {
                        "token": "tok-9f31c2",
                        "topic": "lunch",
                        "start": "2026-03-09 12:00:00",
                        "end": "2026-03-09 13:00:00",
                        "location": "Bar",
                    },
                    "step": 1,
                },
            ]
        },
    }
)
ITEMS = asyncio.run(call_items([SCENARIO]))
RIGHT = [(i.goals[0].name, i.goals[0].arguments) for i in ITEMS]


@dataclass(frozen=True)
class Cut:
    """An answer that broke off at the token limit."""

    answer: Any


class Scripted(ChatClient):
    """Answers the prompts by how many results they hold."""

    def __init__(self, answers: Sequence[Any]) -> None:
        super().__init__()
        self.answers = answers
        self.asked: list[Mapping[str, Any]] = []

    async def create(self, messages, **options: Any) -> CreateResult:  # type: ignore[override]
        self.asked.append(options)
        answer = self.answers[sum(m["role"] == "tool" for m in chat_messages(messages))]
        finish: Any = "stop"
        if isinstance(answer, Cut):
            answer, finish = answer.answer, "length"
        if isinstance(answer, Exception):
            raise answer
        content: Any = answer
        if isinstance(answer, tuple):
            text = answer[1] if isinstance(answer[1], str) else json.dumps(answer[1])
            content = [FunctionCall(id="x", name=answer[0], arguments=text)]
        return CreateResult(
            content=content,
            finish_reason=finish,
            usage=RequestUsage(prompt_tokens=1, completion_tokens=1),
            cached=False,
        )


def evaluate(answers: Sequence[Any], path, **options: Any):
    client = Scripted(answers)
    report = asyncio.run(evaluate_calls(client, ITEMS, path, model="m", **options))
    return client, report, read_results(path)


def test_the_authors_own_calls_are_all_right(tmp_path):
    client, report, results = evaluate(RIGHT, tmp_path / "r.jsonl")
    assert (report.call_accuracy, report.name_accuracy, report.argument_accuracy) == (1, 1, 1)
    assert report.calls == 3 and report.scenarios == 1 and report.reasons == {}
    assert {o["tool_choice"] for o in client.asked} == {"required"}
    assert [r.reason for r in results] == ["correct"] * 3


def test_what_a_call_does_decides_not_how_it_looks(tmp_path):
    other_case = ("LookUpWord", {"word": "Quorum"})
    later = ("AddMeeting", {**RIGHT[2][1], "topic": "dinner"})
    swapped = [RIGHT[1], RIGHT[1], later]
    _, report, results = evaluate(swapped, tmp_path / "r.jsonl")
    # Both calls of the first step are right first calls; the dinner leaves another state.
    assert [r.correct for r in results] == [True, True, False]
    assert results[2].reason == "another state" and results[2].name_correct
    assert report.argument_accuracy == pytest.approx(2 / 3)
    _, _, results = evaluate([other_case, *RIGHT[1:]], tmp_path / "s.jsonl")
    assert results[0].arguments_correct is False
    assert results[0].correct == (results[0].reason == "correct")


def test_every_way_to_fail_is_named(tmp_path):
    def reason(answer: Any) -> str:
        path = tmp_path / f"{abs(hash(str(answer)))}.jsonl"
        return evaluate([answer, *RIGHT[1:]], path)[2][0].reason

    assert reason("A quorum is a number of people.") == "no call"
    assert reason(("AddMeeting", {})) == "wrong tool"
    assert reason(("Nothing", {})) == "unknown tool"
    assert reason(("LookUpWord", "[1]")) == "the arguments are no JSON object"
    assert reason(("LookUpWord", '{"word": ')) == "the arguments are no JSON object"
    assert reason(("LookUpWord", {"word": "zzz"})).startswith("the call fails: ")
    assert reason(("LookUpWord", {"word": "agenda"})) == "another result"
    assert reason(InvalidAnswer("no")) == "no usable answer: invalid_answer"


def test_an_interrupted_evaluation_asks_only_what_is_missing(tmp_path):
    path = tmp_path / "r.jsonl"
    with pytest.raises(EndpointError, match="gone"):
        evaluate([RIGHT[0], RIGHT[1], EndpointError("gone")], path, concurrency=1)
    assert len(read_results(path)) == 2
    with path.open("ab") as file:
        file.write(b'{"id": "torn')
    client, report, _ = evaluate(RIGHT, path)
    assert len(client.asked) == 1 and report.calls == 3
    again, _, _ = evaluate(RIGHT, path)
    assert again.asked == []


def test_answers_to_other_prompts_are_not_reused(tmp_path):
    path = tmp_path / "r.jsonl"
    evaluate(RIGHT, path)
    path.write_text(path.read_text().replace(ITEMS[0].prompt_digest, "0" * 32))
    client, _, _ = evaluate(RIGHT, path)
    assert len(client.asked) == 1


def test_answers_under_another_constraint_are_not_reused(tmp_path):
    path = tmp_path / "r.jsonl"
    evaluate(RIGHT, path)
    assert (unanswered(ITEMS, path, "required"), unanswered(ITEMS, path, "auto")) == (0, 3)
    client, _, results = evaluate(RIGHT, path, constraint="auto")
    assert [asked["tool_choice"] for asked in client.asked] == ["auto"] * 3
    assert [result.constraint for result in results] == ["auto"] * 3
    assert evaluate(RIGHT, path, constraint="auto")[0].asked == []
    # Lines from before the constraint was kept may be of either.
    path.write_text(path.read_text().replace('"constraint":"auto",', ""))
    assert {result.constraint for result in read_results(path)} == {None}
    assert len(evaluate(RIGHT, path, constraint="auto")[0].asked) == 3


def test_an_answer_that_was_cut_off_says_so_where_no_call_can_be_read(tmp_path):
    _, report, first = evaluate(
        [Cut("I think that"), Cut(("GetWeather", '{"city": "Os')), Cut(RIGHT[2])],
        tmp_path / "r.jsonl",
    )
    assert CUT_OFF == "cut off at 160 tokens"
    assert [result.reason for result in first] == [CUT_OFF, CUT_OFF, "correct"]
    assert report.reasons == {CUT_OFF: 2} and first[0].said == "I think that"
    _, _, again = evaluate(RIGHT, tmp_path / "r.jsonl")
    assert again == first
    local = [AnswerCutOff("it broke off"), *RIGHT[1:]]
    assert evaluate(local, tmp_path / "s.jsonl")[2][0].reason == CUT_OFF


def test_kept_answers_are_judged_by_what_is_expected_now(tmp_path):
    path = tmp_path / "r.jsonl"
    _, before, _ = evaluate(RIGHT, path)
    assert before.call_accuracy == 1
    *_, last = SCENARIO.expect.calls
    last = last.model_copy(update={"arguments": {**last.arguments, "location": "Cafe"}})
    expect = SCENARIO.expect.model_copy(update={"calls": [*SCENARIO.expect.calls[:-1], last]})
    items = asyncio.run(call_items([SCENARIO.model_copy(update={"expect": expect})]))
    assert [i.prompt_digest for i in items] == [i.prompt_digest for i in ITEMS]
    client = Scripted([])
    report = asyncio.run(evaluate_calls(client, items, path, model="m"))
    assert client.asked == [] and report.reasons == {"another state": 1}
    assert read_results(path)[2].expected["arguments"]["location"] == "Cafe"
    again, back, results = evaluate(RIGHT, path)
    assert again.asked == [] and back == before and results[2].correct


def test_what_was_no_call_stays_none_when_it_is_judged_again(tmp_path):
    answers = ["Words.", ("GetWeather", "[1]"), InvalidAnswer("no")]
    _, before, first = evaluate(answers, tmp_path / "r.jsonl")
    client, after, second = evaluate(RIGHT, tmp_path / "r.jsonl")
    assert client.asked == [] and (after, second) == (before, first)


def test_the_prompt_survives_the_way_to_autogen_and_back():
    for item in ITEMS:
        assert chat_messages(prompt_of(item.messages)) == list(item.messages)


def test_the_table_says_what_was_measured(tmp_path):
    _, report, _ = evaluate(RIGHT, tmp_path / "r.jsonl")
    lines = comparison_lines([report])
    assert lines[0].startswith("| model | calls |")
    assert lines[2] == "| m | 3 | 100.0 % | 100.0 % | 100.0 % |"
