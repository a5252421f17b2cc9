"""Kills the process at chosen points; found by the interpreter through PYTHONPATH.

CALLSHEET_KILL is a list, separated by commas, of `<who> <point> <count>`; the first that is
reached kills, and leaves a line in the file CALLSHEET_KILL_LOG.
    who     `self` (this process alone) or `group` (with the process group of the main process;
            its other workers have groups of their own, and end with their input)
    point   `append` (at the count-th byte written to an open log segment, mid-line),
            `truncate` (before the count-th cut of a torn line), `publish` (before the count-th
            link of a segment), `trajectories` or `manifest` (before the file is moved into
            place, the count-th time)
The package itself knows nothing of this.
"""

import os
import signal

_plan = {}
for _entry in filter(None, os.environ.get("CALLSHEET_KILL", "").split(",")):
    _who, _point, _count = _entry.split()
    _plan[_point] = [_who, int(_count)]

_write, _truncate, _link, _replace = os.write, os.ftruncate, os.link, os.replace


def _die(point: str) -> None:
    log = os.open(os.environ["CALLSHEET_KILL_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    _write(log, f"{point}\n".encode())
    # A worker that is killed is started again, and inherits the plan: after two deaths of one
    # sitting the third takes everybody along, so that a sitting always ends.
    with open(os.environ["CALLSHEET_KILL_LOG"], "rb") as lines:  # noqa: PTH123
        deaths = sum(1 for _ in lines) - int(os.environ["CALLSHEET_KILLS_BEFORE"])
    if _plan[point][0] == "group" or deaths > 2:
        os.killpg(int(os.environ["CALLSHEET_KILL_GROUP"]), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def _counted(point: str) -> None:
    if point in _plan:
        _plan[point][1] -= 1
        if _plan[point][1] <= 0:
            _die(point)


def _killing_write(handle: int, data: bytes) -> int:
    if "append" in _plan and b"/spool/" in os.readlink(  # noqa: PTH115
        f"/proc/self/fd/{handle}".encode()
    ):
        if len(data) >= _plan["append"][1]:
            _write(handle, bytes(data)[: _plan["append"][1]])
            _die("append")
        _plan["append"][1] -= len(data)
    return _write(handle, data)


def _killing_truncate(handle: int, length: int) -> None:
    _counted("truncate")
    _truncate(handle, length)


def _killing_link(source: object, target: object, **options: object) -> None:
    _counted("publish")
    _link(source, target, **options)


def _killing_replace(source: object, target: object, **options: object) -> None:
    if str(target).endswith("trajectories.jsonl"):
        _counted("trajectories")
    elif str(target).endswith("run.json"):
        _counted("manifest")
    _replace(source, target, **options)


if _plan:
    os.environ.setdefault("CALLSHEET_KILL_GROUP", str(os.getpgid(0)))
    os.write, os.ftruncate = _killing_write, _killing_truncate
    os.link, os.replace = _killing_link, _killing_replace
