"""Batched generation under grammars, with torch. Imported by `models.huggingface` alone.

Greedy or sampled, left-padded, with a key-value cache; each sequence has a grammar of its own
(llguidance), which masks what it may write next. A sequence's answer does not depend on which
others share its batch, up to the rounding of padded attention.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import llguidance
import llguidance.hf
import numpy
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from .chat_template import END_OF_TURN
from .errors import ContextOverflow, InvalidAnswer

if TYPE_CHECKING:
    from .huggingface import Question, Written

# The chat template's own spacing, so that what is generated is what was trained on.
_AS_RENDERED = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}


class Generator:
    """A checkpoint in memory."""

    def __init__(
        self, path: Path, adapter: Path | None, *, threads: int, context: int, dtype: str
    ) -> None:
        torch.set_num_threads(threads)
        self._context = context
        self._tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True)
        model = AutoModelForCausalLM.from_pretrained(
            path, dtype=getattr(torch, dtype), local_files_only=True
        )
        if adapter is not None:
            from peft import PeftModel

            # Merged into the weights: an adapter that stays beside them costs at every token.
            model = PeftModel.from_pretrained(model, adapter).merge_and_unload()
        self._model = model.eval()
        device = "cuda" if torch.cuda.is_available() else "cpu"
        self._model.to(device)
        self._end = self._tokenizer.convert_tokens_to_ids(END_OF_TURN)
        self._grammars = llguidance.hf.from_tokenizer(
            self._tokenizer, n_vocab=model.config.vocab_size, eos_token=self._end
        )

    def json_grammar(self, schema: dict[str, Any]) -> str:
        """A grammar for JSON that fits `schema`, spaced as the template spaces it.

        Raises `InvalidAnswer` for a schema that cannot be decoded under.
        """
        grammar = llguidance.LLMatcher.grammar_from_json_schema(schema, overrides=_AS_RENDERED)
        problem = llguidance.LLMatcher.validate_grammar(grammar, self._grammars)
        if problem:
            raise InvalidAnswer(f"the schema cannot be decoded under: {problem.splitlines()[0]}")
        return str(grammar)

    def generate(self, questions: Sequence[Question]) -> list[Written]:
        """One answer for each question, in order. Raises `ContextOverflow`."""
        prompts = [
            self._tokenizer(q.prompt, add_special_tokens=False)["input_ids"] for q in questions
        ]
        for ids, question in zip(prompts, questions, strict=True):
            if len(ids) + question.max_tokens > self._context:
                raise ContextOverflow(
                    f"{len(ids)} prompt tokens and {question.max_tokens} for the answer do not "
                    f"fit a context of {self._context}"
                )
        sequences = [_Sequence(q, self._grammars, self._end) for q in questions]
        with torch.inference_mode():
            self._run(prompts, sequences)
        from .huggingface import Written

        return [
            Written(
                text=self._tokenizer.decode(one.tokens, skip_special_tokens=True),
                prompt_tokens=len(ids),
                answer_tokens=len(one.tokens),
                ended=one.ended,
            )
            for ids, one in zip(prompts, sequences, strict=True)
        ]

    def _run(self, prompts: list[list[int]], sequences: list[_Sequence]) -> None:
        longest = max(len(ids) for ids in prompts)
        device = self._model.device
        rows = [[self._end] * (longest - len(ids)) + ids for ids in prompts]
        seen = [[0] * (longest - len(ids)) + [1] * len(ids) for ids in prompts]
        ids = torch.tensor(rows, device=device)
        mask = torch.tensor(seen, device=device)
        positions = (mask.cumsum(-1) - 1).clamp(min=0)
        cache: Any = None
        while True:
            out = self._model(
                input_ids=ids,
                attention_mask=mask,
                position_ids=positions,
                past_key_values=cache,
                use_cache=True,
                logits_to_keep=1,
            )
            cache = out.past_key_values
            logits = out.logits[:, -1, :].float().cpu().numpy()
            chosen = [one.next(row) for one, row in zip(sequences, logits, strict=True)]
            if all(one.done for one in sequences):
                return
            ids = torch.tensor([[token] for token in chosen], device=device)
            mask = torch.cat([mask, torch.ones_like(ids)], dim=1)
            positions = positions[:, -1:] + 1


class _Sequence:
    """One answer while it is written."""

    def __init__(self, question: Question, tokenizer: Any, end: int) -> None:
        self.tokens: list[int] = []
        self.done = False
        self.ended = False
        self._end = end
        self._limit = question.max_tokens
        self._temperature = question.temperature
        self._chance = numpy.random.default_rng(question.seed)
        self._matcher = (
            llguidance.LLMatcher(tokenizer, question.grammar) if question.grammar else None
        )

    def next(self, logits: Any) -> int:
        """Choose the next token from a row of logits; the end token once it is done."""
        if self.done:
            return self._end
        if self._matcher is not None:
            allowed = numpy.frombuffer(self._matcher.compute_bitmask(), dtype=numpy.uint8)
            bits = numpy.unpackbits(allowed, bitorder="little")[: logits.shape[0]]
            logits = numpy.where(bits == 1, logits, -numpy.inf)
        token = self._choose(logits)
        if token == self._end:
            self.done = self.ended = True
            return token
        self.tokens.append(token)
        if self._matcher is not None:
            self._matcher.consume_token(token)
            if self._matcher.is_stopped():
                self.done = self.ended = True
        if len(self.tokens) >= self._limit:
            self.done = True
        return token

    def _choose(self, logits: Any) -> int:
        if not self._temperature:
            return int(logits.argmax())
        scaled = (logits - logits.max()) / self._temperature
        weights = numpy.exp(scaled)
        return int(self._chance.choice(len(weights), p=weights / weights.sum()))
