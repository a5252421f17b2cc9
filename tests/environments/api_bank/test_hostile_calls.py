"""Whatever a model writes, a call ends in an envelope or in `CallRaised`, and breaks nothing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callsheet.environments.api_bank import (
    Api,
    CallRaised,
    Catalog,
    Session,
    api_bank_data,
    level_1,
    level_3,
)
from callsheet.environments.api_bank.data import SEED
from callsheet.environments.api_bank.search import ToolSearcher

TOKEN = "k4v7q2m9x1c8z5b3n6"
LOGIN = {"username": "amara", "password": "river-stone"}
SQL = [
    "'; drop table accounts; --", "\" or 1=1 --", "' union select password from accounts --",
    "x'); delete from alarms; vacuum; --", "%", "_", "null", "rowid", "?1", ":token",
]  # fmt: skip
TEXTS = ["", " ", "\x00", "a\x00b", "\ud800", "\udfff\ud800", "\u202e", "İ", "0" * 400, "9" * 5000,
         "2023-04-03 06:15:00", "2023-04-03", "9999-12-31", "-1", "1e309", "NaN", "(" * 500,
         "[" * 5000, "['a', \"b\"]", "{}", "[[[]]]", "True", "{0.__class__}", "%s%n"]  # fmt: skip
HUGE = [2**63, -(2**63) - 1, 10**30, 10**400, -(10**5000), 1e308, -0.0, float("inf"),
        float("-inf"), float("nan")]  # fmt: skip


def deep(depth: int, make: type) -> Any:
    value: Any = make()
    for _ in range(depth):
        value = [value] if make is list else {"name": value}
    return value


VALUES = st.one_of(
    st.sampled_from(SQL + TEXTS + [TOKEN, "amara"]),
    st.sampled_from(HUGE),
    st.none() | st.booleans() | st.integers() | st.floats(),
    st.text(max_size=30),
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5) | st.sampled_from(SQL),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["name", "value", "description"]), inner, max_size=3)
        ),
        max_leaves=6,
    ),
)


class _Deaf(ToolSearcher):
    """Searches nothing, so that no model is needed here."""

    def __init__(self) -> None:
        pass

    def search(self, keywords: str) -> Any:
        return {"name": str(keywords)}


def opened(catalog: Catalog, behaviour: Any = "reference") -> Session:
    return Session(catalog, data=api_bank_data(SEED), behaviour=behaviour, searcher=_Deaf())


@lru_cache(maxsize=1)
def tools() -> tuple[tuple[Catalog, Api], ...]:
    return tuple((c, api) for c in (level_1(), level_3()) for api in c.apis.values())


def with_token(arguments: dict[str, Any], token: Any) -> dict[str, Any]:
    return arguments | {"token": token} if "token" in arguments else arguments


def attempt(session: Session, name: Any, arguments: Mapping[str, Any]) -> dict[str, Any] | None:
    """The envelope, checked, or None where the call never reached the tool."""
    try:
        envelope = session.call(name, arguments)
    except CallRaised as raised:
        assert raised.kind
        return None
    assert envelope.keys() - {"api_name"} == {"input", "output", "exception"}
    assert envelope["exception"] is None or isinstance(envelope["exception"], str)
    assert envelope["exception"] is None or envelope["output"] is None
    return envelope


def usable(session: Session) -> None:
    """The world still answers, and has the tables it had."""
    bystander = opened(session.catalog)
    tables = "select name, sql from sqlite_schema order by name"
    assert session.world.query(tables) == bystander.world.query(tables)
    assert len(session.world.digest()) == 32
    session.world.restore(bystander.world.snapshot())
    assert session.world.digest() == bystander.world.digest()
    if session.catalog is level_1():
        assert session.call("GetUserToken", LOGIN)["output"] == {"token": TOKEN}
    else:
        geo = session.call("Geocoding", {"address": "Oslo"})
        assert geo["output"] == {"latitude": 59.9139, "longitude": 10.7522}


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), behaviour=st.sampled_from(["reference", "strict-upstream"]))
def test_any_arguments(data: st.DataObject, behaviour: str) -> None:
    catalog = data.draw(st.sampled_from([level_1(), level_3()]))
    session, bystander = opened(catalog, behaviour), opened(catalog, behaviour)
    quiet = bystander.world.digest()
    for name in data.draw(st.lists(st.sampled_from(sorted(catalog.apis)), max_size=6)):
        arguments = {key: data.draw(VALUES) for key in catalog.apis[name].inputs}
        if "token" in arguments and data.draw(st.booleans()):
            arguments["token"] = TOKEN
        for optional in sorted(arguments.keys() - set(catalog.apis[name].required)):
            if data.draw(st.booleans()):
                del arguments[optional]
        attempt(session, name, arguments)
    assert bystander.world.digest() == quiet
    usable(session)


@pytest.mark.parametrize("behaviour", ["reference", "strict-upstream"])
@pytest.mark.parametrize("text", SQL + TEXTS + HUGE, ids=range(len(SQL + TEXTS + HUGE)))
def test_the_same_value_everywhere(text: Any, behaviour: str) -> None:
    for catalog in (level_1(), level_3()):
        session = opened(catalog, behaviour)
        for name, api in catalog.apis.items():
            for token in (text, TOKEN):
                arguments = dict.fromkeys(api.inputs, text)
                attempt(session, name, with_token(arguments, token))
        usable(session)


@pytest.mark.parametrize(
    "value",
    ["x" * 1_000_000, "9" * 1_000_000, "(" * 1_000_000, "1+" * 500_000, "'" * 1_000_000,
     "-" * 1_000_000, " " * 1_000_000, deep(600, list), deep(600, dict), deep(3000, list),
     "[" * 100_000 + "]" * 100_000, [{"name": "n", "value": "v"}] * 20_000,
     [{"name": "n" * 500_000, "description": "d" * 500_000}]],
    ids=["text", "digits", "open", "sum", "quotes", "dashes", "blanks", "lists", "objects",
         "deep", "nested text", "many", "long item"],
)  # fmt: skip
def test_large_arguments(value: Any) -> None:
    for catalog in (level_1(), level_3()):
        session = opened(catalog)
        for name, api in catalog.apis.items():
            arguments = dict.fromkeys(api.inputs, value)
            attempt(session, name, with_token(arguments, TOKEN))
        usable(session)


@pytest.mark.parametrize(
    "name", ["", "getusertoken", "GetUserToken ", "__class__", "\ud800", None, 7]
)
def test_unknown_tools(name: Any) -> None:
    for catalog in (level_1(), level_3()):
        with pytest.raises(CallRaised, match=r"^invalid tool name\.$") as raised:
            opened(catalog).call(name, {})
        assert raised.value.kind == "Exception"


def test_unknown_and_missing_arguments() -> None:
    for catalog, api in tools():
        session = opened(catalog)
        before = session.world.digest()
        for odd in ("self", "desk", "", "Token", "token ", "__class__"):
            with pytest.raises(CallRaised) as raised:
                session.call(api.name, {odd: "x"})
            assert str(raised.value) == f"invalid parameter name. parameter: {odd}"
        if api.required:
            with pytest.raises(CallRaised, match=f"^{api.name}.call\\(\\) missing ") as raised:
                session.call(api.name, {})
            assert raised.value.kind == "TypeError"
        assert session.world.digest() == before


def test_text_in_a_table_stays_text() -> None:
    session = opened(level_1())
    at = "2023-04-20 10:00:00"
    for text in [*SQL, "a\x00b", "İ", "\u202e", "9" * 5000]:
        reminder = {"token": TOKEN, "content": text, "time": at}
        assert attempt(session, "AddReminder", reminder)["output"] == "success"
        found = attempt(session, "QueryReminder", reminder | {"time": "2023-01-01 00:00:00"})
        assert found["output"] == {"content": text, "time": at, "username": "amara"}
    usable(session)
