"""`callsheet convert --from model:NAME`: an unknown format, and a model that lies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fake_endpoint import FakeEndpoint
from program import callsheet

from callsheet.trajectories.reading import read_trajectories

MAP = {
    "turns": "/talk",
    "role": "/voice",
    "roles": [{"word": "caller", "role": "user"}, {"word": "desk", "role": "assistant"}],
    "parts": [{"path": "/words", "holds": "by_role"}],
}
INVENTED = {
    "messages": [
        {"role": "user", "content": "Open the gate.", "thought": None, "calls": []},
        {"role": "assistant", "content": "I did.", "thought": None, "calls": []},
    ]
}


def project(folder: Path, url: str, count: int) -> None:
    (folder / "configs" / "models").mkdir(parents=True)
    (folder / "configs" / "models" / "remote.yaml").write_text(
        f"provider: openai_compatible\nconfig: {{model: m, base_url: '{url}'}}\n"
    )
    talks = [
        [
            {"voice": "caller", "words": f"Is gate {n} open?"},
            {"voice": "desk", "words": f"Gate {n} opens at noon."},
        ]
        for n in range(count)
    ]
    lines = [json.dumps({"shift": n, "talk": talk}) for n, talk in enumerate(talks)]
    (folder / "calls.jsonl").write_text("\n".join(lines) + "\n")


def answering(*answers: dict[str, Any]) -> Any:
    """One answer for maps, one for records."""

    def reply(request: dict[str, Any]) -> dict[str, Any]:
        name = request["response_format"]["json_schema"]["name"]
        return {"content": json.dumps(answers[name == "WrittenRecord"])}

    return reply


def test_a_file_of_an_unknown_format_costs_one_question(tmp_path: Path) -> None:
    with FakeEndpoint(answering(MAP, INVENTED)) as server:
        project(tmp_path, server.url, 30)
        ended = callsheet(tmp_path, "convert", "calls.jsonl", "out.jsonl", "--from", "model:remote")
        assert ended.returncode == 0, ended.stderr + ended.stdout
        assert server.total == 1
    found = list(read_trajectories(tmp_path / "out.jsonl"))
    assert len(found) == 30 and found[7].messages[1].content == "Gate 7 opens at noon."
    assert found[7].other_information["shift"] == 7


def test_what_a_lying_model_says_is_refused(tmp_path: Path) -> None:
    with FakeEndpoint(answering({**MAP, "turns": "/nowhere"}, INVENTED)) as server:
        project(tmp_path, server.url, 3)
        ended = callsheet(tmp_path, "convert", "calls.jsonl", "out.jsonl", "--from", "model:remote")
    assert ended.returncode == 1
    assert not (tmp_path / "out.jsonl").read_text()
    refused = (tmp_path / "out.jsonl.refused.jsonl").read_text().splitlines()
    assert len(refused) == 3 and "nowhere in the record" in refused[0]
    assert json.loads(refused[2])["record"]["shift"] == 2
