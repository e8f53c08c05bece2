"""A video that a limit has no room for: said before the press, and by whose limit after it."""

import pytest
from django.urls import reverse

from rivya_app.credits.models import CreditAccount
from rivya_app.notices.models import Notice
from rivya_app.reviews import concepts
from rivya_app.reviews.models import VideoConcept
from tests.credits.account import limit
from tests.reviewing import after_undo, asked, decided, video_order

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def review(shop, seller):
    return asked(shop, seller)


@pytest.fixture
def tight(shop, review, manager, owner):
    """The approver may still spend five credits this month, which is no film."""
    account = CreditAccount.objects.get(workspace=shop.workspace)
    return limit(account, 5, scope="member", member=manager)


def page_of(client_of, member, review):
    address = reverse("reviews:show-review", args=[review.public_id])
    return client_of(member).get(address).content.decode()


def ordered(manager, review) -> VideoConcept:
    return concepts.of_decision(decided(manager, review, video=video_order(review)))


def test_the_offer_warns_before_the_press(review, tight, manager, client_of):
    text = page_of(client_of, manager, review)
    assert "It goes beyond your own monthly limit." in text
    assert "Your own monthly limit, left after" in text


def test_with_room_nothing_warns(review, tight, manager, client_of):
    tight.amount = 500
    tight.save()
    text = page_of(client_of, manager, review)
    assert "It goes beyond" not in text
    assert "Your own monthly limit, left after" in text


def test_it_waits_and_says_whose_limit_it_is_and_who_can_raise_it(
    review, tight, manager, owner, client_of
):
    concept = ordered(manager, review)
    assert (concept.state, concept.trouble) == ("needs_budget", "over_limit")
    text = page_of(client_of, manager, review)
    assert "Your own monthly limit leaves 5 credits." in text
    assert "Vikram Owner can raise it" in text
    change = reverse("credits:change-limit", args=[tight.public_id])
    assert change not in text
    text = page_of(client_of, owner, review)
    assert "The monthly limit of Meera Manager leaves 5 credits." in text
    assert change in text
    assert "Let it go beyond the limit" in text
    told = Notice.objects.filter(kind="video_waits")
    assert {one.member for one in told} == {manager, owner}
    assert "goes beyond a limit" in told[0].sentence


def test_it_starts_by_itself_once_there_is_room(review, tight, manager, client_of):
    concept = after_undo(ordered(manager, review))
    assert concept.state == "needs_budget"
    tight.amount = 500
    tight.save()
    assert "There is room for the video again." in page_of(client_of, manager, review)
    assert after_undo(concept).state == "started"


def test_the_page_for_many_counts_limits_too(shop, review, tight, manager, client_of):
    page = client_of(manager).get(
        reverse("reviews:approve-many"), {"review": [str(review.public_id)]}
    )
    assert page.context["video"].is_short
    text = page.content.decode()
    assert "Your own monthly limit, left after" in text
    assert "That is more than there is." in text
