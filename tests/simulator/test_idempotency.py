"""Idempotency-Key: replay, conflict, in flight, and its life."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.simulator.conftest import Api, code_of, until
from tests.simulator_process import Simulator


def test_it_replays_the_first_answer(api: Api) -> None:
    first = api.create(idempotency_key="k1")
    api.final(first.json()["id"])
    again = api.create(idempotency_key="k1")
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    (task,) = api.stand_in.tasks()
    assert task["create_calls"] == 2
    assert api.credits() == 999


def test_it_compares_what_is_said_not_how(api: Api) -> None:
    first = api.http.post(
        "/generations",
        content=b'{"model":"z-image","prompt":"a mug"}',
        headers={"idempotency-key": "k"},
    )
    again = api.http.post(
        "/generations",
        content=b'{ "prompt": "a mug", "model": "z-image" }',
        headers={"idempotency-key": "k"},
    )
    assert first.json()["id"] == again.json()["id"]


def test_it_refuses_the_key_for_another_body(api: Api) -> None:
    api.create("one", "k1")
    answer = api.create("two", "k1")
    assert (answer.status_code, code_of(answer)) == (409, "idempotency_conflict")
    assert len(api.stand_in.tasks()) == 1


def test_it_takes_the_same_body_without_a_key_as_new(api: Api) -> None:
    assert api.made()["id"] != api.made()["id"]


def test_it_keeps_keys_of_accounts_and_operations_apart(rivya: Simulator) -> None:
    mine, other = Api(rivya, rivya.new_key("a")), Api(rivya, rivya.new_key("b", account="other"))
    assert mine.create("one", "k").json()["id"] != other.create("two", "k").json()["id"]
    chat = {"model": "gpt-5-2-chat", "message": "hello"}
    headers = {"idempotency-key": "k"}
    assert mine.http.post("/chat/completions", json=chat, headers=headers).status_code == 200


def test_it_shares_keys_within_an_account(rivya: Simulator) -> None:
    old, new = Api(rivya, rivya.new_key("a")), Api(rivya, rivya.new_key("b"))
    assert old.create("one", "k").json()["id"] == new.create("one", "k").json()["id"]


def test_it_forgets_after_a_while(api: Api) -> None:
    first = api.create(idempotency_key="k").json()["id"]
    api.stand_in.set(idempotency_retention_seconds=0)
    assert api.create(idempotency_key="k").json()["id"] != first


def test_it_remembers_no_refusal(api: Api) -> None:
    api.stand_in.set_credits(0)
    assert code_of(api.create(idempotency_key="k")) == "insufficient_credits"
    api.stand_in.set_credits(1)
    assert api.create(idempotency_key="k").status_code == 201


@pytest.mark.parametrize("variant", ["conflict", "wait"])
def test_it_meets_a_duplicate_in_flight(api: Api, variant: str) -> None:
    api.stand_in.set(in_flight_variant=variant)
    api.stand_in.fault("slow_accept", times=1, seconds=0.6)
    first: list[Any] = []
    thread = threading.Thread(target=lambda: first.append(api.create("one", "k")))
    thread.start()
    until(api.stand_in.requests, lambda rows: any(r["idempotency_key"] == "k" for r in rows))
    second = api.create("one", "k")
    thread.join()
    assert first[0].status_code == 201
    if variant == "wait":
        assert second.json() == first[0].json()
    else:
        assert (second.status_code, code_of(second)) == (409, "idempotency_conflict")
    assert len(api.stand_in.tasks()) == 1
    assert api.credits() == 999
