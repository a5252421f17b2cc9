"""Counting tokens, by a counter that has a name, because no two tokenizers agree.

`words` needs nothing: runs of letters, digits and underscores are one token each, in NFC and with
their combining marks, and so is every other character that is no space. It comes near the counts
of subword tokenizers for plain English, and far below them for identifiers and JSON. `wordllama` is
Llama 2's vocabulary, from that package; a path names any `tokenizer.json` of Hugging Face's format,
or the folder that holds one. Nothing is fetched.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from ...models.errors import ModelUnavailable
from .words import RUN

WORDS = "words"
_TOKEN = re.compile(rf"{RUN}|[^\w\s]")
_WORDLLAMA = "tokenizers/l2_supercat_tokenizer_config.json"

Counter = Callable[[Sequence[str]], int]
"""Tokens of several texts together."""


def token_counter(name: str = WORDS) -> Counter:
    """The counter of that name: `words`, `wordllama`, or a path.

    Raises `ModelUnavailable` for what is not installed, `ValueError` for what is no tokenizer.
    """
    if name == WORDS:
        return lambda texts: sum(
            len(_TOKEN.findall(unicodedata.normalize("NFC", text))) for text in texts
        )
    return _of_file(_file(name), name)


def _file(name: str) -> Path:
    if name == "wordllama":
        found = find_spec("wordllama")
        if found is None or found.origin is None:
            raise ModelUnavailable("the tokenizer wordllama needs its package: install it")
        return Path(found.origin).parent / _WORDLLAMA
    path = Path(name).expanduser()
    path = path / "tokenizer.json" if path.is_dir() else path
    if not path.is_file():
        raise ValueError(
            f"{name}: no tokenizer; there are {WORDS}, wordllama, and paths of tokenizer.json files"
        )
    return path


def _of_file(path: Path, name: str) -> Counter:
    try:
        from tokenizers import Tokenizer
    except ImportError:
        raise ModelUnavailable(
            f"the tokenizer {name} needs the package tokenizers; install callsheet[embed]"
        ) from None
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:
        # The library raises plain Exception for whatever is wrong with a file.
        first = next(iter(str(error).splitlines()), type(error).__name__)
        raise ValueError(f"{path}: no tokenizer: {first[:200]}") from None
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def count(texts: Sequence[str]) -> int:
        encoded = tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return sum(len(one.ids) for one in encoded)

    return count
