"""Other people's chat templates: what is learnt of a conversation, token by token."""

import json

import pytest
from chat_templates import CHATML, LLAMA, MISTRAL, NO_SYSTEM, QWEN, SHAPES, THINKING
from conversations import call, result, trajectory
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_model import byte_tokenizer

from callsheet.models.chat_template import template_text
from callsheet.train.chat_format import TemplateUnusable, chat_format, tried
from callsheet.train.config import SampleConfig
from callsheet.train.dialogue import Saying, dialogues
from callsheet.train.encoding import IGNORED, encode
from callsheet.train.samples import build_samples
from callsheet.train.turn_spans import LabelMissing, TurnsUnstable
from callsheet.trajectories.trajectory import Trajectory, line_of

pytestmark = pytest.mark.train
pytest.importorskip("transformers", reason="needs the train extra")

TOGETHER = Saying(apart=False)


def pieces(encoded, tokenizer) -> list[str]:
    """The labelled stretches as text."""
    found, held = [], []
    for label in [*encoded.labels, IGNORED]:
        if label != IGNORED:
            held.append(label)
        elif held:
            found.append(tokenizer.decode(held))
            held = []
    return found


def encoded_with(template, given=None):
    tokenizer = byte_tokenizer()
    (dialogue,) = dialogues(given or trajectory(), TOGETHER)
    written = tried(template, tokenizer)
    return encode(tokenizer, dialogue.messages, dialogue.tools, written=written), tokenizer, written


@pytest.mark.parametrize("shape", SHAPES)
def test_what_the_assistant_said_is_labelled_and_nothing_else(shape):
    encoded, tokenizer, _ = encoded_with(SHAPES[shape])
    said = pieces(encoded, tokenizer)
    assert len(said) == 4
    assert "AddReminder" in said[0] and "2026-05-04" in said[0]
    assert said[1].strip() == "I will remind you to water the plants.<|im_end|>"
    assert "query_stock" in said[2] and "42" in said[2]
    assert said[3].strip() == "There are 3.<|im_end|>"
    whole = tokenizer.decode(encoded.input_ids)
    for other in ("How many lamps", "Help with tools", "Units in stock", "units"):
        assert other in whole and not any(other in one for one in said)


@pytest.mark.parametrize("shape", SHAPES)
def test_each_labelled_token_is_what_the_model_has_to_write_after_its_prompt(shape):
    """Token by token: the prompt of each turn as it is at work, then the turn, is the beginning
    of the whole."""
    encoded, tokenizer, written = encoded_with(SHAPES[shape])
    (dialogue,) = dialogues(trajectory(), TOGETHER)
    shaped = written.shaped(dialogue.messages, dialogue.tools)
    runs = [at for at, label in enumerate(encoded.labels) if label != IGNORED]
    starts = [at for at in runs if at - 1 not in runs]
    ends = [at + 1 for at in runs if at + 1 not in runs]
    turns = [at for at, message in enumerate(shaped) if message["role"] == "assistant"]
    for turn, start, end in zip(turns, starts, ends, strict=True):
        prompt = written.render(tokenizer, shaped[:turn], dialogue.tools, opened=True)
        prompt = prompt.removesuffix("<think>\n")
        ids = tokenizer(prompt, add_special_tokens=False).input_ids
        assert encoded.input_ids[:start] == ids
        upto = written.render(tokenizer, shaped[: turn + 1], dialogue.tools)
        assert encoded.input_ids[:end] == tokenizer(upto, add_special_tokens=False).input_ids[:end]
        assert encoded.labels[start:end] == encoded.input_ids[start:end]


def test_what_a_template_cannot_write_is_patched_and_told():
    assert tried(QWEN, byte_tokenizer()).notes == ()
    assert tried(LLAMA, byte_tokenizer()).notes == (
        "words beside calls are left out: the template does not write them",
    )
    notes = " ".join(tried(CHATML, byte_tokenizer()).notes)
    assert "tools stand" in notes and "calls are" in notes and "results are" not in notes
    notes = " ".join(tried(MISTRAL, byte_tokenizer()).notes)
    for patched in ("the system message", "in a row", "tools stand", "calls are", "results are"):
        assert patched in notes


def test_the_patched_template_is_a_template_of_its_own():
    """What is stored beside the adapter writes the same text without callsheet."""
    tokenizer = byte_tokenizer()
    written = tried(NO_SYSTEM, tokenizer)
    (dialogue,) = dialogues(trajectory(), TOGETHER)
    tokenizer.chat_template = written.template
    text = tokenizer.apply_chat_template(
        [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Add it."},
            {"role": "assistant", "content": None, "tool_calls": [
                {"type": "function", "function": {"name": "Add", "arguments": {"a": "é"}}}]},
            {"role": "tool", "content": "done"},
        ],
        tools=list(dialogue.tools),
        tokenize=False,
        add_generation_prompt=True,
    )  # fmt: skip
    assert text.count("<start_of_turn>") == 4 and text.index("Be brief.") < text.index("Add it.")
    assert '<tool_call>\n{"name": "Add", "arguments": {"a": "é"}}\n</tool_call>' in text
    assert "<tool_response>\ndone\n</tool_response>" in text
    assert text.index("query_stock") < text.index("Add it.")


def test_a_template_that_takes_thinking_out_of_earlier_turns_is_learnt_turn_by_turn():
    messages = [
        {"role": "user", "content": "One?"},
        {"role": "assistant", "content": "<think>\nHm, one.\n</think>\n\nYes, one."},
        {"role": "user", "content": "Two?"},
        {"role": "assistant", "content": "<think>\nHm, two.\n</think>\n\nYes, two."},
    ]
    given = trajectory(messages=messages)
    with pytest.raises(TurnsUnstable, match="written otherwise"):
        encoded_with(THINKING, given)
    tokenizer = byte_tokenizer()
    samples, report = build_samples(
        [given],
        tokenizer,
        config=SampleConfig(max_length=8000),
        written=tried(THINKING, tokenizer),
    )
    assert report.split == 1 and report.trained == report.examples_in == 2
    texts = sorted(tokenizer.decode(sample.encoded.input_ids) for sample in samples)
    said = sorted(pieces(sample.encoded, tokenizer)[0] for sample in samples)
    assert [text.count("<think>") for text in texts] == [1, 1]
    assert all(f"Hm, {word}." in one for word, one in zip(("one", "two"), said, strict=True))


def test_a_template_that_changes_what_was_said_is_refused():
    with pytest.raises(LabelMissing, match="its words are not in the labelled text"):
        encoded_with(CHATML.replace("message.content }}", "message.content | upper }}").replace(
            "{{ message.content | upper }}",
            "{{ message.content if message.content is not string or 'spoken' in message.content "
            "or message.role != 'assistant' or '<tool_call>' in message.content "
            "else message.content | upper }}",
        ))  # fmt: skip


def test_parallel_calls_that_a_template_raises_on_are_dropped_and_named():
    two = call("AddReminder", {"content": "x"}, 0)
    two["tool_calls"] += call("query_stock", {"item_name": "y"}, 1)["tool_calls"]
    given = [
        trajectory("a"),
        trajectory("b", messages=[{"role": "user", "content": "Both."}, two, result(1, 0)]),
    ]
    tokenizer = byte_tokenizer()
    samples, report = build_samples(
        given, tokenizer, config=SampleConfig(max_length=8000), written=tried(LLAMA, tokenizer)
    )
    assert report.trained == 1 and samples[0].id == "a#0"
    assert report.dropped == {"the template refuses it: only single tool-calls at once": 1}


def test_the_format_is_named_by_config(tmp_path):
    tokenizer = byte_tokenizer()
    assert chat_format("own", tokenizer).own
    with pytest.raises(TemplateUnusable, match="no chat template"):
        chat_format("tokenizer", tokenizer)
    tokenizer.chat_template = template_text()
    assert chat_format("tokenizer", tokenizer).own
    path = tmp_path / "qwen.jinja"
    path.write_text(QWEN)
    assert chat_format(str(path), tokenizer).template == QWEN
    with pytest.raises(TemplateUnusable, match="no chat template can be read"):
        chat_format(str(tmp_path / "none.jinja"), tokenizer)
    with pytest.raises(TemplateUnusable, match="does not write a user's words"):
        tried("{{ raise_exception('no') }}", tokenizer)


def test_thoughts_are_learnt_where_they_are_asked_for():
    given = trajectory()
    messages = [
        m.model_copy(update={"thought": "Which shelf?"}) if m.id == 6 else m for m in given.messages
    ]
    given = given.model_copy(update={"messages": messages})
    tokenizer = byte_tokenizer()
    for written in (tried(QWEN, tokenizer), None):
        labelled = {}
        for thoughts in ("drop", "say"):
            config = SampleConfig(max_length=8000, thoughts=thoughts)
            (sample,), _ = build_samples([given], tokenizer, config=config, written=written)
            labelled[thoughts] = " ".join(pieces(sample.encoded, tokenizer))
        assert "Which shelf?" in labelled["say"] and "Which shelf?" not in labelled["drop"]
        assert labelled["say"].index("Which shelf?") < labelled["say"].index("query_stock")


WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="<|"), max_size=20
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(WORDS, st.booleans(), WORDS), min_size=1, max_size=4))
def test_whatever_is_said_the_labels_are_just_it(turns):
    messages = [{"role": "system", "content": "Rules."}]
    for number, (words, calls, value) in enumerate(turns):
        messages.append({"role": "user", "content": f"Ask {number}"})
        if calls:
            messages += [call("query_stock", {"item_name": value}, number), result(words, number)]
        messages.append({"role": "assistant", "content": f"Say {number} {words}"})
    given_ = Trajectory(
        id="t", scenario="s", environment="e", tools=trajectory().tools, messages=line_of(messages)
    )
    for template in (QWEN, MISTRAL):
        encoded, tokenizer, _ = encoded_with(template, given_)
        said = pieces(encoded, tokenizer)
        wanted = [m for m in messages if m["role"] == "assistant"]
        assert len(said) == len(wanted)
        for one, message in zip(said, wanted, strict=True):
            if message.get("tool_calls"):
                found = json.loads(one.split("<tool_call>")[1].split("</tool_call>")[0])
                told = json.loads(message["tool_calls"][0]["function"]["arguments"])
                assert found["arguments"] == told
            else:
                # Templates may trim.
                assert "".join(message["content"].split()) in "".join(one.split())
            assert one.rstrip().endswith("<|im_end|>")
