"""Decisions: by whom, on which bytes, with what ticked; taken back, reversed, never changed."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import Http404

from rivya_app.core import clock
from rivya_app.core.models import AppendOnlyError
from rivya_app.notices.models import Notice
from rivya_app.reviews import actions, pins
from rivya_app.reviews.models import Decision, Review
from rivya_app.reviews.refusals import (
    AlreadyDecided,
    BytesChanged,
    ChecklistOpen,
    OwnWork,
    TooLate,
    WordsMissing,
)
from rivya_app.workspaces.models import Campaign
from tests.cast import make_member
from tests.reviewing import asked, decided, verdict


@pytest.fixture
def review(shop, seller):
    return asked(shop, seller)


@pytest.fixture
def campaign(workspace):
    return Campaign.objects.create(workspace=workspace, name="Diwali")


def stored(name: str) -> bytes:
    with default_storage.open(name) as content:
        return content.read()


def in_campaign(shop, seller, campaign):
    return asked(shop, seller, campaign=campaign)


def test_it_keeps_who_decided_what_on_which_bytes(review, manager, seller):
    decision = decided(manager, review, note="Good light.")
    review.refresh_from_db()
    assert (review.state, review.closed_at is not None) == ("approved", True)
    assert (decision.member, decision.role) == (manager, "manager")
    assert decision.sha256 == review.sha256 == review.file.sha256
    assert [item["code"] for item in decision.checklist if item["is_ticked"]] == [
        "product",
        "claims",
        "rights",
        "artefacts",
        "brand",
        "channel",
    ]
    notice = Notice.objects.get(kind="decided")
    assert notice.member == seller
    assert "approved by Meera Manager" in notice.sentence


def test_a_decision_is_never_changed(review, manager):
    decision = decided(manager, review)
    decision.note = "other words"
    with pytest.raises(AppendOnlyError):
        decision.save()


def test_the_second_decider_is_told_who_was_first(review, manager, owner):
    first = decided(manager, review)
    with pytest.raises(AlreadyDecided) as refused:
        decided(owner, review, "rejected")
    assert refused.value.decision == first
    assert Decision.objects.count() == 1


@pytest.mark.parametrize("person", ["seller", "researcher", "support", "stranger"])
def test_only_managers_and_owners_of_the_workspace_decide(review, person, request):
    with pytest.raises(Http404):
        decided(request.getfixturevalue(person), review)


def test_only_the_deciders_of_a_campaign_decide_in_it(shop, seller, manager, workspace, campaign):
    named = make_member(workspace, "manager", name="Named", email="named@team.example")
    campaign.deciders.add(named)
    review = in_campaign(shop, seller, campaign)
    assert {one.member for one in Notice.objects.filter(kind="review_asked")} == {named}
    with pytest.raises(Http404):
        decided(manager, review)
    assert decided(named, review).member == named


def test_nobody_approves_their_own_work_unless_the_campaign_allows_it(
    shop, manager, owner, campaign
):
    review = in_campaign(shop, manager, campaign)
    with pytest.raises(OwnWork):
        decided(manager, review)
    Campaign.objects.filter(pk=campaign.pk).update(makers_may_approve=True)
    assert decided(manager, review).kind == "approved"


def test_without_a_campaign_the_workspace_says_whether_makers_may_approve(shop, manager, owner):
    review = asked(shop, manager)
    with pytest.raises(OwnWork):
        decided(manager, review)
    actions.change_settings(member=owner, makers_may_approve=True, undo_seconds=10)
    assert decided(manager, review).kind == "approved"


def test_one_may_reject_ones_own_work(shop, manager):
    assert decided(manager, asked(shop, manager), "rejected").kind == "rejected"


def test_required_ticks_stand_against_an_approval(review, manager):
    with pytest.raises(ChecklistOpen) as refused:
        decided(manager, review, ticked=frozenset({"product", "brand"}))
    assert [item.code for item in refused.value.items] == ["claims", "rights", "artefacts"]
    assert decided(manager, review, "rejected", ticked=frozenset()).kind == "rejected"


def test_a_campaign_has_a_checklist_of_its_own(shop, seller, manager, campaign):
    campaign.checklist = [
        {"code": "product", "is_required": False},
        {"code": "own-1", "text": "The lamp is lit", "is_required": True},
    ]
    campaign.save()
    review = in_campaign(shop, seller, campaign)
    with pytest.raises(ChecklistOpen) as refused:
        decided(manager, review, ticked=frozenset({"product", "claims"}))
    assert [item.text for item in refused.value.items] == ["The lamp is lit"]
    decision = decided(manager, review, ticked=frozenset({"own-1"}))
    assert decision.checklist == [
        {"code": "product", "text": "", "is_required": False, "is_ticked": False},
        {"code": "own-1", "text": "The lamp is lit", "is_required": True, "is_ticked": True},
    ]


@pytest.mark.parametrize("kind", ["changes_wanted", "rejected"])
def test_changes_and_rejections_need_words(review, manager, kind):
    with pytest.raises(WordsMissing):
        decided(manager, review, kind, note="  ")


def test_a_pin_is_words_enough_for_changes_and_is_kept_with_the_decision(review, manager):
    place = pins.Place(Decimal("12.50"), Decimal("99"))
    pin = pins.put(
        member=manager,
        public_id=review.public_id,
        sha256=review.sha256,
        place=place,
        note="Too dark",
    )
    decision = decided(manager, review, "changes_wanted", note="")
    assert decision.pins == [{"x": 12.5, "y": 99.0, "seconds": None, "note": "Too dark"}]
    with pytest.raises(AlreadyDecided):
        pins.reword(
            member=manager, public_id=review.public_id, pin_id=pin.public_id, note="Brighter"
        )
    with pytest.raises(AlreadyDecided):
        pins.remove(member=manager, public_id=review.public_id, pin_id=pin.public_id)


def test_a_pin_holds_on_to_the_file_it_was_put_on(review, manager):
    place = pins.Place(Decimal(1), Decimal(1))
    with pytest.raises(BytesChanged):
        pins.put(member=manager, public_id=review.public_id, sha256="0" * 64, place=place, note="x")


def test_it_refuses_what_was_not_on_the_screen(review, manager):
    with pytest.raises(BytesChanged):
        decided(manager, review, sha256="0" * 64)
    assert Decision.objects.count() == 0


def test_it_refuses_bytes_that_changed_on_the_disk(review, manager):
    name = review.file.storage_name
    before = stored(name)
    default_storage.delete(name)
    default_storage.save(name, ContentFile(before[:-1] + bytes([before[-1] ^ 1])))
    with pytest.raises(BytesChanged):
        decided(manager, review)
    default_storage.delete(name)
    with pytest.raises(BytesChanged):
        decided(manager, review)
    default_storage.save(name, ContentFile(before))
    assert decided(manager, review).kind == "approved"


def test_a_decision_is_taken_back_within_its_window(review, manager):
    decision = decided(manager, review)
    back = actions.take_back(
        member=manager, public_id=review.public_id, decision_id=decision.public_id
    )
    assert back.is_pending
    kinds = list(Decision.objects.order_by("number").values_list("kind", flat=True))
    assert kinds == ["approved", "taken_back"]
    again = actions.take_back(
        member=manager, public_id=review.public_id, decision_id=decision.public_id
    )
    assert again.is_pending
    assert Decision.objects.count() == 2
    assert decided(manager, review, "rejected").number == 3


def test_it_is_not_taken_back_later_or_by_another(review, manager, owner):
    decision = decided(manager, review)
    with pytest.raises(TooLate):
        actions.take_back(member=owner, public_id=review.public_id, decision_id=decision.public_id)
    later = clock.now() + timedelta(seconds=11)
    with clock.at(later), pytest.raises(TooLate):
        actions.take_back(
            member=manager, public_id=review.public_id, decision_id=decision.public_id
        )


def test_the_owner_sets_the_window(review, manager, owner):
    actions.change_settings(member=owner, makers_may_approve=False, undo_seconds=60)
    decision = decided(manager, review)
    with clock.at(clock.now() + timedelta(seconds=50)):
        assert actions.take_back(
            member=manager, public_id=review.public_id, decision_id=decision.public_id
        ).is_pending


def test_a_reversal_needs_a_reason_and_adds_a_row(review, manager, owner):
    decided(manager, review)
    with pytest.raises(WordsMissing):
        actions.reverse_decision(member=owner, public_id=review.public_id, reason=" ")
    opened = actions.reverse_decision(
        member=owner, public_id=review.public_id, reason="The badge is not ours."
    )
    assert opened.is_pending
    newest = Decision.objects.order_by("-number").first()
    assert (newest.kind, newest.member, newest.note) == (
        "reversed",
        owner,
        "The badge is not ours.",
    )
    with pytest.raises(TooLate):
        actions.reverse_decision(member=owner, public_id=review.public_id, reason="again")


def test_what_was_asked_for_anew_is_not_opened_twice(review, manager, seller):
    decision = decided(manager, review, "rejected")
    asked_anew = actions.request_review(member=seller, file_ids=[review.file.public_id])[0]
    assert asked_anew.pk != review.pk
    with pytest.raises(TooLate):
        actions.take_back(
            member=manager, public_id=review.public_id, decision_id=decision.public_id
        )
    assert Review.objects.filter(state="pending").count() == 1


def test_a_verdict_names_the_reviews_own_list(review, manager):
    """Ticks of codes that are not on the list count for nothing."""
    with pytest.raises(ChecklistOpen):
        decided(manager, review, ticked=frozenset({"everything"}))
    assert verdict(review).ticked >= {"product"}
