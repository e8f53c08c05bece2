"""The command that compares Rivya with what we built on."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from rivya_app.gateway import endpoints, webhook_proof
from rivya_app.gateway.clients import client_for
from rivya_app.gateway.webhooks import JOB_EVENTS
from tests.gateway.conftest import AddKey
from tests.simulator_process import Simulator
from tests.webhooks import make_endpoint

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_finds_that_the_stand_in_agrees(
    add_key: AddKey, capsys: pytest.CaptureFixture[str]
) -> None:
    key = add_key("the-purpose")
    call_command("rivya_doctor", key="the-purpose")
    said = capsys.readouterr().out
    assert "generations:create" in said
    assert "0 that we rely on differ" in said
    assert key.shown in said
    assert key.secret.reveal() not in said


def test_it_looks_at_what_is_public_without_a_key(
    stand_in: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("rivya_doctor")
    assert "without a key" in capsys.readouterr().out


def test_it_ends_with_1_where_something_we_rely_on_differs(
    add_key: AddKey, stand_in: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    add_key("the-purpose")
    stand_in.change_key("the-purpose", scopes=["credits:read"])
    with pytest.raises(SystemExit) as ended:
        call_command("rivya_doctor", key="the-purpose")
    assert ended.value.code == 1
    assert "DIFFERS" in capsys.readouterr().out


def test_it_says_when_there_is_no_such_key(db: None) -> None:
    with pytest.raises(CommandError, match="no key"):
        call_command("rivya_doctor", key="nothing")


@pytest.mark.parametrize(
    ("form", "words"), [("standard", "Standard Webhooks"), ("hex", "Timestamped hex")]
)
def test_it_has_a_test_event_sent_and_says_which_signature_held(
    add_key: AddKey,
    stand_in: Simulator,
    settings: Any,
    live_server: Any,
    capsys: pytest.CaptureFixture[str],
    form: str,
    words: str,
) -> None:
    """Over real HTTP: the stand-in posts to a server of this process."""
    settings.PUBLIC_URL, settings.WEBHOOK_ALLOW_LOOPBACK = live_server.url, True
    settings.ALLOWED_HOSTS = ["localhost"]
    stand_in.set(webhook_form=form)
    key = add_key("the-purpose")
    wanted = endpoints.Wanted(uuid4(), "Production", JOB_EVENTS, key)
    endpoints.create(member=key.created_by, wanted=wanted)
    call_command("rivya_doctor", key="the-purpose", webhook=True)
    assert f"verified as {words}" in capsys.readouterr().out


def test_it_says_where_no_test_event_comes_in(
    add_key: AddKey,
    stand_in: Simulator,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = add_key("the-purpose")
    call_command("rivya_doctor", key="the-purpose", webhook=True)
    assert "no endpoint in use" in capsys.readouterr().out
    with client_for(key) as rivya:
        there = rivya.webhooks.create(
            name="x", url="http://127.0.0.1:9/", event_types=list(JOB_EVENTS)
        )
    make_endpoint(key=key, remote_id=there.id)
    monkeypatch.setattr(webhook_proof, "WAIT", 1.0)
    with pytest.raises(SystemExit):
        call_command("rivya_doctor", key="the-purpose", webhook=True)
    assert "nothing that could be verified came in" in capsys.readouterr().out


def test_it_needs_a_key_to_have_a_test_event_sent(stand_in: Simulator) -> None:
    with pytest.raises(CommandError, match="--key"):
        call_command("rivya_doctor", webhook=True)
