"""What each role's first page says of the review."""

from datetime import timedelta

import pytest
from django.urls import reverse

from rivya_app.reviews import actions, queue
from tests.cast import make_member
from tests.reviewing import asked, decided, results_of


def home(client_of, member):
    return client_of(member).get("/").content.decode()


def test_a_manager_finds_what_waits_oldest_due_first(shop, client_of, seller, manager):
    brief = shop.submit(seller, draft_count=2)
    shop.finish(brief)
    first, second = (file.public_id for file in results_of(brief))
    actions.request_review(member=seller, file_ids=[first])
    overdue = actions.request_review(
        member=seller, file_ids=[second], due_on=queue.today() - timedelta(days=1)
    )[0]
    page = home(client_of, manager)
    assert "Waits for your decision" in page
    assert "1 overdue" in page
    first_url = reverse("reviews:show-review", args=[overdue.public_id])
    assert f'class="button button-primary" href="{first_url}?turn=mine"' in page


def test_an_idle_manager_is_told_so(shop, client_of, manager):
    assert "Nothing. New drafts will be here" in home(client_of, manager)


def test_an_owner_with_nothing_to_decide_sees_nothing_of_it(shop, client_of, owner):
    assert "Waits for your decision" not in home(client_of, owner)


def test_a_seller_finds_changes_that_are_wanted_until_a_next_attempt(
    shop, client_of, seller, manager
):
    review = asked(shop, seller)
    assert "Make the handle larger." not in home(client_of, seller)
    decided(manager, review, "changes_wanted")
    page = home(client_of, seller)
    assert "Make the handle larger." in page
    assert reverse("briefs:attempt-of-job", args=[review.generation.public_id]) in page


def test_another_sellers_changes_are_not_theirs(shop, client_of, seller, manager, workspace):

    decided(manager, asked(shop, seller), "changes_wanted")
    other = make_member(workspace, "seller", name="Other Seller", email="other@team.example")
    assert "Make the handle larger." not in home(client_of, other)


@pytest.mark.parametrize("person", ["researcher", "support"])
def test_others_are_told_nothing(shop, client_of, seller, person, request):
    asked(shop, seller)
    assert "Waits for your decision" not in home(client_of, request.getfixturevalue(person))
