"""Signed events to another system: what is sent, how it is proven, and what a bad day does."""

import json
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from django.test import Client
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from rivya_app.core import addresses, clock
from rivya_app.handoff import destinations, links, outgoing, posting
from rivya_app.handoff.destinations import Made
from rivya_app.handoff.links import NotDone
from rivya_app.handoff.models import Package, PackageEvent, PackedFile, ShareLink
from rivya_app.handoff.outgoing_models import DeliveryTry, Destination, OutgoingEvent
from rivya_app.handoff.zipping import Zip
from rivya_app.notices.models import Notice
from rivya_app.reviews.models import Review
from rivya_app.workspaces.models import Membership
from tests.handoff.conftest import Receiver
from tests.handoff.packages import TITLE, make_package, packed, sent
from tests.shop import Shop

pytestmark = pytest.mark.django_db(transaction=True)

Browser = Callable[[Membership | None], Client]


@pytest.fixture(autouse=True)
def loopback_allowed(settings: Any) -> None:
    settings.HANDOFF_ALLOW_PRIVATE_DESTINATIONS = True


@pytest.fixture
def package(seller: Membership) -> Package:
    return make_package(seller)


@pytest.fixture
def made(owner: Membership, receiver: Receiver) -> Made:
    return destinations.make(member=owner, name="Shop system", url=receiver.url)


def delivered(event: OutgoingEvent) -> OutgoingEvent:
    """Try it now, whenever its time would be."""
    OutgoingEvent.objects.filter(pk=event.pk, state="waiting").update(next_try_at=clock.now())
    outgoing.deliver(event.pk)
    return OutgoingEvent.objects.get(pk=event.pk)


def tried_out(event: OutgoingEvent) -> OutgoingEvent:
    for _try in outgoing.PAUSES:
        event = delivered(event)
    return event


def last_try() -> DeliveryTry:
    return DeliveryTry.objects.latest("pk")


def fresh(made: Made) -> Destination:
    return Destination.objects.get(pk=made.destination.pk)


def test_it_tells_of_a_package_in_a_way_that_can_be_proven(
    shop: Shop, seller: Membership, manager: Membership, made: Made, receiver: Receiver
) -> None:
    package = packed(shop, seller, manager)
    event = delivered(sent(seller, package, made))
    assert event.state == "delivered"
    (_path, headers, body), *more = receiver.got
    assert not more
    told = Webhook(made.secret.reveal()).verify(body, headers)
    assert told["type"] == "package.ready"
    assert told["data"]["package"]["id"] == str(package.public_id)
    assert told["data"]["package"]["title"] == TITLE
    rows = PackedFile.objects.filter(item__package=package).order_by("pk")
    assert [
        (file["name"], file["sha256"], file["size"]) for file in told["data"]["package"]["files"]
    ] == [(row.name, row.sha256, row.size) for row in rows]
    assert headers["webhook-id"] == outgoing.id_of(event)
    assert headers["content-type"] == "application/json"
    link = urlsplit(told["data"]["download"]["url"]).path
    answer = Client().get(link)
    assert b"".join(answer.streaming_content) == b"".join(Zip(package).chunks())
    assert ShareLink.objects.get().download_count == 1
    kinds = PackageEvent.objects.filter(package=package).values_list("kind", flat=True)
    assert {"sent", "shared", "taken"} <= set(kinds)


def test_a_forged_event_proves_nothing(
    seller: Membership, package: Package, made: Made, receiver: Receiver
) -> None:
    delivered(sent(seller, package, made))
    _path, headers, body = receiver.got[0]
    with pytest.raises(WebhookVerificationError):
        Webhook(made.secret.reveal()).verify(body.replace(b"package", b"parcel"), headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(destinations.new_secret().reveal()).verify(body, headers)


def test_while_the_secret_changes_either_one_proves_it(
    owner: Membership, seller: Membership, package: Package, made: Made, receiver: Receiver
) -> None:
    event = sent(seller, package, made)
    new = destinations.rotate(member=owner, public_id=made.destination.public_id)
    delivered(event)
    _path, headers, body = receiver.got[0]
    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in (made.secret, new.secret):
        assert Webhook(secret.reveal()).verify(body, headers)


def test_its_body_is_sealed_and_frozen(
    seller: Membership, package: Package, made: Made, receiver: Receiver
) -> None:
    receiver.says(500)
    event = OutgoingEvent.objects.get(pk=sent(seller, package, made).pk)
    token = event.body.reveal().partition("/shared/")[2].partition("/")[0]
    assert len(token) == 43
    with connection.cursor() as cursor:
        cursor.execute("SELECT body, event_key FROM handoff_outgoingevent")
        assert token not in str(cursor.fetchall())
    delivered(event)
    Package.objects.filter(pk=package.pk).update(title="Another title")
    receiver.says(200)
    delivered(event)
    first, second = receiver.got
    assert first[2] == second[2]
    assert first[1]["webhook-id"] == second[1]["webhook-id"]


def test_two_presses_are_one_event(
    seller: Membership, package: Package, made: Made, receiver: Receiver
) -> None:
    first, second = sent(seller, package, made), sent(seller, package, made)
    assert first == second
    delivered(first)
    third = sent(seller, package, made)
    assert third != first
    assert third.event_key.endswith(":2")
    assert ShareLink.objects.count() == 2


@pytest.mark.parametrize("person", ["researcher", "support"])
def test_who_may_not_let_packages_out_sends_none(
    package: Package, made: Made, person: str, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(PermissionDenied):
        sent(request.getfixturevalue(person), package, made)


def test_strangers_send_nothing_and_nothing_goes_to_them(
    seller: Membership, stranger: Membership, package: Package, made: Made
) -> None:
    with pytest.raises(Http404):
        sent(stranger, package, made)
    theirs = destinations.make(member=stranger, name="Theirs", url="http://127.0.0.1:9/theirs")
    with pytest.raises(Http404):
        sent(seller, package, theirs)


def test_what_may_not_leave_is_not_told_of(
    seller: Membership, package: Package, made: Made
) -> None:
    Review.objects.update(state="withdrawn")
    with pytest.raises(NotDone, match="not_ready"):
        sent(seller, package, made)


# --- A bad day ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "trouble"), [(500, "refused"), (404, "refused"), (429, "refused"), (503, "refused")]
)
def test_what_is_not_taken_is_tried_later(
    seller: Membership, package: Package, made: Made, receiver: Receiver, status: int, trouble: str
) -> None:
    receiver.says(status, b"<script>no</script>")
    moment = clock.now()
    with clock.at(moment):
        event = delivered(sent(seller, package, made))
    assert (event.state, event.attempt_count) == ("waiting", 1)
    assert event.next_try_at == moment + timedelta(seconds=5)
    assert (last_try().status, last_try().trouble) == (status, trouble)
    assert fresh(made).failure_count == 1


def test_the_pauses_grow_to_hours(
    seller: Membership, package: Package, made: Made, receiver: Receiver
) -> None:
    receiver.says(500)
    event, moment, pauses = sent(seller, package, made), clock.now(), []
    for _try in range(len(outgoing.PAUSES)):
        with clock.at(moment):
            outgoing.deliver(event.pk)
        event.refresh_from_db()
        if event.next_try_at:
            with clock.at(event.next_try_at - timedelta(milliseconds=1)):
                outgoing.deliver(event.pk)  # not before its time
            pauses.append((event.next_try_at - moment).total_seconds())
            moment = event.next_try_at
    assert pauses == [5, 60, 300, 1800, 7200, 18000, 36000]
    assert len(receiver.got) == 8
    assert event.state == "given_up"


def test_a_redirect_is_not_followed(
    seller: Membership, package: Package, made: Made, receiver: Receiver
) -> None:
    inside = receiver.url.replace("/events", "/inside")
    receiver.says(307, Location=inside)
    event = delivered(sent(seller, package, made))
    assert event.state == "waiting"
    assert last_try().trouble == "redirect"
    assert [path for path, _headers, _body in receiver.got] == ["/events"]


def test_a_huge_answer_is_not_read(
    seller: Membership, package: Package, made: Made, receiver: Receiver
) -> None:
    written: list[int] = []
    is_over = threading.Event()

    def flood(call: BaseHTTPRequestHandler) -> None:
        call.send_response(200)
        call.send_header("Content-Length", str(10**12))
        call.end_headers()
        with suppress(OSError):
            for _piece in range(10_000):
                call.wfile.write(b"x" * 100_000)
                written.append(100_000)
        is_over.set()

    receiver.answer = flood
    assert delivered(sent(seller, package, made)).state == "delivered"
    assert is_over.wait(30)
    assert sum(written) < 20_000_000  # what fits between two sockets, and no more


def test_huge_headers_are_a_broken_answer(
    seller: Membership, package: Package, made: Made, receiver: Receiver
) -> None:
    receiver.says(200, X_Long="y" * 300_000)
    assert delivered(sent(seller, package, made)).state == "waiting"
    assert last_try().trouble == "cut"


def test_a_slow_answer_is_waited_for_so_long_and_no_longer(
    seller: Membership,
    package: Package,
    made: Made,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def drip(call: BaseHTTPRequestHandler) -> None:
        """Without end: only who hangs up is done with it."""
        with suppress(OSError):
            call.wfile.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
            while True:
                call.wfile.write(b"z")
                call.wfile.flush()
                time.sleep(0.1)

    receiver.answer = drip
    monkeypatch.setattr(posting, "TOTAL_SECONDS", 1.0)
    assert delivered(sent(seller, package, made)).state == "waiting"
    assert last_try().trouble == "too_slow"


def test_nobody_there_is_said_so(owner: Membership, seller: Membership, package: Package) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    dead = destinations.make(member=owner, name="Dead", url=f"http://127.0.0.1:{port}/")
    assert delivered(sent(seller, package, dead)).state == "waiting"
    assert (last_try().status, last_try().trouble) == (None, "unreachable")


def test_a_name_that_turned_inside_is_never_reached(
    seller: Membership, package: Package, made: Made, receiver: Receiver, settings: Any
) -> None:
    """The address was allowed when it was typed; it is asked again for the connection."""
    settings.HANDOFF_ALLOW_PRIVATE_DESTINATIONS = False
    Destination.objects.update(url=receiver.url.replace("http://", "https://"))
    assert delivered(sent(seller, package, made)).state == "waiting"
    assert last_try().trouble == "address"
    Destination.objects.update(url=receiver.url)
    delivered(OutgoingEvent.objects.get())
    assert last_try().trouble == "address"  # plain http
    assert not receiver.got


def test_it_connects_to_the_address_that_was_looked_at(
    seller: Membership,
    package: Package,
    made: Made,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_up = []

    def of(host: str, port: int, *, may_be_private: bool) -> list[str]:
        looked_up.append(host)
        return ["127.0.0.1"]

    monkeypatch.setattr(addresses, "of", of)
    port = urlsplit(receiver.url).port
    Destination.objects.update(url=f"http://turning.example:{port}/events")
    assert delivered(sent(seller, package, made)).state == "delivered"
    assert looked_up == ["turning.example"]
    assert receiver.got[0][1]["Host"] == f"turning.example:{port}"


def test_gone_is_taken_at_its_word(
    owner: Membership, seller: Membership, package: Package, made: Made, receiver: Receiver
) -> None:
    receiver.says(410)
    event = delivered(sent(seller, package, made))
    assert event.state == "given_up"
    assert fresh(made).state == "paused"
    notice = Notice.objects.get(member=owner, kind="destination_trouble")
    assert "Shop system" in notice.sentence
    assert Client().get(notice.link).status_code == 302
    delivered(event)
    assert len(receiver.got) == 1


def test_who_fails_long_is_paused_and_its_maker_told_once(
    owner: Membership,
    seller: Membership,
    package: Package,
    made: Made,
    receiver: Receiver,
    client_of: Browser,
) -> None:
    receiver.says(500)
    event = tried_out(sent(seller, package, made))
    assert event.state == "given_up"
    assert len(receiver.got) == len(outgoing.PAUSES)
    assert fresh(made).state == "paused"
    assert Notice.objects.filter(kind="destination_trouble").count() == 1
    browser = client_of(owner)
    address = f"/handoff/destinations/{made.destination.public_id}/"
    page = browser.get(address).content.decode()
    assert "It answered, but did not take the event." in page
    assert "answer 500" in page
    with pytest.raises(NotDone, match="not_in_use"):
        outgoing.send_again(member=owner, event_id=event.public_id)
    browser.post(f"{address}resume/")
    receiver.says(204)
    again = browser.post(f"/handoff/events/{event.public_id}/again/")
    assert again.status_code == 302
    assert delivered(event).state == "delivered"
    assert [body for body in receiver.bodies() if body != receiver.bodies()[0]] == []
    assert DeliveryTry.objects.filter(event=event).count() == len(outgoing.PAUSES) + 1


def test_who_took_something_meanwhile_is_not_paused(
    owner: Membership, seller: Membership, package: Package, made: Made, receiver: Receiver
) -> None:
    receiver.says(500)
    event = sent(seller, package, made)
    for _try in outgoing.PAUSES[:-1]:
        event = delivered(event)
    receiver.says(200)
    delivered(outgoing.send_test(member=owner, destination_id=made.destination.public_id))
    receiver.says(500)
    assert delivered(event).state == "given_up"
    assert fresh(made).state == "active"


def test_an_event_whose_link_is_over_is_not_sent_again(
    owner: Membership, seller: Membership, package: Package, made: Made, receiver: Receiver
) -> None:
    receiver.says(410)
    event = delivered(sent(seller, package, made))
    destinations.resume(member=owner, public_id=made.destination.public_id)
    links.revoke_link(member=owner, public_id=event.link.public_id)
    with pytest.raises(NotDone, match="link_over"):
        outgoing.send_again(member=seller, event_id=event.public_id)


def test_removing_a_destination_closes_the_links_it_was_sent(
    owner: Membership, seller: Membership, package: Package, made: Made
) -> None:
    event = sent(seller, package, made)
    mine = links.make_link(
        member=seller,
        package_id=package.public_id,
        wanted=links.WantedLink("Priya", 3, destinations.Secret("")),
    )
    destinations.remove(member=owner, public_id=made.destination.public_id)
    event.link.refresh_from_db()
    mine.link.refresh_from_db()
    assert event.link.revoked_at is not None
    assert mine.link.revoked_at is None


# --- The queue ------------------------------------------------------------------------------------


def test_the_sweep_finds_what_was_lost(
    seller: Membership,
    package: Package,
    made: Made,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    published: list[int] = []
    monkeypatch.setattr(outgoing, "_send_task", published.append)
    event = sent(seller, package, made)
    assert published == [event.pk]
    assert outgoing.sweep() == 1
    assert published == [event.pk, event.pk]
    outgoing.deliver(event.pk)
    assert outgoing.sweep() == 0


def test_a_worker_that_dies_only_delays_it(
    seller: Membership,
    package: Package,
    made: Made,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    event, moment = sent(seller, package, made), clock.now()
    with monkeypatch.context() as dying, clock.at(moment):
        dying.setattr(posting, "post", lambda *_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            outgoing.deliver(event.pk)
    with clock.at(moment + outgoing.LEASE - timedelta(seconds=1)):
        outgoing.deliver(event.pk)
    assert not receiver.got
    with clock.at(moment + outgoing.LEASE):
        outgoing.deliver(event.pk)
    event.refresh_from_db()
    assert event.state == "delivered"


def test_a_late_worker_decides_nothing(
    seller: Membership,
    package: Package,
    made: Made,
    receiver: Receiver,
) -> None:
    event = sent(seller, package, made)
    late = outgoing._claim(event.pk)
    assert late is not None
    delivered(event)
    outgoing._settle(late, posting.Outcome(500, "refused"))
    event.refresh_from_db()
    assert event.state == "delivered"
    assert fresh(made).failure_count == 0


def test_a_test_says_nothing_and_is_shown(
    owner: Membership, made: Made, receiver: Receiver, client_of: Browser
) -> None:
    address = f"/handoff/destinations/{made.destination.public_id}/"
    browser = client_of(owner)
    assert browser.post(f"{address}test/").status_code == 302
    event = delivered(OutgoingEvent.objects.get())
    told = Webhook(made.secret.reveal()).verify(receiver.got[0][2], receiver.got[0][1])
    assert told["type"] == "destination.test"
    assert json.dumps(told).count("shared") == 0
    assert event.state == "delivered"
    assert "Delivered" in browser.get(address).content.decode()


def test_it_is_sent_from_the_page_of_the_package(
    seller: Membership, package: Package, made: Made, receiver: Receiver, client_of: Browser
) -> None:
    browser = client_of(seller)
    page = browser.get(f"/handoff/{package.public_id}/").content.decode()
    assert "Shop system" in page
    assert f"/handoff/{package.public_id}/download/" in page
    fields = {"destination": str(made.destination.public_id)}
    answer = browser.post(f"/handoff/{package.public_id}/send/", fields)
    assert answer.status_code == 302
    delivered(OutgoingEvent.objects.get())
    assert "Delivered" in browser.get(f"/handoff/{package.public_id}/").content.decode()
    assert browser.post(f"/handoff/{package.public_id}/send/", {}).status_code == 404
