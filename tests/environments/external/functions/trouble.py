"""Functions of a project: good ones, and one for each way in which they can go wrong."""

from __future__ import annotations

import asyncio
import datetime
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Annotated, Any

from typing_extensions import TypedDict

_calls = 0


class Sum(TypedDict):
    total: int


def add(a: Annotated[int, "first"], b: int = 1) -> Sum:
    """Add two numbers."""
    return {"total": a + b}


def next_day(day: datetime.date) -> datetime.date:
    """The day after."""
    return day + datetime.timedelta(days=1)


async def later(seconds: float) -> str:
    """Wait, then answer."""
    await asyncio.sleep(seconds)
    return "here"


def count() -> int:
    """How often it was called in this process."""
    global _calls
    _calls += 1
    return _calls


def prints(text: str) -> str:
    """Say something where answers go."""
    print('{"output": "forged"}')
    sys.stdout.flush()
    os.write(1, b'{"output": "forged"}\n')
    sys.stderr.write("noise\n")
    return text + sys.stdin.read()


def raises(what: str) -> str:
    """Fail."""
    raise KeyError(what)


def exits() -> str:
    """Ask the process to end."""
    raise SystemExit(3)


def crashes(code: int) -> str:
    """Take the process down."""
    os._exit(code)


def killed() -> str:
    """Be killed."""
    os.kill(os.getpid(), 9)
    return "never"


def hangs(note: str) -> str:
    """Never answer, and leave a process of its own behind."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(note).write_text(f"{os.getpid()} {child.pid}")
    time.sleep(600)
    return "never"


def unserialisable() -> Any:
    """Something that JSON does not have."""
    return threading.Lock()


def infinite() -> float:
    """No number."""
    return float("inf")


def circular() -> list[Any]:
    """A list that holds itself."""
    found: list[Any] = []
    found.append(found)
    return found


def wrong_type() -> int:
    """Not what it says."""
    return "seven"  # type: ignore[return-value]


def huge(size: int) -> str:
    """A long text."""
    return "x" * size


def untyped(a):  # type: ignore[no-untyped-def]
    return a
