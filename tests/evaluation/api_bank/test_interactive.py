"""Whole conversations: what a model does with the user's lines, and how that is judged."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest
from api_bank_data import FOLDER, needs_data
from api_bank_dialogues import (
    AMARA,
    alarm_dialogue,
    appointment_dialogue,
    dialogue,
    posts_record,
    user,
)
from autogen_core.models import UserMessage
from scripted_model import Failing, Scripted, call

from callsheet.environments.api_bank import ApiBankData, api_bank_data
from callsheet.environments.api_bank.data import SEED
from callsheet.environments.protocol import StateDiff
from callsheet.evaluation.api_bank import playing
from callsheet.evaluation.api_bank.annotations import Source
from callsheet.evaluation.api_bank.benchmark import Benchmark, read_benchmark
from callsheet.evaluation.api_bank.call_styles import Style
from callsheet.evaluation.api_bank.conversation import (
    Conversation,
    annotated_exchanges,
    read_conversations,
    user_lines,
)
from callsheet.evaluation.api_bank.effects import has_effects, same_effects
from callsheet.evaluation.api_bank.interacting import play_all, play_gold, play_model
from callsheet.evaluation.api_bank.interactive import (
    ConversationScore,
    gold_run,
    score_conversation,
)
from callsheet.evaluation.api_bank.interactive_report import interactive_lines
from callsheet.evaluation.api_bank.playing import MAX_ROUNDS, play, setting
from callsheet.models.errors import EndpointError, InvalidAnswer

LOGIN = call("GetUserToken", '{"username": "amara", "password": "river-stone"}', "a")
ALARM = orjson.dumps({"token": AMARA, "time": "2023-05-01 06:30:00"}).decode()


@pytest.fixture(autouse=True)
def lexical(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLSHEET_ENCODER", "lexical")


@pytest.fixture
def seed() -> ApiBankData:
    return api_bank_data(SEED)


def played(
    benchmark: Benchmark, client: Any, style: Style = "native"
) -> tuple[Conversation, ConversationScore]:
    (source,) = benchmark.sources
    renamed = gold_run(benchmark, source).renamed
    one = asyncio.run(play(client, benchmark, source, style, renamed))
    return one, score_conversation(benchmark, source, one)


def only(seed: ApiBankData, source: Source, level: Any = 1) -> Benchmark:
    return Benchmark(level, seed, [source], 1)


def test_the_annotated_side_is_right(seed: ApiBankData) -> None:
    sources = [alarm_dialogue(seed), appointment_dialogue(seed, seed=9)]
    report, scores = play_gold(Benchmark(1, seed, sources, 2))
    assert all(score.effects_right and not score.flags for score in scores)
    figures = report.figures
    assert (figures.calls.right, figures.calls.of, figures.made) == (6, 6, 6)
    # The alarm is set and deleted again: nothing is changed in the end, nor by the appointment.
    assert (figures.effects.right, figures.changing.of) == (2, 0)
    assert figures.responses.samples == 5
    assert figures.responses.rouge_l.standard == pytest.approx(1)
    report, scores = play_gold(only(seed, posts_record(seed), 3))
    assert (report.figures.calls.right, scores[0].flags) == (4, {})


def test_a_model_lives_with_its_own_calls(seed: ApiBankData) -> None:
    benchmark = only(seed, alarm_dialogue(seed))
    client = Scripted(
        [LOGIN],
        [call("AddAlarm", ALARM, "b")],
        "Set.",
        # It forgets the deletion, and asks for the alarm in its place.
        [call("QueryAlarm", ALARM, "c")],
        "The alarm is gone.",
    )
    conversation, score = played(benchmark, client)
    assert [c.name for c in conversation.calls] == ["GetUserToken", "AddAlarm", "QueryAlarm"]
    # The alarm of its own is there to be found, and stays: the effect is not the annotated one.
    assert conversation.calls[-1].envelope["output"]["time"] == "2023-05-01 06:30:00"
    assert not score.effects_right and not score.effects_wanted
    assert (score.matched, score.gold_calls, score.made) == (2, 3, 3)
    assert score.replies[1].standard == 1 and score.replies[0].standard < 1
    assert [tool["name"] for tool in client.tools[0]] == [
        "AddAlarm",
        "DeleteAlarm",
        "GetUserToken",
    ]
    # What a call gave is in the next prompt, and the user's line once.
    assert AMARA in str(client.prompts[1][-1].content)
    assert sum(isinstance(m, UserMessage) for m in client.prompts[-1]) == 2


def test_one_call_stands_for_one_annotated_call(seed: ApiBankData) -> None:
    login = alarm_dialogue(seed).turns[1]
    benchmark = only(seed, dialogue("T.jsonl", [user("Twice."), login, login]))
    assert played(benchmark, Scripted([LOGIN], "Once."))[1].matched == 1
    assert played(benchmark, Scripted([LOGIN], [LOGIN], "Twice."))[1].matched == 2


def test_several_calls_at_once_are_marked_where_one_is_allowed(seed: ApiBankData) -> None:
    both = [LOGIN, call("AddAlarm", ALARM, "b")]
    client = Scripted(both, "Set.", "Gone.")
    _, score = played(only(seed, alarm_dialogue(seed)), client)
    assert score.flags == {"several calls at once": 1} and score.matched == 2
    record = posts_record(seed)
    three = [call("ToolSearcher", '{"keywords": "Travel Status"}', str(n)) for n in range(2)]
    _, score = played(only(seed, record, 3), Scripted(three, "On a journey."))
    assert score.flags == {}


def test_a_tool_that_no_search_found_is_marked(seed: ApiBankData) -> None:
    record = posts_record(seed)
    wanted = call("TravelStatus", '{"member_name": "Oskar"}', "b")
    client = Scripted([wanted], "On a journey.")
    conversation, score = played(only(seed, record, 3), client)
    assert score.flags == {"call without search": 1} and score.matched == 1
    assert conversation.calls[0].envelope["output"] == "On a journey"
    searched = Scripted(
        [call("ToolSearcher", '{"keywords": "TravelStatus"}', "a")], [wanted], "On a journey."
    )
    _, score = played(only(seed, record, 3), searched)
    assert score.flags == {} and score.matched == 2
    # What was found is on offer from then on.
    names = [[tool["name"] for tool in tools] for tools in searched.tools]
    assert names == [["ToolSearcher"], ["ToolSearcher", "TravelStatus"],
                     ["ToolSearcher", "TravelStatus"]]  # fmt: skip


@pytest.mark.parametrize(
    ("style", "written"),
    [
        ("bracket", "[GetUserToken(username='amara', password='river-stone')]"),
        ("json", '{"name": "GetUserToken", "arguments": '
                 '{"username": "amara", "password": "river-stone"}}'),
    ],
)  # fmt: skip
def test_calls_as_text(seed: ApiBankData, style: Style, written: str) -> None:
    client = Scripted(written, "Which time?", "[AddAlarm(", "Never mind.")
    benchmark = only(seed, alarm_dialogue(seed))
    conversation, score = played(benchmark, client, style)
    assert [c.name for c in conversation.calls] == ["GetUserToken"] and score.matched == 1
    assert client.tools == [[], [], []]
    system = str(client.prompts[0][0].content)
    assert '"DeleteAlarm"' in system and "Result:" in system
    assert str(client.prompts[1][-1].content).startswith("Result: ")
    assert score.flags.get("unreadable call", 0) == (style == "bracket")


def test_what_cannot_be_called_is_told_to_the_model(seed: ApiBankData) -> None:
    client = Scripted(
        [call("AddAlarm", '{"token": "t"}', "a")],
        [call("Nonsense", "{}", "b")],
        [call("AddAlarm", "[1]", "c")],
        "No.",
    )
    conversation, score = played(only(seed, alarm_dialogue(seed)), client)
    first, second = conversation.calls
    assert "missing 1 required" in first.envelope["exception"] and not first.reached
    assert second.envelope["exception"] == "invalid tool name."
    assert score.flags == {"call refused": 2, "unreadable call": 1}
    assert "invalid tool name" in str(client.prompts[2][-1].content)
    assert score.matched == 0 and not score.effects_wanted and score.effects_right


def test_a_model_that_never_comes_to_words_is_stopped(seed: ApiBankData) -> None:
    rounds = [[call("GetToday", "{}", f"c{n}")] for n in range(MAX_ROUNDS)]
    client = Scripted(*rounds, "Gone.")
    conversation, score = played(only(seed, alarm_dialogue(seed)), client)
    assert score.flags["no end of calls"] == 1 and conversation.exchanges[0].cut
    assert score.made == MAX_ROUNDS and score.unanswered == 1


def test_a_model_without_an_answer_ends_the_conversation(seed: ApiBankData, tmp_path: Path) -> None:
    benchmark = only(seed, alarm_dialogue(seed))
    conversation, score = played(benchmark, Failing(InvalidAnswer("no JSON")))
    assert (conversation.end, conversation.problem) == ("model", "invalid_answer")
    assert score.unanswered == 2 and score.flags == {"no usable answer": 1}
    with pytest.raises(EndpointError, match="nobody there"):
        asyncio.run(
            play_all(
                lambda _: Failing(EndpointError("nobody there")),
                benchmark,
                tmp_path / "c.jsonl",
                "native",
            )
        )


def test_ids_of_the_recording_are_exchanged_in_the_users_words(seed: ApiBankData) -> None:
    source = appointment_dialogue(seed, seed=9)
    recorded = source.calls[0].result["output"]
    client = Scripted("One.", "Two.", "Three.")
    conversation, _ = played(only(seed, source), client)
    said = conversation.exchanges[2].user
    assert said.startswith("Cancel ") and recorded not in said


def test_conversations_are_kept_and_not_played_again(seed: ApiBankData, tmp_path: Path) -> None:
    sources = [alarm_dialogue(seed), appointment_dialogue(seed)]
    benchmark = Benchmark(1, seed, sources, 2)
    said: list[tuple[Any, ...]] = []

    def make() -> Scripted:
        return Scripted(*["Yes."] * 5)

    def say(*told: Any) -> None:
        said.append(told)

    first = play_model([benchmark], "m", make, tmp_path, style="native", say=say)
    assert [told[2:4] for told in said] == [(1, 2), (2, 2)]
    path = tmp_path / "level-1.conversations.jsonl"
    whole = path.read_bytes()
    # A torn last line is played again, and nothing else.
    path.write_bytes(whole[:-9])
    assert len(read_conversations(path)) == 1
    again = play_model([benchmark], "m", make, tmp_path, style="native")
    assert again[0][0] == first[0][0]

    def nobody() -> Scripted:
        raise AssertionError("every conversation is there")

    assert play_model([benchmark], "m", nobody, tmp_path, style="native")[0][0] == first[0][0]
    # Another style is another setting.
    with pytest.raises(AssertionError):
        play_model([benchmark], "m", nobody, tmp_path, style="json")
    lines = "\n".join(interactive_lines([first[0][0]]))
    assert "0/6 (0.00%)" in lines and "gold beside m" in lines and "6/6" in lines


def test_another_encoder_plays_again_where_it_searches(
    seed: ApiBankData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    searching = Benchmark(3, seed, [posts_record(seed)], 1)
    plain = Benchmark(1, seed, [alarm_dialogue(seed)], 1)
    before = {one.level: setting(one, one.sources[0], "native") for one in (searching, plain)}

    class Other:
        digest = "another"

    monkeypatch.setattr(playing, "encoder", Other)
    assert setting(searching, searching.sources[0], "native") != before[3]
    assert setting(plain, plain.sources[0], "native") == before[1]


def test_a_dialogue_that_the_assistant_begins(seed: ApiBankData) -> None:
    turns = alarm_dialogue(seed).turns[3:]
    source = dialogue("B.jsonl", turns)
    assert user_lines(source) == ["Hello.", "No, leave me asleep."]
    assert [len(turns) for turns in annotated_exchanges(source)] == [1, 2]
    silent = dialogue("C.jsonl", [user("  ")])
    assert (user_lines(silent), annotated_exchanges(silent)) == (["..."], [[]])


def test_effects_are_compared_by_rows() -> None:
    def added(**row: Any) -> StateDiff:
        return StateDiff({"reminders": [row]}, {})

    one = added(position=1, id="4", content="Ring the plumber soon", time="T", username="u")
    other = added(position=9, id="5", content="ring the plumber", time="T", username="u")
    assert same_effects(one, other)
    assert not same_effects(one, added(position=1, id="4", content="Buy salt", time="T",
                                       username="u"))  # fmt: skip
    assert not same_effects(one, StateDiff())
    assert not same_effects(one, StateDiff({}, {"reminders": one.added["reminders"]}))
    asked = StateDiff({"password_resets": [{"username": "u"}]}, {})
    assert same_effects(asked, StateDiff()) and not has_effects(asked)
    twice = StateDiff({"alarms": [{"time": "T"}, {"time": "T"}]}, {})
    once = StateDiff({"alarms": [{"time": "T"}]}, {})
    assert not same_effects(twice, once) and not same_effects(once, twice)


@needs_data
@pytest.mark.parametrize("level", [1, 2, 3])
def test_the_real_annotations_come_through(level: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert FOLDER is not None
    monkeypatch.setenv("CALLSHEET_API_BANK", str(FOLDER))
    monkeypatch.delenv("CALLSHEET_ENCODER")
    benchmark = read_benchmark(api_bank_data(FOLDER), level, 30)  # type: ignore[arg-type]
    report, scores = play_gold(benchmark)
    bad = [score.file for score in scores if not score.effects_right or score.problem]
    assert not bad and report.figures.calls.value >= 0.99
    assert report.figures.responses.rouge_l.standard > 0.99
