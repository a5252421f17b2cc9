import json
from random import Random

import pytest
from conversations import trajectory
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.tools import ToolSpec
from callsheet.tools.validation import check_arguments
from callsheet.train.augment import AugmentConfig, augmented, joined
from callsheet.train.dialogue import Dialogue, dialogues
from callsheet.train.renaming import other_name, renamed, spelled, words_of
from callsheet.train.values import WORDS, whole_words, with_other_choices, with_other_values


def source() -> Dialogue:
    (dialogue,) = dialogues(trajectory())
    return dialogue


def calls(dialogue: Dialogue) -> list[tuple[str, dict]]:
    return [
        (c["function"]["name"], json.loads(c["function"]["arguments"]))
        for m in dialogue.messages
        for c in m.get("tool_calls") or ()
    ]


def test_names_are_taken_apart_and_put_together():
    assert words_of("GetUserToken") == ["get", "user", "token"]
    assert words_of("query_HTTPStatus2") == ["query", "http", "status", "2"]
    assert spelled(["get", "user"], "camel") == "getUser"
    assert spelled(["get", "user"], "kebab") == "get-user"
    assert other_name("x", "snake", Random(0), frozenset({"x"})) == "x"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_every_variation_keeps_calls_valid_and_values_in_the_words(seed):
    pool = [
        {"type": "function", "function": {"name": "Other", "description": "", "parameters": {
            "type": "object", "properties": {}}}}
    ]  # fmt: skip
    dialogue = augmented(source(), pool, AugmentConfig(), Random(seed))
    specs = {t["function"]["name"]: t["function"] for t in dialogue.tools}
    assert 2 <= len(specs) == len(dialogue.tools) <= 5
    for name, arguments in calls(dialogue):
        spec = ToolSpec(name=name, parameters=specs[name]["parameters"])
        assert check_arguments(spec, arguments) == []
    first, second = calls(dialogue)
    users = [m["content"] for m in dialogue.messages if m["role"] == "user"]
    for value in list(first[1].values()):
        assert value in users[0]
    for value in second[1].values():
        assert str(value) in users[1]
    assert [m["role"] for m in dialogue.messages] == [m["role"] for m in source().messages]


def test_equal_seeds_make_equal_variations():
    one = augmented(source(), [], AugmentConfig(), Random(3))
    assert one == augmented(source(), [], AugmentConfig(), Random(3))
    assert len({str(augmented(source(), [], AugmentConfig(), Random(s))) for s in range(20)}) == 20


def test_values_change_everywhere_and_enumerated_ones_stay():
    changed = with_other_values(source(), Random(1))
    (_, first), (_, second) = calls(changed)
    assert first["content"] != "water the plants" and first["date"] != "2026-05-04"
    assert first["level"] == "high"
    assert second["shelf"] != 42 and isinstance(second["shelf"], int)
    assert first["content"] in changed.messages[3]["content"]
    assert "water the plants" not in str(changed.messages)
    assert changed.messages[0] == source().messages[0]


def moment(said: str) -> Dialogue:
    arguments = json.dumps({"time": "2026-03-05 14:00:00"})
    call = {"id": "c", "type": "function", "function": {"name": "Cancel", "arguments": arguments}}
    schema = {"type": "object", "properties": {"time": {"type": "string"}}}
    tool = {"type": "function", "function": {"name": "Cancel", "parameters": schema}}
    messages = (
        {"role": "user", "content": said},
        {"role": "tool", "tool_call_id": "b", "content": '{"time": "2026-03-05 14:00:00"}'},
        {"role": "assistant", "content": None, "tool_calls": [call]},
    )
    return Dialogue("d", "s", messages, (tool,))


def test_a_time_that_is_also_said_in_words_stays_what_it_is():
    for said in ("Cancel it, Thursday at 2 pm.", "The one on March 5th.", "What I have tomorrow."):
        assert calls(with_other_values(moment(said), Random(1))) == calls(moment(said))
    assert calls(with_other_values(moment("Cancel it."), Random(1))) != calls(moment("Cancel it."))


def test_renaming_reaches_schemas_and_calls_alike():
    for seed in range(30):
        changed = renamed(source(), Random(seed), tools=True, parameters=True)
        offered = {t["function"]["name"]: t["function"]["parameters"] for t in changed.tools}
        for name, arguments in calls(changed):
            assert set(arguments) <= set(offered[name]["properties"])
            assert set(offered[name]["required"]) <= set(arguments)


def test_choices_change_in_schema_and_calls_alike():
    changed = with_other_choices(source(), Random(2))
    ((_, first), _) = calls(changed)
    options = changed.tools[0]["function"]["parameters"]["properties"]["level"]["enum"]
    # "level" is described by no word of its choices, so both are exchanged.
    assert first["level"] in options and first["level"] not in ("high", "low")
    assert first["level"] in changed.messages[1]["content"]
    assert len(set(options)) == 2 and not {"high", "low"} & set(options)


def test_joined_dialogues_share_a_system_prompt_and_offer_all_tools():
    other = Dialogue("x", "y", source().messages, source().tools[:1])
    both = joined(source(), [other], (2, 2), Random(0))
    assert len(both.messages) == 2 * len(source().messages) - 1
    assert [m["role"] for m in both.messages].count("system") == 1
    assert both.tools == source().tools
    stranger = Dialogue("x", "y", ({"role": "system", "content": "else"},), ())
    assert joined(source(), [stranger], (3, 3), Random(0)) == source()


@pytest.mark.parametrize("mark", ["\u0120", "\u2581"])
def test_other_phrases_are_made_of_the_words_that_the_tokenizer_has_whole(mark):
    class Tokenizer:
        def __init__(self, words: list[str]):
            self.words = words

        def get_vocab(self) -> dict[str, int]:
            return {token: at for at, token in enumerate(["ing", "a", f"{mark}It", *self.words])}

    many = [f"{mark}word{a}{b}" for a in "abcdefghijklmnop" for b in "abcdefghijklmnop"]
    assert whole_words(Tokenizer(many)) == [token[1:] for token in sorted(many)]
    assert whole_words(Tokenizer(many[:5])) == WORDS
    said = str(with_other_values(source(), Random(1), ["zebra"]))
    assert "zebra" in said and "zebra" not in str(with_other_values(source(), Random(1)))


EVERYTHING = AugmentConfig(
    rename_tools=1, rename_parameters=1, swap_values=1, swap_choices=1, tools=None
)


def asked(arguments: str, parameters: dict, said: str = "Number 12345 of it, please.") -> Dialogue:
    call = {"id": "c", "type": "function", "function": {"name": "GetIt", "arguments": arguments}}
    tool = {"type": "function", "function": {"name": "GetIt", "parameters": parameters}}
    messages = (
        {"role": "user", "content": said},
        {"role": "assistant", "content": None, "tool_calls": [call]},
    )
    return Dialogue("d", "s", messages, (tool,))


@pytest.mark.parametrize("arguments", ["", " \n"])
def test_blank_arguments_are_none(arguments):
    plain = asked(arguments, {"type": "object", "properties": {"id": {"type": "string"}}})
    for seed in range(5):
        ((_, given_),) = calls(augmented(plain, [], EVERYTHING, Random(seed)))
        assert given_ == {}


@pytest.mark.parametrize(
    "parameters",
    [
        {"type": "object", "properties": None, "required": None},
        {"type": "object", "properties": True},
        {"type": "object", "properties": {"id": True, "other": None}, "required": ["id"]},
        {"type": "object", "properties": {"id": {"enum": None}, "other": {"enum": [["a"]]}}},
        {"type": "object", "properties": {"id": {"items": False}}},
    ],
)
def test_schemas_that_say_nothing_are_passed_over(parameters):
    for value in (12345, ["12345"]):
        plain = asked(json.dumps({"id": value}), parameters)
        for seed in range(5):
            ((_, given_),) = calls(augmented(plain, [], EVERYTHING, Random(seed)))
            assert len(given_) == 1


def test_integers_keep_all_their_digits():
    number = 123456789012345678901234567890
    schema = {"type": "object", "properties": {"id": {"type": "integer", "minimum": 0}}}
    plain = asked(json.dumps({"id": number}), schema, f"Number {number}, and 12345.")
    result_ = {"role": "tool", "tool_call_id": "c", "content": json.dumps({"id": number})}
    plain = Dialogue("d", "s", (*plain.messages, result_), plain.tools)
    changed = augmented(plain, [], EVERYTHING, Random(1))
    ((_, given_),) = calls(changed)
    assert list(given_.values()) == [number]
    assert str(number) in changed.messages[2]["content"]
    free = Dialogue("d", "s", plain.messages, asked("", {"properties": {"id": {}}}).tools)
    changed = with_other_values(free, Random(1))
    ((_, given_),) = calls(changed)
    assert given_["id"] != number and str(given_["id"]) in changed.messages[2]["content"]
