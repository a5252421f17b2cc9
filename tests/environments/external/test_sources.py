"""Names in scenarios, what `callsheet.toml` registers for them, and clear errors for the rest."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import orjson
import pytest
from loopback_api import KEY, LoopbackApi, loopback_api
from nursery_project import GARDEN, nursery_project
from program import callsheet, one_line

from callsheet.environments import tools_of
from callsheet.environments.external import sources
from callsheet.environments.external.recording import RecordedSource, RecordingError
from callsheet.environments.external.settings import PythonSettings, project_settings
from callsheet.environments.external.sources import external_names, external_source
from callsheet.scenarios import load_scenario
from callsheet.scenarios.lint import lint_file

TESTS = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def api() -> Iterator[LoopbackApi]:
    with loopback_api() as server:
        yield server


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return nursery_project(tmp_path, "http://127.0.0.1:9")


def findings(folder: Path, scenario: str) -> list[str]:
    path = folder / "scenarios" / "other.yaml"
    path.write_text(scenario)
    return [f"{finding.rule}: {finding.what}" for finding in lint_file(path)]


def test_a_registered_document_and_a_file_have_the_same_tools(project: Path) -> None:
    names = [tool.name for tool in tools_of("openapi:nursery")]
    assert names == ["list_plants", "add_plant", "get_plant"]
    assert [tool.name for tool in tools_of("openapi:apis/nursery.json")] == names
    (add,) = [tool for tool in tools_of("openapi:nursery") if tool.name == "add_plant"]
    assert add.source is not None and add.source.places == {"name": "body", "colour": "body"}
    assert add.source.server == "https://nursery.example"


def test_a_file_is_relative_to_the_scenario(project: Path) -> None:
    path = project / "scenarios" / "garden.yaml"
    path.write_text(GARDEN.replace("openapi:nursery", "openapi:../apis/nursery.json"))
    assert load_scenario(path).environment == f"openapi:{project}/apis/nursery.json"
    assert lint_file(path) == []


def test_a_source_is_one_until_its_files_change(project: Path) -> None:
    first = external_source("openapi:nursery")
    assert external_source("openapi:nursery") is first
    file = project / "callsheet.toml"
    file.write_text(file.read_text() + "timeout = 1\n")
    assert external_source("openapi:nursery") is not first
    assert external_source("openapi:nursery").digest != first.digest


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("openapi:nursry", "did you mean openapi:nursery?"),
        ("python:shop", "add a table [python.shop] to"),
        ("python:os", "add a table [python.os] to"),
        ("python:../evil.py", "unknown environment"),
        ("mcp:npx some-server", "unknown environment"),
        ("openapi:absent.json", "there is no such file"),
        ("openapi:callsheet.toml", "callsheet.toml"),
        ("replay:absent.jsonl", "cannot be read"),
        ("replay:nursery", "give the path of a recording"),
    ],
)
def test_what_is_not_there(project: Path, name: str, says: str) -> None:
    with pytest.raises(ValueError) as caught:
        tools_of(name)
    assert says in str(caught.value) and "\n" not in str(caught.value)
    scenario = f"name: other\nenvironment: '{name}'\nplan: [{{tool_call: x}}]\n"
    (found,) = findings(project, scenario)
    assert found.startswith("unknown-environment: ")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[openapi.x", "not TOML"),
        ("[openapi.x]", "openapi.x.document: Field required"),
        ("[openapi.x]\ndocument='d'\nserver='ftp://x'", "openapi.x.server"),
        ("[openapi.x]\ndocument='d'\nserver='http://u:p@x'", "openapi.x.server"),
        ("[openapi.x]\ndocument='d'\ntimeout=0", "openapi.x.timeout"),
        ("[openapi.x]\ndocument='d'\nsever='http://x'", "openapi.x.sever: no such key"),
        ("[openapi.x]\ndocument='d'\ncredentials=[{env='A',secret='s3cret-s3cret'}]",
         "exactly one"),
        ("[openapi.x]\ndocument='d'\ncredentials=[{env='A',name='a b'}]", "name"),
        ("[mcp.x]", "exactly one of command and url"),
        ("[mcp.x]\nurl='file:///etc'", "mcp.x.url"),
        ("[python.x]\nfunctions=['os.system']", "python.x.functions.0"),
        ("[python.x]\nfunctions=[]", "python.x.functions"),
        ("[python.'a.b']\nfunctions=['m:f']", "python.a.b"),
        ("[shell.x]\ncommand='ls'", "shell: no such key"),
    ],
)  # fmt: skip
def test_a_damaged_project_file(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "callsheet.toml").write_text(text)
    with pytest.raises(ValueError) as caught:
        project_settings(tmp_path)
    message = str(caught.value)
    assert says in message and "callsheet.toml" in message and "\n" not in message.strip()
    assert "s3cret" not in message


def test_a_tool_that_is_called_idempotent_must_exist(project: Path) -> None:
    file = project / "callsheet.toml"
    file.write_text(file.read_text() + 'idempotent = ["add_plants"]\n')
    with pytest.raises(ValueError, match="idempotent: there is no tool 'add_plants'"):
        tools_of("openapi:nursery")


def test_all_names(project: Path) -> None:
    file = project / "callsheet.toml"
    file.write_text(file.read_text() + "[python.b]\nfunctions=['m:f']\n[mcp.a]\nurl='http://x/'\n")
    assert external_names() == ["openapi:nursery", "mcp:a", "python:b"]


def test_an_installed_package_may_register_functions(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = EntryPoint("python:trouble", f"{__name__}:TROUBLE", sources.GROUP)
    monkeypatch.setitem(sys.modules, __name__, sys.modules[__name__])
    monkeypatch.setattr(sources, "entry_points", lambda group: [point])
    assert [tool.name for tool in tools_of("python:trouble")] == ["add"]


TROUBLE = PythonSettings(functions=["trouble:add"], path=str(Path(__file__).parent / "functions"))


def test_a_missing_extra_is_one_line(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = project / "callsheet.toml"
    file.write_text(file.read_text() + "[mcp.a]\ncommand = ['server']\n")
    monkeypatch.setitem(sys.modules, "mcp", None)
    scenario = "name: other\nenvironment: 'mcp:a'\nplan: [{tool_call: x}]\n"
    assert findings(project, scenario) == [
        "unknown-environment: MCP servers need the extra `mcp`: pip install 'callsheet[mcp]'"
    ]


def test_a_scenario_over_what_runs_outside_is_checked(project: Path) -> None:
    wrong = """
name: other
environment: openapi:nursery
tools: [add_plant, list_plant]
plan: [{tool_call: x}]
"""
    (found,) = findings(project, wrong)
    assert "unknown tool 'list_plant'" in found and "did you mean list_plants" in found
    wrong = """
name: other
environment: openapi:nursery
state: {plants: []}
plan: [{tool_call: x}]
tester: {checks: [{query: select 1, equals: [[1]]}, {called: water_plant}]}
expect: {calls: [{name: add_plant, arguments: {name: 3}}]}
"""
    found = "\n".join(findings(project, wrong))
    assert "external tools have no tables to look at" in found
    assert "state: external tools have no tables" in found
    assert "the tool water_plant is not on offer" in found
    assert 'add_plant: name: 3 is not of type "string"' in found


def test_a_missing_key_is_one_line_before_anything_is_played(project: Path) -> None:
    file = project / "callsheet.toml"
    file.write_text(file.read_text() + 'credentials = [{env = "NURSERY_ABSENT"}]\n')
    ended = callsheet(project, "run", "scenarios")
    assert ended.returncode == 4
    assert "openapi:nursery: the environment variable NURSERY_ABSENT" in one_line(ended)
    assert not (project / "runs").exists()
    assert callsheet(project, "validate", "scenarios").returncode == 0


class TestTry:
    """`callsheet tools try`"""

    def test_one_call(self, api: LoopbackApi, tmp_path: Path) -> None:
        nursery_project(tmp_path, api.url)
        made = callsheet(tmp_path, "tools", "try", "openapi:nursery", "add_plant",
                         "--arguments", '{"name": "fern"}')  # fmt: skip
        assert made.returncode == 0, made.stderr
        plant = orjson.loads(made.stdout)
        assert plant["name"] == "fern"
        number = orjson.dumps({"id": plant["id"]}).decode()
        got = callsheet(tmp_path, "tools", "try", "apis/nursery.json", "get_plant", "--server",
                        api.url, "--arguments", number)  # fmt: skip
        assert orjson.loads(got.stdout) == plant
        lost = callsheet(tmp_path, "tools", "try", "openapi:nursery", "get_plant",
                         "--arguments", '{"id": "none"}')  # fmt: skip
        assert lost.returncode == 1 and "There is no plant of that number" in lost.stdout

    def test_a_pool_made_from_the_document(self, api: LoopbackApi, tmp_path: Path) -> None:
        nursery_project(tmp_path, api.url)
        made = callsheet(tmp_path, "tools", "import", "apis/nursery.json", "-o", "pool.jsonl")
        assert made.returncode == 0, made.stderr
        got = callsheet(tmp_path, "tools", "try", "pool.jsonl", "list_plants", "--server", api.url)
        assert got.returncode == 0 and "plants" in orjson.loads(got.stdout)

    @pytest.mark.parametrize(
        ("arguments", "code", "says"),
        [
            (("apis/nursery.json", "get_plants"), 3, "there are: get_plant, list_plants"),
            (("apis/none.json", "x"), 3, "there is no such file"),
            (("apis/nursery.json", "list_plants", "--arguments", "{"), 2, "not JSON"),
            (("apis/nursery.json", "list_plants", "--arguments", "[]"), 2, "JSON object"),
            (("apis/nursery.json", "list_plants", "--server", "file:///x"), 3, "no http"),
            (("python:x", "y"), 3, "add a table [python.x]"),
        ],
    )
    def test_wrong_usage(
        self, project: Path, arguments: tuple[str, ...], code: int, says: str
    ) -> None:
        ended = callsheet(project, "tools", "try", *arguments)
        assert ended.returncode == code and says in one_line(ended)

    def test_a_credential_stays_out_of_sight(self, api: LoopbackApi, tmp_path: Path) -> None:
        nursery_project(tmp_path, api.url, more='credentials = [{env = "K", name = "X-Key"}]')
        document = orjson.loads((tmp_path / "apis" / "nursery.json").read_bytes())
        document["paths"]["/echo"] = {"get": {"operationId": "echo", "responses": {}}}
        (tmp_path / "apis" / "nursery.json").write_bytes(orjson.dumps(document))
        ended = callsheet(tmp_path, "tools", "try", "openapi:nursery", "echo", K=KEY)
        assert ended.returncode == 0 and '"X-Key":"[secret]"' in ended.stdout
        assert api.seen[-1].headers["X-Key"] == KEY
        # To another server than the project names, it does not go.
        callsheet(tmp_path, "tools", "try", "openapi:nursery", "echo", "--server",
                  f"{api.url}/", K=KEY)  # fmt: skip
        assert "X-Key" not in api.seen[-1].headers


class TestRecordings:
    def test_a_miss_is_a_clear_error(self, tmp_path: Path) -> None:
        path = tmp_path / "r.jsonl"
        head = {"format": "callsheet-recording", "version": 1, "environments": ["openapi:x"],
                "tools": [{"name": "get", "parameters": {"type": "object"}}]}  # fmt: skip
        answers = [
            {"tool": "get", "arguments": {"a": 1, "b": 2}, "content": "first"},
            {"tool": "get", "arguments": {"b": 2, "a": 1}, "content": "second"},
            {"tool": "get", "arguments": {}, "content": {"error": "gone"}, "error_type": "failed"},
        ]
        path.write_bytes(b"\n".join(orjson.dumps(line) for line in [head, *answers]))
        source = RecordedSource("replay:r.jsonl", path)
        outcomes = [self.call(source.open([], now=None, seed=0), [{"b": 2, "a": 1}] * 3),  # type: ignore[arg-type]
                    self.call(source.open([], now=None, seed=0), [{}, {"a": 2}])]  # type: ignore[arg-type]  # fmt: skip
        assert [o.output for o in outcomes[0]] == ["first", "second", "second"]
        gone, missed = outcomes[1]
        assert (gone.error_type, gone.error) == ("failed", "gone")
        assert missed.error_type == "unavailable"
        assert missed.error == 'get was not recorded with these arguments: {"a":2}'

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("", "not a recording"),
            ("{}", "not a recording"),
            ("[]", "line 1: not a record"),
            ('{"format": "callsheet-recording", "version": 1', "line 1: not JSON"),
            ('{"format": "callsheet-recording", "version": 2, "tools": []}', "version 1"),
            ('{"format": "callsheet-recording", "version": 1, "tools": 3}', "tools are damaged"),
            ('{"format": "callsheet-recording", "version": 1, "tools": []}\n{"tool": "x"}',
             "line 2: not a recorded answer"),
        ],
    )  # fmt: skip
    def test_a_damaged_recording(self, tmp_path: Path, text: str, says: str) -> None:
        path = tmp_path / "r.jsonl"
        path.write_text(text)
        with pytest.raises(RecordingError, match=says):
            RecordedSource("replay:r.jsonl", path).digest  # noqa: B018

    def test_a_run_without_external_calls(self, tmp_path: Path) -> None:
        callsheet(tmp_path, "init", "mine")
        callsheet(tmp_path / "mine", "run", "scenarios", "--out", "run")
        ended = callsheet(tmp_path / "mine", "tools", "recording", "run", "-o", "r.jsonl")
        assert ended.returncode == 3 and "no external tool was called" in one_line(ended)
        assert not (tmp_path / "mine" / "r.jsonl").exists()

    @staticmethod
    def call(environment, given):  # type: ignore[no-untyped-def]
        import asyncio

        from callsheet.environments import ToolCall

        return [asyncio.run(environment.call(ToolCall("c", i, "get", arguments)))
                for i, arguments in enumerate(given)]  # fmt: skip
