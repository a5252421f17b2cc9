"""Asking models for samples: what is kept, what is asked again, and what stops it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
from api_bank_dialogues import alarm_dialogue, api, appointment_dialogue, dialogue, user
from scripted_model import Scripted, call

from callsheet.environments.api_bank import ApiBankData, api_bank_data
from callsheet.environments.api_bank.data import SEED
from callsheet.evaluation.api_bank.answers import read_answers
from callsheet.evaluation.api_bank.asking import WordingNotThere, wording_for
from callsheet.evaluation.api_bank.benchmark import Benchmark
from callsheet.evaluation.api_bank.conversation import read_conversations
from callsheet.evaluation.api_bank.evaluate import score_model
from callsheet.evaluation.api_bank.examination import Examination
from callsheet.evaluation.api_bank.predictions import read_texts
from callsheet.models.errors import AnswerCutOff, ContextOverflow, EndpointError

LOGIN = "[GetUserToken(username='amara', password='river-stone')]"


@pytest.fixture
def seed() -> ApiBankData:
    return api_bank_data(SEED)


@pytest.fixture
def examination(seed: ApiBankData) -> Examination:
    return Examination(Benchmark(1, seed, [alarm_dialogue(seed)], 1), "corrected")


class Repeating(Scripted):
    """Says the same to every question, and counts them."""

    def __init__(self, said: Any = LOGIN, fails_after: int = 10**9, error: Any = None) -> None:
        super().__init__()
        self.said, self.fails_after, self.error, self.asked = said, fails_after, error, 0

    async def create(self, messages: Any, **more: Any) -> Any:
        self.asked += 1
        if self.asked > self.fails_after:
            raise self.error
        self.answers = [self.said]
        self.choice = more["tool_choice"]
        return await super().create(messages, **more)


def score(examination: Examination, client: Scripted, folder: Path, **more: Any) -> Any:
    given = {"style": "bracket", "concurrency": 1, **more}
    ((report, scores),) = score_model([examination], "m", lambda: client, folder, **given)
    return report, scores


def test_answers_are_kept_read_and_not_asked_again(
    examination: Examination, tmp_path: Path
) -> None:
    client = Repeating()
    told: list[Any] = []
    report, _ = score(examination, client, tmp_path, say=lambda *what: told.append(what))
    assert [line[:4] for line in told] == [("m", "level 1 calls", n, 3) for n in (1, 2, 3)]
    assert (client.asked, report.calls.calls.right, report.calls.calls.of) == (3, 1, 3)
    assert report.calls.errors == {"api_name_mismatch": 2}
    assert (report.prompts, report.style, report.gold.calls.right) == ("project", "bracket", 3)
    path = tmp_path / "level-1.calls.jsonl"
    # A file of text answers is one of predictions, too.
    assert read_texts(path)[examination.benchmark.calls("corrected")[0].key] == LOGIN
    again, _ = score(examination, Repeating(fails_after=0), tmp_path)
    assert again == report
    path.write_bytes(path.read_bytes()[:-5])
    third = Repeating()
    assert score(examination, third, tmp_path)[0] == report and third.asked == 1
    # Another style is another prompt.
    other = Repeating('{"name": "GetToday", "arguments": {}}')
    score(examination, other, tmp_path, style="json")
    assert other.asked == 3


@pytest.mark.parametrize("line", [b"{", b'{"file": 1}', b"\xff"])
def test_a_file_of_other_lines_is_named_in_one_line(
    line: bytes, examination: Examination, tmp_path: Path
) -> None:
    for name in ("level-1.calls.jsonl", "level-1.conversations.jsonl"):
        (tmp_path / name).write_bytes(line + b"\n")
    with pytest.raises(ValueError, match=r"level-1\.calls\.jsonl:1: no answer; ") as told:
        score(examination, Repeating(), tmp_path)
    assert "\n" not in str(told.value)
    with pytest.raises(ValueError, match=r"level-1\.conversations\.jsonl:1: no conversation; "):
        read_conversations(tmp_path / "level-1.conversations.jsonl")


def test_a_model_that_goes_away_keeps_what_it_answered(
    examination: Examination, tmp_path: Path
) -> None:
    gone = Repeating(fails_after=2, error=EndpointError("nobody there"))
    with pytest.raises(EndpointError, match="nobody there"):
        score(examination, gone, tmp_path)
    assert len(read_answers(tmp_path / "level-1.calls.jsonl")) == 2
    back = Repeating()
    score(examination, back, tmp_path)
    assert back.asked == 1


def test_an_answer_that_cannot_be_had_is_no_call(examination: Examination, tmp_path: Path) -> None:
    full = Repeating(fails_after=1, error=ContextOverflow("too long"))
    report, scores = score(examination, full, tmp_path)
    assert report.calls.errors == {"no_api_call": 2} and report.calls.missing == 0
    assert "context_overflow" in scores[1].detail


class CutOff(Repeating):
    """Its answers break off at the token limit."""

    async def create(self, messages: Any, **more: Any) -> Any:
        answer = await super().create(messages, **more)
        return answer.model_copy(update={"finish_reason": "length"})


def test_an_answer_that_was_cut_off_says_so(examination: Examination, tmp_path: Path) -> None:
    report, scores = score(examination, CutOff("[GetUserToken(username='am"), tmp_path / "a")
    assert report.calls.errors == {"failed_parse_api_call": 3}
    assert {one.detail for one in scores} == {"cut off at 400 tokens"}
    again = score(examination, Repeating(fails_after=0), tmp_path / "a")
    assert again == (report, scores)
    local = Repeating(fails_after=0, error=AnswerCutOff("it broke off"))
    _, scores = score(examination, local, tmp_path / "b", style="native")
    assert {one.detail for one in scores} == {"cut off at 400 tokens"}
    # Words that broke off are no call that cannot be read.
    report, _ = score(examination, CutOff('{"say": "Let me'), tmp_path / "c", style="json")
    assert report.calls.errors == {"no_api_call": 3}


def test_native_calls_are_required_and_words_are_not(
    examination: Examination, tmp_path: Path
) -> None:
    native = Repeating(
        [call("GetUserToken", '{"username": "amara", "password": "river-stone"}'),
         call("GetToday")]
    )  # fmt: skip
    report, scores = score(examination, native, tmp_path, style="native")
    # Of several calls, the first one counts.
    assert scores[0].correct and native.choice == "required"
    assert {tool["name"] for tool in native.tools[0]} == {
        "AddAlarm",
        "DeleteAlarm",
        "GetUserToken",
    }
    assert 'GetUserToken({"username"' in scores[0].said
    broken = Repeating([call("GetUserToken", "{")])
    report, _ = score(examination, broken, tmp_path / "b", style="native")
    assert report.calls.errors == {"failed_parse_api_call": 3}


def test_words_are_scored_where_they_are_asked_for(
    examination: Examination, tmp_path: Path
) -> None:
    client = Repeating("Your alarm is set.")
    report, _ = score(examination, client, tmp_path, responses=True, style="native")
    assert client.asked == 3 + 2 and client.choice == "none"
    words = report.responses
    assert words is not None and (words.samples, words.missing) == (2, 0)
    assert 0.5 < words.rouge_l.standard < 1


def test_truth_is_written_as_the_notation_has_it_for_the_papers_tools(
    seed: ApiBankData, tmp_path: Path
) -> None:
    given = {"name": "floor lamp", "time": "2023-05-01 07:00:00", "on": "True"}
    turn = api("TimedSwitch", given, "success", input={**given, "on": True})
    source = dialogue("S.jsonl", [user("Light at seven."), turn])
    examination = Examination(Benchmark(1, seed, [source], 1), "paper")
    for truth, right in ((True, True), (False, False)):
        client = Repeating([call("TimedSwitch", orjson.dumps({**given, "on": truth}).decode())])
        _, scores = score(examination, client, tmp_path / str(truth), style="native")
        assert scores[0].correct is right


def test_several_levels_share_one_client(seed: ApiBankData, tmp_path: Path) -> None:
    made: list[Repeating] = []

    def make() -> Repeating:
        made.append(Repeating())
        return made[-1]

    both = [
        Examination(Benchmark(1, seed, [source], 1), protocol)
        for source, protocol in (
            (alarm_dialogue(seed), "corrected"),
            (appointment_dialogue(seed), "corrected"),
        )
    ]
    run = partial(score_model, style="bracket")
    assert len(run([both[0]], "m", make, tmp_path)) == 1
    reports = run(both[1:], "m", make, tmp_path)
    assert len(made) == 2 and reports[0][0].calls.calls.of == 3


def test_published_prompts_are_for_their_own_notation(seed: ApiBankData, tmp_path: Path) -> None:
    assert wording_for(seed, "bracket", None) == "project"
    with pytest.raises(WordingNotThere, match="no published prompts"):
        wording_for(seed, "bracket", "published")
    with pytest.raises(WordingNotThere, match="not native"):
        wording_for(seed, "native", "published")
