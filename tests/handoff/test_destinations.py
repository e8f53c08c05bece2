"""Other systems: whose they are, which addresses they may have, and their secrets."""

import base64
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from django.test import Client

from rivya_app.core import addresses, clock
from rivya_app.handoff import destinations, outgoing
from rivya_app.handoff.destinations import Made
from rivya_app.handoff.links import NotDone
from rivya_app.handoff.outgoing_models import Destination, OutgoingEvent
from rivya_app.workspaces.models import Membership

pytestmark = pytest.mark.django_db(transaction=True)

Browser = Callable[[Membership | None], Client]
LIST = "/handoff/destinations/"


@pytest.fixture(autouse=True)
def loopback_allowed(settings: Any) -> None:
    settings.HANDOFF_ALLOW_PRIVATE_DESTINATIONS = True


def made(member: Membership, url: str = "http://127.0.0.1:9/events", name: str = "Shop") -> Made:
    return destinations.make(member=member, name=name, url=url)


def fresh(made: Made) -> Destination:
    return Destination.objects.get(pk=made.destination.pk)


def test_its_secret_is_sealed_and_shown_once(owner: Membership, client_of: Browser) -> None:
    browser = client_of(owner)
    typed = {"name": "Shop", "url": "http://127.0.0.1:9/events"}
    answer = browser.post(f"{LIST}new/", typed)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    found = re.search(r"whsec_[\w+/=]+", answer.content.decode())
    assert found
    assert len(base64.b64decode(found[0].removeprefix("whsec_"))) == 32
    row = Destination.objects.get()
    assert row.secret.reveal() == found[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM handoff_destination")
        assert found[0] not in str(cursor.fetchall())
    for page in (LIST, f"{LIST}{row.public_id}/"):
        assert found[0] not in browser.get(page).content.decode()


def test_only_the_owner_has_to_do_with_them(
    owner: Membership, seller: Membership, manager: Membership, stranger: Membership
) -> None:
    row = made(owner).destination
    for member in (seller, manager):
        with pytest.raises(PermissionDenied):
            made(member, "http://127.0.0.1:9/other")
        for act in (destinations.pause, destinations.rotate, destinations.remove):
            with pytest.raises(PermissionDenied):
                act(member=member, public_id=row.public_id)
        with pytest.raises(PermissionDenied):
            outgoing.send_test(member=member, destination_id=row.public_id)
    for act in (destinations.pause, destinations.rotate, destinations.remove):
        with pytest.raises(Http404):
            act(member=stranger, public_id=row.public_id)


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("http://shop.example/events", "https"),
        ("https://me:secret@shop.example/", "credentials"),
        ("https://shop.example/#part", "fragment"),
        ("https://localhost/events", "local_name"),
        ("https://shop.internal/events", "local_name"),
        ("https://127.0.0.1/events", "private"),
        ("https://10.0.0.8/events", "private"),
        ("https://169.254.169.254/latest/", "private"),
        ("https://[::1]/", "private"),
        ("https://[::ffff:10.0.0.1]/", "private"),
        ("https://[64:ff9b::7f00:1]/", "private"),
        ("https://0/", "private"),
        ("https://2130706433/", "private"),
        ("ftp://shop.example/", "address"),
        ("shop.example", "address"),
        ("https://", "address"),
        ("https://shop.example:99999/", "address"),
    ],
)
def test_it_takes_only_public_web_addresses(
    owner: Membership, settings: Any, monkeypatch: pytest.MonkeyPatch, url: str, rule: str
) -> None:
    settings.HANDOFF_ALLOW_PRIVATE_DESTINATIONS = False
    monkeypatch.setattr("socket.getaddrinfo", lambda *_a, **_k: [(0, 0, 0, "", ("8.8.8.8", 0))])
    with pytest.raises(NotDone, match=f"^{rule}$"):
        made(owner, url)
    assert made(owner, "https://shop.example/events").destination.state == "active"


def test_a_name_that_leads_inside_is_refused(
    owner: Membership, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HANDOFF_ALLOW_PRIVATE_DESTINATIONS = False
    found = [(0, 0, 0, "", (address, 0)) for address in ("8.8.8.8", "10.1.2.3")]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_a, **_k: found)
    with pytest.raises(NotDone, match="private"):
        made(owner, "https://turning.example/")


def test_an_unknown_name_is_said_at_its_field(
    owner: Membership, client_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_args: Any, **_rest: Any) -> list[str]:
        raise OSError

    monkeypatch.setattr(addresses, "of", unknown)
    typed = {"name": "Shop", "url": "https://no-such.example/"}
    answer = client_of(owner).post(f"{LIST}new/", typed)
    assert answer.status_code == 422
    assert "url" in answer.context["form"].errors
    assert 'value="https://no-such.example/"' in answer.content.decode()


def test_there_are_ten_and_each_address_once(owner: Membership) -> None:
    first = made(owner)
    with pytest.raises(NotDone, match="same_url"):
        made(owner)
    for number in range(destinations.MOST - 1):
        made(owner, f"http://127.0.0.1:9/{number}")
    with pytest.raises(NotDone, match="too_many"):
        made(owner, "http://127.0.0.1:9/more")
    destinations.remove(member=owner, public_id=first.destination.public_id)
    assert made(owner)


def test_after_a_change_both_secrets_sign_for_a_day(owner: Membership) -> None:
    first = made(owner)
    public_id = first.destination.public_id
    second = destinations.rotate(member=owner, public_id=public_id)
    assert second.secret != first.secret
    assert outgoing._keys(fresh(first)) == [second.secret, first.secret]
    later = clock.now() + destinations.BOTH_SIGN_FOR + timedelta(seconds=1)
    with clock.at(later):
        assert outgoing._keys(fresh(first)) == [second.secret]
        outgoing.forget_former_secrets()
    assert not fresh(first).former_secret


def test_a_second_press_does_not_lose_the_first_secret(
    owner: Membership, client_of: Browser
) -> None:
    first = made(owner)
    address = f"{LIST}{first.destination.public_id}/secret/"
    assert "whsec_" in client_of(owner).post(address).content.decode()
    row = fresh(first)
    assert client_of(owner).post(address).status_code == 302
    assert (fresh(first).secret, fresh(first).former_secret) == (row.secret, first.secret)


def test_what_waits_is_kept_while_paused_and_given_up_when_removed(
    owner: Membership, client_of: Browser
) -> None:
    row = made(owner).destination
    browser, address = client_of(owner), f"{LIST}{row.public_id}/"
    event = outgoing.send_test(member=owner, destination_id=row.public_id)
    assert browser.post(f"{address}pause/").status_code == 302
    outgoing.deliver(event.pk)
    event.refresh_from_db()
    assert (event.state, event.attempt_count) == ("waiting", 0)
    with pytest.raises(NotDone, match="not_in_use"):
        outgoing.send_test(member=owner, destination_id=row.public_id)
    assert browser.post(f"{address}resume/").status_code == 302
    assert browser.post(f"{address}remove/").status_code == 302
    event.refresh_from_db()
    assert (event.state, event.next_try_at) == ("given_up", None)
    gone = Destination.objects.get(pk=row.pk)
    assert not gone.secret
    assert browser.get(address).status_code == 404
    assert OutgoingEvent.objects.count() == 1
