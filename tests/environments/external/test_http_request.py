"""Every argument ends up where the document says, and nowhere else: written, then parsed again."""

from __future__ import annotations

import email.parser
import email.policy
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.environments.external.http_request import (
    HttpRequest,
    NoServer,
    Unsendable,
    base_url,
    build_request,
)
from callsheet.tools import ToolSource, ToolSpec

SERVER = "http://api.example:8080/v1"

# Whatever a model can send in JSON, without lone surrogates, which are refused elsewhere.
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
filled = text.filter(lambda t: t not in ("", ".", ".."))
numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
scalars = text | numbers | st.booleans()
names = st.from_regex(r"[A-Za-z][A-Za-z0-9_.\[\]$-]{0,8}", fullmatch=True)


def build(path: str, arguments: dict[str, Any], *, method: str = "POST", body_type: str | None =
          None, styles: dict[str, str] | None = None, **places: str) -> HttpRequest:  # fmt: skip
    source = ToolSource(path=path, method=method, places=places, styles=styles or {},
                        body_type=body_type)  # fmt: skip
    return build_request(ToolSpec(name="t", source=source), arguments, SERVER)


def on_the_wire(request: HttpRequest) -> tuple[str, str]:
    """(path, query) as httpx sends them."""
    target = httpx.Request(request.method, request.url).url.raw_path.decode()
    path, _, query = target.partition("?")
    return path, query


def words(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


@given(filled | numbers | st.booleans(), filled)
def test_a_path_value_is_one_segment(first: Any, second: str) -> None:
    request = build("/a/{first}/b/{second}.json", {"first": first, "second": second},
                    first="path", second="path")  # fmt: skip
    path, query = on_the_wire(request)
    segments = path.split("/")
    assert [unquote(s, errors="strict") for s in segments] == [
        "", "v1", "a", words(first), "b", f"{second}.json",
    ]  # fmt: skip
    assert not query and urlsplit(request.url).netloc == "api.example:8080"


@pytest.mark.parametrize("value", [".", "..", ""])
def test_a_path_value_cannot_climb(value: str) -> None:
    with pytest.raises(Unsendable):
        build("/a/{x}/secret", {"x": value}, x="path")
    with pytest.raises(Unsendable, match=r"\{y\}, which is not given"):
        build("/a/{x}/{y}", {"x": "1"}, x="path")


@given(st.dictionaries(names, scalars | st.lists(scalars, max_size=4), max_size=5))
def test_query_values_come_back_in_order(arguments: dict[str, Any]) -> None:
    request = build("/q?fixed=1", arguments, **dict.fromkeys(arguments, "query"))
    path, query = on_the_wire(request)
    expected = [("fixed", "1")]
    for name, value in arguments.items():
        items = value if isinstance(value, list) else [value]
        expected += [(name, words(item)) for item in items]
    assert path == "/v1/q"
    assert parse_qsl(query, keep_blank_values=True, strict_parsing=True) == expected


@given(st.lists(scalars, min_size=1, max_size=4), st.sampled_from(["csv", "ssv", "tsv", "pipes"]))
def test_lists_with_separators(items: list[Any], style: str) -> None:
    request = build("/q", {"x": items}, styles={"x": style}, x="query")
    raw = on_the_wire(request)[1].removeprefix("x=")
    mark = {"csv": ",", "ssv": "%20", "tsv": "%09", "pipes": "%7C"}[style]
    if style == "csv":
        assert [unquote(part) for part in raw.split(mark)] == [words(item) for item in items]
    else:
        joined = unquote(mark).join(words(item) for item in items)
        assert unquote(raw) == joined


def test_objects_and_other_styles() -> None:
    value = {"a": 1, "b": "x y"}
    for style, query in {"": "a=1&b=x%20y", "deepObject": "o%5Ba%5D=1&o%5Bb%5D=x%20y",
                         "csv": "o=a,1,b,x%20y",
                         "json": "o=%7B%22a%22%3A1%2C%22b%22%3A%22x%20y%22%7D",
                         }.items():  # fmt: skip
        styles = {"o": style} if style else {}
        assert on_the_wire(build("/q", {"o": value}, styles=styles, o="query"))[1] == query
    for style, path in {"": "/v1/1,2", "label": "/v1/.1,2", "matrix": "/v1/;p=1,2"}.items():
        styles = {"p": style} if style else {}
        assert on_the_wire(build("/{p}", {"p": [1, 2]}, styles=styles, p="path"))[0] == path
    assert on_the_wire(build("/q", {"x": None, "y": []}, x="query", y="query"))[1] == ""


printable = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12)


@given(printable | numbers, st.lists(printable, min_size=1, max_size=3), filled)
def test_headers_and_cookies(value: Any, items: list[str], cookie: str) -> None:
    request = build("/h", {"X-One": value, "X-Many": items, "c": cookie},
                    **{"X-One": "header", "X-Many": "header", "c": "cookie"})  # fmt: skip
    sent = httpx.Headers(request.headers)
    assert sent["X-One"] == words(value) and sent["X-Many"] == ",".join(items)
    parsed = SimpleCookie(sent["Cookie"])
    assert {name: unquote(morsel.value) for name, morsel in parsed.items()} == {"c": cookie}


@given(text)
def test_a_header_cannot_be_split(value: str) -> None:
    try:
        request = build("/h", {"x": value}, x="header")
    except Unsendable as error:
        assert any(ord(c) < 32 or ord(c) == 127 for c in value), error
    else:
        assert len(request.headers) == 1 and "\n" not in request.headers[0][1]


@pytest.mark.parametrize("name", ["Host", "content-length", "Transfer-Encoding", "Accept"])
def test_what_the_transport_sets_is_not_an_arguments(name: str) -> None:
    assert build("/h", {name: "x"}, **{name: "header"}).headers == ()


def test_credentials_are_not_arguments() -> None:
    with pytest.raises(Unsendable, match=r"callsheet\.toml"):
        build("/h", {"Authorization": "x"}, Authorization="header")


json_values = st.recursive(
    st.none() | scalars, lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(text, inner, max_size=3), max_leaves=8
)  # fmt: skip


@given(st.dictionaries(names, json_values, max_size=4), json_values)
def test_json_bodies(fields: dict[str, Any], whole: Any) -> None:
    request = build("/b", fields, body_type="application/json", **dict.fromkeys(fields, "body"))
    assert orjson.loads(request.body or b"{}") == fields
    request = build("/b", {"w": whole}, body_type="application/vnd.x+json", w="whole_body")
    assert request.body is not None and orjson.loads(request.body) == whole
    assert dict(request.headers)["Content-Type"] == "application/vnd.x+json"


@given(st.dictionaries(names, scalars | st.lists(scalars, max_size=3), min_size=1, max_size=4))
def test_forms(fields: dict[str, Any]) -> None:
    kind = "application/x-www-form-urlencoded"
    request = build("/f", fields, body_type=kind, **dict.fromkeys(fields, "body"))
    expected = [
        (n, words(i)) for n, v in fields.items() for i in (v if isinstance(v, list) else [v])
    ]
    assert parse_qsl((request.body or b"").decode(), keep_blank_values=True) == expected


@given(st.dictionaries(names, filled | numbers, min_size=1, max_size=3))
def test_multipart(fields: dict[str, Any]) -> None:
    request = build("/f", fields, body_type="multipart/form-data", **dict.fromkeys(fields, "body"))
    again = build("/f", fields, body_type="multipart/form-data", **dict.fromkeys(fields, "body"))
    assert request == again, "equal calls are equal requests"
    kind = dict(request.headers)["Content-Type"]
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(
        f"Content-Type: {kind}\r\n\r\n".encode() + (request.body or b"")
    )
    boundary = kind.partition("boundary=")[2].encode()
    parts = (request.body or b"").split(b"--" + boundary)[1:-1]
    contents = [part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n").decode() for part in parts]
    assert message.is_multipart()
    assert contents == [words(value) for value in fields.values()]


def test_a_body_that_cannot_be_written() -> None:
    with pytest.raises(Unsendable, match="application/xml"):
        build("/b", {"a": 1}, body_type="application/xml", a="body")
    assert build("/b", {"a": "<a/>"}, body_type="application/xml", a="whole_body").body == b"<a/>"
    assert build("/b", {}, body_type="application/json", a="body").body == b"{}"
    assert build("/b", {}, method="GET").body is None


@given(st.dictionaries(text, json_values, max_size=4),
       st.dictionaries(text, st.sampled_from(["path", "query", "header", "cookie", "body",
                                              "whole_body", "nowhere"]), max_size=4),
       text, st.sampled_from([None, "application/json", "text/plain", "multipart/form-data",
                              "application/x-www-form-urlencoded"]))  # fmt: skip
def test_no_document_makes_it_fail_otherwise(
    arguments: dict[str, Any], places: dict[str, str], path: str, body_type: str | None
) -> None:
    source = ToolSource(path=path, method="POST", places=places, body_type=body_type)
    try:
        request = build_request(ToolSpec(name="t", source=source), arguments, SERVER)
        url = httpx.Request(request.method, request.url).url
    except (Unsendable, httpx.InvalidURL):
        return
    assert (url.host, url.port) == ("api.example", 8080)


def test_a_tool_without_document_is_not_called() -> None:
    with pytest.raises(NoServer, match="not made from an API document"):
        build_request(ToolSpec(name="t"), {}, SERVER)
    assert base_url(ToolSource(server="https://plants.example/v2/"), None) == (
        "https://plants.example/v2"
    )
