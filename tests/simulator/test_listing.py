"""The model list changes between two readings as the settings say."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.simulator.conftest import Api, code_of


def listed(api: Api) -> dict[str, dict[str, Any]]:
    data = httpx.get(f"{api.stand_in.base_url}/api/v1/models").json()["data"]
    return {model["id"]: model for model in data}


def test_a_price_changes_in_the_list_and_at_the_till(api: Api) -> None:
    before = listed(api)["z-image"]["base_credits"]
    api.stand_in.set(model_prices="z-image=3, runway=15")
    after = listed(api)
    assert (before, after["z-image"]["base_credits"]) == (1, 3)
    assert after["runway"]["base_credits"] == 15
    assert api.made()["reserved_credits"] == 3


def test_a_model_closes(api: Api) -> None:
    api.stand_in.set(model_states="z-image=coming_soon")
    assert listed(api)["z-image"]["api_status"] == "coming_soon"
    assert code_of(api.create()) == "validation_failed"
    api.stand_in.set(model_states="")
    assert api.create().status_code == 201


def test_a_large_model_is_listed_when_asked_for(api: Api) -> None:
    assert "many-controls" not in listed(api)
    assert code_of(api.create(model="many-controls")) == "validation_failed"
    api.stand_in.set(extra_models="many-controls")
    assert len(listed(api)["many-controls"]["params"]) == 60
    params = {"choice_1": "b", "amount_2": 7.5, "words_3": "x", "switch_4": "true"}
    assert api.create(model="many-controls", params=params).status_code == 201


@pytest.mark.parametrize("text", ["z-image", "z-image=", "=3"])
def test_it_says_what_a_pair_looks_like(api: Api, text: str) -> None:
    with pytest.raises(AssertionError, match="is not name=value"):
        api.stand_in.set(model_prices=text)


def test_a_task_gives_several_pictures(api: Api) -> None:
    api.stand_in.set(result_count=3)
    result = api.final(api.made()["id"])["result"]
    assert len(set(result["urls"])) == 3
    assert len({httpx.get(url).content for url in result["urls"]}) == 3


@pytest.mark.parametrize(("characters", "price"), [(100, 14), (250, 28), (900, 70)])
def test_speech_costs_by_its_length(api: Api, characters: int, price: int) -> None:
    dialogue = [{"voice": "Adam", "text": "a" * characters}]
    made = api.made("", model="elevenlabs-dialogue-v3", params={"dialogue": dialogue})
    assert made["reserved_credits"] == price
    assert api.final(made["id"])["final_credits"] <= price
