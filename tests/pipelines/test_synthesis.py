"""A synthesis ends with the dialogues that were asked for, whoever plays them and however often it
is stopped; nothing that was made is lost."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from fake_endpoint import FakeEndpoint
from program import PROGRAM

from callsheet.models.accounting import Ledger
from callsheet.models.errors import BudgetExceeded
from callsheet.pipelines.synthesis import (
    SynthesisConfig,
    SynthesisFolder,
    SynthesisInvalid,
    SynthesisProgress,
    load_synthesis_config,
    synthesize,
)
from callsheet.pipelines.synthesis.batch import play_batch
from callsheet.pipelines.synthesis.config import Players
from callsheet.pipelines.synthesis.planning import ScenarioSource
from callsheet.pipelines.synthesis.synthesize import Listeners, SynthesisFailed
from callsheet.planners.planning_spent import planning_spent
from callsheet.scenarios import Scenario
from callsheet.simulation import Execution
from callsheet.simulation.cast import Cast
from callsheet.simulation.run_directory import RunError
from callsheet.tools import ToolSpec
from callsheet.tools.pool import save_pool
from callsheet.trajectories.filters import FilterConfig
from callsheet.trajectories.filters.defect import REASONS
from callsheet.trajectories.reading import read_trajectories
from callsheet.watch.synthesis import told


def tool(name: str, does: str, takes: dict[str, str], gives: dict[str, str]) -> ToolSpec:
    def schema(fields: dict[str, str]) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {k: {"type": "string", "description": d} for k, d in fields.items()},
            "required": list(fields),
        }

    return ToolSpec(name=name, description=does, parameters=schema(takes), returns=schema(gives))


TOOLS = [
    tool("findKennel", "Find a kennel in a city", {"city": "City"}, {"kennelId": "Kennel"}),
    tool("bookKennel", "Book a kennel", {"kennelId": "Id of the kennel"}, {"bookingId": "Booking"}),
    tool("getVet", "Get the vet of a district", {"district": "District"}, {"vet": "Name"}),
    tool("listWalks", "List the walks of a park", {"park": "Name of the park"}, {"walks": "Walks"}),
    tool("addCollar", "Add a collar to a basket", {"colour": "Colour"}, {"basketId": "Basket"}),
    tool("getRain", "Get the rain of a place", {"place": "Place"}, {"rain": "Millimetres"}),
]


@pytest.fixture
def config(tmp_path: Path) -> SynthesisConfig:
    save_pool(tmp_path / "pool.jsonl", TOOLS)
    return SynthesisConfig(
        name="dogs", pool=tmp_path / "pool.jsonl", dialogues=12, by="random", batch=6, turns=(2, 3)
    )


def test_it_ends_with_what_was_asked_for(config: SynthesisConfig, tmp_path: Path) -> None:
    out = tmp_path / "out"
    seen: list[int] = []
    listeners = Listeners(on_progress=lambda progress: seen.append(progress.seen))
    result = synthesize(config, out, listeners=listeners)
    folder = SynthesisFolder(out)
    accepted = list(read_trajectories(folder.accepted))
    assert len(accepted) == result.accepted == 12
    assert [t.scenario for t in accepted] == sorted(t.scenario for t in accepted)
    assert len({t.id for t in accepted}) == 12
    assert all(t.score == 1.0 for t in accepted)
    batches = list(folder.finished())
    assert sum(b.accepted + b.rejected + b.unplanned for b in batches) == sum(
        b.dialogues for b in batches
    )
    rejected = folder.rejected.read_bytes().splitlines()
    assert len(rejected) == result.rejected
    assert all(orjson.loads(line)["other_information"]["defects"] for line in rejected)
    assert seen[-1] >= 12
    before = folder.accepted.stat().st_mtime_ns
    assert synthesize(config, out) == result
    assert folder.accepted.stat().st_mtime_ns == before


def test_workers_change_nothing(config: SynthesisConfig, tmp_path: Path) -> None:
    outputs = []
    for workers in (1, 2):
        out = tmp_path / f"by-{workers}"
        synthesize(config, out, execution=Execution(workers=workers, concurrency=3))
        outputs.append((out / "accepted.jsonl").read_bytes())
    assert outputs[0] == outputs[1]


def test_the_arms_of_an_ablation_have_dialogues_of_equal_sizes(
    config: SynthesisConfig, tmp_path: Path
) -> None:
    sizes = []
    for plan in (True, False):
        arm = config.model_copy(update={"plan": plan, "dialogues": 5})
        synthesize(arm, tmp_path / str(plan))
        runs = (tmp_path / str(plan) / "batches" / "00000" / "run" / "scenarios.jsonl").open("rb")
        sizes.append([[t["name"] for t in orjson.loads(line)["tools"]] for line in runs])
    assert sizes[0] == sizes[1]


def test_the_graph_draws_tools_that_belong_together(
    config: SynthesisConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("scipy", reason="needs the graph extra")
    pytest.importorskip("wordllama", reason="needs the embed-more extra")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    by_graph = config.model_copy(
        update={"by": "chain", "encoder": "wordllama", "tools": (2, 2), "dialogues": 3, "batch": 4}
    )
    synthesize(by_graph, tmp_path / "out")
    folder = SynthesisFolder(tmp_path / "out")
    assert folder.graph.exists()
    assert len(list(read_trajectories(folder.accepted))) == 3


def test_tools_that_are_kept_for_evaluation_are_left_out(
    config: SynthesisConfig, tmp_path: Path
) -> None:
    save_pool(tmp_path / "kept.jsonl", TOOLS[:2])
    told_apart = config.model_copy(update={"against": (tmp_path / "kept.jsonl",), "dialogues": 2})
    synthesize(told_apart, tmp_path / "out")
    used = {
        t.name for one in read_trajectories(tmp_path / "out" / "accepted.jsonl") for t in one.tools
    }
    assert used and not used & {"findKennel", "bookKennel"}
    nothing = config.model_copy(update={"against": (config.pool,)})
    with pytest.raises(RunError, match="no tool is left"):
        synthesize(nothing, tmp_path / "none")


def test_another_config_is_refused(config: SynthesisConfig, tmp_path: Path) -> None:
    synthesize(config.model_copy(update={"dialogues": 2}), tmp_path / "out")
    with pytest.raises(RunError, match="another config"):
        synthesize(config.model_copy(update={"dialogues": 2, "seed": 1}), tmp_path / "out")
    config.pool.write_bytes(config.pool.read_bytes() + b"\n")
    with pytest.raises(RunError, match="another pool"):
        synthesize(config.model_copy(update={"dialogues": 2}), tmp_path / "out")


def test_where_nothing_is_accepted_it_gives_up_and_says_why(
    config: SynthesisConfig, tmp_path: Path
) -> None:
    # Nobody can plan with a tool that takes what nobody can say.
    model = config.model_copy(update={"models": config.models.model_copy(update={"user": "none"})})
    with pytest.raises(Exception, match="none"):
        synthesize(model, tmp_path / "out")
    assert not (tmp_path / "out" / "result.json").exists()
    assert issubclass(SynthesisFailed, RuntimeError)


def test_a_killed_synthesis_goes_on_to_the_same_end(
    config: SynthesisConfig, tmp_path: Path
) -> None:
    whole = config.model_copy(update={"dialogues": 30, "batch": 10})
    synthesize(whole, tmp_path / "whole")
    (tmp_path / "dogs.yaml").write_text(
        "name: dogs\npool: pool.jsonl\ndialogues: 30\nby: random\nbatch: 10\nturns: [2, 3]\n"
    )
    out = tmp_path / "killed"
    for wait_for in ("batches/00000/run/run.json", "batches/00001/run/run.json"):
        process = subprocess.Popen(
            [*PROGRAM, "synthesize", "dogs.yaml", "-o", str(out)],
            cwd=tmp_path,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while not (out / wait_for).exists() and process.poll() is None:
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert not (out / "result.json").exists()
    done = subprocess.run(
        [*PROGRAM, "synthesize", "dogs.yaml", "-o", str(out)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "30 accepted" in done.stdout
    assert (out / "result.json").read_bytes() == (tmp_path / "whole/result.json").read_bytes()
    assert (out / "accepted.jsonl").read_bytes() == (tmp_path / "whole/accepted.jsonl").read_bytes()


def test_a_batch_that_was_left_open_among_finished_ones_comes_first(
    config: SynthesisConfig, tmp_path: Path
) -> None:
    wanted = config.model_copy(update={"dialogues": 15})
    whole, cut = SynthesisFolder(tmp_path / "whole"), SynthesisFolder(tmp_path / "cut")
    synthesize(wanted, whole.path)
    assert len(list(whole.finished())) == 3
    shutil.copytree(whole.path, cut.path)
    play_batch(
        3, wanted, cut, ScenarioSource(wanted, cut), Execution(), Ledger(), (), lambda _: None
    )
    (cut.batch(2) / "batch.json").unlink()
    (cut.path / "result.json").unlink()
    assert sum(batch.accepted for batch in cut.finished()) >= 15
    synthesize(wanted, cut.path)
    for name in ("result.json", "accepted.jsonl", "rejected.jsonl"):
        assert (cut.path / name).read_bytes() == (whole.path / name).read_bytes()


class PricedModel(FakeEndpoint):
    """Plans one remark, and answers whatever is asked; `charged` is what it wants for that."""

    def __init__(self) -> None:
        super().__init__(self._said)
        self.charged = 0

    def _said(self, request: dict[str, Any]) -> dict[str, Any]:
        messages = request["messages"]
        # Never more than a client guesses before it asks, so that budgets hold exactly.
        tokens = sum(len(message["content"]) for message in messages) // 4
        self.charged += tokens
        plan = {"requests": [{"kind": "chitchat", "request": "What a day!"}]}
        content = orjson.dumps(plan).decode() if "response_format" in request else "Indeed."
        return {"content": content, "usage": {"prompt_tokens": tokens, "completion_tokens": 0}}

    def folder(self, tmp_path: Path) -> Path:
        """A folder of model files with this model in it, `priced`, at 1 a token."""
        place = tmp_path / "models"
        place.mkdir()
        (place / "priced.yaml").write_text(
            f"provider: openai_compatible\nconfig: {{model: fake, base_url: '{self.url}'}}\n"
            "prices: {prompt: 1000000}\n"
        )
        return place


@pytest.fixture
def priced(config: SynthesisConfig) -> SynthesisConfig:
    """Four batches of two, whose planner and assistant are to be paid."""
    return config.model_copy(
        update={
            "dialogues": 8,
            "batch": 2,
            "turns": (1, 1),
            "models": Players(planner=("priced",), assistant="priced"),
            "filters": FilterConfig(off=tuple(REASONS)),
        }
    )


def test_a_budget_is_the_whole_synthesiss(priced: SynthesisConfig, tmp_path: Path) -> None:
    with PricedModel() as server:
        models = [server.folder(tmp_path)]
        result = synthesize(priced, tmp_path / "whole", model_folders=models)
        assert len(list(SynthesisFolder(tmp_path / "whole").finished())) == 4
        assert result.cost == server.charged > 0
        budget, server.charged = int(1.5 * server.charged / 4), 0
        with pytest.raises(BudgetExceeded):
            synthesize(
                priced,
                tmp_path / "out",
                execution=Execution(token_budget=budget, concurrency=1),
                model_folders=models,
            )
        assert len(list(SynthesisFolder(tmp_path / "out").finished())) == 1
        assert server.charged <= budget


def test_what_was_spent_before_a_stop_is_counted(priced: SynthesisConfig, tmp_path: Path) -> None:
    one = priced.model_copy(update={"dialogues": 2})
    with PricedModel() as server:
        models = [server.folder(tmp_path)]
        whole = synthesize(one, tmp_path / "whole", model_folders=models)
        stopped = Execution(concurrency=1, token_budget=server.charged - 1)
        server.charged = 0
        with pytest.raises(BudgetExceeded):
            synthesize(one, tmp_path / "out", execution=stopped, model_folders=models)
        assert 0 < server.charged < whole.cost
        again = synthesize(one, tmp_path / "out", model_folders=models)
        assert again == whole and again.cost == server.charged


def test_plans_are_paid_in_every_sitting_and_a_budget_stops_them(
    priced: SynthesisConfig, tmp_path: Path
) -> None:
    folder = SynthesisFolder(priced.pool.parent)
    source, place = ScenarioSource(priced, folder), folder.batch(0)

    def plan(numbers: Sequence[int], budget: int | None = None) -> list[Scenario]:
        cast = Cast({}, models, budget=Execution(token_budget=budget))
        return asyncio.run(source.scenarios(numbers, cast, place))[0]

    with PricedModel() as server:
        models = [server.folder(tmp_path)]
        with pytest.raises(BudgetExceeded):
            plan([0], budget=1)
        assert planning_spent(place).cost == 0.0
        assert len(plan([0])) == 1
        assert len(plan([0, 1, 2])) == 3
        spent = planning_spent(place)
        assert server.total == 3
        assert (spent.prompt_tokens, spent.cost) == (server.charged, server.charged)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("dialogues: 3", "pool"),
        ("pool: x\ndialogues: 0", "dialogues"),
        ("pool: x\nseed: 99999999999999999999", "seed"),
        ("pool: x\ntools: [4, 2]", "from 1"),
        ("pool: x\nmodels: {planner: []}", "models.planner"),
        ("pool: x\nfilters: {off: [nothing]}", "nothing"),
        ("pool: x\nsurprise: 1", "surprise"),
        ("- 1", "a mapping of keys"),
        ("a: [", "line"),
    ],
)
def test_a_wrong_config_is_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(text)
    with pytest.raises(SynthesisInvalid, match=said) as error:
        load_synthesis_config(path)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith(str(path))


def test_paths_are_relative_to_the_config(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("pool: pools/a.jsonl\n")
    found = load_synthesis_config(tmp_path / "c.yaml", dialogues=7, seed=None)
    assert found.pool == tmp_path / "pools" / "a.jsonl"
    assert (found.dialogues, found.seed) == (7, 0)


def test_the_line_of_progress() -> None:
    progress = SynthesisProgress(wanted=100, accepted=40, played=50, rejected=10, before=10)
    assert told(progress, 10.0) == "accepted, 50 played, 80% accepted, 4.0/s, 0:00:19 left"
    assert told(SynthesisProgress(wanted=5), 0.0) == "accepted, 0 played"
