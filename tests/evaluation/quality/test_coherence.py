"""SS and EnR: pairs, encoders, batches, and the order of an NLI model's labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from callsheet.evaluation.quality import coherence
from callsheet.evaluation.quality.coherence import CoherenceMeter
from callsheet.evaluation.quality.entailment import Entailment, label_index
from callsheet.models.embedding import encoder
from callsheet.models.errors import ModelUnavailable


class Angles:
    """Texts are angles in degrees: cosines are known."""

    name, digest, sparse = "angles", "0", True

    def encode(self, texts: Sequence[str]) -> Any:
        import math

        return [{0: math.cos(math.radians(float(t))), 1: math.sin(math.radians(float(t)))}
                for t in texts]  # fmt: skip


class Longer(Entailment):
    """Entails whatever is shorter."""

    name, label = "longer", "entailment"  # type: ignore[assignment]

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def entailed(self, pairs: Sequence[tuple[str, str]]) -> list[bool]:
        self.asked += pairs
        return [len(premise) > len(hypothesis) for premise, hypothesis in pairs]


@pytest.mark.parametrize("name", ["lexical", "wordllama"])
def test_identical_turns_have_a_hundred(name: str) -> None:
    try:
        chosen = encoder(name)
    except ModelUnavailable as error:
        pytest.skip(str(error))
    meter = CoherenceMeter(chosen)
    meter.add([("Book a table for two in Lyon", "Book a table for two in Lyon")] * 3)
    similarity = meter.result().similarity
    assert similarity is not None
    assert similarity.mean == pytest.approx(100, abs=1e-4)


def test_ss_is_a_hundred_times_the_mean_cosine_over_pairs() -> None:
    meter = CoherenceMeter(Angles())
    meter.add([("0", "0"), ("0", "60")])
    meter.add([("10", "100")])
    meter.add([])
    found = meter.result()
    assert found.pairs == 3 and found.similarity is not None
    assert found.similarity.mean == pytest.approx(100 * (1 + 0.5 + 0) / 3, abs=1e-5)
    assert found.similarity.low <= found.similarity.mean <= found.similarity.high
    assert found.nli is None and found.entailment is None


def test_batches_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    dialogues = [[(str(i), str(i * j)) for j in range(i % 5)] for i in range(40)]

    def found() -> coherence.Coherence:
        meter = CoherenceMeter(Angles(), Longer())
        for number, pairs in enumerate(dialogues):
            meter.add(pairs, f"s{number % 3}")
        return meter.result()

    whole = found()
    monkeypatch.setattr(coherence, "_BATCH", 3)
    assert found() == whole


def test_without_a_pair_nothing_is_measured() -> None:
    found = CoherenceMeter(Angles(), Longer()).result()
    assert found.similarity is None and found.entailment is None and found.measured == 0


def test_enr_is_a_share_and_both_can_be_limited_to_drawn_pairs() -> None:
    pairs = [("12", "1"), ("1", "12"), ("12", "1"), ("123", "1")]
    whole = CoherenceMeter(Angles(), Longer())
    whole.add(pairs)
    found = whole.result()
    assert found.measured == 4 and found.entailment is not None
    assert found.entailment.mean == 0.75
    limited = CoherenceMeter(Angles(), Longer(), limit=2, seed=3)
    for pair in pairs:
        limited.add([pair])
    again = limited.result()
    assert again.measured == 2 and again.pairs == 4


def test_entailment_is_found_wherever_it_stands_among_the_labels() -> None:
    assert label_index({0: "contradiction", 1: "ENTAILMENT", 2: "neutral"}, "m") == 1
    assert label_index({0: "entailment", 1: "not_entailment"}, "m") == 0
    with pytest.raises(ModelUnavailable, match="LABEL_0, LABEL_1"):
        label_index({0: "LABEL_0", 1: "LABEL_1"}, "m")


def tiny_nli(folder: Path, labels: list[str], preferred: int) -> Path:
    """A cross-encoder of random weights that always prefers the label at `preferred`."""
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    words = {w: i for i, w in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b"])}
    tokenizer = Tokenizer(WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", model_max_length=24
    ).save_pretrained(folder)
    torch.manual_seed(0)
    model = BertForSequenceClassification(
        BertConfig(
            vocab_size=len(words), hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
            intermediate_size=8, max_position_embeddings=24, num_labels=len(labels),
            id2label=dict(enumerate(labels)), label2id={n: i for i, n in enumerate(labels)},
        )
    )  # fmt: skip
    with torch.no_grad():
        model.classifier.bias[preferred] = 100.0
    model.save_pretrained(folder)
    return folder


@pytest.mark.train
@pytest.mark.parametrize(
    "labels",
    [["entailment", "neutral", "contradiction"], ["Contradiction", "Entailment", "Neutral"],
     ["not_entailment", "entailment"]],
)  # fmt: skip
def test_a_cross_encoders_own_label_order_decides(tmp_path: Path, labels: list[str]) -> None:
    pytest.importorskip("torch", reason="needs callsheet[train]")
    pytest.importorskip("transformers", reason="needs callsheet[train]")
    at = [label.casefold() for label in labels].index("entailment")
    pairs = [("a " * n, "b " * (n % 3)) for n in range(1, 40)]
    yes = Entailment(str(tiny_nli(tmp_path / "yes", labels, at)))
    assert yes.label == labels[at]
    assert yes.entailed(pairs) == [True] * len(pairs)
    no = Entailment(str(tiny_nli(tmp_path / "no", labels, (at + 1) % len(labels))))
    assert no.entailed(pairs) == [False] * len(pairs)


@pytest.mark.train
def test_a_model_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="needs callsheet[train]")
    with pytest.raises(ModelUnavailable, match="cannot be loaded") as caught:
        _ = Entailment(str(tmp_path)).label
    assert "\n" not in str(caught.value)
