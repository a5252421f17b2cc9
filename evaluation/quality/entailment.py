"""Whether one text entails another, by any NLI cross-encoder that the user names.

The model is a folder, or an id on the Hub, of a sequence classifier in safetensors whose
configuration names its labels: one of them has to be "entailment", wherever it stands, because
models disagree on the order. Three labels or two, it counts where it is the likeliest. Only a
name that the user gives is ever fetched; code that a model brings along is not run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.util import find_spec
from typing import Any

from ...models.errors import ModelUnavailable

_BATCH = 16
_MAX_TOKENS = 512


class Entailment:
    """An NLI model, loaded when the first pair is judged."""

    def __init__(self, name: str) -> None:
        """Raises `ModelUnavailable` where the libraries are missing."""
        for package in ("torch", "transformers"):
            if find_spec(package) is None:
                raise ModelUnavailable(
                    f"the NLI model {name} needs {package}; install callsheet[train]"
                )
        self.name = name

    @property
    def label(self) -> str:
        """The label that is counted, as the model's configuration writes it."""
        return str(self._labels[self._at])

    def entailed(self, pairs: Sequence[tuple[str, str]]) -> list[bool]:
        """For each (premise, hypothesis), whether entailment is the likeliest label.

        Raises `ModelUnavailable` where the model cannot be loaded or has no such label. Texts
        longer than the model's window are cut, the longer of the two first.
        """
        found = [False] * len(pairs)
        # Pairs of like length share a batch, so that little is computed on padding.
        order = sorted(range(len(pairs)), key=lambda at: sum(map(len, pairs[at])))
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            likeliest = self._likeliest([pairs[at] for at in batch])
            for at, label in zip(batch, likeliest, strict=True):
                found[at] = label == self._at
        return found

    def _likeliest(self, pairs: Sequence[tuple[str, str]]) -> list[int]:
        import torch

        tokenizer, model = self._loaded
        encoded = tokenizer(
            [premise for premise, _ in pairs],
            [hypothesis for _, hypothesis in pairs],
            padding=True,
            truncation=True,
            max_length=min(_MAX_TOKENS, _window(tokenizer, model)),
            return_tensors="pt",
        )
        with torch.inference_mode():
            logits = model(**encoded).logits
        likeliest: list[int] = logits.argmax(dim=-1).tolist()
        return likeliest

    @cached_property
    def _labels(self) -> Mapping[int, str]:
        labels: Mapping[int, str] = self._loaded[1].config.id2label
        return labels

    @cached_property
    def _at(self) -> int:
        return label_index(self._labels, self.name)

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        try:
            tokenizer = AutoTokenizer.from_pretrained(self.name, trust_remote_code=False)
            model = AutoModelForSequenceClassification.from_pretrained(
                self.name, trust_remote_code=False, use_safetensors=True
            )
        except (OSError, ValueError, ImportError, KeyError, RuntimeError) as error:
            first = next(iter(str(error).splitlines()), type(error).__name__)
            raise ModelUnavailable(
                f"the NLI model {self.name} cannot be loaded: {first[:300]}"
            ) from None
        return tokenizer, model.eval()


def label_index(labels: Mapping[int, str], name: str) -> int:
    """Where "entailment" stands among a model's labels, in whatever case.

    Raises `ModelUnavailable` where no label, or more than one, is called so.
    """
    found = [at for at, label in labels.items() if str(label).strip().casefold() == "entailment"]
    if len(found) != 1:
        listed = ", ".join(str(label) for label in labels.values())
        raise ModelUnavailable(
            f"the NLI model {name} has the labels {listed[:200]}; exactly one has to be called "
            "entailment (id2label in its config.json)"
        )
    return int(found[0])


def _window(tokenizer: Any, model: Any) -> int:
    """Tokens that the model can take; RoBERTa's kind reserves the first positions."""
    limits = [int(tokenizer.model_max_length)]
    positions = getattr(model.config, "max_position_embeddings", None)
    if isinstance(positions, int) and positions > 0:
        reserved = 2 if "roberta" in str(getattr(model.config, "model_type", "")) else 0
        limits.append(positions - reserved)
    return min(limits)
