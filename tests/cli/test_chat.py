"""`callsheet chat` as a person uses it, with lines from a pipe."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from fake_endpoint import FakeEndpoint
from program import PROGRAM, callsheet, one_line

TYPED = """\
/nonsense
/tools
/undo
Get the token of username foo with password bar
/save {folder}/good.jsonl
/save {folder}/no/such/folder
/undo
hello
"""


def chat(folder: Path, *arguments: str, typed: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, "chat", *arguments],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "120"},
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_session_with_its_commands(tmp_path: Path) -> None:
    ended = chat(
        tmp_path, "--tools", "workspace", "--model", "rules", typed=TYPED.format(folder=tmp_path)
    )
    assert ended.returncode == 0, ended.stderr
    out = ended.stdout
    assert "/save FILE  add the conversation" in out and "AddReminder: Set a reminder" in out
    assert "nothing was said yet" in out and "User: Get the token" in out
    assert '→ GetUserToken(username="foo", password="bar")' in out and "← {" in out
    assert "No such file or directory" in out and "taken back: Get the token" in out
    assert out.rstrip().endswith("run: runs/0001")
    assert (tmp_path / "good.jsonl").read_text().count("\n") == 1
    shown = callsheet(tmp_path, "show", "runs/0001", "0")
    assert "User: hello" in shown.stdout and "Get the token" not in shown.stdout
    assert callsheet(tmp_path, "replay", "runs/0001").returncode == 0
    assert callsheet(tmp_path, "replay", "runs/0001-undone-1").returncode == 0


def test_wrong_names_are_one_line(tmp_path: Path) -> None:
    ended = chat(tmp_path, "--tools", "nowhere", "--model", "rules", typed="")
    assert ended.returncode == 3 and "unknown environment 'nowhere'" in one_line(ended)
    ended = chat(tmp_path, "--tools", "workspace", "--model", "nobody", typed="")
    assert ended.returncode == 4 and "no model is called 'nobody'" in one_line(ended)


def test_an_empty_chat_takes_nothing_of_its_folder_with_it(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "thesis.txt").write_text("years of work")
    arguments = ("--tools", "workspace", "--model", "rules", "--out", "kept")
    for typed in ("", "hello\n/undo\n"):
        ended = chat(tmp_path, *arguments, typed=typed)
        assert ended.returncode == 0, ended.stderr
        assert "nothing was said, and nothing is kept" in ended.stdout
        assert [path.name for path in (tmp_path / "kept").iterdir()] == ["thesis.txt"]


def test_ctrl_c_breaks_an_answer_off_and_not_the_session(tmp_path: Path) -> None:
    with FakeEndpoint(lambda _: {"content": "Fine."}) as server:
        models = tmp_path / "configs" / "models"
        models.mkdir(parents=True)
        (models / "remote.yaml").write_text(
            f"provider: openai_compatible\nconfig: {{model: m, base_url: '{server.url}'}}\n"
        )
        with subprocess.Popen(
            [*PROGRAM, "chat", "--tools", "workspace", "--model", "remote"],
            cwd=tmp_path,
            env={**os.environ, "NO_COLOR": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Whoever runs the tests in the background has SIGINT ignored, and hands that on.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        ) as process:
            assert process.stdin is not None
            server.latency = 60
            process.stdin.write("one\n")
            process.stdin.flush()
            while not server.in_flight:
                assert process.poll() is None
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            while server.in_flight:
                assert process.poll() is None
                time.sleep(0.05)
            server.latency = 0
            out, errors = process.communicate("two\n/quit\n", timeout=60)
    assert process.returncode == 0, errors
    assert "broken off; your message was taken back" in out
    assert "User: two" in out and "Assistant: Fine." in out
    said = [message["content"] for message in server.requests[-1]["messages"][1:]]
    assert said == ["two"]
