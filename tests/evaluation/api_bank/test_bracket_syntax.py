import math
import re
import sys
from typing import Any

import pytest
from api_bank_data import FOLDER, needs_data
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.environments.api_bank.recordings import read_dialogues, read_requirements
from callsheet.evaluation.api_bank.bracket_syntax import (
    MAX_DEPTH,
    MAX_LENGTH,
    BracketCall,
    BracketError,
    parse,
    parse_published,
    render,
    render_published,
)

# The published parser as its description reads: one pattern for the call, one for an argument.
ORACLE_CALL = re.compile(r"\[(\w+)\((.*)\)\]")
ORACLE_ARGUMENT = re.compile(
    r"""(\w+)\s*=\s*['"](.+?)['"]|(\w+)\s*=\s*(\[.*\])|(\w+)\s*=\s*(\w+)"""
)


def oracle(text: str) -> BracketCall | None:
    found = ORACLE_CALL.search(text)
    if found is None:
        return None
    arguments = {}
    for one in ORACLE_ARGUMENT.finditer(found[2]):
        key, value = [part for part in one.groups() if part is not None]
        arguments[key] = value
    return BracketCall(found[1], arguments)


pieces = st.lists(
    st.sampled_from(
        ["[", "]", "(", ")", ")]", "'", '"', "=", " ", ",", "a", "b", "Name", "key", "3.5", "\n",
         "[A(", "a='", "b=[", "c=4", "''", "é", "\r", "_", "x", "."]
    ),
    max_size=40,
).map("".join)  # fmt: skip


class TestPublished:
    @given(st.one_of(pieces, pieces.map(lambda t: f"[A({t})]"), st.text(max_size=60)))
    @settings(max_examples=1500)
    def test_reads_what_its_description_reads(self, text: str) -> None:
        assert parse_published(text) == oracle(text)

    @pytest.mark.parametrize(
        ("text", "arguments"),
        [
            ("[A(b='x y', c=\"z\")]", {"b": "x y", "c": "z"}),
            ("[A(b='Don't forget', c='d')]", {"b": "Don", "c": "d"}),
            ("[A(b='', c='d')]", {"b": "', c="}),
            ("[A(b=3.5, c=2023-04-12)]", {"b": "3", "c": "2023"}),
            ("[A(b='['x', 'y']')]", {"b": "["}),
            ("[A(b=['x', 'y'], c='d')]", {"b": "['x', 'y']", "c": "d"}),
            ("[A(b=['x'], c=['y'])]", {"b": "['x'], c=['y']"}),
            ("[A(b='x\")]", {"b": "x"}),
            ("[A(b = 'x', b=y)]", {"b": "y"}),
            ("[A(b=-4)]", {}),
            ("[A(b='x)]", {}),
            ("[A()]", {}),
            ("[A(b='x')] and [C(d='y')]", {"b": "x", "d": "y"}),
        ],
    )
    def test_values_end_where_upstream_ends_them(self, text: str, arguments: Any) -> None:
        assert parse_published(text) == BracketCall("A", arguments)

    @pytest.mark.parametrize(
        "text",
        ["", "A(b='x')", "[A b]", "[A(b='x')", "[A(b='x'\n)]", "[A-B(c='x')]", "[ A(b='x')]"],
    )
    def test_no_call(self, text: str) -> None:
        assert parse_published(text) is None

    def test_first_line_that_has_one(self) -> None:
        assert parse_published("I try [this(\n[B(x='1')]\n[C()]") == BracketCall("B", {"x": "1"})

    @given(
        st.dictionaries(
            st.from_regex(r"[a-z_]{1,8}", fullmatch=True),
            st.text(st.characters(exclude_characters="'\"\n", codec="utf-8"), min_size=1),
        )
    )
    def test_reads_back_plain_values(self, arguments: dict[str, str]) -> None:
        call = parse_published(render_published("Name", arguments))
        assert call is not None and call.arguments == arguments

    @given(
        st.dictionaries(
            st.from_regex(r"[a-z_]{1,8}", fullmatch=True),
            st.one_of(
                st.from_regex(r"[A-Za-z0-9 :.,;()-]{1,20}", fullmatch=True),
                st.integers(min_value=0, max_value=10**30),
                st.booleans(),
            ),
        )
    )
    def test_reads_rendered_plain_values_as_text(self, arguments: dict[str, Any]) -> None:
        call = parse_published(render("Name", arguments))
        assert call is not None
        assert call.arguments == {key: str(value) for key, value in arguments.items()}


names = st.from_regex(r"[A-Za-z_]\w{0,12}", fullmatch=True)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(codec="utf-8")) | st.text("'\"\\[](){},:= ab\n", max_size=20)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
keys = st.from_regex(r"\w{1,10}", fullmatch=True)


class TestParse:
    @given(names, st.dictionaries(keys, values, max_size=5))
    @settings(max_examples=600)
    def test_reads_back_what_is_rendered(self, name: str, arguments: dict[str, Any]) -> None:
        [call] = parse(f"API-Request: {render(name, arguments)}->success")
        assert call == BracketCall(name, arguments)
        assert repr(call.arguments) == repr(arguments)  # 1, 1.0 and True are equal to each other

    @given(st.lists(st.tuples(names, st.dictionaries(keys, values, max_size=3)), min_size=1))
    def test_several_calls_in_one_bracket(self, calls: list[tuple[str, dict[str, Any]]]) -> None:
        text = ",\n ".join(render(*call)[1:-1] for call in calls)
        assert parse(f"[{text}]") == [BracketCall(*call) for call in calls]

    def test_as_the_prompts_show_it(self) -> None:
        assert render(
            "ModifyRegistration",
            {"appointment_id": "34567890", "new_appointment_doctor": "Dr. Lee"},
        ) == ("[ModifyRegistration(appointment_id='34567890', new_appointment_doctor='Dr. Lee')]")

    @pytest.mark.parametrize(
        ("value", "meaning"),
        [
            ("'x'", "x"),
            ('"x"', "x"),
            ("''", ""),
            ("'Don't forget'", "Don't forget"),
            ("'['David', 'Amy']'", "['David', 'Amy']"),
            ("'[{'name': 'lamp', 'value': '1/2'}]'", "[{'name': 'lamp', 'value': '1/2'}]"),
            ("'say \"hi\", b'", 'say "hi", b'),
            ("'(a) b'", "(a) b"),
            (r"'it\'s'", "it's"),
            (r'"a\n\t\\ \d \x41 é \ud83d\ude00 \U0001F600"', "a\n\t\\ \\d A é 😀 😀"),
            (r"'\x4' ", "\\x4"),
            ("'two\nlines'", "two\nlines"),
            ("3", 3),
            ("-3", -3),
            ("3.5", 3.5),
            (".5", 0.5),
            ("1e3", 1000.0),
            ("007", "007"),
            ("2023-04-12", "2023-04-12"),
            ("10:30:00", "10:30:00"),
            ("True", True),
            ("true", True),
            ("false", False),
            ("None", None),
            ("null", None),
            ("NaN", "NaN"),
            ("[]", []),
            ("[1, 'b', [true, ],]", [1, "b", [True]]),
            ('{"name": "lamp", \'on\': False}', {"name": "lamp", "on": False}),
            ("['Don't', 'x']", ["Don't", "x"]),
            ("{}", {}),
        ],
    )
    def test_typed_values(self, value: str, meaning: Any) -> None:
        expected = {"a": meaning, "b": "c"}
        for text in (f"[A(a={value}, b='c')]", f"[ A (\n a = {value} ,\n b='c',\n) ]"):
            [call] = parse(text)
            assert call.arguments == expected
            assert type(call.arguments["a"]) is type(meaning)
        assert parse(f"[A(a={value})]")[0].arguments == {"a": meaning}

    @pytest.mark.parametrize(
        ("text", "problem", "position"),
        [
            ("[A(b='x']", "never closed", 5),
            ("[A(b='x'", "never closed", 5),
            ("[A(b=1", "',' or '\\)' should stand here, not the end", 6),
            ("[A(b=)]", "a value should stand here, not '\\)'", 5),
            ("[A('x')]", "name of an argument", 3),
            ("[A(b=1, b=2)]", "'b' is given twice", 8),
            ("[A(b=(1+2)*3)]", "a value should stand here, not '\\('", 5),
            ("[A(b=x y)]", "',' or '\\)' should stand here, not 'y'", 7),
            ("[A(b={c: 1})]", "name in quotes", 6),
            ("[A(b={'c' 1})]", "never closed", 6),
            ("[A(b=1) B()]", "',' or '\\]' should stand here", 8),
            ("[A(b=1e999)]", "too large", 5),
            ("[A(b=" + "9" * 401 + ")]", "more than 400 digits", 5),
            (r"[A(b='\ud800')]", "half a surrogate", 6),
        ],
    )
    def test_says_what_is_wrong_and_where(self, text: str, problem: str, position: int) -> None:
        with pytest.raises(BracketError, match=problem) as raised:
            parse(text)
        assert raised.value.position == position

    @pytest.mark.parametrize("text", ["", "no call", "[1, 2]", "A(b=1)", "[A]", "[A b(c=1)]", "]["])
    def test_no_call_is_no_error(self, text: str) -> None:
        assert parse(text) == []

    def test_words_that_look_like_a_call_do_not_hide_one(self) -> None:
        text = "As [stated (above)](http://x), I ask: [A(b=1)] and then [C()]"
        assert parse(text) == [BracketCall("A", {"b": 1})]

    def test_a_call_within_the_text_of_a_broken_one_is_none(self) -> None:
        with pytest.raises(BracketError, match="never closed"):
            parse('[SendEmail(content=\'then I wrote [DeleteAccount(token="x")]')

    @given(st.one_of(pieces, st.text("[]{}()'\"\\,=:aA1 \n", max_size=60)))
    @settings(max_examples=800)
    def test_hostile_text_gives_calls_or_a_clear_error(self, text: str) -> None:
        for candidate in (text, f"[A(b={text})]"):
            try:
                calls = parse(candidate)
            except BracketError as error:
                assert 0 <= error.position <= len(candidate)
            else:
                for call in calls:
                    assert parse(render(call.name, call.arguments)) == [call]


HOSTILE = {
    "brackets": "[" * 10_000,
    "openings": "[A(" * 300_000,
    "lists": "[A(b=" + "[" * 10_000 + "]" * 10_000 + ")]",
    "objects": "[A(b=" + "{'a':" * 10_000 + "1" + "}" * 10_000 + ")]",
    "one word": "[A(" + "w" * 900_000 + ")]",
    "keys": "[A(" + "a='" * 300_000 + ")]",
    "one kind of quote": "[A(" + "a='b'," * 160_000 + ")]",
    "quotes": "[A(b='" + "'" * 900_000 + ")]",
    "quotes and spaces": "[A(b='" + "' " * 400_000 + ")]",
    "commas": "[A(b='" + "',c" * 300_000 + ")]",
    "spaces": "[A(" + " " * 900_000 + "b=1)]",
    "key and spaces": "[A(" + ("b" + " " * 1000) * 900 + ")]",
    "backslashes": "[A(b='" + "\\" * 900_000 + "')]",
    "broken calls": "[A(b=1 " * 120_000 + ")]",
    "unclosed": "[A(b='" * 150_000 + ")]",
    "lines": "[A(\n" * 200_000,
}


class TestBounds:
    @pytest.mark.parametrize("kind", HOSTILE)
    @pytest.mark.timeout(60)
    def test_long_hostile_text_is_read_in_one_go(self, kind: str) -> None:
        # Anything but time in proportion to the length would run into the timeout by far.
        text = HOSTILE[kind]
        limit = sys.getrecursionlimit()
        parse_published(text)
        try:
            parse(text)
        except BracketError as error:
            assert 0 <= error.position <= len(text)
        assert sys.getrecursionlimit() == limit

    def test_length_and_depth(self) -> None:
        whole = "[A()]" + " " * (MAX_LENGTH - 5)
        assert parse(whole) == [BracketCall("A", {})] == [parse_published(whole)]
        for reader in (parse, parse_published):
            with pytest.raises(BracketError, match="at most"):
                reader(whole + " ")
        deepest: Any = []
        for _ in range(MAX_DEPTH - 1):
            deepest = [deepest]
        assert parse(render("A", {"b": deepest}))[0].arguments == {"b": deepest}
        with pytest.raises(BracketError, match="nested deeper"):
            parse(f"[A(b={'[' * (MAX_DEPTH + 2)}{']' * (MAX_DEPTH + 2)})]")

    @pytest.mark.parametrize(
        ("name", "arguments"),
        [
            ("two words", {}),
            ("1A", {}),
            ("", {}),
            ("A", {"b c": 1}),
            ("A", {"": 1}),
            ("A", {"b": math.nan}),
            ("A", {"b": math.inf}),
            ("A", {"b": 10**400}),
            ("A", {"b": "\ud800"}),
            ("A", {"b": {1: 2}}),
            ("A", {"b": object()}),
            ("A", {"b": (1, 2)}),
        ],
    )
    def test_what_has_no_form_is_not_rendered(self, name: str, arguments: dict[str, Any]) -> None:
        with pytest.raises(ValueError):
            render(name, arguments)

    def test_endless_value_is_not_rendered(self) -> None:
        endless: list[Any] = []
        endless.append(endless)
        with pytest.raises(ValueError, match="nested deeper"):
            render("A", {"b": endless})


@needs_data
def test_every_recorded_call_is_read_as_it_was_annotated() -> None:
    assert FOLDER is not None
    calls = [
        (turn.api_name, turn.param_dict)
        for level in (1, 2)
        for dialogue in read_dialogues(FOLDER, level)  # type: ignore[arg-type]
        for turn in dialogue.calls
    ] + [(c.api_name, c.input) for r in read_requirements(FOLDER) for c in r.apis]
    assert calls
    for name, arguments in calls:
        assert parse(render(name, arguments)) == [BracketCall(name, arguments)]
        # As published, nothing is escaped; the correct reader finds the text's end all the same.
        text = {key: str(value) for key, value in arguments.items()}
        assert parse(render_published(name, arguments)) == [BracketCall(name, text)]
