import re

import pytest
from conversations import ADD, QUERY, trajectory, two_turns
from tiny_model import byte_tokenizer

from callsheet.tools import ToolSpec
from callsheet.train.augment import AugmentConfig
from callsheet.train.chat_format import ChatFormat
from callsheet.train.config import SampleConfig
from callsheet.train.dialogue import dialogues
from callsheet.train.encoding import IGNORED, check_turn, encode
from callsheet.train.samples import NothingToTrain, build_samples
from callsheet.train.shortening import without_oldest_turn
from callsheet.train.turn_spans import LabelMissing

pytestmark = pytest.mark.train
pytest.importorskip("transformers", reason="needs the train extra")


def labelled_text(encoded, tokenizer) -> str:
    return tokenizer.decode([label for label in encoded.labels if label != IGNORED])


def test_labels_cover_the_assistants_words_and_calls_and_nothing_else():
    tokenizer = byte_tokenizer()
    (dialogue,) = dialogues(trajectory())
    encoded = encode(tokenizer, dialogue.messages, dialogue.tools)
    text = labelled_text(encoded, tokenizer)
    for said in ("AddReminder", "2026-05-04", "query_stock", "42", "There are 3."):
        assert said in text
    for other in ("How many lamps", "Help with tools", "units", "Units in stock"):
        assert other not in text
        assert other in tokenizer.decode(encoded.input_ids)
    assert len(encoded.labels) == len(encoded.input_ids)


def test_one_sample_a_turn_labels_that_turn_alone():
    tokenizer = byte_tokenizer()
    samples, report = build_samples(
        [trajectory()], tokenizer, config=SampleConfig(per="turn", max_length=8000)
    )
    assert report.examples_in == report.trained == 4
    by_turn = {sample.id: labelled_text(sample.encoded, tokenizer) for sample in samples}
    assert "AddReminder" in by_turn["e0@2#0"] and "There are 3" not in by_turn["e0@2#0"]
    assert "There are 3." in by_turn["e0@8#0"] and "AddReminder" not in by_turn["e0@8#0"]


TEMPLATE_WITHOUT_CALLS = """{% for m in messages %}<|im_start|>{{ m.role }}
{% if m.role == 'assistant' %}{% generation %}{{ m.content or '' }}<|im_end|>{% endgeneration %}
{% else %}{{ m.content }}<|im_end|>
{% endif %}{% endfor %}"""


def test_a_template_that_swallows_calls_is_refused():
    (dialogue,) = dialogues(trajectory())
    with pytest.raises(LabelMissing, match="call of AddReminder is not in the labelled text"):
        encode(byte_tokenizer(), dialogue.messages, (), written=ChatFormat(TEMPLATE_WITHOUT_CALLS))


def test_a_lost_argument_is_named():
    turn = two_turns()[2]
    check_turn(turn, str(turn["tool_calls"][0]["function"]), 0)
    with pytest.raises(LabelMissing, match="lacks '2026-05-04'"):
        text = '{"name": "AddReminder", "content": "water the plants", "date": "", "level": "high"}'
        check_turn(turn, text, 0)


def test_long_samples_lose_whole_oldest_turns_and_never_part_of_a_call():
    tokenizer = byte_tokenizer()
    whole, _ = build_samples([trajectory()], tokenizer, config=SampleConfig(max_length=8000))
    length = len(whole[0].encoded.input_ids)
    shorter, report = build_samples(
        [trajectory()], tokenizer, config=SampleConfig(max_length=length - 1)
    )
    text = tokenizer.decode(shorter[0].encoded.input_ids)
    assert report.turns_dropped == 1 and "Help with tools" in text
    assert "AddReminder" not in labelled_text(shorter[0].encoded, tokenizer)
    assert "query_stock" in labelled_text(shorter[0].encoded, tokenizer)
    assert without_oldest_turn(two_turns()[:5]) is None


def test_what_cannot_be_trained_on_is_counted_and_named():
    given = [trajectory("a"), trajectory("b", score=0.0)]
    with pytest.raises(NothingToTrain, match="last turn longer than 40 tokens") as raised:
        build_samples(given, byte_tokenizer(), config=SampleConfig(max_length=40))
    assert "refused 1 (1 score below 1 (of 1))" in str(raised.value)


def test_a_limit_spares_every_scenario_and_is_accounted_for():
    given = [
        trajectory(f"{name}{i}").model_copy(update={"scenario": name})
        for name in ("x", "y")
        for i in range(5)
    ]
    config = SampleConfig(max_length=8000, limit=4, copies=3)
    samples, report = build_samples(given, byte_tokenizer(), config=config)
    assert sorted(s.id[0] for s in samples) == ["x", "x", "y", "y"]
    assert report.trained == 4 and report.examples_in == 30
    assert report.dropped == {"beyond the limit": 26}
    again, same = build_samples(given, byte_tokenizer(), config=config)
    assert same.digest == report.digest and [s.id for s in again] == [s.id for s in samples]


def with_arguments(text: str, name: str):
    """Two turns, in the second of which the call's arguments are `text`."""
    messages = two_turns()
    messages[6]["tool_calls"][0]["function"]["arguments"] = text
    return trajectory(name, messages=messages)


@pytest.mark.parametrize("augment", [None, AugmentConfig()])
def test_a_call_without_arguments_is_learnt(augment):
    tokenizer = byte_tokenizer()
    config = SampleConfig(max_length=8000)
    (sample,), report = build_samples(
        [with_arguments("", "a")], tokenizer, config=config, augment=augment
    )
    assert report.dropped == {} and '"arguments": {}' in labelled_text(sample.encoded, tokenizer)


@pytest.mark.parametrize("augment", [None, AugmentConfig(join=(2, 2))])
@pytest.mark.parametrize(
    "text",
    ['{"item_name": "la', "{'a': 1}", '{"a": NaN}', '{"a": 1e999}', '"\\ud800"', "[" * 9999, "[1]"],
)
def test_a_conversation_with_a_broken_call_is_left_out_and_counted(text, augment):
    given = [trajectory("a"), with_arguments(text, "b")]
    config = SampleConfig(max_length=8000, copies=2)
    samples, report = build_samples(given, byte_tokenizer(), config=config, augment=augment)
    assert {sample.id[0] for sample in samples} == {"a"}
    assert report.dropped == {"a call's arguments are no JSON object": 2}
    assert (report.examples_in, report.trained) == (4, 2)


def with_schema(parameters: dict, name: str):
    """Two turns with a tool of such parameters."""
    tool = ToolSpec(name=QUERY.name, parameters=parameters)
    return trajectory(name).model_copy(update={"tools": [ADD, tool]})


EVERYTHING = AugmentConfig(
    rename_tools=1, rename_parameters=1, swap_values=1, swap_choices=1, join=(2, 2)
)


@pytest.mark.parametrize("augment", [None, EVERYTHING])
@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"properties": True}, "tool query_stock: its `properties` are no object"),
        ({"properties": ["item_name"]}, "tool query_stock: its `properties` are no object"),
        ({"required": [["item_name"]]}, "tool query_stock: its `required` is no list of names"),
        # Deeper in a schema, the template says so.
        (
            {"properties": {"item_name": {"type": "object", "properties": True}}},
            "the template refuses it: 'bool object' has no attribute 'items'",
        ),
    ],
)
def test_a_conversation_with_a_damaged_tool_is_left_out_and_counted(parameters, reason, augment):
    given = [trajectory("a"), with_schema(parameters, "b")]
    config = SampleConfig(max_length=12000, copies=2)
    samples, report = build_samples(given, byte_tokenizer(), config=config, augment=augment)
    assert {sample.id[0] for sample in samples} == {"a"}
    assert report.dropped == {reason: 2}
    with pytest.raises(NothingToTrain, match=re.escape(reason)):
        build_samples(given[1:], byte_tokenizer(), config=config, augment=augment)
