"""Models by name: found, validated, and only ever of a known provider."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from autogen_core.models import UserMessage
from fake_endpoint import FakeEndpoint

from callsheet.models import registry
from callsheet.models.errors import ModelUnavailable
from callsheet.models.model_file import PACKAGED, read
from callsheet.models.registry import ModelPool, configuration_digest, load, model_names

PROMPT = [UserMessage(content="Hello", source="user")]


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text)
    return path


def endpoint(url: str, more: str = "") -> str:
    return f"provider: openai_compatible\nconfig: {{model: fake, base_url: '{url}'}}\n{more}"


def test_a_configured_model_answers(tmp_path: Path) -> None:
    with FakeEndpoint() as server:
        text = endpoint(
            server.url,
            "context_size: 2000\nprices: {prompt: 1, completion: 2}\ncache: "
            f"{tmp_path}/c.sqlite\nconcurrency: {{start: 2, most: 3}}\nretries: {{attempts: 2}}\n",
        )
        write(tmp_path, "mine", text)

        async def go() -> None:
            pool = ModelPool([tmp_path])
            client = pool.get("mine")
            assert pool.get("mine") is client and client.name == "mine"
            await client.create(PROMPT, extra_create_args={"seed": 1})
            await client.create(PROMPT, extra_create_args={"seed": 1})
            assert pool.ledger.totals()["mine"]["cost"] == pytest.approx(20e-6)
            assert (client.context_size, client.flow.limit) == (2000, 2.0)
            await pool.close()

        asyncio.run(go())
        assert server.total == 1


def test_the_users_folder_goes_first(tmp_path: Path) -> None:
    write(tmp_path, "vllm", endpoint("http://127.0.0.1:1/v1"))
    assert load("vllm", [tmp_path]).identity["config"]["model"] == "fake"
    assert load("vllm").identity["config"]["model"] != "fake"


def test_the_packaged_models_are_there_and_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-0123456789")
    expected = {"llamacpp", "ollama", "openai", "smollm2", "vllm"}
    assert expected <= set(model_names([]))
    for name in expected - {"smollm2"}:
        assert load(name).context_size > 0
    assert read(PACKAGED / "smollm2.yaml").provider in registry._OWN


@pytest.mark.parametrize("name", ["nope", "../vllm", "/etc/passwd", "vllm.yaml", "", ".hidden"])
def test_an_unknown_name_lists_the_known_ones(tmp_path: Path, name: str) -> None:
    write(tmp_path.parent, "outside", endpoint("http://127.0.0.1:1/v1"))
    with pytest.raises(ModelUnavailable, match=r"there are: .*ollama.*vllm"):
        load(name, [tmp_path])


@pytest.mark.parametrize(
    "provider",
    [
        "os.system",
        "subprocess.Popen",
        "callsheet.models.registry.load",
        "builtins.eval",
        "evil.Evil",
    ],
)
def test_no_other_path_is_ever_imported(
    tmp_path: Path, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "evil.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    write(tmp_path, "bad", f"provider: {provider}\nconfig: {{}}\n")
    with pytest.raises(ModelUnavailable, match=r"bad\.yaml: unknown provider .*openai_compatible"):
        load("bad", [tmp_path])
    assert "evil" not in sys.modules


def test_an_installed_package_may_offer_a_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = EntryPoint("theirs", "callsheet.models.replay:ReplayClient", registry._GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: [point])
    (tmp_path / "record.jsonl").write_text("")
    write(tmp_path, "m", f"provider: theirs\nconfig: {{path: '{tmp_path}/record.jsonl'}}\n")
    assert type(load("m", [tmp_path]).inner).__name__ == "ReplayClient"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("provider: [unclosed", r"m\.yaml:\d+:\d+: "),
        ("- a\n- list\n", r"m\.yaml: wants `provider:`"),
        ("config: {}\n", r"m\.yaml: `provider`: Field required"),
        ("provider: openai_compatible\nspeed: 3\n", r"m\.yaml: `speed`: Extra inputs"),
        ("provider: openai_compatible\nconfig: {}\n", r"m\.yaml: config: `model`: Field required"),
        (
            "provider: openai_compatible\nconfig: {model: m, api_key: sk-pasted-by-mistake}\n",
            r"config: `api_key`: Extra inputs",
        ),
        (
            "provider: openai_compatible\nconfig: {model: m}\nretries: {longest_wait: 0.1}\n",
            r"m\.yaml: retries want",
        ),
        (
            "provider: openai_compatible\nconfig: {model: m, api_key_env: NOT_SET_ANYWHERE}\n",
            "NOT_SET_ANYWHERE is not set",
        ),
        ("provider: replay\nconfig: {path: /no/such/record}\n", "record /no/such/record does not"),
        ("provider: !!python/object/apply:os.system [true]\n", r"m\.yaml:\d+:\d+: could not"),
        ("provider: openai_compatible\nprovider: replay\n", r"m\.yaml:\d+:\d+: found duplicate"),
    ],
)
def test_bad_files_get_one_line_with_their_place(tmp_path: Path, text: str, says: str) -> None:
    write(tmp_path, "m", text)
    with pytest.raises(ModelUnavailable, match=says) as caught:
        load("m", [tmp_path])
    assert "\n" not in str(caught.value)
    assert "sk-pasted" not in str(caught.value)


def test_a_missing_package_names_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(module: str) -> None:
        raise ModuleNotFoundError("No module named 'xllamacpp'", name="xllamacpp")

    monkeypatch.setattr(registry, "import_module", absent)
    with pytest.raises(ModelUnavailable, match=r"xllamacpp; install callsheet\[local\]"):
        load("smollm2")


def test_yaml_1_2_keeps_what_looks_like_old_yaml(tmp_path: Path) -> None:
    path = write(tmp_path, "m", "provider: p\nconfig: {a: on, b: 0123, c: 12:30}\n")
    assert read(path).config == {"a": "on", "b": 123, "c": "12:30"}


def test_the_digest_follows_what_decides_the_answers(tmp_path: Path) -> None:
    write(tmp_path, "a", endpoint("http://127.0.0.1:1/v1"))
    write(tmp_path, "b", endpoint("http://127.0.0.1:1/v1", "prices: {prompt: 9}\n# words\n"))
    write(tmp_path, "c", endpoint("http://127.0.0.1:2/v1"))
    digests = [configuration_digest(name, [tmp_path]) for name in "abc"]
    assert digests[0] == digests[1] != digests[2]


def test_importing_the_registry_imports_nothing_heavy() -> None:
    heavy = ["torch", "transformers", "peft", "xllamacpp", "openai", "autogen_agentchat"]
    code = (
        "import sys, callsheet.models.registry\n"
        "from callsheet.models import endpoint, replay, shared, structured\n"
        f"print([m for m in {heavy!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
