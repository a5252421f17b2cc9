"""What dialogues cost: from the trajectories, and from the log of a run with a priced model."""

from __future__ import annotations

from pathlib import Path

import pytest
from autogen_core.models import RequestUsage
from conversations import trajectory
from fake_endpoint import FakeEndpoint
from program import callsheet, new_project, use_endpoint

from callsheet.evaluation.quality import Settings, instruments, quality_report
from callsheet.evaluation.quality.page.ending_section import spending_section
from callsheet.evaluation.quality.sources import read_dialogues
from callsheet.evaluation.quality.spending import Account, SpendingMeter
from callsheet.evaluation.quality.summary import summary_lines
from callsheet.models.accounting import Ledger, Prices
from callsheet.pipelines.synthesis.spending import PlanningAccount
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


def plan(batch: Path, prompt: int, completion: int, prices: Prices) -> None:
    """Charge the batch for plans, as a synthesis does."""
    ledger = Ledger()
    account = PlanningAccount(batch, ledger)
    ledger.charge("m", RequestUsage(prompt_tokens=prompt, completion_tokens=completion), prices)
    account.note()


def test_what_planning_cost_is_told_apart(tmp_path: Path) -> None:
    prices = Prices(prompt=2_000_000, completion=1_000_000)
    for number, tokens in enumerate([(10, 5), (1, 2)]):
        plan(tmp_path / "batches" / f"{number:05d}", *tokens, prices)
    # The rules played what a model had planned.
    played = trajectory().model_copy(update={"model_name": "rules"})
    (tmp_path / "accepted.jsonl").write_text(played.model_dump_json() + "\n")
    using = instruments(Settings(encoder="lexical"))
    report = quality_report([tmp_path], using, tmp_path / "report")
    assert "cost: 29.0000 (29.0000 of it for planning)" in summary_lines(report)
    found = report.spending
    assert found.accounts == [
        Account(role="planning", model="", calls=None, prompt_tokens=11, completion_tokens=7,
                cost=29.0)
    ]  # fmt: skip
    assert (found.cost, found.planning_cost) == (29.0, 29.0)
    assert ">planning<" in str(spending_section(found))
    one = SpendingMeter().result([tmp_path / "batches" / "00001"])
    assert one.planning_cost == 4.0
    assert SpendingMeter().result([tmp_path / "batches" / "00002"]).accounts == []


def test_planning_without_prices_has_tokens_and_no_cost(tmp_path: Path) -> None:
    plan(tmp_path / "batches" / "00000", 10, 5, Prices())
    found = SpendingMeter().result([tmp_path])
    assert [account.prompt_tokens for account in found.accounts] == [10]
    assert found.cost is None and found.planning_cost is None
