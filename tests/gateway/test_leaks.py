"""A full key typed into the form is found nowhere afterwards."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
import redis
from django.core import serializers
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from rivya_app.core.redaction import RedactionFilter
from rivya_app.gateway import actions, clients
from rivya_app.gateway.models import ApiKey
from rivya_app.rivya_api import errors
from rivya_app.workspaces.models import Membership, Workspace
from tests.simulator_process import Simulator

pytestmark = pytest.mark.django_db(transaction=True)

Browser = Callable[[Membership | None], Client]


def everything_in_the_database() -> str:
    """Every row of every table as text."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        rows = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            rows += [row[0] for row in cursor.fetchall()]
    return "\n".join(rows)


def everything_in_redis(url: str) -> str:
    readers: dict[bytes, Callable[[Any, bytes], Any]] = {
        b"string": lambda r, name: r.get(name),
        b"list": lambda r, name: r.lrange(name, 0, -1),
        b"hash": lambda r, name: r.hgetall(name),
        b"set": lambda r, name: r.smembers(name),
        b"zset": lambda r, name: r.zrange(name, 0, -1),
        b"stream": lambda r, name: r.xrange(name),
    }
    with redis.Redis.from_url(url) as store:
        names = list(store.scan_iter())
        return "\n".join(f"{name!r} {readers[store.type(name)](store, name)!r}" for name in names)


@pytest.fixture
def debug_log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Everything any library logs, as our one handler would print it."""
    caplog.set_level(logging.DEBUG)
    caplog.handler.addFilter(RedactionFilter())
    return caplog


def test_it_leaves_no_trace_of_a_typed_key(
    client_of: Browser,
    owner: Membership,
    stand_in: Simulator,
    settings: Any,
    debug_log: pytest.LogCaptureFixture,
) -> None:
    browser = client_of(owner)
    secrets = [stand_in.new_key("good"), stand_in.new_key("bad", state="revoked")]
    pages = []
    for number, secret in enumerate(secrets):
        fields = {"purpose": f"p{number}", "environment": "test", "secret": secret}
        pages.append(browser.post("/keys/add/", fields, follow=True).content.decode())
    key = ApiKey.objects.get()
    with pytest.raises(errors.NotFound), clients.client_for(key) as rivya:
        rivya.generations.get("task_of_nobody")
    pages += [browser.get(path).content.decode() for path in ("/keys/", "/")]
    serialised = serializers.serialize("json", ApiKey.objects.all())

    places = {
        "pages": "\n".join(pages),
        "database": everything_in_the_database(),
        "redis": everything_in_redis(settings.REDIS_URL),
        "logs": debug_log.text,
        "fixtures": serialised,
    }
    assert key.purpose in places["database"]  # the search itself works
    assert "generations" in places["logs"]
    for secret in secrets:
        found = [name for name, text in places.items() if secret[12:-4] in text]
        assert not found


def test_it_leaves_no_key_in_an_error_report(
    client_of: Browser,
    owner: Membership,
    stand_in: Simulator,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.DEBUG = True
    secret = stand_in.new_key()

    def fail(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(actions, "_keep", fail)
    browser = client_of(owner)
    browser.raise_request_exception = False
    fields = {"purpose": "p", "environment": "test", "secret": secret}
    answer = browser.post(reverse("gateway:add-key"), fields)
    assert answer.status_code == 500
    report = answer.content.decode()
    assert "broken on purpose" in report
    assert secret not in report
    assert secret[12:-4] not in report


def test_it_takes_a_key_on_a_server_from_standard_input_alone(
    workspace: Workspace,
    stand_in: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    import io

    secret = stand_in.new_key()
    monkeypatch.setattr("sys.stdin", io.StringIO(secret + "\n"))
    call_command("add_key", workspace=str(workspace.public_id), purpose="from-the-shell")
    key = ApiKey.objects.get()
    assert key.secret.reveal() == secret
    said = capsys.readouterr()
    assert key.shown in said.out
    assert secret not in said.out + said.err
