"""The process in which a project's Python functions run; started by `python_caller`.

`python -m callsheet.environments.external.python_worker SETTINGS`, with settings as JSON. Reads one
request a line from standard input and answers with one line on standard output, both kept for
itself: a function that prints, or reads, meets the null device. It stops at once when its input
ends, whatever a function is doing. Nothing a function does to this process reaches callsheet's.
"""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

import pydantic
import pydantic_core

from ...tools.functions import tool_from_function

_MESSAGE = 500
"""Characters of an error's text that are passed on."""


class Offered:
    """A function as it is offered: its description, and how it is called."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.spec = tool_from_function(function, tags=("python",))
        self._call = pydantic.validate_call(function)
        hints = inspect.signature(function, eval_str=True)
        self._returns = hints.return_annotation
        self.file = Path(inspect.getsourcefile(function) or "")

    def __call__(self, arguments: dict[str, Any]) -> Any:
        """The result as JSON can hold it; raises whatever the function does."""
        result = self._call(**arguments)
        if inspect.isawaitable(result):
            result = asyncio.run(_awaited(result))
        if self._returns in (inspect.Signature.empty, None):
            return pydantic_core.to_jsonable_python(result)
        # The parent checks the type by its schema; here the value only takes JSON's form.
        return pydantic.TypeAdapter(self._returns).dump_python(result, mode="json", warnings=False)


async def _awaited(result: Any) -> Any:
    return await result


def main() -> None:
    """Serve until the input ends."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    for handle in (0, 1):
        os.dup2(null, handle)
    settings = json.loads(sys.argv[1])
    # What this process needs itself is imported by now. The project's folder is the current one.
    sys.path.insert(0, settings["path"])
    sys.path.append(str(Path.cwd()))
    try:
        offered = _load(settings["functions"])
    except BaseException as error:
        _say(answers, {"error": described(error)})
        return
    tools = [one.spec.model_dump(mode="json") for one in offered.values()]
    _say(answers, {"tools": tools, "digest": _digest(offered)})
    waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(requests, waiting), daemon=True).start()
    while True:
        request = json.loads(waiting.get())
        _say(answers, _answer(offered, request, settings["max_bytes"]))


def described(error: BaseException) -> str:
    """An error in one line."""
    text = " ".join(str(error).split())[:_MESSAGE]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _load(names: list[str]) -> dict[str, Offered]:
    offered: dict[str, Offered] = {}
    for name in names:
        module, _, attribute = name.partition(":")
        found = getattr(import_module(module), attribute, None)
        if not inspect.isfunction(found):
            raise ValueError(f"{name} is no function")
        one = Offered(found)
        if one.spec.name in offered:
            raise ValueError(f"{name}: there are two functions of that name")
        offered[one.spec.name] = one
    return offered


def _digest(offered: dict[str, Offered]) -> str:
    """Of the files that hold the functions."""
    hasher = hashlib.blake2b(digest_size=16)
    for file in sorted({str(one.file) for one in offered.values()}):
        hasher.update(Path(file).read_bytes())
    return hasher.hexdigest()


def _read(requests: BinaryIO, waiting: queue.SimpleQueue[bytes]) -> None:
    for line in requests:
        waiting.put(line)
    # Nobody is left to hear an answer; what functions have started ends with them.
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _answer(offered: dict[str, Offered], request: dict[str, Any], limit: int) -> dict[str, Any]:
    try:
        output = offered[request["name"]](request["arguments"])
        text = json.dumps(output, allow_nan=False)
    except (pydantic_core.PydanticSerializationError, TypeError, ValueError, RecursionError) as e:
        return {"error": described(e)}
    except BaseException as error:
        # Also SystemExit: a function does not end this process by asking for it.
        return {"error": described(error)}
    if len(text) > limit:
        return {"error": f"the result is longer than {limit} bytes"}
    return {"output": output}


def _say(answers: BinaryIO, message: dict[str, Any]) -> None:
    answers.write(json.dumps(message).encode() + b"\n")
    answers.flush()


if __name__ == "__main__":
    main()
