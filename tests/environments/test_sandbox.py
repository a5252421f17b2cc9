"""The sandbox: real tools over tables that can be copied, compared and asked, and no more."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.environments import environment_for, sandbox, tools_of
from callsheet.environments.sandbox import SandboxEnvironment
from callsheet.environments.sandboxes import BUILT_IN
from callsheet.tools import check_output
from callsheet.trajectories.canonical import encodable

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def workspace(**options: Any) -> SandboxEnvironment:
    environment = environment_for("workspace", now=NOW, seed=1, **options)
    assert isinstance(environment, SandboxEnvironment)
    return environment


def token(environment: SandboxEnvironment) -> str:
    outcome = environment.run("GetUserToken", {"username": "foo", "password": "bar"})
    return str(outcome.output["token"])


def remind(environment: SandboxEnvironment, content: str = "call Ann") -> Any:
    arguments = {"token": token(environment), "content": content, "time": "2026-03-05 10:00:00"}
    return environment.run("AddReminder", arguments)


def test_every_tool_has_schemas_of_parameters_and_returns() -> None:
    tools = tools_of("workspace")
    assert len(tools) >= 12
    for tool in tools:
        assert tool.description and tool.returns is not None
        for name, schema in tool.properties.items():
            assert schema.get("description"), f"{tool.name}.{name}"


def test_a_write_can_be_read_back_and_shows_as_a_difference() -> None:
    environment = workspace()
    before = environment.digest()
    assert remind(environment).output == {"reminder_id": "3"}
    row = {"id": "3", "username": "foo", "content": "call Ann", "time": "2026-03-05 10:00:00"}
    assert environment.diff().added == {"reminders": [row]}
    assert not environment.diff()
    assert environment.digest() != before
    assert environment.query("select content from reminders where id = '3'") == [["call Ann"]]


def test_equal_histories_have_equal_digests_and_episodes_share_nothing() -> None:
    one, two, untouched = workspace(), workspace(), workspace()
    for environment in (one, two):
        remind(environment)
    assert one.digest() == two.digest() != untouched.digest()
    assert untouched.query("select count(*) from reminders") == [[2]]


def test_a_snapshot_brings_everything_back() -> None:
    environment = workspace()
    remind(environment)
    kept, digest = environment.snapshot(), environment.digest()
    remind(environment, "something else")
    environment.restore(kept)
    assert environment.digest() == digest


def test_a_refusal_takes_back_what_the_tool_had_changed() -> None:
    environment = workspace()
    before = environment.digest()
    arguments = {"token": token(environment), "content": "x", "time": "2026-13-45 00:00:00"}
    outcome = environment.run("AddReminder", arguments)
    assert outcome.error_type == "failed" and "not a time" in str(outcome.error)
    assert environment.digest() == before


@pytest.mark.parametrize(
    ("name", "arguments", "kind"),
    [
        ("GetUserToken", {"username": "foo", "password": "wrong"}, "failed"),
        ("GetUserToken", {"username": "foo"}, "invalid_arguments"),
        ("GetUserToken", {"username": 1, "password": "bar"}, "invalid_arguments"),
        ("AddReminder", {"token": "t", "content": "x", "time": "tomorrow"}, "invalid_arguments"),
        ("Nothing", {}, "unknown_tool"),
        ("Calculator", {"formula": "1/0"}, "failed"),
        ("Calculator", {"formula": "9**9**9**9"}, "failed"),
        ("Calculator", {"formula": "__import__('os').system('x')"}, "failed"),
        ("Calculator", {"formula": "(" * 400}, "failed"),
    ],
)
def test_a_bad_call_gets_an_answer_with_its_kind(
    name: str, arguments: dict[str, Any], kind: str
) -> None:
    assert workspace().run(name, arguments).error_type == kind


@pytest.mark.parametrize(
    "sql",
    [
        "delete from accounts",
        "drop table accounts",
        "attach ':memory:' as other",
        "pragma writable_schema = 1",
        "select load_extension('x')",
        "select 1; select 2",
        "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n",
        "select length(randomblob(900000000))",
        "with recursive n(i) as (select 1 union all select i + 1 from n) "
        "select hex(zeroblob(40000)) from n",
        "nonsense",
    ],
)
def test_a_query_only_reads_and_ends(sql: str) -> None:
    environment = workspace()
    with pytest.raises(ValueError, match="query refused"):
        environment.query(sql)
    assert environment.query("select count(*) from accounts") == [[4]]


def test_state_is_merged_by_table_or_replaces_all() -> None:
    row = {"name": "Eve", "email": "eve@example.com", "phone": "1"}
    merged = workspace(state={"contacts": [row]})
    assert merged.query("select count(*) from contacts") == [[5]]
    replaced = workspace(state={"replace": True, "contacts": [row]})
    assert replaced.query("select count(*) from contacts") == [[1]]
    assert replaced.query("select count(*) from accounts") == [[0]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"state": {"contact": []}}, "no table 'contact'"),
        ({"state": {"contacts": [{"nam": "x"}]}}, "no column 'nam'"),
        ({"state": {"contacts": [{"name": "x"}]}}, "does not fit"),
        ({"state": {"contacts": None}}, "contacts: a list of rows is wanted, each a mapping"),
        ({"state": {"contacts": "hello"}}, "contacts: a list of rows is wanted, each a mapping"),
        ({"state": {"contacts": {"name": "x"}}}, "a list of rows is wanted, each a mapping"),
        ({"state": {"contacts": [5]}}, "contacts: a list of rows is wanted, each a mapping"),
        ({"state": {"replace": "no"}}, "replace: true or false is wanted, not 'no'"),
        ({"state": {"replace": None}}, "replace: true or false is wanted, not None"),
        ({"tools": ["GetWether"]}, "did you mean GetWeather"),
    ],
)
def test_a_mistake_of_the_author_is_one_line(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        workspace(**options)


def test_an_unknown_environment_names_near_ones() -> None:
    with pytest.raises(ValueError, match="did you mean workspace"):
        environment_for("workspce", now=NOW, seed=0)


hostile = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text()
    | st.just("'; drop table accounts; --") | st.just("x" * 1_000_000),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_a_model_sends_is_answered(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(BUILT_IN)))
    tool = data.draw(st.sampled_from(tools_of(name)))
    environment = sandbox(name).open([], now=NOW, seed=0)
    keys = st.sampled_from([*tool.properties, "extra"])
    arguments = data.draw(st.dictionaries(keys, hostile))
    outcome = environment.run(tool.name, arguments)
    assert (outcome.error is None) == outcome.ok
    if outcome.ok:
        assert not check_output(tool, outcome.output)
    encodable(outcome.content())
    other = sandbox(name).open([], now=NOW, seed=0)
    assert other.digest() == sandbox(name).open([], now=NOW, seed=0).digest()
