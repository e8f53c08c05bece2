"""What happens around a call to Rivya: budget, notes on the key, refusal, transactions, forks."""

import os
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from rivya_app.core import clock
from rivya_app.gateway import clients
from rivya_app.gateway.models import ApiKey
from rivya_app.notices.models import Notice
from rivya_app.rivya_api import errors
from rivya_app.workspaces.models import Membership
from tests.gateway.conftest import AddKey
from tests.simulator_process import Simulator

pytestmark = pytest.mark.django_db(transaction=True)


def read_credits(key: ApiKey) -> Any:
    with clients.client_for(key) as rivya:
        return rivya.credits.get().current


def test_it_reads_the_wallet_with_a_stored_key(add_key: AddKey, stand_in: Simulator) -> None:
    stand_in.set_credits(123)
    assert read_credits(add_key()) == 123


def test_it_notes_the_last_use_at_most_once_a_minute(add_key: AddKey) -> None:
    key = add_key()
    long_ago = clock.now() - timedelta(hours=1)
    ApiKey.objects.update(last_used_at=long_ago)
    key.refresh_from_db()
    read_credits(key)
    first = ApiKey.objects.get().last_used_at
    assert first is not None
    assert first > long_ago
    read_credits(ApiKey.objects.get())
    assert ApiKey.objects.get().last_used_at == first


def test_it_notes_the_use_once_for_many_who_read_the_key_before(add_key: AddKey) -> None:
    early, late = add_key(), ApiKey.objects.get()
    read_credits(early)
    first = ApiKey.objects.get().last_used_at
    assert first is not None
    read_credits(late)
    assert ApiKey.objects.get().last_used_at == first


def test_it_notes_the_last_error_by_code(add_key: AddKey) -> None:
    key = add_key()
    with pytest.raises(errors.NotFound), clients.client_for(key) as rivya:
        rivya.generations.get("task_nobody_has")
    key.refresh_from_db()
    assert key.last_error_code == "not_found"
    assert key.last_error_at is not None
    assert key.state == ApiKey.State.ACTIVE


def test_it_notes_an_error_that_the_block_itself_caught(add_key: AddKey) -> None:
    key = add_key()
    with clients.client_for(key) as rivya, pytest.raises(errors.NotFound):
        rivya.generations.get("task_nobody_has")
    key.refresh_from_db()
    assert key.last_error_code == "not_found"


@pytest.mark.parametrize(
    ("state", "code"), [("revoked", "api_key_revoked"), ("expired", "api_key_expired")]
)
def test_it_marks_a_refused_key_and_tells_the_owners_once(
    add_key: AddKey,
    stand_in: Simulator,
    owner: Membership,
    seller: Membership,
    state: str,
    code: str,
) -> None:
    key = add_key()
    stand_in.change_key("production-images", state=state)
    for _ in range(2):
        with pytest.raises(errors.AuthenticationFailed):
            read_credits(ApiKey.objects.get())
    key.refresh_from_db()
    assert (key.state, key.last_error_code) == (ApiKey.State.REFUSED, code)
    notice = Notice.objects.get()
    assert notice.member == owner
    assert notice.kind == Notice.Kind.KEY_TROUBLE


def test_it_leaves_a_retired_key_retired(add_key: AddKey, stand_in: Simulator) -> None:
    key = add_key()
    ApiKey.objects.update(state=ApiKey.State.RETIRED)
    stand_in.change_key("production-images", state="revoked")
    with pytest.raises(errors.AuthenticationFailed):
        read_credits(key)
    key.refresh_from_db()
    assert key.state == ApiKey.State.RETIRED
    assert not Notice.objects.exists()


def test_it_passes_every_send_through_the_budget(add_key: AddKey, settings: Any) -> None:
    settings.RIVYA_REQUESTS_PER_SECOND = 1
    key = add_key()
    clients.rate.block(key.pk, 60)
    with pytest.raises(errors.RateBudgetExceeded):
        read_credits(key)


def test_it_keeps_the_key_back_after_a_429(add_key: AddKey, stand_in: Simulator) -> None:
    key = add_key()
    stand_in.fault("rate_limited", retry_after=60)
    with pytest.raises(errors.RateLimited):
        read_credits(key)
    before = len(stand_in.requests())
    with pytest.raises(errors.RateBudgetExceeded):
        read_credits(key)
    assert len(stand_in.requests()) == before


def test_it_refuses_to_talk_to_rivya_inside_a_transaction(add_key: AddKey) -> None:
    key = add_key()
    with transaction.atomic(), pytest.raises(transaction.TransactionManagementError):
        read_credits(key)


def test_it_opens_a_pool_of_its_own_after_a_fork() -> None:
    here = clients._pool()
    assert clients._pool() is here
    child = os.fork()
    if not child:
        os._exit(0 if clients._pool() is not here else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_it_shows_no_secret_when_a_client_is_printed(add_key: AddKey) -> None:
    key = add_key()
    with clients.client_for(key) as rivya:
        shown = f"{rivya!r} {key!r} {key.secret!r} {key.secret}"
    assert key.secret.reveal() not in shown
