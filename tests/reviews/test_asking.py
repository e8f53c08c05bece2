"""Sending results for review, and taking them out of the queue again."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from rivya_app.library import actions as library
from rivya_app.library import uses
from rivya_app.notices.models import Notice
from rivya_app.reviews import actions
from rivya_app.reviews.models import Review
from rivya_app.reviews.refusals import AlreadyDecided, NothingToReview
from tests.cast import make_member
from tests.reviewing import asked, decided, results_of


@pytest.fixture
def finished(shop, seller):
    brief = shop.submit(seller, draft_count=2)
    shop.finish(brief)
    return brief


def test_it_sends_several_drafts_with_one_press(finished, seller, manager, owner):
    files = results_of(finished)
    made = actions.request_review(
        member=seller, file_ids=[file.public_id for file in files], note="The left one first"
    )
    assert [review.sha256 for review in made] == [file.sha256 for file in files]
    assert {review.brief_id for review in made} == {finished.pk}
    told = Notice.objects.filter(kind="review_asked")
    assert {notice.member_id for notice in told} == {manager.pk, owner.pk}
    assert "2 drafts" in told[0].sentence


def test_it_finds_the_review_that_is_there_when_pressed_twice(finished, seller):
    file_ids = [file.public_id for file in results_of(finished)]
    first = actions.request_review(member=seller, file_ids=file_ids)
    second = actions.request_review(member=seller, file_ids=file_ids[:1])
    assert second == first[:1]
    assert Review.objects.count() == 2
    assert Notice.objects.filter(kind="review_asked").values("event_key").distinct().count() == 1


def test_it_sends_only_stored_results_of_briefs(shop, finished, seller, stranger):
    file = results_of(finished)[0]
    for file_ids in ([], [seller.public_id], [file.public_id, seller.public_id]):
        with pytest.raises(NothingToReview):
            actions.request_review(member=seller, file_ids=file_ids)
    with pytest.raises(NothingToReview):
        actions.request_review(member=stranger, file_ids=[file.public_id])
    assert Review.objects.count() == 0


def test_it_does_not_send_what_was_removed(finished, seller, owner):
    file = results_of(finished)[0]
    library.remove_file(member=owner, public_id=file.public_id)
    with pytest.raises(NothingToReview):
        actions.request_review(member=seller, file_ids=[file.public_id])
    assert Review.objects.count() == 0


def test_only_those_who_may_submit_send_for_review(finished, researcher, support):
    file_ids = [file.public_id for file in results_of(finished)]
    for member in (researcher, support):
        with pytest.raises(PermissionDenied):
            actions.request_review(member=member, file_ids=file_ids)


def test_a_result_under_review_stays_in_the_library(shop, seller, owner):
    review = asked(shop, seller)
    assert [use.reference for use in uses.still_needed(review.file)] == [review.reference]
    with pytest.raises(library.FileNeeded):
        library.remove_file(member=owner, public_id=review.file.public_id)
    actions.withdraw(member=seller, public_id=review.public_id)
    assert uses.still_needed(review.file) == []


def test_the_asker_withdraws_and_may_ask_again(shop, seller, manager):
    review = asked(shop, seller)
    with pytest.raises(PermissionDenied):
        actions.withdraw(member=manager, public_id=review.public_id)
    assert actions.withdraw(member=seller, public_id=review.public_id).state == "withdrawn"
    assert actions.withdraw(member=seller, public_id=review.public_id).state == "withdrawn"
    again = asked(shop, seller, brief=review.brief)
    assert again.pk != review.pk
    assert again.is_pending


def test_what_is_decided_cannot_be_withdrawn(shop, seller, manager):
    review = asked(shop, seller)
    decision = decided(manager, review)
    with pytest.raises(AlreadyDecided) as refused:
        actions.withdraw(member=seller, public_id=review.public_id)
    assert refused.value.decision == decision


def test_another_seller_sees_neither_the_review_nor_its_withdrawal(shop, seller, workspace):
    review = asked(shop, seller)
    other = make_member(workspace, "seller", name="Other Seller", email="other@team.example")
    with pytest.raises(Http404):
        actions.withdraw(member=other, public_id=review.public_id)
