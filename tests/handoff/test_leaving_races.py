"""Two at once on the ways out, as threads on PostgreSQL, each with a twin without its guard."""

import threading
from typing import Any

import pytest

from rivya_app.core.sealed import Secret
from rivya_app.handoff import destinations, links, outgoing
from rivya_app.handoff.destinations import Made
from rivya_app.handoff.links import NotDone, WantedLink
from rivya_app.handoff.models import Package, ShareLink
from rivya_app.handoff.outgoing_models import Destination, OutgoingEvent
from rivya_app.workspaces.models import Membership
from tests.handoff.conftest import Receiver
from tests.handoff.packages import make_package, sent
from tests.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def loopback_allowed(settings: Any) -> None:
    settings.HANDOFF_ALLOW_PRIVATE_DESTINATIONS = True


@pytest.fixture
def package(seller: Membership) -> Package:
    return make_package(seller)


@pytest.fixture
def made(owner: Membership, receiver: Receiver) -> Made:
    return destinations.make(member=owner, name="Shop", url=receiver.url)


def test_two_workers_send_an_event_once(
    seller: Membership, package: Package, made: Made, receiver: Receiver
) -> None:
    event = sent(seller, package, made)
    at_once(4, lambda _number: outgoing.deliver(event.pk))
    assert len(receiver.got) == 1


def test_they_would_send_it_twice_without_the_lock(
    seller: Membership,
    package: Package,
    made: Made,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    event, gate = sent(seller, package, made), threading.Barrier(4)

    def unlocked(event_id: int) -> OutgoingEvent:
        row = OutgoingEvent.objects.select_related("destination").get(pk=event_id)
        gate.wait(timeout=10)
        return row

    monkeypatch.setattr(outgoing, "_lock", unlocked)
    at_once(4, lambda _number: outgoing.deliver(event.pk))
    assert len(receiver.got) > 1


def test_many_presses_make_one_event(
    seller: Membership, package: Package, made: Made, receiver: Receiver
) -> None:
    events = at_once(5, lambda _number: sent(seller, package, made).pk)
    assert len(set(events)) == 1
    assert ShareLink.objects.count() == 1


def test_they_would_make_several_without_looking_under_the_lock(
    seller: Membership,
    package: Package,
    made: Made,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outgoing, "_under_way", lambda *_args, **_wanted: None)
    at_once(3, lambda _number: sent(seller, package, made))
    assert OutgoingEvent.objects.count() == 3


def test_ten_destinations_are_ten_for_two_at_once(
    owner: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(destinations, "MOST", 1)

    def make(number: int) -> Made:
        return destinations.make(member=owner, name="Shop", url=f"http://127.0.0.1:9/{number}")

    refused = [each for each in at_once(4, make) if isinstance(each, NotDone)]
    assert len(refused) == 3
    assert Destination.objects.count() == 1


def test_links_are_bounded_for_two_at_once(
    seller: Membership, package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "MOST_OPEN", 1)
    wanted = WantedLink("Priya", 3, Secret(""))
    at_once(
        4,
        lambda _number: links.make_link(member=seller, package_id=package.public_id, wanted=wanted),
    )
    assert ShareLink.objects.count() == 1


def test_looks_at_once_are_all_counted(seller: Membership, package: Package) -> None:
    made = links.make_link(
        member=seller,
        package_id=package.public_id,
        wanted=WantedLink("Priya", 3, Secret("")),
    )
    at_once(6, lambda _number: links.count_view(made.link))
    assert ShareLink.objects.get().view_count == 6
    assert package.events.filter(kind="opened").count() == 1
