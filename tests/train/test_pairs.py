import pytest
from conversations import trajectory
from pydantic import ValidationError
from tiny_model import byte_tokenizer
from train_run import answers, pairs

from callsheet.tools import ToolSpec
from callsheet.train.chat_format import own_format
from callsheet.train.config import SampleConfig
from callsheet.train.encoding import IGNORED
from callsheet.train.pairs import PairConfig, PairReport, score_pairs
from callsheet.train.preference_samples import build_pairs
from callsheet.train.samples import NothingToTrain
from callsheet.trajectories.trajectory import Trajectory

pytestmark = pytest.mark.train
pytest.importorskip("transformers", reason="needs the train extra")
pytest.importorskip("trl", reason="needs the train extra")


def scored(given, **settings):
    report = PairReport()
    return list(score_pairs(given, PairConfig(**settings), report)), report


def test_a_pair_is_one_trajectory_with_two_branches():
    found, report = scored(answers())
    assert report.pairs == len(found) == 4 and report.queries == 4
    first = found[0]
    assert Trajectory.model_validate_json(first.model_dump_json()) == first
    (preference,) = first.preferences
    assert (preference.margin, preference.by) == (3.0, "rater_score")
    chosen, rejected = first.chat(preference.chosen), first.chat(preference.rejected)
    assert chosen == answers()[0].chat() and rejected == answers()[1].chat()
    assert len(first.messages) == len(chosen) + len(rejected) - 1
    assert first.other_information["rejected"] == {"id": "two0", "model": "two"}


def test_only_answers_of_several_models_a_margin_apart_make_pairs():
    assert scored(answers(), margin=3.5)[1].pairs == 0
    alone = [one.model_copy(update={"model_name": "same"}) for one in answers()]
    assert scored(alone)[0] == [] and scored(alone, same_model=True)[1].pairs == 4
    unscored = [one.model_copy(update={"rater_score": None}) for one in answers()]
    assert scored(unscored)[1].unscored == 8
    other_tools = [one.model_copy(update={"tools": one.tools[:at % 2]}) for at, one in
                   enumerate(answers())]  # fmt: skip
    assert scored(other_tools)[1].queries == 8
    with pytest.raises(ValidationError, match="no margin is 2"):
        PairConfig(field="score", margin=2)


def test_pairs_of_a_query_are_bounded_and_the_widest_come_first():
    given = [
        one.model_copy(update={"id": f"{one.id}-{n}", "rater_score": max(0.0, one.rater_score - n)})
        for one in answers()[:2]
        for n in range(3)
    ]
    found, report = scored(given, per_query=2)
    assert report.pairs == 2
    assert [t.preferences[0].margin for t in found] == [5.0, 4.0]


def built(given, **settings):
    config = SampleConfig(**{"max_length": 4000, **settings})
    return build_pairs(given, byte_tokenizer(), config=config, seed=0, written=own_format())


def test_labels_are_on_what_the_assistant_said_after_the_branches_part():
    tokenizer = byte_tokenizer()
    found, report = built(pairs())
    assert report.trained == report.examples_in == 4
    for pair in found:
        for side, said, read in (
            (pair.chosen, ("query_stock", "Three."), "units"),
            (pair.rejected, ("I would not know",), None),
        ):
            text = tokenizer.decode([label for label in side.labels if label != IGNORED])
            assert all(words in text for words in said)
            assert "How many" not in text and (read is None or read not in text)
        start = next(at for at, label in enumerate(pair.chosen.labels) if label != IGNORED)
        assert pair.chosen.input_ids[:start] == pair.rejected.input_ids[:start]


def with_call(pair, arguments: str):
    """The pair with other arguments in the first call of the chosen branch."""
    messages = list(pair.messages)
    at = next(at for at, message in enumerate(messages) if message.tool_calls)
    chosen = messages[at].model_dump()
    chosen["tool_calls"][0]["function"]["arguments"] = arguments
    messages[at] = type(messages[at]).model_validate(chosen)
    return pair.model_copy(update={"messages": messages})


@pytest.mark.parametrize("arguments", ['{"item_name": "la', "[1]", '{"a": NaN}'])
def test_a_broken_call_may_be_rejected_and_never_chosen(arguments):
    given = pairs()
    given[0] = with_call(given[0], arguments)
    _, report = built(given)
    assert report.trained == 3
    assert report.dropped == {"a call's arguments are no JSON object": 1}
    there = given[0].preferences[0]
    swapped = there.model_copy(update={"chosen": there.rejected, "rejected": there.chosen})
    given[0] = given[0].model_copy(update={"preferences": [swapped]})
    _, report = built(given)
    assert report.trained == 4 and report.dropped == {}


def test_a_pair_with_a_damaged_tool_is_counted_and_named():
    given = pairs()
    tool = ToolSpec(name="query_stock", parameters={"properties": True})
    given[0] = given[0].model_copy(update={"tools": [tool]})
    _, report = built(given)
    assert report.trained == 3
    assert report.dropped == {"tool query_stock: its `properties` are no object": 1}


def test_what_cannot_be_compared_is_counted_and_named():
    given = pairs()
    same = given[0].preferences[0].model_copy(update={"rejected": given[0].preferences[0].chosen})
    given[0] = given[0].model_copy(update={"preferences": [same]})
    _, report = built([*given, trajectory("plain")])
    assert report.dropped == {"both branches say the same": 1}
    assert report.refused == {"no preferences": 1} and report.trained == 3
    with pytest.raises(NothingToTrain, match="longer than 40 tokens"):
        built(pairs(), max_length=40)
