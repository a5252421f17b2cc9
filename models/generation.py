"""Batched generation with torch, under grammars. Imported by `models.huggingface` alone.

Prompts are computed one by one, as far as they are not known from earlier ones: on a processor
nothing is gained by computing them together, and so none is padded. Then the answers are decoded
together, one token each a step; the weights are read once for all of them. An answer that is
alone takes all tokens that its grammar forces in one step. An answer does not depend on its
neighbours, up to the rounding of batched sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import llguidance
import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, DynamicCache
from transformers.utils import logging as transformers_logging

from .chat_template import END_OF_TURN
from .decoding import Decoding
from .errors import ContextOverflow, ModelError, ModelUnavailable
from .local_call import LocalCall, LocalText
from .prompt_cache import Layers, PromptCache
from .quantized import Rounding, round_weights
from .worker import Job

_LEAST_ANSWER = 16
"""Tokens of room for the answer without which a prompt counts as too long."""
_ROOMY = 0.75
"""Share of rows still at work below which finished rows are taken out of the batch; copying the
rest costs about half a step."""


class Generator:
    """A checkpoint in memory, its adapter merged into the weights."""

    def __init__(
        self,
        path: Path,
        adapter: Path | None,
        *,
        threads: int,
        context_size: int,
        dtype: str,
        device: str,
        prompt_cache: int,
        rounding: Rounding | None = None,
    ) -> None:
        """Raises `ModelUnavailable` where the files do not fit each other or the template."""
        torch.set_num_threads(threads)
        self._device = device if device != "auto" else _best_device()
        self._tokenizer = Tokenizer.from_file(str(path / "tokenizer.json"))
        end = self._tokenizer.token_to_id(END_OF_TURN)
        if end is None:
            raise ModelUnavailable(f"{path}: its tokenizer has no {END_OF_TURN}, as ChatML needs")
        model = _model(path, adapter, rounding)
        self._model = model.to(self._device, _type(dtype, self._device)).eval()
        config = self._model.config
        self._context_size = min(context_size, config.max_position_embeddings)
        self._ends = {end, *_listed(config.eos_token_id)}
        self._vocabulary = llguidance.LLTokenizer(
            self._tokenizer.to_str(), n_vocab=config.vocab_size, eos_token=end
        )
        self._known = PromptCache(prompt_cache)

    def serve(self, jobs: Sequence[Job[LocalCall, LocalText]]) -> None:
        """Answer all jobs, or say of each why not."""
        with torch.inference_mode():
            rows = [row for job in jobs if (row := self._opened(job)) is not None]
            self._decode(rows)

    def _settled(self, row: _Row) -> bool:
        """Whether the row is finished; whoever waits for it has then been answered, and else told
        what there is."""
        if row.job.abandoned or row.job.answer.done():
            return True
        if row.decoding.done:
            row.job.succeed(self._text(row))
        elif row.job.heard is not None:
            row.job.heard(self._text(row))
        return row.decoding.done

    def _text(self, row: _Row) -> LocalText:
        return LocalText(
            text=self._tokenizer.decode(row.decoding.tokens, skip_special_tokens=True),
            ended=row.decoding.ended,
            prompt_tokens=row.prompt_tokens,
            completion_tokens=len(row.decoding.tokens),
        )

    def _opened(self, job: Job[LocalCall, LocalText]) -> _Row | None:
        """The job with its prompt computed and its first token chosen; None where it failed."""
        if job.abandoned:
            return None
        call = job.question
        ids = self._tokenizer.encode(call.prompt, add_special_tokens=False).ids
        room = self._context_size - len(ids)
        if room < _LEAST_ANSWER:
            job.fail(
                ContextOverflow(
                    f"the prompt has {len(ids):,} tokens, and the model's context "
                    f"{self._context_size:,}"
                )
            )
            return None
        try:
            decoding = Decoding(call, self._vocabulary, self._ends, min(call.max_tokens, room))
            row = _Row(job, decoding, len(ids))
            row.read(self._prefill(row, ids))
        except ModelError as error:
            job.fail(error)
            return None
        return row

    def _prefill(self, row: _Row, ids: list[int]) -> np.ndarray[Any, Any]:
        """Compute what is not known of the prompt and of the answer's forced beginning."""
        ids = [*ids, *row.decoding.pending]
        row.decoding.pending.clear()
        known, layers = self._known.longest(ids)
        cache = _cache(layers)
        out = self._model(
            input_ids=torch.tensor([ids[known:]], device=self._device),
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        row.layers = [(layer.keys, layer.values) for layer in cache.layers]
        self._known.keep(ids, row.layers)
        return _scores(out)[0]

    def _decode(self, rows: Sequence[_Row]) -> None:
        active = [row for row in rows if not self._settled(row)]
        if not active:
            return
        batch = _Batch(active, self._device)
        while keep := [at for at, row in enumerate(batch.rows) if not self._settled(row)]:
            if len(keep) < _ROOMY * len(batch.rows):
                batch.keep(keep)
            scores = batch.step(self._model)
            for row, row_scores in zip(batch.rows, scores, strict=True):
                if not row.finished and not row.decoding.pending:
                    try:
                        row.read(row_scores)
                    except ModelError as error:
                        row.job.fail(error)


class _Row:
    """One answer in the batch."""

    def __init__(
        self, job: Job[LocalCall, LocalText], decoding: Decoding, prompt_tokens: int
    ) -> None:
        self.job = job
        self.decoding = decoding
        self.prompt_tokens = prompt_tokens
        self.layers: Layers = []

    @property
    def finished(self) -> bool:
        return self.decoding.done or self.job.abandoned or self.job.answer.done()

    @property
    def length(self) -> int:
        """Tokens that the model has read."""
        return int(self.layers[0][0].shape[2])

    def read(self, scores: np.ndarray[Any, Any]) -> None:
        if not self.decoding.done:
            self.decoding.choose(scores)


class _Batch:
    """Rows side by side: keys and values padded on the left to the longest row."""

    def __init__(self, rows: Sequence[_Row], device: str) -> None:
        self.rows = list(rows)
        self._device = device
        lengths = [row.length for row in rows]
        longest = max(lengths)
        self._mask = torch.tensor(
            [[0] * (longest - n) + [1] * n for n in lengths], device=device, dtype=torch.long
        )
        self._next = torch.tensor([[n] for n in lengths], device=device)
        joined = []
        for layer in range(len(rows[0].layers)):
            pair = [
                torch.cat([_padded(row.layers[layer][part], longest) for row in rows])
                for part in (0, 1)
            ]
            joined.append((pair[0], pair[1]))
        for row in rows:
            row.layers = []  # the prompt cache holds what it wants of them
        self._cache = _cache(joined)

    def step(self, model: Any) -> np.ndarray[Any, Any]:
        """Let each row read its next token, a lone row all it has; returns rows x vocabulary."""
        alone = len(self.rows) == 1
        fed = [_taken(row.decoding, alone) for row in self.rows]
        width = len(fed[0])
        positions = self._next + torch.arange(width, device=self._device)
        self._next = self._next + width
        self._mask = torch.cat([self._mask, torch.ones_like(positions)], dim=1)
        out = model(
            input_ids=torch.tensor(fed, device=self._device),
            attention_mask=self._mask,
            position_ids=positions,
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=1,
        )
        return _scores(out)

    def keep(self, indices: list[int]) -> None:
        """Go on with these rows alone."""
        chosen = torch.tensor(indices, device=self._device)
        self.rows = [self.rows[at] for at in indices]
        self._mask, self._next = self._mask[chosen], self._next[chosen]
        self._cache.batch_select_indices(chosen)


def _taken(decoding: Decoding, everything: bool) -> list[int]:
    """The tokens a row reads next; a finished row, which only waits, reads any."""
    pending = decoding.pending
    if not pending:
        return [0]
    return [pending.popleft() for _ in range(len(pending) if everything else 1)]


def _model(path: Path, adapter: Path | None, rounding: Rounding | None) -> Any:
    transformers_logging.disable_progress_bar()
    try:
        model = AutoModelForCausalLM.from_pretrained(
            path, dtype=torch.float32, local_files_only=True
        )
        if rounding is not None:
            round_weights(model, rounding)
        if adapter is None:
            return model
        from peft import PeftModel

        # Merged in full precision: an adapter beside the weights costs time at every token.
        return PeftModel.from_pretrained(model, adapter, local_files_only=True).merge_and_unload()
    except (OSError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:300]
        raise ModelUnavailable(f"{adapter or path}: cannot be loaded ({reason})") from None


def _best_device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


def _type(name: str, device: str) -> Any:
    """float32 on a processor, where reduced precision would let neighbours change an answer."""
    if name == "auto":
        return torch.bfloat16 if device == "cuda" else torch.float32
    return getattr(torch, name)


def _listed(tokens: Any) -> list[int]:
    return tokens if isinstance(tokens, list) else [] if tokens is None else [tokens]


def _cache(layers: Layers) -> Any:
    cache = DynamicCache()
    for number, (keys, values) in enumerate(layers):
        cache.update(keys, values, number)
    return cache


def _padded(tensor: Any, length: int) -> Any:
    return torch.nn.functional.pad(tensor, (0, 0, length - tensor.shape[2], 0))


def _scores(out: Any) -> np.ndarray[Any, Any]:
    scores: np.ndarray[Any, Any] = out.logits[:, -1].float().cpu().numpy()
    return scores
