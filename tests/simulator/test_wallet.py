"""The wallet: reserve at accept, settle at success, return on failure; to the hundredth."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.conftest import Api, code_of


def test_it_reserves_then_settles(api: Api) -> None:
    task_id = api.made("[[slow:0.5]] x", model="kling-2-6")["id"]
    assert api.credits() == 945
    assert api.stand_in.wallet()["reserved"] == 55
    assert api.final(task_id)["final_credits"] == 55
    assert api.credits() == 945
    assert api.stand_in.wallet()["reserved"] == 0


def test_it_returns_the_credits_of_a_failure(api: Api) -> None:
    task = api.final(api.made("[[fail]] x", model="kling-2-6")["id"])
    assert (task["status"], task["reserved_credits"], task["final_credits"]) == ("failed", 55, 0)
    assert task["error"]["code"] == "generation_failed"
    assert api.credits() == 1000


def test_it_keeps_the_credits_of_a_failure_when_told(api: Api) -> None:
    task = api.final(api.made("[[fail_kept]] x", model="kling-2-6")["id"])
    assert (task["status"], task["final_credits"]) == ("failed", 55)
    assert api.credits() == 945


@pytest.mark.parametrize("final", [0, 20, 80, 12.5])
def test_it_settles_at_another_price(api: Api, final: float) -> None:
    task = api.final(api.made(f"[[settle:{final}]] x", model="kling-2-6")["id"])
    assert task["final_credits"] == final
    assert api.credits() == 1000 - final


def test_it_shows_reservations_as_still_there_when_told(api: Api) -> None:
    api.stand_in.set(wallet_excludes_reservations=False)
    task_id = api.made("[[slow:0.5]] x", model="kling-2-6")["id"]
    assert api.credits() == 1000
    api.final(task_id)
    assert api.credits() == 945


@pytest.mark.parametrize("status", [402, 400, 403, 409])
def test_it_refuses_what_cannot_be_paid(api: Api, status: int) -> None:
    api.stand_in.set(insufficient_status=status)
    api.stand_in.set_credits(54)
    answer = api.create(model="kling-2-6")
    assert (answer.status_code, code_of(answer)) == (status, "insufficient_credits")
    assert (api.credits(), api.stand_in.tasks()) == (54, [])
    api.stand_in.set_credits(55)
    assert api.create(model="kling-2-6").status_code == 201
    assert api.credits() == 0


@pytest.mark.parametrize(
    ("body", "reserved", "final"),
    [
        ({"model": "elevenlabs-sound-effect-v2", "params": {"duration_seconds": 22}}, 15, 14),
        ({"model": "elevenlabs-sound-effect-v2", "params": {"duration_seconds": 3}}, 3, 2),
    ],
)
def test_it_settles_metered_models_by_use(
    api: Api, body: dict[str, Any], reserved: int, final: int
) -> None:
    task = api.final(api.made(**body)["id"])
    assert (task["reserved_credits"], task["final_credits"]) == (reserved, final)
    assert api.credits() == 1000 - final


def test_it_prices_params_when_told(api: Api) -> None:
    api.stand_in.set(param_prices=True)
    assert api.made(model="kling-2-6", params={"duration": "10"})["reserved_credits"] == 110


def test_it_adds_up_after_many_tasks(api: Api) -> None:
    words = ["", "[[fail]]", "[[fail_kept]]", "[[settle:2.25]]"]
    ids = [api.made(f"{words[n % 4]} x", model="nano-banana-2")["id"] for n in range(24)]
    spent = sum(api.final(task_id)["final_credits"] for task_id in ids)
    assert spent == 6 * (5 + 0 + 5 + 2.25)
    assert api.credits() == 1000 - spent
