"""The list of reviews: what is in it, in which order, and what stands beside a review."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from rivya_app.core import clock
from rivya_app.reviews import actions, queue
from rivya_app.reviews.models import Review
from rivya_app.reviews.queue import Filters, Place
from rivya_app.workspaces.models import Campaign
from tests.cast import make_member
from tests.reviewing import decided, results_of


def sent(shop, member, *, count=1, due_on=None, note="", **fields):
    """The reviews of one brief, in the order of its drafts; one act a draft."""
    brief = shop.submit(member, draft_count=count, **fields)
    shop.finish(brief)
    files = [file.public_id for file in results_of(brief)]
    return [
        actions.request_review(member=member, file_ids=[file_id], note=note, due_on=due_on)[0]
        for file_id in files
    ]


def filters(**asked):
    return Filters.read(QueryDict(urlencode(asked)))


def found(member, **asked):
    return list(queue.find(member, filters(**asked)))


def days(number):
    return queue.today() + timedelta(days=number)


@pytest.fixture
def campaign(workspace):
    return Campaign.objects.create(workspace=workspace, name="Diwali")


@pytest.fixture
def three(shop, seller):
    """Asked in this order: no date, due in nine days, overdue."""
    undated = sent(shop, seller, product="Mug")[0]
    later = sent(shop, seller, product="Lamp", due_on=days(9))[0]
    overdue = sent(shop, seller, product="Vase", due_on=days(-1), note="Please hurry")[0]
    return undated, later, overdue


def test_the_oldest_due_comes_first_and_what_has_no_date_last(three, manager):
    undated, later, overdue = three
    assert found(manager) == [overdue, later, undated]
    assert found(manager, sort="newest") == [overdue, later, undated]
    assert found(manager, sort="oldest") == [undated, later, overdue]


def test_it_narrows_by_what_the_address_says(shop, three, manager, seller, campaign, workspace):
    undated, later, overdue = three
    inside = sent(shop, seller, product="Bowl", campaign=campaign, due_on=days(3))[0]
    assert found(manager, due="overdue") == [overdue]
    assert found(manager, due="week") == [inside]
    assert found(manager, q="hurry") == found(manager, q="vas") == [overdue]
    assert found(manager, campaign=campaign.public_id) == [inside]
    assert found(manager, campaign="none") == [overdue, later, undated]
    assert found(manager, kind="video") == []
    assert found(manager, seller=seller.public_id, kind="image") == [
        overdue,
        inside,
        later,
        undated,
    ]
    assert found(manager, seller=manager.public_id) == []


def test_it_keeps_all_it_was_asked_in_its_address():
    asked = {"q": "mug", "state": "decided", "verdict": "rejected", "sort": "oldest"}
    assert dict(QueryDict(filters(**asked).query).items()) == asked
    unknown = filters(campaign="everything", kind="ghost", turn="1", verdict="rejected", sort="x")
    assert unknown == Filters()
    assert not unknown.is_filtered


def test_what_is_decided_moves_to_the_other_list(three, manager):
    undated, later, overdue = three
    decided(manager, later)
    decided(manager, overdue, "rejected")
    assert found(manager) == [undated]
    assert found(manager, state="decided") == [overdue, later]
    assert found(manager, state="decided", verdict="approved") == [later]


def test_a_seller_sees_their_own_and_nobody_elses(shop, three, seller, workspace):
    other = make_member(workspace, "seller", name="Other Seller", email="other@team.example")
    theirs = sent(shop, other, product="Chair")[0]
    assert found(other) == [theirs]
    assert theirs not in found(seller)
    assert len(found(seller)) == 3


def test_strangers_and_other_campaigns_are_in_no_list_count_or_neighbour(
    shop, three, seller, manager, stranger, campaign, workspace
):
    named = make_member(workspace, "manager", name="Named", email="named@team.example")
    campaign.deciders.add(named)
    hidden = sent(shop, seller, product="Secret", campaign=campaign, due_on=days(-5))[0]
    assert found(stranger) == []
    assert queue.tally(stranger) == queue.Tally(waiting=0, mine=0, overdue=0)
    assert queue.badge_count(stranger) == 0
    assert queue.neighbours(stranger, hidden, Filters()).count == 0

    assert hidden not in found(manager)
    assert queue.tally(manager).waiting == queue.badge_count(manager) == 3
    beside = queue.neighbours(manager, three[2], Filters())
    assert (beside.previous, beside.position, beside.count) == (None, 1, 3)
    page = queue.page_at(manager, Filters(), Place(at=str(hidden.public_id)))
    assert hidden not in page.rows
    assert found(named)[0] == hidden


def test_a_manager_tells_what_waits_for_them_from_what_needs_other_eyes(
    shop, three, manager, owner, campaign
):
    own = sent(shop, manager, product="My own")[0]
    assert own in found(manager)
    assert found(manager, turn="others") == [own]
    assert own not in found(manager, turn="mine")
    assert own in found(owner, turn="mine")
    assert queue.tally(manager) == queue.Tally(waiting=4, mine=3, overdue=1)
    assert queue.badge_count(manager) == 3
    actions.change_settings(member=owner, makers_may_approve=True, undo_seconds=10)
    assert own in found(manager, turn="mine")
    assert queue.badge_count(manager) == 4


def test_what_one_sent_where_others_decide_is_found_under_its_turn(
    shop, manager, workspace, campaign
):
    named = make_member(workspace, "manager", name="Named", email="named@team.example")
    campaign.deciders.add(named)
    mine = sent(shop, manager, campaign=campaign)[0]
    assert found(manager) == []
    assert found(manager, turn="others") == [mine]


def test_neighbours_follow_the_order_of_the_list(three, manager):
    for asked in ({}, {"sort": "newest"}, {"sort": "oldest"}):
        order = found(manager, **asked)
        for place, review in enumerate(order):
            beside = queue.neighbours(manager, review, filters(**asked))
            assert beside.previous == (order[place - 1] if place else None)
            assert beside.next == (order[place + 1] if place < 2 else None)
            assert (beside.position, beside.count) == (place + 1, 3)


def test_after_a_decision_the_next_one_is_still_known(three, manager):
    undated, later, overdue = three
    decided(manager, later)
    later.refresh_from_db()
    beside = queue.neighbours(manager, later, Filters())
    assert (beside.previous, beside.next) == (overdue, undated)
    assert (beside.position, beside.count) == (None, 2)
    among_decided = queue.neighbours(manager, undated, filters(state="decided"))
    assert (among_decided.previous, among_decided.next) == (None, later)


def test_neighbours_ask_twice_however_long_the_list(three, manager, django_assert_max_num_queries):
    review = Review.objects.get(pk=three[1].pk)
    with django_assert_max_num_queries(3):  # the third are the pictures of both
        queue.neighbours(manager, review, filters(q="a", due="overdue", turn="mine"))


def test_pages_skip_nothing_when_rows_leave_between_them(shop, seller, manager, monkeypatch):
    monkeypatch.setattr(queue, "PAGE_SIZE", 2)
    rows = sent(shop, seller, count=3) + sent(shop, seller, count=3)
    first = queue.page_at(manager, Filters(), Place())
    assert (first.rows, first.has_previous, first.has_next) == (rows[:2], False, True)
    decided(manager, rows[0])
    decided(manager, rows[1])
    second = queue.page_at(manager, Filters(), Place(after=str(rows[1].public_id)))
    assert (second.rows, second.has_previous, second.has_next) == (rows[2:4], False, True)
    back = queue.page_at(manager, Filters(), Place(before=str(rows[5].public_id)))
    assert (back.rows, back.has_previous, back.has_next) == (rows[3:5], True, True)
    beginning = queue.page_at(manager, Filters(), Place(before=str(rows[3].public_id)))
    assert (beginning.rows, beginning.has_previous) == (rows[2:4], False)


def test_the_page_around_a_review_holds_it(shop, seller, manager, monkeypatch):
    monkeypatch.setattr(queue, "PAGE_SIZE", 2)
    rows = sent(shop, seller, count=4)
    page = queue.page_at(manager, Filters(), Place(at=str(rows[2].public_id)))
    assert (page.rows, page.has_previous, page.has_next) == (rows[1:3], True, True)
    decided(manager, rows[2])
    page = queue.page_at(manager, Filters(), Place(at=str(rows[2].public_id)))
    assert (page.rows, page.has_previous, page.has_next) == ([rows[1], rows[3]], True, False)


def test_the_due_day_is_over_when_it_is_over_for_the_reader(shop, seller, manager):
    review = sent(shop, seller, due_on=days(0))[0]
    assert found(manager, due="overdue") == []
    with clock.at(clock.now() + timedelta(days=1)):
        assert found(manager, due="overdue") == [review]
