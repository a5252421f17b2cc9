"""Variations: drawn by seed, typed, nested, bounded."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.scenarios import Scenario, render, variations
from callsheet.scenarios.variation import covering, placeholders
from callsheet.scenarios.yaml_text import yaml_of


def scene(**parts: Any) -> Scenario:
    return Scenario.model_validate({"name": "v", "plan": [{"tool_call": "do {x}"}], **parts})


def test_what_belongs_together_is_drawn_together() -> None:
    days = [{"said": "Friday", "date": "2026-03-06"}, {"said": "Monday", "date": "2026-03-09"}]
    scenario = scene(
        plan=[{"tool_call": "book {day.said}"}],
        expect={"calls": [{"name": "Book", "arguments": {"date": "{day.date}"}}]},
        vary={"day": days},
    )
    seen = set()
    for seed in range(30):
        one = render(scenario, seed)
        seen.add((one.plan[0].request, one.expect.calls[0].arguments["date"]))
    assert seen == {("book Friday", "2026-03-06"), ("book Monday", "2026-03-09")}


def test_values_may_hold_other_values() -> None:
    asks = ["order {n} of {what.name}", "{what.name}, {n} pieces"]
    scenario = scene(
        plan=[{"tool_call": "{ask}"}], vary={"ask": asks, "n": [2], "what": [{"name": "tea"}]}
    )
    assert {render(scenario, seed).plan[0].request for seed in range(20)} == {
        "order 2 of tea",
        "tea, 2 pieces",
    }
    assert variations(scenario) == 2


def test_a_whole_placeholder_keeps_its_type_and_a_part_is_written_as_yaml_does() -> None:
    scenario = scene(
        user={"knows": {"flag": "{x}", "said": "it is {x}", "list": ["{y}"]}},
        vary={"x": [True], "y": [[1, 2]]},
    )
    assert render(scenario, 0).user.knows == {"flag": True, "said": "it is true", "list": [[1, 2]]}


@pytest.mark.parametrize(
    "vary",
    [
        {"x": ["{x}" * 200]},
        {"x": ["{y}" * 1000], "y": ["{z}" * 1000], "z": ["{w}" * 1000], "w": ["ten chars."]},
        {"x": [["{y}"] * 2000], "y": [["{z}"] * 2000], "z": [["{w}"] * 2000], "w": ["w"]},
    ],
)
def test_values_that_multiply_are_refused(vary: dict[str, list[Any]]) -> None:
    with pytest.raises(ValueError, match="more than 1000000 characters"):
        render(scene(user={"knows": {"k": "{x}"}}, vary=vary), 0)


def test_a_value_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="tool_call"):
        render(scene(plan=[{"tool_call": "{x}"}], vary={"x": [3]}), 0)


names = st.sampled_from(["a", "b", "c", "d_1"])
texts = st.lists(
    st.sampled_from(
        ["{a}", "{b}", "{c.k}", "{d_1}", "{nobody}", "{", "}", "{}", "x ", '"', "{{a}}"]
    ),
    min_size=1,
    max_size=6,
).map("".join)
values = st.one_of(
    st.text(max_size=8), st.integers(-5, 5), st.booleans(), texts, st.just({"k": "v"})
)
vary = st.dictionaries(names, st.lists(values, min_size=1, max_size=4), max_size=4)


@given(text=texts, vary=vary, seed=st.integers())
def test_rendering_depends_on_the_seed_alone(
    text: str, vary: dict[str, list[Any]], seed: int
) -> None:
    scenario = scene(user={"knows": {"fact": text}}, plan=[{"chitchat": "hello"}], vary=vary)
    try:
        one = render(scenario, seed)
    except ValueError as error:
        assert "more than" in str(error)
        return
    assert one == render(scenario.model_copy(deep=True), seed)
    assert not one.vary
    if not any(root.split(".")[0] in vary for _, root in placeholders(text)):
        assert one.user.knows["fact"] == text


plain = st.text("xyz ", max_size=4) | st.integers(-5, 5) | st.just({"k": "v"})


@given(vary=st.dictionaries(names, st.lists(plain, min_size=1, max_size=4), max_size=4))
def test_every_value_comes_up_in_the_covering(vary: dict[str, list[Any]]) -> None:
    scenario = scene(plan=[{"chitchat": "hello"}], vary=vary)
    drawn = [values for values, _ in covering(scenario)]
    for name, choices in vary.items():
        for choice in choices:
            assert any(values[name] == choice for values in drawn)


def test_a_scenario_without_vary_is_its_own_variation() -> None:
    scenario = scene(user={"knows": {"text": "{kept}"}})
    assert render(scenario, 3) is scenario
    assert len(list(covering(scenario))) == 1


def test_a_time_keeps_its_zone_where_it_is_the_default_moment() -> None:
    scenario = scene(context={"now": "2026-03-02T10:00:00+01:00"}, vary={"what": ["tea"]})
    rendered = render(scenario, 1)
    assert rendered.context.now.utcoffset() == timedelta(hours=1)
    assert "now: '2026-03-02T10:00:00+01:00'" in yaml_of(rendered)
