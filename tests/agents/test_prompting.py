import pytest

from callsheet.agents import prompt, prompts_digest


def test_every_role_has_a_prompt() -> None:
    for name in ("user", "assistant", "react", "tool", "tester"):
        text = prompt(name)
        assert text == text.strip()
        assert 40 < len(text) < 1500, f"{name}: long prompts are lost on small models"


def test_the_user_prompt_has_a_place_for_the_persona() -> None:
    assert "{persona}" in prompt("user")


def test_an_unknown_prompt_is_named() -> None:
    with pytest.raises(KeyError, match="nonesuch"):
        prompt("nonesuch")


def test_the_digest_is_over_all_texts() -> None:
    assert len(prompts_digest()) == 32
    assert prompts_digest() == prompts_digest()
