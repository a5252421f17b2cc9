import json
from typing import Any

import pytest
from autogen_core import FunctionCall
from autogen_core.models import CreateResult, RequestUsage
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.evaluation.api_bank.bracket_syntax import MAX_LENGTH, render
from callsheet.evaluation.api_bank.call_styles import (
    MAX_CALLS,
    STYLES,
    ParseFailure,
    PredictedCall,
    Style,
    read_bracket,
    read_calls,
    read_json,
    read_native,
)
from callsheet.evaluation.api_bank.taxonomy import KINDS

ALARM = {"time": "2023-07-15 09:00:00", "times": 2}


def said(content: Any, finish_reason: Any = "stop") -> CreateResult:
    usage = RequestUsage(prompt_tokens=1, completion_tokens=1)
    return CreateResult(content=content, finish_reason=finish_reason, usage=usage, cached=False)


def function(name: str, arguments: str, number: int = 0) -> FunctionCall:
    return FunctionCall(id=f"call_{number}", name=name, arguments=arguments)


def as_asked(style: Style, calls: list[tuple[str, dict[str, Any]]]) -> CreateResult:
    """An answer that makes the calls in a style."""
    if style == "bracket":
        return said(f"[{', '.join(render(*call)[1:-1] for call in calls)}]")
    if style == "json":
        listed = [{"name": name, "arguments": arguments} for name, arguments in calls]
        return said(json.dumps(listed[0] if len(listed) == 1 else {"tool_calls": listed}))
    return said([function(n, json.dumps(a), i) for i, (n, a) in enumerate(calls)])


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab '\""), inner, max_size=3)
    ),
    max_leaves=6,
)
calls = st.lists(
    st.tuples(
        st.from_regex(r"[A-Za-z_]\w{0,8}", fullmatch=True).filter(str.isascii),
        st.dictionaries(st.from_regex(r"[a-z_]{1,6}", fullmatch=True), values, max_size=4),
    ),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize("style", STYLES)
@given(wanted=calls)
def test_every_style_says_the_same(style: Style, wanted: list[tuple[str, dict[str, Any]]]) -> None:
    read = read_calls(style, as_asked(style, wanted))
    assert read == [PredictedCall(name, arguments, style) for name, arguments in wanted]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("text", ["", "  ", "I have set the alarm.", "Done (at 9 [sharp])."])
def test_words_are_no_call(style: Style, text: str) -> None:
    read = read_calls(style, said(text))
    assert isinstance(read, ParseFailure) and read.kind == "no_api_call"
    assert read.detail == text.strip()


class TestBracket:
    def test_among_words(self) -> None:
        text = "API-Request: [AddAlarm(time='2023-07-15 09:00:00', times=2)]->success\nAI: Done"
        assert read_bracket(said(text)) == [PredictedCall("AddAlarm", ALARM, "bracket")]

    def test_as_published_values_are_text_and_end_where_they_end_upstream(self) -> None:
        text = "[Add(content='Don't', count=3.5, names=['a'])]"
        published = read_bracket(said(text), published=True)
        assert published == [
            PredictedCall("Add", {"content": "Don", "count": "3", "names": "['a']"}, "bracket")
        ]
        assert read_bracket(said(text)) == [
            PredictedCall("Add", {"content": "Don't", "count": 3.5, "names": ["a"]}, "bracket")
        ]

    def test_a_broken_call_is_a_bad_format_and_says_where(self) -> None:
        read = read_bracket(said("[AddAlarm(time=)]"))
        assert isinstance(read, ParseFailure) and read.kind == "failed_parse_api_call"
        assert "at character 15" in read.detail
        # Upstream finds a call here, without arguments.
        published = read_bracket(said("[AddAlarm(time=)]"), published=True)
        assert published == [PredictedCall("AddAlarm", {}, "bracket")]

    def test_a_call_of_the_interface_is_another_style(self) -> None:
        read = read_bracket(said([function("AddAlarm", "{}")]))
        assert isinstance(read, ParseFailure) and read.kind == "failed_parse_api_call"

    def test_json_is_another_style(self) -> None:
        read = read_bracket(said('{"name": "AddAlarm", "arguments": {}}'))
        assert isinstance(read, ParseFailure) and read.kind == "no_api_call"


class TestJson:
    @pytest.mark.parametrize(
        "text",
        [
            '{"name": "AddAlarm", "arguments": %s}',
            '{"tool_calls": [{"name": "AddAlarm", "arguments": %s}]}',
            '[{"name": "AddAlarm", "arguments": %s}]',
            '```json\n{"name": "AddAlarm", "arguments": %s}\n```',
            'I call <tool_call>\n{"name": "AddAlarm", "arguments": %s}\n</tool_call>',
            'Sure: {"name": "AddAlarm", "parameters": %s} as you wish',
            '{"function": {"name": "AddAlarm", "arguments": %s}}',
        ],
    )
    def test_forms(self, text: str) -> None:
        answer = said(text % json.dumps(ALARM))
        assert read_json(answer) == [PredictedCall("AddAlarm", ALARM, "json")]

    def test_what_a_client_has_read_already(self) -> None:
        answer = said([function("AddAlarm", json.dumps(ALARM))])
        assert read_json(answer) == [PredictedCall("AddAlarm", ALARM, "json")]

    @pytest.mark.parametrize(
        "text",
        [
            '{"name": "AddAlarm", "arguments": {"time": ',
            '{"name": "AddAlarm"}',
            '{"name": 3, "arguments": {}}',
            '{"name": "AddAlarm", "arguments": [1]}',
            '{"name": "AddAlarm", "arguments": "no json"}',
            "{" * 100_000,
            '{"a":' * 100_000,
        ],
    )
    def test_broken_or_other_json_is_a_bad_format(self, text: str) -> None:
        read = read_json(said(text))
        assert isinstance(read, ParseFailure) and read.kind == "failed_parse_api_call"
        assert len(read.detail) < 400

    def test_words_in_the_project_own_form(self) -> None:
        read = read_json(said('{"say": "Which day?"}'))
        assert isinstance(read, ParseFailure) and read.kind == "no_api_call"

    def test_calls_that_are_whole_when_the_answer_was_cut(self) -> None:
        whole = '{"name": "A", "arguments": {}}, {"name": "B", "arguments": {"c": 1}}'
        text = f'{{"tool_calls": [{whole}, {{"name": "C", "argu'
        assert read_json(said(text, "length")) == [
            PredictedCall("A", {}, "json"),
            PredictedCall("B", {"c": 1}, "json"),
        ]

    def test_too_long(self) -> None:
        read = read_json(said('{"name": "A", "arguments": {}}' + " " * MAX_LENGTH))
        assert isinstance(read, ParseFailure) and read.kind == "failed_parse_api_call"


class TestNative:
    def test_no_arguments(self) -> None:
        assert read_native(said([function("GetToday", "")])) == [
            PredictedCall("GetToday", {}, "native")
        ]

    @pytest.mark.parametrize("arguments", ["[]", "3", "null", "{", "NaN", '{"a": NaN}', "[" * 9999])
    def test_arguments_that_are_no_object(self, arguments: str) -> None:
        read = read_native(said([function("GetToday", arguments)]))
        assert isinstance(read, ParseFailure) and read.kind == "failed_parse_api_call"
        assert "GetToday" in read.detail

    def test_empty_list(self) -> None:
        for style in STYLES:
            read = read_calls(style, said([]))
            assert isinstance(read, ParseFailure) and read.kind == "no_api_call"

    def test_bounded(self) -> None:
        read = read_native(said([function("A", "{}", i) for i in range(MAX_CALLS + 5)]))
        assert isinstance(read, list) and len(read) == MAX_CALLS


@given(
    st.sampled_from(STYLES),
    st.text("{}[]()\"'name:argumentsA=,\\ \n", max_size=80),
    st.booleans(),
)
@settings(max_examples=400)
def test_any_text_gives_calls_or_a_kind_of_the_taxonomy(
    style: Style, text: str, published: bool
) -> None:
    read = read_calls(style, said(text), published=published)
    if isinstance(read, ParseFailure):
        assert read.kind in KINDS
    else:
        assert read and all(call.style == style for call in read)
