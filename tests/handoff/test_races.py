"""Presses and workers at the same moment. A race has a twin without its guard."""

import threading
from typing import Any

import pytest
from django.db import transaction

from rivya_app.handoff import access, actions, building, cutting, gate
from rivya_app.handoff.models import Override, Package, PackageEvent, PackageItem
from rivya_app.reviews import actions as reviews
from rivya_app.reviews.models import Review
from tests import packing, reviewing
from tests.packing import answered, asked_for, built, fresh, only
from tests.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 4


@pytest.fixture
def review(shop, seller, manager) -> Review:
    return reviewing.approved(shop, seller, manager)


def test_it_makes_one_package_of_one_form_sent_from_several_tabs(review, seller):
    wanted = packing.wanted([review])
    made = at_once(MANY, lambda _n: actions.make_package(member=seller, wanted=wanted).pk)
    assert len(set(made)) == 1
    assert (Package.objects.count(), PackageItem.objects.count()) == (1, 1)
    assert PackageEvent.objects.count() == 1


def test_it_would_make_several_if_the_form_were_not_told_apart(review, seller):
    made = at_once(MANY, lambda _n: asked_for(seller, review).pk)
    assert len(set(made)) == MANY


def build_in_threads(package: Package, monkeypatch: Any) -> list[str]:
    """What each of the workers cut."""
    cut, made = cutting.cut, []

    def noted(path: Any, preset: Any, out: Any, box: Any = None) -> Any:
        made.append(preset.code)
        return cut(path, preset, out, box=box)

    monkeypatch.setattr(cutting, "cut", noted)
    at_once(MANY, lambda _number: building.build(package.pk))
    return sorted(made)


def test_one_of_several_workers_builds_it(review, seller, monkeypatch):
    package = asked_for(seller, review)
    assert build_in_threads(package, monkeypatch) == ["original", "square"]
    assert fresh(package).state == "ready"
    assert package.events.filter(kind="packed").count() == 1


def test_all_of_them_would_without_the_row_lock(review, seller, monkeypatch):
    package = asked_for(seller, review, presets=())
    gate_ = threading.Barrier(MANY)

    def unlocked(package_id: int) -> building.Lease | None:
        row = Package.objects.get(pk=package_id)
        is_due = row.next_build_at is not None and row.state == "building"
        gate_.wait(timeout=10)
        return building.Lease(row.pk, row.next_build_at) if is_due else None

    monkeypatch.setattr(building, "_claim", unlocked)
    assert len(build_in_threads(package, monkeypatch)) > 1


def test_several_managers_give_one_answer(review, seller, manager, owner):
    package = built(asked_for(seller, review, presets=("story",)))
    packed = only(package, "story")
    people = [manager, owner] * 2
    given = at_once(MANY, lambda number: answered(people[number], packed).pk)
    assert len(set(given)) == 1
    assert Override.objects.count() == 1
    assert package.events.filter(kind="overridden").count() == 1
    assert gate.may_leave(fresh(package))


def pack_while_it_is_reversed(review: Review, seller: Any, manager: Any) -> bool:
    """Whether a package came of a review that was reversed at the same moment, in spite of it."""

    def act(number: int) -> Any:
        if number:
            return asked_for(seller, review)
        return reviews.reverse_decision(
            member=manager, public_id=review.public_id, reason="Not ours."
        )

    at_once(2, act)
    package = Package.objects.first()
    return package is not None and gate.may_leave(built(package))


def test_nothing_leaves_that_was_reversed_while_it_was_packed(review, seller, manager):
    assert not pack_while_it_is_reversed(review, seller, manager)


def test_a_reversal_waits_for_the_package_that_is_being_made(review, seller, manager, monkeypatch):
    """What was approved when it was packed stays so until the package is written."""
    reached, order = threading.Event(), []
    approvals = access.approvals_of

    def slowly(found: Any) -> Any:
        reached.set()
        threading.Event().wait(0.5)
        order.append("packed")
        return approvals(found)

    monkeypatch.setattr(access, "approvals_of", slowly)

    def act(number: int) -> Any:
        if number:
            return asked_for(seller, review)
        assert reached.wait(timeout=10)
        reviews.reverse_decision(member=manager, public_id=review.public_id, reason="Not ours.")
        return order.append("reversed")

    at_once(2, act)
    assert order == ["packed", "reversed"]


def test_it_would_not_wait_without_the_lock(review, seller, manager, monkeypatch):
    reached, order = threading.Event(), []
    approvals = access.approvals_of

    def slowly(found: Any) -> Any:
        reached.set()
        threading.Event().wait(0.5)
        order.append("packed")
        return approvals(found)

    def unlocked(member: Any, wanted: Any) -> Any:
        with transaction.atomic():
            rows = access.with_files(access.approved(member)).filter(public_id__in=wanted)
            return {found.public_id: found for found in rows}

    monkeypatch.setattr(access, "approvals_of", slowly)
    monkeypatch.setattr(actions, "_lock_approved", unlocked)

    def act(number: int) -> Any:
        if number:
            return asked_for(seller, review)
        assert reached.wait(timeout=10)
        reviews.reverse_decision(member=manager, public_id=review.public_id, reason="Not ours.")
        return order.append("reversed")

    at_once(2, act)
    assert order == ["reversed", "packed"]
