import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_model import byte_tokenizer, tiny_checkpoint

from callsheet.train.config import SampleConfig
from callsheet.train.encoding import IGNORED, Encoded
from callsheet.train.packing import arranged, columns, fill_of, packed

pytestmark = pytest.mark.train


def samples(lengths):
    return [
        Encoded([7 + (at + n) % 90 for at in range(length)], [IGNORED] * 2 + [9] * (length - 2))
        for n, length in enumerate(lengths)
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(3, 50), min_size=1, max_size=40))
def test_every_sample_is_in_one_row_and_no_row_is_too_long(lengths):
    given_ = samples(lengths)
    rows = packed(given_, 50)
    assert sorted(id(one) for row in rows for one in row) == sorted(map(id, given_))
    assert all(sum(len(one.input_ids) for one in row) <= 50 for row in rows)
    fill = fill_of(rows, 50)
    assert fill.rows == len(rows) and fill.samples == len(lengths)
    assert fill.share == pytest.approx(sum(lengths) / (50 * len(rows)), abs=1e-4)
    # Two rows that would fit into one are not left (best fit).
    used = sorted(sum(len(one.input_ids) for one in row) for row in rows)
    assert len(rows) < 2 or used[0] + used[1] > 50


def test_positions_start_again_with_each_sample():
    found, fill = arranged(samples([3, 4]), SampleConfig(max_length=32, packing=True))
    assert found["position_ids"] == [[0, 1, 2, 0, 1, 2, 3]] and fill is not None
    plain, nothing = arranged(samples([3, 4]), SampleConfig(max_length=32))
    assert nothing is None and "position_ids" not in plain


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
def test_a_packed_batch_has_the_loss_and_gradients_of_its_samples(tmp_path, attention):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("trl")
    from callsheet.train.trainer import PackedRows

    base = tiny_checkpoint(tmp_path)
    model = transformers.AutoModelForCausalLM.from_pretrained(
        base, dtype=torch.float32, attn_implementation=attention
    )
    one = samples([30, 11, 25, 8, 17])

    def loss_of(row):
        """Sum over labelled tokens, as the trainer computes it."""
        batch = PackedRows(byte_tokenizer().pad_token_id)(row)
        hidden = model.model(
            input_ids=batch["input_ids"],
            position_ids=batch["position_ids"],
            attention_mask=None,
            use_cache=False,
        ).last_hidden_state[:, :-1]
        labels = batch["labels"][:, 1:]
        logits = model.lm_head(hidden[labels != IGNORED])
        return torch.nn.functional.cross_entropy(logits, labels[labels != IGNORED], reduction="sum")

    def rows_of(found):
        return [dict(zip(found, values, strict=True)) for values in zip(*found.values())]  # noqa: B905

    def measured(batches):
        model.zero_grad()
        total = sum(loss_of(batch) for batch in batches)
        total.backward()
        return total.item(), model.lm_head.weight.grad.clone()

    apart = measured([[row] for row in rows_of(columns([[s] for s in one], positions=True))])
    together = rows_of(columns(packed(one, 48), positions=True))
    assert len(together) < len(one)
    loss, gradient = measured([together])
    assert loss == pytest.approx(apart[0], rel=1e-5)
    assert torch.allclose(gradient, apart[1], atol=1e-4)
