"""Rating files: nothing dropped, nothing asked twice, whole or not at all, also when killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from fake_endpoint import FakeEndpoint, Fault, prompt_digest
from filter_dialogues import GOOD, calls, dialogue, gives, says, user
from program import PROGRAM, callsheet, one_line
from scripted_model import Scripted

from callsheet.agents.rater import RaterAgent, rater_digest
from callsheet.agents.rules import RulesRater
from callsheet.evaluation.agreement import agreement
from callsheet.models.errors import EndpointError
from callsheet.pipelines.rating import rate_file, rater_samples
from callsheet.trajectories.reading import read_trajectories
from callsheet.trajectories.trajectory import Trajectory

FLAWED = (
    user("Weather in Oslo?"),
    calls("get_weather", {"town": "Oslo"}),
    gives({"error": "no city"}),
    calls("get_weather", {"city": "Oslo"}),
    gives("sunny"),
    says("Sunny."),
)


def runs(count: int) -> list[Trajectory]:
    return [
        dialogue(user(f"Say {n}."), says(f"{n}!")).model_copy(update={"id": f"d{n}"})
        for n in range(count)
    ]


def written(path: Path, trajectories: list[Trajectory]) -> Path:
    path.write_text("".join(one.model_dump_json(exclude_none=True) + "\n" for one in trajectories))
    return path


def reply(request: dict[str, Any]) -> dict[str, Any]:
    """Rates by the number that a run says."""
    steps = json.loads(request["messages"][-1]["content"])["steps"]
    number = int(steps[-1]["says"].rstrip("!"))
    return {"content": json.dumps({"explanation": f"said {number}", "rating": number % 6})}


def project(folder: Path, url: str) -> Path:
    models = folder / "configs" / "models"
    models.mkdir(parents=True)
    (models / "remote.yaml").write_text(
        f"provider: openai_compatible\nconfig: {{model: m, base_url: '{url}'}}\n"
        "retries: {attempts: 2, first_wait: 0.01}\n"
    )
    return folder


def test_every_trajectory_comes_out_rated_with_its_signals(tmp_path: Path) -> None:
    perfect = dialogue(*FLAWED, score=1.0)
    source = written(tmp_path / "in.jsonl", [dialogue(*GOOD, score=1.0), perfect])
    out = tmp_path / "out.jsonl"
    report = rate_file(source, out, RulesRater())
    good, flawed = read_trajectories(out)
    assert (good.rater_score, good.rate_model) == (5.0, "rules")
    assert flawed.rater_score is not None and flawed.rater_score < 5
    assert flawed.other_information["signals"]["invalid_actions"] == 1
    assert (report.full_score, report.full_score_flawed) == (2, 1)
    assert not list(tmp_path.glob(".*"))


def test_a_rating_that_fails_leaves_the_trajectory_unrated(tmp_path: Path) -> None:
    old = {"rater_score": 2.0, "rate_model": "somebody", "rater_explanation": "so so"}
    source = written(tmp_path / "in.jsonl", [one.model_copy(update=old) for one in runs(2)])
    model = Scripted("no", "still no", {"explanation": "fine", "rating": 4})
    report = rate_file(source, tmp_path / "out", RaterAgent(model, "m"), concurrency=1)
    first, second = read_trajectories(tmp_path / "out")
    assert first.rater_score is None and first.rate_model is None
    assert first.other_information["rating_problem"]["kind"] == "invalid_answer"
    assert first.other_information["rated_before"]["rater_score"] == 2.0
    assert (second.rater_score, second.rate_model) == (4.0, "m")
    assert second.versions["rater_prompt"] == rater_digest()
    assert (report.rated, report.problems) == (1, {"invalid_answer": 1})


class Gone(Scripted):
    async def create(self, *arguments: Any, **more: Any) -> Any:
        raise EndpointError("cannot reach it")


def test_a_model_that_is_not_there_writes_nothing(tmp_path: Path) -> None:
    source = written(tmp_path / "in.jsonl", runs(9))
    with pytest.raises(EndpointError, match="cannot reach"):
        rate_file(source, tmp_path / "out", RaterAgent(Gone(), "m"))
    assert not (tmp_path / "out").exists()


def test_a_file_is_not_rated_into_itself(tmp_path: Path) -> None:
    source = written(tmp_path / "in.jsonl", runs(1))
    with pytest.raises(ValueError, match="cannot be written"):
        rate_file(source, source, RulesRater())


def test_samples_are_made_of_what_is_rated(tmp_path: Path) -> None:
    source = written(tmp_path / "in.jsonl", runs(3))
    assert list(rater_samples(read_trajectories(source))) == []
    rate_file(source, tmp_path / "out", RulesRater())
    samples = list(rater_samples(read_trajectories(tmp_path / "out"), 2_000))
    assert [sample.id for sample in samples] == ["rating/d0", "rating/d1", "rating/d2"]


def test_through_the_program(tmp_path: Path) -> None:
    labelled = [
        one.model_copy(update={"other_information": {"judged": {"response": word}}})
        for one, word in zip(runs(6), ["No", "No", "No", "Yes", "Yes", "Uncertain"], strict=True)
    ]
    with FakeEndpoint(reply, script=[Fault("status", status=400)]) as server:
        folder = project(tmp_path, server.url)
        written(folder / "in.jsonl", labelled)
        arguments = ("rate", "in.jsonl", "-o", "out.jsonl", "--model", "remote")
        first = callsheet(folder, *arguments, "--concurrency", "1")
        assert first.returncode == 1 and "not rated: endpoint" in first.stdout, first.stderr
        asked = server.total
        second = callsheet(folder, *arguments)
        assert second.returncode == 0, second.stderr
        assert server.total == asked + 1  # what had failed, and nothing else
    rated = list(read_trajectories(folder / "out.jsonl"))
    assert [one.rater_score for one in rated] == [0, 1, 2, 3, 4, 5]
    agreed = callsheet(folder, "agree", "out.jsonl", "--label", "judged.response", "--good", "3")
    assert "accuracy  1.00" in agreed.stdout and "5 compared" in agreed.stdout
    assert agreement(rated, "judged.response").accuracy.value == 0.8
    samples = callsheet(folder, "rate", "out.jsonl", "--samples", "samples.jsonl")
    assert samples.stdout.startswith("6 rated trajectories")
    assert "say either" in callsheet(folder, "rate", "out.jsonl").stderr
    unknown = callsheet(folder, "rate", "in.jsonl", "-o", "x", "--model", "nonesuch")
    assert unknown.returncode == 4 and "no model is called" in one_line(unknown)


def test_a_kill_loses_no_answer_and_nothing_is_asked_twice(tmp_path: Path) -> None:
    count, at_once = 40, 4
    with FakeEndpoint(reply, latency=0.05) as server:
        folder = project(tmp_path, server.url)
        written(folder / "in.jsonl", runs(count))
        arguments = ["rate", "in.jsonl", "-o", "out.jsonl", "--model", "remote"]
        command = [*PROGRAM, *arguments, "--concurrency", str(at_once)]
        killed = 0
        while killed < 2:
            before = server.statuses[200]
            process = subprocess.Popen(
                command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
            while process.poll() is None and server.statuses[200] < before + 9:
                time.sleep(0.005)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            killed += 1
            assert not (folder / "out.jsonl").exists()
        answered = server.statuses[200]
        assert 18 <= answered < count
        ended = callsheet(folder, *arguments)
        assert ended.returncode == 0, ended.stderr
        # Each kill costs the answers that were on their way, and no other.
        assert server.total <= count + killed * at_once
        again = [digest for digest, times in server.counts.items() if times > 1]
        assert len(again) <= killed * at_once and max(server.counts.values()) <= 1 + killed
        assert set(server.counts) == {prompt_digest(request) for request in server.requests}
        assert len(server.counts) == count
        asked = server.total
        assert callsheet(folder, *arguments).returncode == 0
        assert server.total == asked
    rated = list(read_trajectories(folder / "out.jsonl"))
    assert [one.id for one in rated] == [f"d{n}" for n in range(count)]
    assert [one.rater_score for one in rated] == [float(n % 6) for n in range(count)]
