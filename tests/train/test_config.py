import pytest
from conversations import trajectory
from tiny_model import byte_tokenizer

from callsheet.train.augment import AugmentConfig
from callsheet.train.config import ConfigInvalid, SampleConfig, TrainConfig, load_train_config
from callsheet.train.run_folder import config_digest
from callsheet.train.samples import build_samples
from callsheet.trajectories.canonical import digest

BEGUN = {
    "api-bank": "530a6cede3415dbe80a09b2734c9fb71",
    "api-bank-unseen": "370d440993d846606fd4111fa16ff297",
    "student": "08a2a731b54e9f1970d9b8df36e95c80",
    "demo": "464d69ca2fce4360fff59476d7a59b55",
}
"""Digests of configs by which trainings were begun before the later fields came."""


@pytest.mark.parametrize("name", BEGUN)
def test_a_training_that_was_begun_can_be_gone_on_with(name):
    config = load_train_config(name)
    assert config_digest(config) == digest(config.model_dump(mode="json")) == BEGUN[name]


@pytest.mark.train
def test_samples_are_what_they_were_when_trainings_were_begun():
    pytest.importorskip("transformers", reason="needs the train extra")
    given = [trajectory(f"e{at}") for at in range(3)]
    config = SampleConfig(max_length=1500, copies=3)
    _, report = build_samples(given, byte_tokenizer(), config=config, augment=AugmentConfig())
    assert report.digest == "73348a7302c597f4e5306ebdb4a056b4"
    config = SampleConfig(per="turn", max_length=1500, limit=7)
    _, report = build_samples(given, byte_tokenizer(), config=config)
    assert report.digest == "63ba937739a275bc88b87be9b1613123"


def test_what_is_set_of_the_later_fields_counts():
    plain = config_digest(TrainConfig())
    assert plain == "37c0772372fb9534a2a2a11ab7f6a5bd"
    for changed in (
        {"method": "dpo"},
        {"beta": 0.2},
        {"held_out": {"every": 3}},
        {"samples": {"packing": True}},
        {"samples": {"shorten": "steps"}},
    ):
        config = TrainConfig.model_validate(changed)
        assert config_digest(config) != plain
        assert TrainConfig.model_validate_json(config.model_dump_json()) == config


@pytest.mark.parametrize(
    ("name", "rate", "batch", "epochs", "length"),
    [
        ("infcycle-sft", 7e-6, 8, 1, 4096),
        ("infcycle-dpo", 5e-7, 2, 1, 1024),
        ("lynx", 2e-5, 256, 3, None),
        ("xlam", None, None, 3, None),
    ],
)
def test_presets_have_the_published_settings(name, rate, batch, epochs, length):
    config = load_train_config(name, base="elsewhere")
    assert config.base == "elsewhere" and config.quantization.bits == 4
    assert rate is None or config.learning_rate == rate
    assert batch is None or config.batch_size * config.accumulate == batch
    assert length is None or config.samples.max_length == length
    assert config.epochs == epochs
    assert (config.method == "dpo") == (name == "infcycle-dpo")
    assert name != "infcycle-dpo" or config.beta == 0.01


def test_a_mixtures_paths_are_taken_from_the_configs_folder(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("mixture: {sources: [{name: a, path: data/a.jsonl}]}\n")
    config = load_train_config(path)
    assert config.mixture is not None
    assert config.mixture.sources[0].path == tmp_path / "data" / "a.jsonl"
    moved = config.model_copy(update={"mixture": config.mixture.under(tmp_path / "elsewhere")})
    assert config_digest(moved) == config_digest(config)


@pytest.mark.parametrize("name", ["demo", "student"])
def test_the_packaged_configs_are_qlora(name):
    config = load_train_config(name)
    assert (config.quantization.bits, config.quantization.kind) == (4, "nf4")
    assert config.quantization.double and config.threads == 1
    assert name != "demo" or (config.max_steps or 99) <= 40


def test_a_wrong_key_is_named_with_its_file(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("lora: {rnak: 4}\n")
    with pytest.raises(ConfigInvalid, match=r"x\.yaml: lora\.rnak: "):
        load_train_config(path)
    path.write_text("lora: {\n")
    with pytest.raises(ConfigInvalid, match=r"x\.yaml"):
        load_train_config(path)
    with pytest.raises(ConfigInvalid, match="no such training config"):
        load_train_config(tmp_path / "none.yaml")
