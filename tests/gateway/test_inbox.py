"""The queue of events: looked at once, again where that helps, and wiped when it is over."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from rivya_app.core import clock
from rivya_app.gateway import doorstep, inbox, tasks, webhooks
from rivya_app.gateway.inbox import Arrived, Verdict
from rivya_app.gateway.models import ApiKey
from rivya_app.gateway.webhook_models import InboxEvent, WebhookEndpoint
from rivya_app.notices.models import Notice
from tests.gateway.conftest import AddKey
from tests.webhooks import envelope, make_endpoint, tell

pytestmark = pytest.mark.django_db(transaction=True)

KIND = "tests.something"


class Handler:
    """Says what it is told to say, and remembers what it was asked."""

    def __init__(self) -> None:
        self.seen: list[Arrived] = []
        self.says: Any = Verdict("applied", subject="task_1")

    def __call__(self, event: Arrived) -> Verdict:
        self.seen.append(event)
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


@pytest.fixture
def endpoint(add_key: AddKey) -> WebhookEndpoint:
    return make_endpoint(key=add_key())


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> Handler:
    made = Handler()
    monkeypatch.setitem(inbox._handlers, KIND, made)
    return made


def came(endpoint: WebhookEndpoint, **fields: Any) -> InboxEvent:
    event = envelope(**{"type": KIND, **fields})
    assert tell(endpoint, event) == 202
    return InboxEvent.objects.get(event_id=event["id"])


def due() -> None:
    InboxEvent.objects.filter(state="waiting").update(next_try_at=clock.now())


def test_it_hands_an_event_to_its_handler_once_and_wipes_it(
    endpoint: WebhookEndpoint, handler: Handler
) -> None:
    row = came(endpoint, data={"note": "kept in the body"})
    assert inbox.drain() == 1
    assert inbox.drain() == 0
    [seen] = handler.seen
    assert seen.payload["data"] == {"note": "kept in the body"}
    assert (seen.workspace_id, seen.environment) == (endpoint.workspace_id, "production")
    row.refresh_from_db()
    assert (row.state, row.subject, row.next_try_at) == ("applied", "task_1", None)
    assert not row.body
    assert row.settled_at is not None


def test_it_waits_longer_each_time_and_gives_up_with_the_reason(
    endpoint: WebhookEndpoint, handler: Handler
) -> None:
    handler.says = Verdict("waiting", "early")
    row = came(endpoint)
    pauses = []
    for _look in range(3):
        due()
        inbox.drain()
        row.refresh_from_db()
        pauses.append(round((row.next_try_at - clock.now()).total_seconds()))
    assert pauses == [1, 2, 4]
    assert row.body
    InboxEvent.objects.update(received_at=clock.now() - inbox.GIVE_UP_AFTER - timedelta(seconds=1))
    due()
    inbox.drain()
    row.refresh_from_db()
    assert (row.state, row.reason, bool(row.body)) == ("ignored", "early", False)


def test_a_fault_with_one_event_does_not_stop_the_others(
    endpoint: WebhookEndpoint, handler: Handler, caplog: pytest.LogCaptureFixture
) -> None:
    handler.says = RuntimeError("broken")
    first, second = came(endpoint), came(endpoint, type="another.type")
    inbox.drain()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.reason) == ("waiting", "trouble")
    assert (second.state, second.reason) == ("ignored", "unknown_type")
    handler.says = Verdict("applied")
    due()
    inbox.drain()
    first.refresh_from_db()
    assert first.state == "applied"


def test_what_a_dead_worker_claimed_is_found_again(
    endpoint: WebhookEndpoint, handler: Handler
) -> None:
    came(endpoint)
    assert len(inbox.claim()) == 1
    assert inbox.drain() == 0
    with clock.at(clock.now() + inbox.LEASE):
        assert inbox.drain() == 1


@pytest.mark.parametrize(
    ("kind", "reason"), [("webhook.test", "test"), ("generation.archived", "unknown_type")]
)
def test_it_stores_and_ignores_what_it_does_not_use(
    endpoint: WebhookEndpoint, kind: str, reason: str
) -> None:
    row = came(endpoint, type=kind)
    inbox.drain()
    row.refresh_from_db()
    assert (row.state, row.reason) == ("ignored", reason)


def test_what_comes_to_a_paused_endpoint_does_nothing(
    endpoint: WebhookEndpoint, handler: Handler
) -> None:
    WebhookEndpoint.objects.update(state="paused")
    row = came(endpoint)
    inbox.drain()
    row.refresh_from_db()
    assert (row.state, row.reason, handler.seen) == ("ignored", "paused", [])


def test_a_type_has_one_handler(handler: Handler) -> None:
    inbox.register(KIND, handler)
    with pytest.raises(ImproperlyConfigured):
        inbox.register(KIND, Handler())


def test_one_bell_is_rung_for_many_events(
    endpoint: WebhookEndpoint, handler: Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    published: list[int] = []
    monkeypatch.setattr(doorstep, "_PAUSE", 0.0)
    monkeypatch.setattr(tasks.drain_inbox, "delay", lambda: published.append(1))
    for _event in range(3):
        came(endpoint)
    assert len(published) == 1
    inbox.drain()
    came(endpoint)
    assert len(published) == 2


def test_the_sweep_finds_events_whose_bell_was_lost(
    endpoint: WebhookEndpoint, handler: Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doorstep, "ring", lambda: None)
    came(endpoint)
    tasks.sweep_inbox()
    assert len(handler.seen) == 1


def test_only_so_many_drains_run_at_once(endpoint: WebhookEndpoint, handler: Handler) -> None:
    came(endpoint)
    with psycopg.connect(**connection.get_connection_params() | {"autocommit": True}) as elsewhere:
        for number in inbox._SLOTS:
            elsewhere.execute("select pg_advisory_lock(%s)", [number])
        assert inbox.drain() == 0
        # Given back in words: closing the connection frees the locks only once its server process
        # has gone, which may be later than the next line here.
        elsewhere.execute("select pg_advisory_unlock_all()")
    assert inbox.drain() == 1


def test_old_rows_are_forgotten(endpoint: WebhookEndpoint, handler: Handler, settings: Any) -> None:
    came(endpoint)
    inbox.drain()
    handler.says = Verdict("waiting", "early")
    waiting = came(endpoint)
    inbox.drain()
    tasks.clean_inbox()
    assert InboxEvent.objects.count() == 2
    with clock.at(clock.now() + timedelta(days=settings.INBOX_KEPT_DAYS, minutes=1)):
        tasks.clean_inbox()
    assert InboxEvent.objects.get() == waiting


# --- Health ---------------------------------------------------------------------------------------


def prove(endpoint: WebhookEndpoint) -> None:
    came(endpoint, type="webhook.test")
    inbox.drain()
    endpoint.refresh_from_db()


def test_an_endpoint_announces_after_its_first_good_event(endpoint: WebhookEndpoint) -> None:
    assert webhooks.announced_key_ids() == set()
    prove(endpoint)
    assert webhooks.announced_key_ids() == {endpoint.api_key_id}
    assert endpoint.last_event_at is not None


def test_it_announces_for_every_key_of_its_account_and_for_no_other(
    endpoint: WebhookEndpoint, add_key: AddKey
) -> None:
    second = add_key("another-purpose")
    staging = add_key("staging-purpose")
    ApiKey.objects.filter(pk=staging.pk).update(environment="staging")
    prove(endpoint)
    assert webhooks.announced_key_ids() == {endpoint.api_key_id, second.pk}


@pytest.mark.parametrize(
    "change",
    [
        {"state": "paused"},
        {"event_types": ["generation.succeeded"]},
        {"secret": ""},
        {"trouble": "quiet"},
        {"verified_at": None},
    ],
)
def test_it_does_not_announce_where_it_cannot_be_relied_on(
    endpoint: WebhookEndpoint, change: dict[str, Any]
) -> None:
    prove(endpoint)
    WebhookEndpoint.objects.update(**change)
    assert webhooks.announced_key_ids() == set()


def test_a_quiet_endpoint_is_noticed_told_and_recovers_by_itself(
    endpoint: WebhookEndpoint,
) -> None:
    prove(endpoint)
    for _miss in range(webhooks.MISSED_BEFORE_QUIET - 1):
        webhooks.note_missed(endpoint.api_key_id)
    assert webhooks.announced_key_ids()
    webhooks.note_missed(endpoint.api_key_id)
    endpoint.refresh_from_db()
    assert (endpoint.trouble, webhooks.announced_key_ids()) == ("quiet", set())
    notice = Notice.objects.get(kind="webhook_trouble")
    assert (notice.member.roles, notice.link) == (["owner"], "/webhooks/")
    assert endpoint.name in notice.sentence
    webhooks.note_missed(endpoint.api_key_id)
    assert Notice.objects.filter(kind="webhook_trouble").count() == 1
    prove(endpoint)
    assert (endpoint.trouble, endpoint.missed_count) == ("", 0)
    assert endpoint.missed_total == webhooks.MISSED_BEFORE_QUIET + 1
    assert webhooks.announced_key_ids() == {endpoint.api_key_id}


def test_a_good_event_between_them_forgives_the_missed_ones(endpoint: WebhookEndpoint) -> None:
    prove(endpoint)
    for _turn in range(3):
        for _miss in range(webhooks.MISSED_BEFORE_QUIET - 1):
            webhooks.note_missed(endpoint.api_key_id)
        prove(endpoint)
    assert (endpoint.trouble, webhooks.announced_key_ids()) == ("", {endpoint.api_key_id})


def test_signatures_that_stop_holding_are_trouble(endpoint: WebhookEndpoint) -> None:
    from rivya_app.simulator import signing

    prove(endpoint)
    for _post in range(webhooks.REFUSED_BEFORE_TROUBLE):
        assert tell(endpoint, envelope(), secret=signing.new_secret()) == 401
    tasks.sweep_inbox()
    endpoint.refresh_from_db()
    assert (endpoint.trouble, webhooks.announced_key_ids()) == ("refused", set())
    assert Notice.objects.filter(kind="webhook_trouble").exists()
