from itertools import pairwise

from conversations import call, result, trajectory, two_turns
from hypothesis import given
from hypothesis import strategies as st
from tiny_model import byte_tokenizer

from callsheet.train.config import SampleConfig
from callsheet.train.encoding import encode
from callsheet.train.samples import build_samples
from callsheet.train.shortening import longest, without_oldest_step, without_oldest_turn


def episode(steps: int) -> list[dict]:
    messages = [{"role": "system", "content": "Act."}, {"role": "user", "content": "The task."}]
    for number in range(steps):
        messages += [
            call("query_stock", {"item_name": f"item{number}"}, number),
            result({"units": number}, number),
        ]
    return [*messages, {"role": "assistant", "content": "Done."}]


def test_an_episode_loses_its_oldest_steps_and_keeps_its_task():
    whole = episode(5)
    shorter = without_oldest_step(whole)
    assert shorter is not None and list(shorter) == whole[:2] + whole[4:]
    assert without_oldest_turn(whole) is None
    left, count = whole, 0
    while (less := without_oldest_step(left)) is not None:
        left, count = less, count + 1
    assert count == 5 and [m["role"] for m in left] == ["system", "user", "assistant"]


def test_a_conversation_loses_what_followed_its_first_message_first():
    messages = two_turns()
    shorter = without_oldest_step(messages)
    assert shorter is not None and list(shorter) == messages[:2] + messages[5:]
    again = without_oldest_step(shorter)
    assert again is not None and list(again) == messages[:2] + messages[5:6] + messages[8:]
    assert without_oldest_step(again) is None


ROLES = st.lists(st.sampled_from(["user", "assistant", "tool", "system"]), max_size=12)


@given(ROLES)
def test_dropping_ends_and_never_parts_results_from_their_call(roles):
    messages = [{"role": role, "content": str(at)} for at, role in enumerate(roles)]
    for shorten in (without_oldest_step, without_oldest_turn):
        left = messages
        while (less := shorten(left)) is not None:
            assert len(less) < len(left)
            assert [m for m in less if m["role"] == "system"] == [
                m for m in left if m["role"] == "system"
            ]
            kept = [m["content"] for m in less]
            for before, after in pairwise(messages):
                if after["role"] == "tool" and after["content"] in kept:
                    assert before["content"] in kept
            left = less


def test_a_long_episode_is_learnt_from_instead_of_dropped():
    tokenizer = byte_tokenizer()
    given_ = [trajectory(messages=episode(20))]
    config = SampleConfig(max_length=1200, shorten="steps")
    (sample,), report = build_samples(given_, tokenizer, config=config)
    text = tokenizer.decode(sample.encoded.input_ids)
    assert "The task." in text and "item19" in text and "item0" not in text
    assert report.turns_dropped > 0 and report.dropped == {}


@given(st.integers(1, 300), st.integers(0, 300))
def test_what_fits_is_found_in_few_attempts(turns, first):
    """Of `turns` shortenings, those from `first` on fit."""
    ways = [[{"role": "user", "content": str(at)}] for at in range(turns)]
    attempts = []

    def made(messages):
        attempts.append(messages)
        return messages if int(messages[0]["content"]) >= first else None

    found, place = longest(ways, made)
    assert (found, place) == ((ways[first], first) if first < turns else (None, turns))
    assert len(attempts) <= 1 + turns.bit_length()
    assert attempts[0] == ways[0]


def test_a_long_conversation_is_written_as_tokens_a_few_times_only(monkeypatch):
    counted = []

    def counting(*args, **kwargs):
        counted.append(args)
        return encode(*args, **kwargs)

    monkeypatch.setattr("callsheet.train.samples.encode", counting)
    given_ = [trajectory(messages=episode(60))]
    config = SampleConfig(max_length=1200, shorten="steps")
    _, report = build_samples(given_, byte_tokenizer(), config=config)
    assert report.turns_dropped > 40 and len(counted) <= 8
