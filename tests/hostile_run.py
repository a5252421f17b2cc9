"""Strings that want to become markup, scripts or requests, in every place that a report shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from callsheet.tools import ToolSpec
from callsheet.trajectories.trajectory import Outcome, Trajectory, Verdict, line_of

HOSTILE = (
    "</title></style><script>document.documentElement.dataset.owned='yes'</script>"
    "<img src=http://evil.test/img onerror=\"document.documentElement.dataset.owned='yes'\">"
    "'\" onmouseover=alert(1) <svg onload=alert(1)><link rel=stylesheet href=//evil.test/css>"
    "<iframe src=http://evil.test/frame></iframe><base href=http://evil.test/>"
    "<meta http-equiv=refresh content='0;url=http://evil.test/go'>]]>--><!--&lt;\x00\x1b[31m\u202e"
)


def hostile_trajectory(number: int = 0) -> Trajectory:
    """Two turns in which every free text is hostile."""
    call: dict[str, Any] = {"id": "c", "function": {"name": HOSTILE, "arguments": HOSTILE}}
    messages = [
        {"role": "user", "content": HOSTILE},
        {"role": "assistant", "content": HOSTILE, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": HOSTILE},
        {"role": "assistant", "content": HOSTILE},
        {"role": "user", "content": HOSTILE},
    ]
    return Trajectory(
        id=HOSTILE + str(number),
        scenario=HOSTILE,
        environment=HOSTILE,
        tools=[ToolSpec(name="f", description=HOSTILE, tags=(HOSTILE,))],
        plan=[{"kind": HOSTILE}],
        messages=line_of(messages),
        model_name=HOSTILE,
        outcome=Outcome(status="failed", reason=HOSTILE, blame="tool"),
        verdicts=[Verdict(check=HOSTILE.replace(":", ""), passed=False, reason=HOSTILE)],
    )


def hostile_run(folder: Path) -> Path:
    """A run of such dialogues, rejected ones beside it, in a folder with a hostile name."""
    run = folder / "<script>alert(1)<&'\""
    run.mkdir(parents=True)
    lines = [hostile_trajectory(i).model_dump_json() for i in range(3)]
    (run / "trajectories.jsonl").write_text("\n".join(lines) + "\n")
    defects = [{"reason": HOSTILE, "blame": HOSTILE}]
    (run / "rejected.jsonl").write_text(json.dumps({"defects": defects}) + "\n")
    return run
