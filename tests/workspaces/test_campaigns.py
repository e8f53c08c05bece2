"""Making, changing and archiving campaigns, and the trace they leave."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.http import Http404

from rivya_app.workspaces import campaigns
from rivya_app.workspaces.models import Campaign, CampaignChange
from tests.campaigns.making import changed, made, wanted_campaign

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("person", ["manager", "owner"])
def test_it_makes_a_campaign_and_says_who_did(request, person, seller):
    member = request.getfixturevalue(person)
    campaign = made(member, budget=120, submitters=(seller,), channels=("story",))
    campaign.refresh_from_db()
    assert (campaign.budget, campaign.channels) == (120, ["story"])
    assert list(campaign.submitters.all()) == [seller]
    change = campaign.changes.get()
    assert (change.member, change.kind, change.facts) == (member, "made", {})


@pytest.mark.parametrize("person", ["seller", "researcher", "support"])
def test_it_lets_nobody_else_make_change_or_archive(request, person, manager):
    campaign, member = made(manager), request.getfixturevalue(person)
    for act in (
        lambda: made(member, name="Another"),
        lambda: changed(member, campaign, name="Another"),
        lambda: campaigns.archive_campaign(member=member, public_id=campaign.public_id),
        lambda: campaigns.unarchive_campaign(member=member, public_id=campaign.public_id),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert Campaign.objects.count() == 1
    assert CampaignChange.objects.count() == 1


def test_it_finds_no_campaign_of_another_workspace(manager, stranger):
    campaign = made(manager)
    with pytest.raises(Http404):
        changed(stranger, campaign, name="Ours now")
    with pytest.raises(Http404):
        campaigns.archive_campaign(member=stranger, public_id=campaign.public_id)


def test_it_names_only_people_of_the_workspace(manager, stranger):
    with pytest.raises(PermissionDenied):
        made(manager, deciders=(stranger,))
    assert not Campaign.objects.exists()


def test_a_name_is_taken_in_any_case_but_only_in_this_workspace(manager, stranger):
    campaign = made(manager)
    with pytest.raises(campaigns.NameTaken):
        made(manager, name="FESTIVE TABLE")
    other = made(manager, name="Kitchen")
    with pytest.raises(campaigns.NameTaken):
        changed(manager, other, name="festive table")
    assert made(stranger).name == campaign.name
    assert not other.changes.filter(kind="changed").exists()


def test_a_change_leaves_what_was_and_what_is(manager, owner, seller):
    campaign = made(manager, budget=100)
    changed(owner, campaign, budget=250, submitters=(seller,), brand_notes="Warm light")
    change = campaign.changes.first()
    assert (change.member, change.kind) == (owner, "changed")
    assert change.facts == {
        "budget": ["100.00", "250.00"],
        "brand_notes": ["", "Warm light"],
        "submitters": [[], ["Asha Seller"]],
    }


def test_a_change_of_nothing_leaves_no_trace(manager):
    campaign = made(manager, budget=100)
    before = campaign.changed_at
    changed(manager, campaign, budget=100)
    campaign.refresh_from_db()
    assert campaign.changed_at == before
    assert campaign.changes.count() == 1


def test_it_says_that_somebody_changed_it_meanwhile(manager, owner):
    campaign = made(manager)
    seen = campaign.changed_at
    changed(owner, campaign, budget=50)
    with pytest.raises(campaigns.ChangedMeanwhile) as refusal:
        campaigns.change_campaign(
            member=manager,
            public_id=campaign.public_id,
            wanted=wanted_campaign(budget=900),
            seen_at=seen,
        )
    assert refusal.value.change.member == owner
    campaign.refresh_from_db()
    assert campaign.budget == 50
    again = campaigns.change_campaign(
        member=manager,
        public_id=campaign.public_id,
        wanted=wanted_campaign(budget=900),
        seen_at=campaign.changed_at,
    )
    assert again.budget == Decimal(900)


def test_archiving_twice_is_once(manager, owner):
    campaign = made(manager)
    for _press in range(2):
        campaigns.archive_campaign(member=owner, public_id=campaign.public_id)
    assert campaign.changes.filter(kind="archived").count() == 1
    for _press in range(2):
        campaigns.unarchive_campaign(member=owner, public_id=campaign.public_id)
    campaign.refresh_from_db()
    assert not campaign.is_archived
    assert [row.kind for row in campaign.changes.all()] == ["unarchived", "archived", "made"]


def test_the_trace_is_kept_by_the_database(manager):
    change = made(manager).changes.get()
    rows = CampaignChange.objects.filter(pk=change.pk)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        rows.update(kind="archived")
    assert connection.connection is not None
    assert rows.get().kind == "made"
