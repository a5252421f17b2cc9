"""Python functions in their worker process: types, and every way in which one can go wrong."""

from __future__ import annotations

import asyncio
import subprocess
import time
from pathlib import Path
from typing import Any

import orjson
import pytest
from program import PROGRAM

from callsheet.environments import ToolCall, ToolOutcome
from callsheet.environments.external.settings import PythonSettings
from callsheet.environments.external.sources import source_of

FOLDER = Path(__file__).parent / "functions"
GOOD = ("add", "next_day", "later", "count", "prints", "raises", "exits", "crashes", "killed",
        "hangs", "unserialisable", "infinite", "circular", "wrong_type", "huge")  # fmt: skip


def source(*names: str, **more: Any) -> Any:
    settings = PythonSettings(functions=[f"trouble:{name}" for name in names], **more)
    return source_of(settings, "python:trouble", FOLDER)


@pytest.fixture(scope="module")
def functions() -> Any:
    return source(*GOOD, max_bytes=100_000)


def call(functions: Any, tool: str, /, **arguments: Any) -> ToolOutcome:
    async def one() -> ToolOutcome:
        environment = functions.open([], now=None, seed=0)
        outcome: ToolOutcome = await environment.call(ToolCall("c", 0, tool, arguments))
        await environment.close()
        return outcome

    return asyncio.run(one())


def test_tools_are_made_from_the_functions(functions: Any) -> None:
    spec = functions.tools["add"]
    assert spec.description == "Add two numbers." and spec.required == ("a",)
    assert spec.properties["a"] == {"type": "integer", "description": "first"}


def test_types_are_checked_on_both_sides(functions: Any) -> None:
    assert call(functions, "add", a=2, b=3) == ToolOutcome({"total": 5})
    assert call(functions, "add", a=2) == ToolOutcome({"total": 3})
    assert call(functions, "add", a="2").error_type == "invalid_arguments"
    assert call(functions, "add").error_type == "invalid_arguments"
    assert call(functions, "add", a=1, c=2).error_type == "invalid_arguments"
    assert call(functions, "next_day", day="2026-02-28") == ToolOutcome("2026-03-01")
    assert "ValidationError" in (call(functions, "next_day", day="soon").error or "")
    assert call(functions, "later", seconds=0.01) == ToolOutcome("here")
    wrong = call(functions, "wrong_type")
    assert wrong.error_type == "invalid_output" and '"seven"' in (wrong.error or "")


def test_what_is_printed_or_read_is_nobodys(functions: Any) -> None:
    assert call(functions, "prints", text="mine") == ToolOutcome("mine")
    assert call(functions, "add", a=1) == ToolOutcome({"total": 2})


@pytest.mark.parametrize(
    ("tool", "arguments", "says"),
    [
        ("raises", {"what": "gone"}, "KeyError: 'gone'"),
        ("exits", {}, "SystemExit: 3"),
        ("crashes", {"code": 7}, "crashes failed: its process ended with exit code 7"),
        ("crashes", {"code": 0}, "crashes failed: its process ended with exit code 0"),
        ("killed", {}, "killed failed: its process was ended by SIGKILL"),
        ("unserialisable", {}, "PydanticSerializationError"),
        ("infinite", {}, "ValueError"),
        ("circular", {}, "ValueError"),
        ("huge", {"size": 100_000}, "longer than 100000 bytes"),
    ],
)
def test_what_goes_wrong_is_an_outcome(
    functions: Any, tool: str, arguments: dict[str, Any], says: str
) -> None:
    outcome = call(functions, tool, **arguments)
    assert outcome.error_type == "failed" and says in (outcome.error or ""), outcome
    assert call(functions, "add", a=1) == ToolOutcome({"total": 2}), "and the next call works"


def test_a_function_that_hangs_is_killed_with_what_it_started(tmp_path: Path) -> None:
    slow = source("hangs", "add", timeout=1.0)
    outcome = call(slow, "hangs", note=str(tmp_path / "pids"))
    assert outcome == ToolOutcome(error_type="timeout", error="hangs gave no answer within 1 s.")
    for pid in (tmp_path / "pids").read_text().split():
        assert ended(int(pid))
    assert call(slow, "add", a=1) == ToolOutcome({"total": 2})


def test_a_call_that_nobody_waits_for_is_ended(tmp_path: Path) -> None:
    slow, note = source("hangs"), tmp_path / "pids"

    async def give_up() -> None:
        environment = slow.open([], now=None, seed=0)
        task = asyncio.create_task(environment.call(ToolCall("c", 0, "hangs", {"note": str(note)})))
        while not note.exists() or not note.read_text():
            await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(give_up())
    assert all(ended(int(pid)) for pid in note.read_text().split())


def test_nothing_is_left_when_callsheet_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "pids"
    (tmp_path / "callsheet.toml").write_text(
        f"[python.trouble]\nfunctions = ['trouble:hangs']\npath = '{FOLDER}'\n"
    )
    arguments = orjson.dumps({"note": str(note)}).decode()
    program = subprocess.Popen([*PROGRAM, "tools", "try", "python:trouble", "hangs",
                                "--arguments", arguments], cwd=tmp_path)  # fmt: skip
    while not note.exists() or not note.read_text():
        assert program.poll() is None
        time.sleep(0.02)
    program.kill()
    program.wait()
    assert all(ended(int(pid)) for pid in note.read_text().split())


def test_a_process_serves_one_call_after_another_and_any_loop() -> None:
    counting = source("count")
    assert [call(counting, "count").output for _ in range(3)] == [1, 2, 3]


def test_several_processes_serve_at_the_same_time() -> None:
    parallel = source("later", processes=2)

    async def both() -> list[ToolOutcome]:
        environment = parallel.open([], now=None, seed=0)
        calls = [ToolCall(f"c{i}", i, "later", {"seconds": 0.2}) for i in range(2)]
        return await asyncio.gather(*(environment.call(one) for one in calls))

    assert [outcome.output for outcome in asyncio.run(both())] == ["here", "here"]


def test_a_module_of_the_project_stands_in_for_none_of_ours(tmp_path: Path) -> None:
    for name in ("random", "json", "pydantic", "typing"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('the wrong one')\n")
    (tmp_path / "prices.py").write_text("EUR = 3\n")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "shop.py").write_text(
        "import prices\nimport random\n\ndef cost(n: int) -> int:\n"
        "    return n * prices.EUR * random.choice([1])\n"
    )
    settings = PythonSettings(functions=["shop:cost"], path="src")
    assert call(source_of(settings, "python:shop", tmp_path), "cost", n=2) == ToolOutcome(6)
    (tmp_path / "src" / "shop.py").rename(tmp_path / "shop.py")
    settings = PythonSettings(functions=["shop:cost"])
    assert call(source_of(settings, "python:shop", tmp_path), "cost", n=2) == ToolOutcome(6)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("trouble:absent", "trouble:absent is no function"),
        ("nowhere:add", "No module named 'nowhere'"),
        ("trouble:untyped", "parameter a needs a type"),
        ("trouble:Sum", "trouble:Sum is no function"),
    ],
)
def test_functions_that_cannot_be_loaded(name: str, says: str) -> None:
    broken = source_of(PythonSettings(functions=[name]), "python:trouble", FOLDER)
    with pytest.raises(ValueError, match=f"python:trouble: the functions cannot .*{says}"):
        broken.tools  # noqa: B018
    with pytest.raises(ValueError, match=says):
        broken.digest  # noqa: B018


def ended(pid: int) -> bool:
    """Whether a process is gone, or is a zombie that nobody has collected."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state in "ZX":
            return True
        time.sleep(0.05)
    return False
