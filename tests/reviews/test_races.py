"""Reviewers, tabs and workers at the same moment. A race has a twin without its guard."""

import threading
from collections import Counter
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError

from rivya_app.core import clock
from rivya_app.credits.models import CreditAccount
from rivya_app.generations.actions import Identity
from rivya_app.generations.models import Generation
from rivya_app.reviews import access, actions, concepts
from rivya_app.reviews.models import Decision, Review, VideoConcept
from rivya_app.reviews.refusals import AlreadyDecided, TooLate
from tests.reviewing import asked, decided, results_of, video_order
from tests.shop import CREDITS
from tests.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 5


def kinds_of(results: list[Any]) -> Counter[str]:
    return Counter(type(result).__name__ for result in results)


def films() -> int:
    return Generation.objects.filter(media_kind="video").count()


@pytest.fixture
def review(shop, seller):
    return asked(shop, seller)


def everybody_approves(review: Review, people: list[Any]) -> list[Any]:
    """Each with a video, all at once."""
    order = video_order(review)
    return at_once(MANY, lambda n: decided(people[n % len(people)], review, video=order))


def test_it_takes_one_decision_of_many_and_orders_one_video(shop, review, manager, owner):
    results = everybody_approves(review, [manager, owner])
    assert kinds_of(results) == {"Decision": 1, "AlreadyDecided": MANY - 1}
    assert (Decision.objects.count(), VideoConcept.objects.count()) == (1, 1)
    account = CreditAccount.objects.get(workspace=shop.workspace)
    assert (account.available, account.held) == (CREDITS - 1 - 55, 55)


def test_without_the_lock_only_the_constraint_would_be_left(review, manager, owner, monkeypatch):
    gate, locked = threading.Barrier(MANY), access.review_to_decide

    def unlocked(member: Any, public_id: Any, *, lock: bool = False) -> Review:
        row = locked(member, public_id)
        if lock:
            gate.wait(timeout=10)
        return row

    monkeypatch.setattr(access, "review_to_decide", unlocked)
    results = everybody_approves(review, [manager, owner])
    assert any(isinstance(result, IntegrityError) for result in results)
    assert Decision.objects.count() == 1


@pytest.fixture
def due(review, manager):
    """A video whose time has come."""
    decision = decided(manager, review, video=video_order(review))
    VideoConcept.objects.update(starts_at=clock.now())
    return VideoConcept.objects.get(decision=decision)


def test_it_starts_a_video_once_however_many_workers_sweep(shop, due):
    results = at_once(MANY, lambda _number: concepts.start(due.public_id))
    assert Counter(results) == {True: 1, False: MANY - 1}
    assert films() == 1


def unlock_concepts(monkeypatch: Any) -> None:
    gate = threading.Barrier(MANY)

    def unlocked(public_id: Any) -> VideoConcept:
        row = VideoConcept.objects.select_related("workflow__api_key").get(public_id=public_id)
        gate.wait(timeout=10)
        return row

    monkeypatch.setattr(concepts, "_locked", unlocked)


def test_without_the_lock_the_ids_from_the_decision_still_make_one(due, monkeypatch):
    unlock_concepts(monkeypatch)
    results = at_once(MANY, lambda _number: concepts.start(due.public_id))
    assert any(isinstance(result, IntegrityError) for result in results)
    assert films() == 1


def test_it_would_make_many_without_either(due, monkeypatch):
    unlock_concepts(monkeypatch)
    monkeypatch.setattr(concepts.generations, "Identity", lambda *_ids: Identity(uuid4(), uuid4()))
    at_once(MANY, lambda _number: concepts.start(due.public_id))
    assert films() > 1


def undo_while_it_starts(due: VideoConcept, manager: Any) -> list[Any]:
    review = due.decision.review

    def act(number: int) -> Any:
        if number % 2:
            return concepts.start(due.public_id)
        return actions.take_back(
            member=manager, public_id=review.public_id, decision_id=due.decision.public_id
        )

    return at_once(2, act)


def test_an_undo_and_a_start_never_both_win(shop, seller, manager):
    for _round in range(6):
        review = asked(shop, seller)
        decision = decided(manager, review, video=video_order(review))
        VideoConcept.objects.filter(decision=decision).update(starts_at=clock.now())
        concept = VideoConcept.objects.get(decision=decision)
        before = films()
        undone, started = undo_while_it_starts(concept, manager)
        concept.refresh_from_db()
        review.refresh_from_db()
        if started is True:
            assert isinstance(undone, TooLate)
            assert (concept.state, review.state, films()) == ("started", "approved", before + 1)
        else:
            assert (concept.state, review.state, films()) == ("taken_back", "pending", before)


def test_without_the_videos_lock_both_would_win(due, manager, monkeypatch):
    gate, order = threading.Barrier(2), concepts.of_decision

    def unlocked(decision: Decision, *, lock: bool = False) -> VideoConcept | None:
        row = order(decision)
        gate.wait(timeout=10)
        return row

    def seen(public_id: Any) -> VideoConcept:
        row = VideoConcept.objects.select_related("workflow__api_key").get(public_id=public_id)
        gate.wait(timeout=10)
        return row

    monkeypatch.setattr(concepts, "of_decision", unlocked)
    monkeypatch.setattr(concepts, "_locked", seen)
    undone, started = undo_while_it_starts(due, manager)
    assert started is True
    assert isinstance(undone, Review)
    assert films() == 1


def test_it_makes_one_review_of_a_file_asked_for_from_many_tabs(shop, seller):
    brief = shop.submit(seller)
    shop.finish(brief)
    file_id = results_of(brief)[0].public_id
    results = at_once(
        MANY, lambda _number: actions.request_review(member=seller, file_ids=[file_id])
    )
    assert len({review.pk for (review,) in results}) == 1
    assert Review.objects.count() == 1


def test_a_withdrawal_and_a_decision_never_both_win(shop, seller, manager):
    for _round in range(4):
        review = asked(shop, seller)

        def act(number: int, review: Review = review) -> Any:
            if number:
                return decided(manager, review)
            return actions.withdraw(member=seller, public_id=review.public_id)

        withdrawn, decision = at_once(2, act)
        assert isinstance(withdrawn, AlreadyDecided) != isinstance(decision, AlreadyDecided)
