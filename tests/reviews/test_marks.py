"""What a brief's and a job's page say of the review."""

from datetime import timedelta

import pytest
from django.urls import reverse

from rivya_app.credits import wallet
from rivya_app.generations.marks import marks_of
from rivya_app.reviews import actions, queue
from rivya_app.workspaces.models import Campaign
from tests.cast import make_member
from tests.reviewing import (
    after_undo,
    approved,
    asked,
    decided,
    results_of,
    video_order,
)


def marks(member, review_or_job):
    job = getattr(review_or_job, "generation", review_or_job)
    return marks_of(member, [job]).get(job.pk, [])


def labels(mark):
    return [action.label for action in mark.actions]


@pytest.fixture
def finished(shop, seller):
    return shop.finish(shop.submit(seller))


def test_a_finished_draft_can_be_sent(finished, seller):
    (mark,) = marks(seller, finished)
    assert (mark.word, labels(mark)) == ("", ["Send for review"])
    assert mark.actions[0].method == "post"


def test_a_running_job_offers_nothing(shop, seller):
    assert marks(seller, shop.job(shop.submit(seller))) == []


@pytest.mark.parametrize("person", ["researcher", "support"])
def test_those_who_may_not_send_are_offered_nothing(finished, person, request):
    assert marks(request.getfixturevalue(person), finished) == []


def test_the_seller_sees_whom_it_waits_for_and_since_when(shop, seller, manager, owner):
    review = asked(shop, seller)
    (mark,) = marks(seller, review)
    assert mark.word == "Waiting for a decision"
    assert mark.url == reverse("reviews:show-review", args=[review.public_id])
    assert mark.note.startswith("Waits for ")
    assert "Meera Manager" in mark.note
    assert "Vikram Owner" in mark.note
    assert labels(mark) == ["Withdraw"]
    assert labels(marks(manager, review)[0]) == []


def test_it_says_when_a_decision_is_due(shop, finished, seller, manager):
    brief = finished.draft.brief
    file_id = results_of(brief)[0].public_id
    day = queue.today() + timedelta(days=1)
    actions.request_review(member=seller, file_ids=[file_id], due_on=day)
    assert marks(seller, finished)[0].note.endswith("due tomorrow.")


def test_it_waits_for_the_deciders_of_the_campaign(shop, seller, manager, owner, workspace):
    named = make_member(workspace, "manager", name="Named One", email="named@team.example")
    campaign = Campaign.objects.create(workspace=workspace, name="Diwali")
    campaign.deciders.add(named)
    review = asked(shop, seller, campaign=campaign)
    (mark,) = marks(seller, review)
    assert "Waits for Named One since" in mark.note
    assert "Meera" not in mark.note
    (unseen,) = marks(manager, review)
    assert (unseen.word, unseen.url, unseen.note) == ("Waiting for a decision", "", "")


@pytest.mark.parametrize(
    ("kind", "word", "steps"),
    [
        ("approved", "Approved", []),
        ("changes_wanted", "Changes wanted", ["Send again for review"]),
        ("rejected", "Rejected", ["Send again for review"]),
    ],
)
def test_it_says_what_was_decided(shop, seller, manager, kind, word, steps):
    review = asked(shop, seller)
    decided(manager, review, kind)
    (mark,) = marks(seller, review)
    assert (mark.word, labels(mark)) == (word, steps)


def test_a_still_says_what_became_of_its_video(shop, seller, manager):
    review = asked(shop, seller)
    decision = decided(manager, review, video=video_order(review))
    assert marks(manager, review)[1].word == "Video starts in a moment"
    concept = after_undo(decision.concept)
    mark = marks(manager, review)[1]
    assert mark.word == "Has a video"
    assert mark.url == reverse("generations:show-job", args=[concept.generation.public_id])


def test_a_video_that_waits_for_credits_says_so(shop, seller, manager):
    review = asked(shop, seller)
    order = video_order(review)
    shop.rivya.set_credits(1)

    wallet.read(shop.workspace, cause="test")
    wallet.read(shop.workspace, cause="test")
    decided(manager, review, video=order)
    assert marks(manager, review)[1].word == "Video waits for credits"


def test_both_pages_draw_them(shop, seller, client_of):
    review = asked(shop, seller)
    client = client_of(seller)
    for address in (
        reverse("briefs:show-brief", args=[review.brief.public_id]),
        reverse("generations:show-job", args=[review.generation.public_id]),
    ):
        page = client.get(address).content.decode()
        assert reverse("reviews:withdraw", args=[review.public_id]) in page
        assert "Waiting for a decision" in page


def test_their_queries_do_not_grow_with_the_jobs(
    shop, seller, manager, django_assert_num_queries, django_assert_max_num_queries
):
    brief = shop.submit(seller, draft_count=4)
    shop.finish(brief)
    jobs = [draft.generation for draft in brief.drafts.select_related("generation")]
    actions.request_review(member=seller, file_ids=[file.public_id for file in results_of(brief)])
    with django_assert_max_num_queries(10) as few:
        marks_of(seller, jobs[:1])
    with django_assert_num_queries(len(few)):
        marks_of(seller, jobs)


def test_an_approved_result_is_not_offered_again(shop, seller, manager):
    assert labels(marks(seller, approved(shop, seller, manager))[0]) == []
