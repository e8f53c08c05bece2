"""One approval, one video: ordered with the decision, started after the undo window, once."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from rivya_app.core import clock
from rivya_app.credits import wallet
from rivya_app.credits.models import CreditAccount, LedgerEntry
from rivya_app.gateway import catalogue
from rivya_app.generations.models import Generation
from rivya_app.library import uses
from rivya_app.notices.models import Notice
from rivya_app.reviews import actions, concepts
from rivya_app.reviews.models import Decision, Review, VideoConcept
from rivya_app.reviews.refusals import ModelRefused, PriceMoved, TooLate
from rivya_app.workspaces.models import Campaign
from tests.reviewing import after_undo, asked, decided, video_order
from tests.shop import CREDITS

STILL, FILM = Decimal(1), Decimal(55)


@pytest.fixture
def campaign(workspace):
    return Campaign.objects.create(workspace=workspace, name="Diwali")


@pytest.fixture
def review(shop, seller, campaign):
    return asked(shop, seller, campaign=campaign)


def ordered(manager, review, **fields) -> VideoConcept:
    decision = decided(manager, review, video=video_order(review, **fields))
    return VideoConcept.objects.get(decision=decision)


def account(shop) -> CreditAccount:
    return CreditAccount.objects.get(workspace=shop.workspace)


def test_approving_orders_the_video_and_holds_its_price(shop, review, manager):
    concept = ordered(manager, review)
    assert (concept.state, concept.price) == ("waiting", FILM)
    assert account(shop).held == FILM
    assert account(shop).available == CREDITS - STILL - FILM
    assert Generation.objects.filter(media_kind="video").count() == 0


def test_it_starts_only_after_the_undo_window(shop, review, manager):
    concept = ordered(manager, review)
    concepts.sweep()
    assert not concepts.start(concept.public_id)
    concept = after_undo(concept)
    assert concept.state == "started"
    job = concept.generation
    assert (job.public_id, job.idempotency_key) == (concept.job_id, concept.idempotency_key)
    assert job.requested_by == manager
    assert job.campaign == review.campaign
    assert account(shop).held == FILM


def test_the_still_goes_to_rivya_as_the_reference(shop, review, manager):
    concept = after_undo(ordered(manager, review))
    shop.finish(review.brief)
    assert shop.sends().count(str(concept.idempotency_key)) == 1
    assert uses.files_of(concept.generation.reference) == [review.file]
    body = json.loads(concept.generation.body)
    assert (body["model"], body["prompt"]) == ("kling-2-6", "The mug turns slowly")
    assert concept.generation.reference_count == len(shop.rivya.files()) == 1


def test_the_film_is_a_draft_of_the_brief_and_goes_to_review_by_itself(
    shop, review, manager, owner
):
    concept = after_undo(ordered(manager, review))
    shop.finish(review.brief)
    concepts.sweep()
    film = Review.objects.get(media_kind="video")
    assert (film.brief, film.generation) == (review.brief, concept.generation)
    assert film.is_pending
    assert {one.member for one in Notice.objects.filter(event_key__contains=film.public_id)} == {
        manager,
        owner,
    }
    concepts.sweep()
    assert Review.objects.filter(media_kind="video").count() == 1
    assert review.brief.drafts.filter(generation=concept.generation, position=2).exists()


def test_rejecting_the_film_leaves_the_still_approved(shop, review, manager):
    after_undo(ordered(manager, review))
    shop.finish(review.brief)
    concepts.sweep()
    decided(manager, Review.objects.get(media_kind="video"), "rejected")
    review.refresh_from_db()
    assert review.state == "approved"


def test_a_decided_film_is_not_sent_again(shop, review, manager):
    concept = after_undo(ordered(manager, review))
    shop.finish(review.brief)
    concepts.sweep()
    decided(manager, Review.objects.get(media_kind="video"), "rejected")
    assert not concepts.send_for_review(concept.public_id)
    assert Review.objects.filter(media_kind="video").count() == 1


def test_undo_spends_nothing(shop, review, manager):
    concept = ordered(manager, review)
    actions.take_back(
        member=manager, public_id=review.public_id, decision_id=concept.decision.public_id
    )
    concept.refresh_from_db()
    assert concept.state == "taken_back"
    assert (account(shop).available, account(shop).held) == (CREDITS - STILL, 0)
    with clock.at(clock.now() + timedelta(minutes=5)):
        concepts.sweep()
    assert Generation.objects.filter(media_kind="video").count() == 0


def test_a_started_video_cannot_be_undone(shop, review, manager, owner):
    actions.change_settings(member=owner, makers_may_approve=False, undo_seconds=300)
    concept = ordered(manager, review)
    VideoConcept.objects.filter(pk=concept.pk).update(starts_at=clock.now())
    assert concepts.start(concept.public_id)
    with pytest.raises(TooLate):
        actions.take_back(
            member=manager, public_id=review.public_id, decision_id=concept.decision.public_id
        )
    assert Decision.objects.count() == 1


def test_starting_again_changes_nothing(shop, review, manager):
    concept = after_undo(ordered(manager, review))
    VideoConcept.objects.filter(pk=concept.pk).update(starts_at=clock.now())
    assert not concepts.start(concept.public_id)
    assert Generation.objects.filter(media_kind="video").count() == 1


def test_with_too_few_credits_the_decision_stands_and_the_video_waits(shop, review, manager, owner):
    shop.rivya.set_credits(20)
    wallet.read(shop.workspace, cause="test")
    concept = ordered(manager, review)
    review.refresh_from_db()
    assert review.state == "approved"
    assert (concept.state, concept.trouble) == ("needs_credits", "insufficient_credits")
    told = Notice.objects.filter(kind="video_waits")
    assert {notice.member for notice in told} == {manager, owner}
    since = concept.changed_at
    concept = after_undo(concept)
    assert (concept.state, concept.changed_at) == ("needs_credits", since)
    assert told.count() == 2
    shop.rivya.set_credits(200)
    wallet.read(shop.workspace, cause="test")
    concept = after_undo(concept)
    assert concept.state == "started"
    assert account(shop).held == FILM


def test_a_person_may_have_it_tried_at_once(shop, review, manager, seller):
    shop.rivya.set_credits(20)
    wallet.read(shop.workspace, cause="test")
    concept = ordered(manager, review)
    shop.rivya.set_credits(200)
    with pytest.raises(PermissionDenied):
        actions.try_video_again(member=seller, public_id=concept.public_id)
    assert actions.try_video_again(member=manager, public_id=concept.public_id).state == "started"


def test_over_budget_it_waits_for_the_owners_yes(shop, review, manager, owner, campaign):
    Campaign.objects.filter(pk=campaign.pk).update(budget=30)
    concept = ordered(manager, review)
    assert concept.state == "needs_budget"
    assert after_undo(concept).state == "needs_budget"
    with pytest.raises(PermissionDenied):
        actions.let_video_through(member=manager, public_id=concept.public_id)
    actions.let_video_through(member=owner, public_id=concept.public_id)
    concept.refresh_from_db()
    concept = after_undo(concept)
    assert (concept.state, concept.let_through_by) == ("started", owner)


def test_over_budget_it_starts_by_itself_once_the_budget_allows(shop, review, manager, campaign):
    Campaign.objects.filter(pk=campaign.pk).update(budget=30)
    concept = after_undo(ordered(manager, review))
    Campaign.objects.filter(pk=campaign.pk).update(budget=STILL + FILM)
    assert after_undo(concept).state == "started"


def test_a_waiting_video_can_be_given_up(shop, review, manager, campaign):
    Campaign.objects.filter(pk=campaign.pk).update(budget=30)
    concept = ordered(manager, review)
    assert actions.give_up_video(member=manager, public_id=concept.public_id).state == "taken_back"
    assert LedgerEntry.objects.filter(reference=concept.ledger_reference).count() == 0
    started = after_undo_started(shop, manager, review, campaign)
    with pytest.raises(TooLate):
        actions.give_up_video(member=manager, public_id=started.public_id)


def after_undo_started(shop, manager, review, campaign) -> VideoConcept:
    """Decided anew, with a budget that allows it."""
    Campaign.objects.filter(pk=campaign.pk).update(budget=None)
    actions.reverse_decision(member=manager, public_id=review.public_id, reason="With a video")
    return after_undo(ordered(manager, review))


def test_a_price_that_moved_is_not_taken_silently(shop, review, manager):
    with pytest.raises(PriceMoved) as refused:
        decided(manager, review, video=video_order(review, price=Decimal(54)))
    assert refused.value.price == FILM
    assert Decision.objects.count() == 0
    assert account(shop).held == 0


def test_a_model_that_went_away_is_refused_before_and_waits_after(shop, review, manager):
    with pytest.raises(ModelRefused):
        decided(manager, review, video=video_order(review, model_id="no-such-model"))
    concept = ordered(manager, review)
    shop.rivya.set(hidden_models="kling-2-6")
    catalogue.refresh()
    concept = after_undo(concept)
    assert (concept.state, concept.trouble) == ("needs_look", "model_gone")
    assert account(shop).held == FILM
    shop.rivya.set(hidden_models="")
    catalogue.refresh()
    assert after_undo(concept).state == "started"


@pytest.mark.parametrize(
    ("model_id", "problem", "code"),
    [("z-image", "", "model_gone"), ("kling-2-6", "Too large", "reference_refused")],
)
def test_a_model_that_cannot_film_this_still_is_refused(
    review, manager, monkeypatch, model_id, problem, code
):
    monkeypatch.setattr(concepts.references, "file_problem", lambda _model, _file: problem)
    with pytest.raises(ModelRefused) as refused:
        decided(manager, review, video=video_order(review, model_id=model_id))
    assert refused.value.code == code
    assert Decision.objects.count() == 0


def test_reversing_gives_up_what_has_not_started(shop, review, manager):
    concept = ordered(manager, review)
    actions.reverse_decision(member=manager, public_id=review.public_id, reason="Wrong one")
    concept.refresh_from_db()
    assert concept.state == "taken_back"
    assert account(shop).held == 0


def test_each_decision_has_a_video_of_its_own(shop, review, manager):
    first = after_undo(ordered(manager, review))
    actions.reverse_decision(member=manager, public_id=review.public_id, reason="Once more")
    second = after_undo(ordered(manager, review))
    assert first.generation != second.generation
    assert Generation.objects.filter(media_kind="video").count() == 2
