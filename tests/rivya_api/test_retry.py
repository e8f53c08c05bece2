"""When a call is repeated, how long that waits, and what is said when it gives up."""

import time
from collections.abc import Callable
from email.utils import formatdate

import httpx
import pytest

from rivya_app.rivya_api import RivyaClient, errors, retry
from tests.rivya_api.conftest import Stage, answer, job, refusal

Ask = Callable[[RivyaClient], object]


def _create(client: RivyaClient) -> object:
    return client.generations.create({"model": "z"}, idempotency_key="k")


def _get(client: RivyaClient) -> object:
    return client.generations.get("t")


def _register(client: RivyaClient) -> object:
    return client.webhooks.create(name="n", url="https://a.example/", event_types=[])


@pytest.mark.parametrize("ask", [_create, _get])
@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_it_repeats_what_cannot_act_twice(stage: Stage, ask: Ask, status: int) -> None:
    stage.answers(refusal("x", status), refusal("x", status), answer(job()))
    ask(stage.client())
    assert len(stage.requests) == 3
    assert len(stage.waits) == 2


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_it_does_not_repeat_what_could_act_twice(stage: Stage, status: int) -> None:
    stage.answers(refusal("x", status))
    with pytest.raises(errors.ApiError):
        _register(stage.client())
    assert len(stage.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 500])
def test_it_does_not_repeat_a_verdict(stage: Stage, status: int) -> None:
    stage.answers(refusal("x", status))
    with pytest.raises(errors.ApiError):
        _create(stage.client())
    assert len(stage.requests) == 1


def test_it_leaves_a_switched_off_api_alone(stage: Stage) -> None:
    stage.answers(refusal("public_api_disabled", 503))
    with pytest.raises(errors.PublicApiDisabled):
        _get(stage.client())
    assert len(stage.requests) == 1


@pytest.mark.parametrize("quick_retries", [0, 1, 2])
def test_it_gives_up_after_the_quick_retries(stage: Stage, quick_retries: int) -> None:
    stage.answers(refusal("x", 502))
    with pytest.raises(errors.ServerError):
        _get(stage.client(quick_retries=quick_retries))
    assert len(stage.requests) == quick_retries + 1


@pytest.mark.parametrize("ask", [_create, _get, _register])
def test_it_repeats_any_call_that_never_left(stage: Stage, ask: Ask) -> None:
    stage.answers(httpx.ConnectError("[Errno 111] Connection refused"))
    with pytest.raises(errors.TransportError, match="refused") as caught:
        ask(stage.client())
    assert not caught.value.maybe_sent
    assert caught.value.is_retryable
    assert len(stage.requests) == 3


@pytest.mark.parametrize(
    ("failure", "maybe_sent"),
    [
        (httpx.ConnectError("x"), False),
        (httpx.ConnectTimeout("x"), False),
        (httpx.PoolTimeout("x"), False),
        (httpx.ProxyError("x"), False),
        (httpx.LocalProtocolError("x"), False),
        (httpx.ReadError("x"), True),
        (httpx.ReadTimeout("x"), True),
        (httpx.WriteError("x"), True),
        (httpx.WriteTimeout("x"), True),
        (httpx.RemoteProtocolError("x"), True),
    ],
    ids=lambda value: type(value).__name__,
)
def test_it_says_whether_a_create_may_have_arrived(
    stage: Stage, failure: Exception, maybe_sent: bool
) -> None:
    stage.answers(failure)
    with pytest.raises(errors.TransportError) as caught:
        _create(stage.client())
    assert caught.value.maybe_sent is maybe_sent
    assert len(stage.requests) == (1 if maybe_sent else 3)


def test_it_asks_again_after_a_cut_read_but_not_after_a_silent_one(stage: Stage) -> None:
    stage.answers(httpx.RemoteProtocolError("x"), answer(job()))
    _get(stage.client())
    assert len(stage.requests) == 2
    stage.answers(httpx.ReadTimeout("x"))
    with pytest.raises(errors.TransportError) as caught:
        _get(stage.client())
    assert caught.value.is_timeout
    assert len(stage.requests) == 3


def test_it_stays_in_doubt_when_a_later_try_never_leaves(stage: Stage) -> None:
    stage.answers(refusal("", 502), httpx.ConnectError("x"))
    with pytest.raises(errors.TransportError) as caught:
        _create(stage.client())
    assert caught.value.maybe_sent


def test_it_stays_in_doubt_when_a_later_try_is_put_off(stage: Stage) -> None:
    stage.answers(refusal("", 502), refusal("rate_limited", 429))
    with pytest.raises(errors.RateLimited) as caught:
        _create(stage.client())
    assert caught.value.maybe_sent


def test_it_is_no_longer_in_doubt_after_a_verdict(stage: Stage) -> None:
    stage.answers(refusal("", 502), refusal("validation_failed", 400))
    with pytest.raises(errors.ValidationFailed) as caught:
        _create(stage.client())
    assert not caught.value.maybe_sent


def test_a_verdict_remembers_that_a_try_before_it_had_none(stage: Stage) -> None:
    stage.answers(
        refusal("x", 502), refusal("rate_limited", 429), refusal("validation_failed", 400)
    )
    with pytest.raises(errors.ValidationFailed) as caught:
        _create(stage.client())
    assert caught.value.follows_doubt
    assert not caught.value.maybe_sent
    stage.answers(refusal("rate_limited", 429), refusal("validation_failed", 400))
    with pytest.raises(errors.ValidationFailed) as plain:
        _create(stage.client())
    assert not plain.value.follows_doubt


def test_it_waits_as_long_as_it_is_told(stage: Stage) -> None:
    stage.answers(refusal("rate_limited", 429, retry_after="3"), answer(job()))
    _create(stage.client())
    assert stage.waits == [3.0]


def test_it_leaves_a_long_wait_to_the_caller(stage: Stage) -> None:
    stage.answers(refusal("rate_limited", 429, retry_after="11"))
    with pytest.raises(errors.RateLimited) as caught:
        _create(stage.client())
    assert caught.value.retry_after == 11
    assert (len(stage.requests), stage.waits) == (1, [])


def test_it_backs_off_with_full_jitter_when_told_nothing(stage: Stage) -> None:
    stage.answers(refusal("rate_limited", 429))
    for _ in range(50):
        with pytest.raises(errors.RateLimited):
            _get(stage.client())
    assert all(0 <= wait <= 1 for wait in stage.waits)
    assert max(stage.waits[::2]) <= 0.5 < max(stage.waits[1::2])
    assert len(set(stage.waits)) == 100


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "1e300"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "9999999"}, 86_400),
        ({"x-ratelimit-reset": "12"}, 12),
        ({"x-ratelimit-reset": "junk"}, None),
        ({"ratelimit-reset": "4"}, 4),
        ({"retry-after": "soon", "x-ratelimit-reset": "12"}, 12),
        ({"retry-after": "2", "x-ratelimit-reset": "12"}, 2),
        ({}, None),
    ],
    ids=str,
)
def test_it_reads_the_wait_from_the_headers(headers: dict[str, str], wait: float | None) -> None:
    assert retry.retry_after(headers) == wait


def test_it_reads_the_wait_from_moments() -> None:
    later = time.time() + 30
    for headers in (
        {"retry-after": formatdate(later, usegmt=True)},
        {"retry-after": formatdate(later)},
        {"x-ratelimit-reset": str(int(later))},
        {"x-ratelimit-reset": str(int(later * 1000))},
    ):
        wait = retry.retry_after(headers)
        assert wait is not None
        assert 27 < wait <= 31
    assert retry.retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0


def test_it_clears_every_send_with_the_budget(stage: Stage) -> None:
    cleared = []
    stage.answers(refusal("x", 502), answer(job()))
    _create(stage.client(before_send=lambda: cleared.append(1)))
    assert len(cleared) == len(stage.requests) == 2


def test_it_sends_nothing_without_budget(stage: Stage) -> None:
    def refuse() -> None:
        raise errors.RateBudgetExceeded(2.5)

    with pytest.raises(errors.RateBudgetExceeded) as caught:
        _create(stage.client(before_send=refuse))
    assert (caught.value.retry_after, caught.value.maybe_sent) == (2.5, False)
    assert stage.requests == []


def test_it_tells_of_the_first_failure_when_the_budget_stops_a_repeat(stage: Stage) -> None:
    stage.answers(refusal("x", 502))

    def allow_one() -> None:
        if stage.requests:
            raise errors.RateBudgetExceeded(1)

    with pytest.raises(errors.ServerError) as caught:
        _create(stage.client(before_send=allow_one))
    assert caught.value.maybe_sent
    assert len(stage.requests) == 1
