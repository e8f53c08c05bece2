"""One request budget a key, shared by everybody."""

import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest
import redis

from rivya_app.gateway import rate
from rivya_app.rivya_api.errors import RateBudgetExceeded

KEY = 7


@pytest.fixture(autouse=True)
def five_a_second(settings: Any) -> None:
    settings.RIVYA_REQUESTS_PER_SECOND = 5


def spend(count: int, key: int = KEY) -> None:
    for _ in range(count):
        rate.take_turn(key, max_wait=0)


def spend_all() -> tuple[int, float]:
    """How many turns came at once, and how many seconds the next one is away."""
    for count in range(10_000):
        try:
            rate.take_turn(KEY, max_wait=0)
        except RateBudgetExceeded as refused:
            return count, refused.retry_after or 0
    raise AssertionError("there is no end to it")


def added_since(began: float) -> int:
    """The most turns that time alone has added: this machine may be slow."""
    return int((time.monotonic() - began) * 5) + 1


def test_it_lets_two_seconds_worth_through_at_once_and_refuses_the_next() -> None:
    began = time.monotonic()
    count, retry_after = spend_all()
    assert 10 <= count <= 10 + added_since(began)
    assert 0 < retry_after <= 0.2


def test_it_does_not_use_up_a_turn_by_refusing() -> None:
    spend_all()
    assert max(spend_all()[1] for _ in range(20)) <= 0.2


def test_it_waits_for_a_turn_that_is_near(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(rate, "time", SimpleNamespace(sleep=waits.append, monotonic=time.monotonic))
    began = time.monotonic()
    for _turn in range(60):
        rate.take_turn(KEY, max_wait=20)
    # Fifty of them are beyond the two seconds' worth, each a fifth of a second behind the other.
    assert 10 - (time.monotonic() - began) <= waits[-1] <= 10


def test_it_gives_each_key_a_budget_of_its_own() -> None:
    spend_all()
    rate.take_turn(KEY + 1, max_wait=0)


def test_it_shares_one_budget_between_threads() -> None:
    granted: list[int] = []

    def worker() -> None:
        for _ in range(5):
            try:
                rate.take_turn(KEY, max_wait=0)
            except RateBudgetExceeded:
                continue
            granted.append(1)

    began = time.monotonic()
    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 10 <= len(granted) <= 10 + added_since(began)


def test_it_keeps_everybody_back_while_rivya_asked_for_a_pause() -> None:
    rate.block(KEY, 30)
    with pytest.raises(RateBudgetExceeded) as refused:
        rate.take_turn(KEY)
    assert 25 < (refused.value.retry_after or 0) <= 30
    rate.block(KEY, 1)  # a shorter pause does not end a longer one
    with pytest.raises(RateBudgetExceeded) as again:
        rate.take_turn(KEY)
    assert (again.value.retry_after or 0) > 25


def test_it_can_be_switched_off(settings: Any) -> None:
    settings.RIVYA_REQUESTS_PER_SECOND = 0
    rate.block(KEY, 30)
    spend(100)


def test_it_lets_calls_through_while_redis_is_away(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = "unix:///nowhere/at-all.sock"
    spend(50)
    assert caplog.text.count("Redis does not answer") == 1
    assert rate.outage.is_on()


def test_it_counts_again_once_redis_is_back(settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(rate, "_SILENT_AFTER_FAILURE", 0)
    rate.outage.begin(redis.ConnectionError())
    assert spend_all()[0] >= 10
