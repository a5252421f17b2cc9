"""What dialogues cost: from the trajectories, and from the log of a run with a priced model."""

from __future__ import annotations

from pathlib import Path

import pytest
from conversations import trajectory
from fake_endpoint import FakeEndpoint
from program import callsheet, new_project, use_endpoint

from callsheet.evaluation.quality.sources import read_dialogues
from callsheet.evaluation.quality.spending import SpendingMeter
from callsheet.trajectories.trajectory import Usage


def test_usage_is_summed_and_money_is_unknown_without_a_log(tmp_path: Path) -> None:
    meter = SpendingMeter()
    usage = Usage(prompt_tokens=5, completion_tokens=2, model_calls=3, tool_calls=1)
    for model in ("m", "m", "rules"):
        meter.add(trajectory().model_copy(update={"usage": usage, "model_name": model}))
    found = meter.result([tmp_path])
    assert (found.prompt_tokens, found.completion_tokens, found.model_calls) == (15, 6, 9)
    assert found.models == {"m": 2, "rules": 1} and found.cost is None and found.accounts == []


@pytest.mark.parametrize("place", ["out", "made/batches/00000/run"])
def test_money_by_role_and_model_is_the_logs(tmp_path: Path, place: str) -> None:
    project = new_project(tmp_path)
    with FakeEndpoint(lambda request: {"content": "All right."}) as endpoint:
        use_endpoint(project, endpoint.url, prices="{prompt: 2000000, completion: 1000000}")
        ended = callsheet(project, "run", "scenarios", "--model", "assistant=remote",
                          "--out", place)  # fmt: skip
    assert "cost:" in ended.stdout, ended.stderr
    said = float(ended.stdout.partition("cost:")[2].split()[0])
    meter = SpendingMeter()
    for dialogue in read_dialogues([project / place]):
        meter.add(dialogue.trajectory)
    found = meter.result([project / place.partition("/")[0]])
    by_role = {account.role: account for account in found.accounts}
    remote = by_role["assistant"]
    assert remote.model == "remote" and remote.calls > 0 and by_role["user"].cost is None
    assert found.cost == pytest.approx(said, rel=1e-4)
    assert remote.cost == pytest.approx(2 * remote.prompt_tokens + remote.completion_tokens)
