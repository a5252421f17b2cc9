"""What looking on costs a run: its own CPU-seconds, alone and with ten pages open on it.

    python benchmarks/watching.py [--episodes 2000] [--rounds 5]

Each round plays the same run of the `rules` model three times, each in a process of its own whose
CPU-seconds the kernel counts: alone; with `callsheet watch` and ten viewers in processes of their
own, each following the list of runs, the run and one of its episodes; and beside processes that
do nothing but use as much CPU as the server and the viewers did. The third is there because two
hyperthreads share a core: whatever runs on the other one costs CPU-seconds here. The order changes
from round to round. What is promised is the ratio of the first two; what is the page's doing, and
not the machine's, is that of the last two.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

PROGRAM = [sys.executable, "-c", "from callsheet.cli import main; main()"]
SCENARIO = "account-flow"
VIEWERS = 10
PERIOD = 0.02


def cpu_of_run(runs: Path, name: str, episodes: int) -> tuple[float, float]:
    """CPU-seconds and seconds of one run."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [*PROGRAM, "run", SCENARIO, "--repeat", str(episodes), "--out", str(runs / name)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, "the run failed"
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - began


@contextlib.contextmanager
def watched(runs: Path, name: str) -> Iterator[list[subprocess.Popen[str]]]:
    """The server and ten viewers, ended and counted at the end."""
    server = subprocess.Popen(
        [*PROGRAM, "watch", str(runs), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    found = re.search(r"http://\S+", server.stdout.readline())
    assert found, "the server did not start"
    topics = ["runs", f"run:{name}", f"episode:{name}:000000-{SCENARIO}"]
    viewers = [
        subprocess.Popen(
            [sys.executable, __file__, "--view", found.group(), *topics],
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(VIEWERS)
    ]
    everybody = [server, *viewers]
    try:
        yield everybody
    finally:
        for process in everybody:
            process.send_signal(signal.SIGINT)
        heard = [int(viewer.communicate()[0] or 0) for viewer in viewers]
        server.communicate()
        assert all(heard), f"a viewer heard nothing: {heard}"


@contextlib.contextmanager
def beside(load: float) -> Iterator[None]:
    """Processes that use `load` CPU-seconds a second together, one core's worth each at most."""
    shares = [min(1.0, load - i) for i in range(int(load) + 1) if load - i > 0.01]
    spinning = [
        subprocess.Popen([sys.executable, __file__, "--spin", str(share)]) for share in shares
    ]
    try:
        yield
    finally:
        for process in spinning:
            process.kill()
            process.wait()


def cpu_so_far(processes: list[subprocess.Popen[str]]) -> float:
    """CPU-seconds that living processes have used."""
    ticks = 0
    for process in processes:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def view(address: str, topics: list[str]) -> None:
    """Follow the topics until interrupted, then print how many messages came."""
    heard = 0
    query = urlencode([("topic", topic) for topic in topics])
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            connection = http.client.HTTPConnection(urlsplit(address).netloc)
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection.request("GET", f"/api/stream?{query}")
                response = connection.getresponse()
                while response.status == 200 and (line := response.readline()):
                    heard += line.startswith(b"data:")
            connection.close()
            time.sleep(0.2)  # the run does not exist yet
    print(heard)


def spin(share: float) -> None:
    while True:
        until = time.perf_counter() + share * PERIOD
        while time.perf_counter() < until:
            pass
        time.sleep(max(0.0, (1 - share) * PERIOD))


def one_round(number: int, episodes: int, load: float) -> tuple[dict[str, float], float]:
    """CPU-seconds by arm, and the load that the page's side was."""
    used: dict[str, float] = {}
    arms = ["alone", "ten pages", "beside"]
    for arm in arms[number % 3 :] + arms[: number % 3]:
        with tempfile.TemporaryDirectory() as folder:
            runs = Path(folder)
            if arm == "ten pages":
                with watched(runs, arm.replace(" ", "-")) as processes:
                    time.sleep(3)  # the server and its viewers have started
                    before = cpu_so_far(processes)
                    used[arm], seconds = cpu_of_run(runs, arm.replace(" ", "-"), episodes)
                    load = (cpu_so_far(processes) - before) / seconds
            else:
                with beside(load) if arm == "beside" else contextlib.nullcontext():
                    used[arm], _ = cpu_of_run(runs, "run", episodes)
    return used, load


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--episodes", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--view", nargs="+", help=argparse.SUPPRESS)
    parser.add_argument("--spin", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.view:
        view(options.view[0], options.view[1:])
    elif options.spin:
        spin(options.spin)
    else:
        compare(options.episodes, options.rounds)


def compare(episodes: int, rounds: int) -> None:
    _, load = one_round(1, min(episodes, 300), 1.0)  # warms the caches, and tells the load
    found: list[dict[str, float]] = []
    for number in range(rounds):
        used, load = one_round(number, episodes, load)
        found.append(used)
        told = ", ".join(f"{arm} {seconds:.2f} s" for arm, seconds in sorted(used.items()))
        print(f"round {number + 1}: {told}; the page's side used {load:.2f} cores", flush=True)
    for other in ("alone", "beside"):
        ratios = [used["ten pages"] / used[other] for used in found]
        spread = f"{min(ratios):.3f} to {max(ratios):.3f}"
        print(f"ten pages / {other}: {statistics.median(ratios):.3f} ({spread})")


if __name__ == "__main__":
    main()
