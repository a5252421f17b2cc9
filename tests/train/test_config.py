import pytest

from callsheet.train.config import ConfigInvalid, load_train_config


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
