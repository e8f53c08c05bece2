"""One request budget a key, shared by everybody."""

import threading
import time
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


def test_it_lets_two_seconds_worth_through_at_once_and_refuses_the_next() -> None:
    spend(10)
    with pytest.raises(RateBudgetExceeded) as refused:
        rate.take_turn(KEY, max_wait=0)
    assert 0 < (refused.value.retry_after or 0) <= 0.2


def test_it_does_not_use_up_a_turn_by_refusing() -> None:
    spend(10)
    for _ in range(20):
        with pytest.raises(RateBudgetExceeded) as refused:
            rate.take_turn(KEY, max_wait=0)
    assert (refused.value.retry_after or 0) <= 0.2


def test_it_waits_for_a_turn_that_is_near() -> None:
    spend(10)
    began = time.monotonic()
    rate.take_turn(KEY, max_wait=2)
    assert 0.05 <= time.monotonic() - began < 1


def test_it_gives_each_key_a_budget_of_its_own() -> None:
    spend(10)
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

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 10 <= len(granted) <= 12  # what time alone has added meanwhile


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
    with pytest.raises(RateBudgetExceeded):
        spend(30)
