import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from api_bank_data import FOLDER, needs_data

from callsheet.environments.api_bank.data import ApiBankData, ApiBankDataError, api_bank_data
from callsheet.environments.api_bank.recordings import (
    Dialogue,
    RecordedCall,
    Requirement,
    Turn,
    read_dialogues,
    read_requirements,
)
from callsheet.evaluation.api_bank.bracket_syntax import parse_published
from callsheet.evaluation.api_bank.published_prompts import PublishedPrompts, published_prompts
from callsheet.evaluation.api_bank.samples import CallSample, ResponseSample, samples

OPEN, CLOSE = "Ask.\n\nAPI descriptions:\n", "Answer.\n\nAPI descriptions:\n"


def signature(name: str, group: str = "level-1/2") -> dict[str, Any]:
    return {
        "name": name,
        "group": group,
        "description": f"Does {name} ü.",
        "first_release_description": "Did it.",
        "input_parameters": {"a": {"type": "str", "description": "An a."}},
        "output_parameters": {"b": {"type": "int", "description": "A b."}},
        "database": None,
    }


def described(name: str) -> str:
    return (
        f'{{"name": "{name}", "description": "Does {name} \\u00fc.", '
        '"input_parameters": {"a": {"type": "str", "description": "An a."}}, '
        '"output_parameters": {"b": {"type": "int", "description": "A b."}}}'
    )


def call(name: str, arguments: dict[str, Any], output: Any) -> Turn:
    result = {"api_name": name, "input": arguments, "output": output, "exception": None}
    return Turn(role="API", api_name=name, param_dict=arguments, result=result)


DIALOGUE = Dialogue(
    name="d.jsonl",
    level=1,
    turns=(
        Turn(role="User", text="Please do it."),
        call("Zap", {"a": "Don't", "n": "['x']"}, {"b": 1, "c": None, "d": True}),
        Turn(role="AI", text="Done \nso far."),
        call("Act", {}, "success"),
        Turn(role="AI", text="All done."),
    ),
)
CALLS = (
    "API-Request: [Zap(a='Don't', n='['x']')]->{'b': 1, 'c': None, 'd': True}",
    "API-Request: [Act()]->success",
)
RECORD = Requirement(
    sample_id=0,
    requirement=" Do it.",
    response="It is done.",
    apis=(
        RecordedCall(api_name="ToolSearcher", input={"a": "zap"}, output={"output": {"name": "Z"}}),
        RecordedCall(api_name="Z", input={"n": 3}, output={"output": 4.0, "exception": None}),
    ),
)


def folder(path: Path, prompts: Any = None, records: Any = None, apis: Any = None) -> ApiBankData:
    (path / "init_database").mkdir(parents=True)
    if prompts is not None:
        (path / "prompts.json").write_text(json.dumps(prompts))
    for kind, listed in (records or {}).items():
        (path / "test-data").mkdir(exist_ok=True)
        (path / "test-data" / f"{kind}.json").write_text(json.dumps(listed))
    if apis is not None:
        (path / "apis.json").write_text(json.dumps({"apis": apis}))
    return ApiBankData(path)


def instruction(text: str, follow: bool = True) -> dict[str, Any]:
    return {"instruction_before_api_descriptions": [text], "api_descriptions_follow": follow}


PROMPTS = {
    "level-1-api": instruction("Ask.\n\n"),
    "level-1-response": instruction("Answer.\n\n"),
    "level-2-api": instruction("Ask two.\n\n"),
    "level-2-response": instruction("Answer two.\n\n"),
    "level-3-batch-inf": instruction("Ask three.\n\n"),
    "level-3-batch-inf-icl": instruction("For example.\n", follow=False),
    "level-3-batch-inf-response": instruction("Answer three.\n\n"),
}
APIS = [signature(name) for name in ("Zap", "Act", "ToolSearcher")]


@pytest.fixture
def made(tmp_path: Path) -> PublishedPrompts:
    prompts = published_prompts(folder(tmp_path, PROMPTS, apis=APIS))
    assert prompts is not None
    return prompts


class TestWritten:
    """On prompts and descriptions that we wrote."""

    def test_level_1(self, made: PublishedPrompts) -> None:
        first, said, second, last = (made.prompt(sample) for sample in samples(DIALOGUE))
        both = f"{described('Act')}\n{described('Zap')}"
        assert first.instruction == second.instruction == OPEN + both
        assert said.instruction == last.instruction == CLOSE + both
        assert first.input == "User: Please do it.\nGenerate API Request:\n"
        assert said.input == f"User: Please do it.\n{CALLS[0]}\nGenerate AI Response:\n"
        assert last.input == (
            f"User: Please do it.\n{CALLS[0]}\nAI: Done \nso far.\n{CALLS[1]}\n"
            "Generate AI Response:\n"
        )
        assert first.expected_output == "API-Request: [Zap(a='Don't', n='['x']')]"
        assert second.expected_output == "API-Request: [Act()]"
        assert last.expected_output == "All done."

    def test_level_2_describes_the_search_alone_where_a_call_is_asked_for(
        self, made: PublishedPrompts
    ) -> None:
        two = DIALOGUE.model_copy(update={"level": 2})
        asked, said = (made.prompt(sample).instruction for sample in samples(two)[:2])
        assert asked == f"Ask two.\n\nAPI descriptions:\n{described('ToolSearcher')}"
        assert said.endswith(f"{described('Act')}\n{described('Zap')}")

    def test_level_3(self, made: PublishedPrompts) -> None:
        first, second, last = samples(RECORD)
        line = (
            described("ToolSearcher")
            .replace('"name"', '"apiCode"')
            .replace("input_parameters", "parameters")
            .replace("output_parameters", "response")
        )
        search = "API-Request: [ToolSearcher(a='zap')]->{'output': {'name': 'Z'}}"
        prompt = made.prompt(second)
        assert prompt.instruction == "Ask three.\n\nAPI descriptions:\n"
        assert prompt.input == f"{line}\nUser: Do it.\n{search}\nGenerate API Request: \n"
        assert prompt.expected_output == "API-Request: [Z(n='3')]"
        example = made.prompt(second, in_context_example=True)
        assert example.instruction == "For example.\n" and example.input == prompt.input
        assert made.prompt(first).input == f"{line}\nUser: Do it.\nGenerate API Request: \n"
        assert made.prompt(last).input.endswith(
            "[Z(n='3')]->{'output': 4.0, 'exception': None}\nGenerate AI Response: \n"
        )
        assert made.prompt(last).expected_output == "It is done."

    def test_for_chat_models(self, made: PublishedPrompts) -> None:
        prompt = made.prompt(samples(DIALOGUE)[0])
        assert prompt.chat.wording == "published" and not prompt.chat.native
        assert [m["content"] for m in prompt.chat.messages] == [prompt.instruction, prompt.input]

    def test_upstream_files_give_instruction_order_and_descriptions(self, tmp_path: Path) -> None:
        lines = [described("Zap").replace("Does", "Really does"), described("Act")]
        records = {
            "level-1-api": [
                {"file": "d.jsonl", "id": 0, "instruction": OPEN + "\n".join(lines), "input": ""}
            ],
            "level-3-batch-inf": [
                {
                    "instruction": "Three.\n\nAPI descriptions:\n",
                    "input": '{"apiCode": "S"}\nUser: x',
                    "sample_id": 0,
                    "api_id": 0,
                }
            ],
        }
        prompts = published_prompts(folder(tmp_path, records=records))
        assert prompts is not None
        prompt = prompts.prompt(samples(DIALOGUE)[0])
        assert prompt.instruction == OPEN + "\n".join(lines)
        assert prompts.prompt(samples(RECORD)[0]).input.startswith('{"apiCode": "S"}\nUser: Do')
        another = DIALOGUE.model_copy(update={"name": "e.jsonl"})
        assert prompts.prompt(samples(another)[0]).instruction == OPEN + "\n".join(lines[::-1])
        with pytest.raises(ApiBankDataError, match="no prompt of the kind level-1-response"):
            prompts.prompt(samples(DIALOGUE)[1])

    def test_an_order_of_other_tools_is_none(self, made: PublishedPrompts) -> None:
        other = replace(made, orders={"d.jsonl": ["Zap", "Act", "ToolSearcher"]})
        first = samples(DIALOGUE)[0]
        assert other.prompt(first) == made.prompt(first)

    def test_missing_descriptions(self, tmp_path: Path) -> None:
        prompts = published_prompts(folder(tmp_path, PROMPTS))
        assert prompts is not None
        with pytest.raises(ApiBankDataError, match="do not describe the tool Act"):
            prompts.prompt(samples(DIALOGUE)[0])
        with pytest.raises(ApiBankDataError, match="do not describe the tool ToolSearcher"):
            prompts.prompt(samples(RECORD)[0])

    def test_data_without_prompts(self, tmp_path: Path) -> None:
        assert published_prompts(folder(tmp_path, apis=APIS)) is None

    @pytest.mark.parametrize(
        "broken",
        [{"prompts": []}, {"prompts": {"level-1-api": {}}},
         {"prompts": {"level-1-api": instruction(cast(str, 3), follow=False)}},
         {"prompts": {"level-1-api": instruction("x") | {"example": 3}}},
         {"prompts": {"level-1-api": {"instruction_before_api_descriptions": []}}},
         {"records": {"level-1-api": {"a": 1}}}, {"records": {"level-1-api": [3]}},
         {"records": {"level-1-api": [{"input": ""}]}},
         {"records": {"level-1-api": [{"instruction": 3}]}}],
    )  # fmt: skip
    def test_files_of_another_shape(self, tmp_path: Path, broken: dict[str, Any]) -> None:
        with pytest.raises(ApiBankDataError):
            published_prompts(folder(tmp_path, **broken))


def published_examples() -> Iterator[tuple[str, dict[str, Any]]]:
    """All records of upstream's prompts that the folder shows anywhere, with their kind."""
    assert FOLDER is not None
    if (FOLDER / "prompts.json").is_file():
        for kind, one in json.loads((FOLDER / "prompts.json").read_text()).items():
            if "example" in one:
                yield kind, one["example"]
    if (FOLDER / "FORMATS.md").is_file():
        shown = r"## test-data/(level-[\w-]+)\.json: [^\n]*\n\n```json\n(.*?)\n```"
        for found in re.finditer(shown, (FOLDER / "FORMATS.md").read_text(), re.S):
            yield found[1], json.loads(found[2])
    for path in sorted(FOLDER.glob("test-data/level-*-*.json")):
        for record in json.loads(path.read_text()):
            yield path.stem, record


@pytest.fixture(scope="module")
def asked() -> dict[tuple[str, int, bool], CallSample | ResponseSample]:
    assert FOLDER is not None
    sources: list[Dialogue | Requirement] = [
        *read_dialogues(FOLDER, 1),
        *read_dialogues(FOLDER, 2),
        *read_requirements(FOLDER),
    ]
    found = [sample for source in sources for sample in samples(source)]
    return {(*sample.key, isinstance(sample, ResponseSample)): sample for sample in found}


@pytest.fixture(scope="module")
def prompts() -> PublishedPrompts:
    prompts = published_prompts(api_bank_data(FOLDER))
    if prompts is None:
        pytest.skip("the folder has no published prompts")
    return prompts


@needs_data
class TestPublished:
    """To the letter, on the user's data."""

    def test_examples(self, asked: Any, prompts: PublishedPrompts) -> None:
        compared = set()
        for kind, record in published_examples():
            key = (record.get("file", str(record.get("sample_id"))),
                   record.get("id", record.get("api_id")), kind.endswith("response"))  # fmt: skip
            if key not in asked:
                continue  # a dialogue that this folder lacks
            prompt = prompts.prompt(asked[key], in_context_example=kind.endswith("icl"))
            assert prompt.kind == kind
            assert prompt.instruction == record["instruction"]
            assert prompt.input == record["input"]
            assert prompt.expected_output == record.get("expected_output", record.get("output"))
            compared.add(kind)
        assert compared

    def test_descriptions_are_made_of_the_latest_release(self, prompts: PublishedPrompts) -> None:
        """Those that a published prompt shows are equal to those that are made."""
        assert FOLDER is not None
        made = {
            name: json.dumps(
                {part: signature[part] for part in
                 ("name", "description", "input_parameters", "output_parameters")}
            )
            for (group, name), signature in api_bank_data(FOLDER).signatures.items()
            if group == "level-1/2"
        }  # fmt: skip
        shown = [
            line
            for _, record in published_examples()
            for line in record["instruction"].split("API descriptions:\n")[-1].split("\n")
            if line.startswith('{"name"')
        ]
        assert shown and set(shown) <= set(made.values())
        assert prompts.descriptions.items() >= made.items()

    def test_every_sample_has_a_prompt(self, asked: Any, prompts: PublishedPrompts) -> None:
        for sample in asked.values():
            prompt = prompts.prompt(sample)
            assert prompt.input.endswith(
                ("Request:\n", "Response:\n", "Request: \n", "Response: \n")
            )
            if isinstance(sample, CallSample):
                read = parse_published(prompt.expected_output)
                assert read is not None and read.name == sample.gold.api_name
