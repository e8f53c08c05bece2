"""What the door takes in: proven events once, and of everything else only a count."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rivya_app.core import clock
from rivya_app.core.sealed import Secret
from rivya_app.gateway import doorstep, inbox_rows, receiver, webhooks
from rivya_app.gateway.inbox_rows import NewRow, NotKept
from rivya_app.gateway.models import ApiKey
from rivya_app.gateway.webhook_models import InboxEvent, WebhookEndpoint, WebhookRefusal
from rivya_app.simulator import signing
from tests.gateway.conftest import AddKey
from tests.test_races import at_once
from tests.waiting import wait_for
from tests.webhooks import SECRET, envelope, make_endpoint, post, signed, tell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def key(add_key: AddKey) -> ApiKey:
    return add_key()


@pytest.fixture
def endpoint(key: ApiKey) -> WebhookEndpoint:
    return make_endpoint(key=key)


def refusals() -> dict[str, int]:
    webhooks.count_refusals()
    return dict(WebhookRefusal.objects.values_list("reason", "count"))


@pytest.mark.parametrize("form", ["standard", "hex"])
def test_it_keeps_an_event_signed_in_either_form(endpoint: WebhookEndpoint, form: str) -> None:
    event = envelope({"id": "task_1", "status": "succeeded"})
    assert tell(endpoint, event, form=form) == 202
    row = InboxEvent.objects.get()
    assert (row.event_id, row.event_type, row.form) == (event["id"], event["type"], form)
    assert (row.workspace_id, row.state) == (endpoint.workspace_id, "waiting")
    assert json.loads(row.body.reveal()) == event  # type: ignore[attr-defined]


def test_the_body_is_sealed_in_the_database(endpoint: WebhookEndpoint) -> None:
    tell(endpoint, envelope({"id": "task_1", "url": "https://media.example/signed"}))
    with connection.cursor() as cursor:
        cursor.execute("select body from gateway_inboxevent")
        assert "media.example" not in cursor.fetchone()[0]


def test_it_keeps_one_row_of_the_same_event_and_counts_the_rest(endpoint: WebhookEndpoint) -> None:
    event = envelope()
    answers = [tell(endpoint, event) for _time in range(3)]
    assert answers == [202, 202, 202]
    assert InboxEvent.objects.get().duplicate_count == 2


def test_the_same_event_at_two_endpoints_of_a_workspace_is_one(
    endpoint: WebhookEndpoint, key: ApiKey
) -> None:
    event = envelope()
    tell(endpoint, event)
    tell(make_endpoint(key=key), event)
    assert InboxEvent.objects.get().duplicate_count == 1


def test_an_unknown_or_removed_endpoint_does_not_exist(endpoint: WebhookEndpoint) -> None:
    assert post(uuid4(), *signed(envelope())) == 404
    WebhookEndpoint.objects.update(state="removed", removed_at=clock.now())
    assert tell(endpoint, envelope()) == 404
    assert not InboxEvent.objects.exists()


@pytest.mark.parametrize(
    ("reason", "spoil"),
    [
        ("mismatch", lambda event: signed(event, secret=signing.new_secret())),
        ("stale", lambda event: signed(event, moment=clock.now() - timedelta(seconds=302))),
        ("future", lambda event: signed(event, moment=clock.now() + timedelta(seconds=302))),
        ("no_signature", lambda event: (signed(event)[0], {})),
        ("malformed", lambda event: (signed(event)[0], {"Rivya-Signature": "t=1"})),
        ("mismatch", lambda event: (signed(event)[0] + b" ", signed(event)[1])),
    ],
)
def test_it_refuses_what_proves_nothing_and_keeps_a_count(
    endpoint: WebhookEndpoint, reason: str, spoil: Any
) -> None:
    event = envelope()
    assert post(endpoint.public_id, *spoil(event)) == 401
    assert not InboxEvent.objects.exists()
    assert refusals() == {reason: 1}
    assert tell(endpoint, event) == 202


def test_of_a_refused_post_it_keeps_header_names_without_values(endpoint: WebhookEndpoint) -> None:
    post(endpoint.public_id, b"{}", {"X-Odd": "a-value-to-forget", "Cookie": "sessionid=1"})
    webhooks.count_refusals()
    names = WebhookRefusal.objects.get().header_names
    assert "X-Odd" in names
    assert "a-value-to-forget" not in str(names)


def test_refusals_touch_no_row_until_they_are_counted(endpoint: WebhookEndpoint) -> None:
    body, headers = signed(envelope(), secret=signing.new_secret())
    post(endpoint.public_id, body, headers)
    with CaptureQueriesContext(connection) as queries:
        for _time in range(20):
            post(endpoint.public_id, body, headers)
    assert [each for each in queries.captured_queries if "SELECT" not in each["sql"]] == []
    assert len(queries.captured_queries) <= 1
    assert refusals() == {"mismatch": 21}


def test_a_good_event_costs_one_statement_and_nothing_else(
    endpoint: WebhookEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[str] = []
    execute = inbox_rows._Line.execute

    def counted(line: Any, statement: Any, values: Any) -> Any:
        statements.append(statement.split()[0])
        return execute(line, statement, values)

    tell(endpoint, envelope())
    monkeypatch.setattr(inbox_rows._Line, "execute", counted)
    with CaptureQueriesContext(connection) as queries:
        tell(endpoint, envelope())
    assert (statements, queries.captured_queries) == (["INSERT"], [])


def test_it_opens_another_connection_where_the_database_ended_the_first(
    endpoint: WebhookEndpoint,
) -> None:
    tell(endpoint, envelope())
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where pid <> pg_backend_pid() and query like '%%INSERT INTO gateway_inboxevent%%'"
        )
    assert tell(endpoint, envelope()) == 202
    assert InboxEvent.objects.count() == 2


def test_posts_that_come_together_are_written_together_and_each_is_kept(
    endpoint: WebhookEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    insert = inbox_rows._insert

    def slow(rows: Any) -> bool:
        sizes.append(len(rows))
        if len(sizes) == 1:  # until everybody else waits behind it
            wait_for(lambda: len(inbox_rows._queue.rows) == 12 - len(rows), what="the others")
        return insert(rows)

    monkeypatch.setattr(inbox_rows, "_insert", slow)
    twice = envelope()
    events = [envelope() for _n in range(10)] + [twice, twice]
    answers = at_once(12, lambda number: tell(endpoint, events[number]))
    assert answers == [202] * 12
    assert len(sizes) < 12 == sum(sizes)
    assert InboxEvent.objects.count() == 11
    assert InboxEvent.objects.get(event_id=twice["id"]).duplicate_count == 1


def test_one_row_that_cannot_be_written_does_not_take_the_others_along(
    endpoint: WebhookEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, sizes = inbox_rows._Queue.take, []

    def take_four(queue: inbox_rows._Queue) -> list[NewRow]:
        wait_for(lambda: len(queue.rows) == 4, what="the other posts")
        taken = take(queue)
        sizes.append(len(taken))
        return taken

    def keep(number: int) -> str:
        now, endpoint_id = clock.now(), endpoint.pk if number else 0
        ids = (endpoint.workspace_id, endpoint_id)
        inbox_rows.keep(NewRow(*ids, f"evt_{number}", "x", "standard", "sealed", now, now))
        return "kept"

    monkeypatch.setattr(inbox_rows._Queue, "take", take_four)
    results = at_once(4, keep)
    assert sizes == [4]
    assert isinstance(results[0], NotKept)
    assert results[1:] == ["kept"] * 3
    assert InboxEvent.objects.count() == 3


def test_every_thread_gets_its_turn_where_more_come_than_one_statement_takes(
    endpoint: WebhookEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_rows, "MOST_AT_ONCE", 2)
    assert at_once(9, lambda _n: tell(endpoint, envelope())) == [202] * 9
    assert InboxEvent.objects.count() == 9


def test_it_takes_the_old_secret_as_long_as_it_is_held_and_no_longer(key: ApiKey) -> None:
    until = clock.now() + timedelta(minutes=4)
    old = signing.new_secret()
    endpoint = make_endpoint(key=key, old_secret=Secret(old), old_secret_until=until)
    assert tell(endpoint, envelope(), secret=SECRET) == 202
    assert tell(endpoint, envelope(), secret=old) == 202
    with clock.at(until + timedelta(seconds=1)):
        assert tell(endpoint, envelope(), secret=old) == 401
        assert tell(endpoint, envelope(), secret=SECRET) == 202


def test_it_knows_a_secret_that_another_process_has_just_stored(
    endpoint: WebhookEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiver, "_ASKED_AGAIN_AFTER", 0.0)
    tell(endpoint, envelope())
    newer = signing.new_secret()
    WebhookEndpoint.objects.update(secret=Secret(newer))
    assert tell(endpoint, envelope(), secret=newer) == 202


def test_it_cannot_prove_anything_without_a_secret(key: ApiKey) -> None:
    endpoint = make_endpoint(key=key, secret=Secret(""))
    assert tell(endpoint, envelope()) == 401
    assert refusals() == {"no_secret": 1}


def test_it_refuses_a_large_body_before_reading_it(
    endpoint: WebhookEndpoint, settings: Any
) -> None:
    body, headers = signed(b"x" * (settings.WEBHOOK_MAX_BYTES + 1))
    assert post(endpoint.public_id, body, headers) == 413
    assert refusals() == {"too_large": 1}
    body, headers = signed(b" " * settings.WEBHOOK_MAX_BYTES)
    assert post(endpoint.public_id, body, headers) == 202


def test_it_reads_nothing_of_a_body_that_says_it_is_too_large(
    endpoint: WebhookEndpoint, settings: Any
) -> None:
    class Unread:
        def read(self, *_sizes: int) -> bytes:
            raise AssertionError("it was read")

        readline = read

    answer = Client().generic(
        "POST",
        f"/hooks/rivya/{endpoint.public_id}/",
        CONTENT_LENGTH=str(settings.WEBHOOK_MAX_BYTES + 1),
        **{"wsgi.input": Unread()},
    )
    assert answer.status_code == 413


def test_it_takes_posts_alone_and_asks_for_no_token(endpoint: WebhookEndpoint) -> None:
    strict = Client(enforce_csrf_checks=True)
    address = f"/hooks/rivya/{endpoint.public_id}/"
    assert strict.get(address).status_code == 405
    body, headers = signed(envelope())
    named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    answer = strict.post(address, body, content_type="application/json", **named)
    assert answer.status_code == 202
    assert not answer.cookies
    assert answer.content == b""
    assert "Content-Language" not in answer.headers  # it went past everything about persons
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("body", [b"not json", b"[]", b'{"type": 5}', b"\xff\xfe", b'{"id": ""}'])
def test_a_proven_body_that_says_nothing_is_kept_all_the_same(
    endpoint: WebhookEndpoint, body: bytes
) -> None:
    """Rivya would otherwise send it again for hours."""
    raw, headers = signed(body, form="hex")
    assert [post(endpoint.public_id, raw, headers) for _time in range(2)] == [202, 202]
    row = InboxEvent.objects.get()
    assert (row.event_type, row.duplicate_count) == ("", 1)
    assert row.event_id.startswith("body:")


def test_it_answers_while_redis_is_away(
    endpoint: WebhookEndpoint, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    assert tell(endpoint, envelope()) == 202
    assert tell(endpoint, envelope(), secret=signing.new_secret()) == 401
    assert InboxEvent.objects.count() == 1
    doorstep._connection.cache_clear()


def test_it_logs_no_secret_and_no_link(
    endpoint: WebhookEndpoint, caplog: pytest.LogCaptureFixture
) -> None:
    tell(endpoint, envelope({"id": "t", "url": "https://media.example/x?sig=abc"}))
    tell(endpoint, envelope(), secret=signing.new_secret())
    assert "media.example" not in caplog.text
    assert "whsec_" not in caplog.text
