"""The board: each brief in its stage, numbers as the ledger has them, who is waited for."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rivya_app.briefs import actions as briefs
from rivya_app.campaigns import stages
from rivya_app.core import clock
from rivya_app.credits.models import LedgerEntry
from rivya_app.handoff.models import Package, PackageItem
from rivya_app.reviews import actions as reviews
from rivya_app.workspaces.models import Role
from tests.campaigns.making import changed, made
from tests.cast import make_member
from tests.reviewing import after_undo, approved, asked, decided, results_of, verdict, video_order


@pytest.fixture
def campaign(shop, manager):
    return made(manager, budget=500)


def board(client, campaign):
    return client.get(reverse("campaigns:show-campaign", args=[campaign.public_id]))


def stage_of(brief):
    found = stages.board(brief.campaign)
    assert found.count == 1
    return found.places[0].step


def packed(review, member):
    """A package of this review's file, as one that is ready looks like."""
    package = Package.objects.create(
        workspace=review.workspace,
        campaign=review.campaign,
        form_token=uuid4(),
        title="For the shop",
        made_by=member,
        state=Package.State.READY,
        built_at=clock.now(),
        next_build_at=None,
        manifest={},
    )
    return PackageItem.objects.create(
        package=package,
        position=1,
        brief=review.brief,
        review=review,
        decision=review.decisions.get(),
        file=review.file,
        sha256=review.sha256,
        alt_text="A blue mug",
    )


def test_a_brief_goes_from_stage_to_stage(shop, seller, manager, campaign):
    brief = shop.submit(seller, campaign=campaign)
    assert stage_of(brief) == "running"
    shop.finish(brief)
    assert stage_of(brief) == "to_send"
    review = asked(shop, seller, brief=brief)
    assert stage_of(brief) == "decision"
    decided(manager, review, "changes_wanted")
    assert stage_of(brief) == "changes"
    shop.finish(brief)
    briefs.new_attempt(member=seller, public_id=brief.public_id, position=1, attempt=2)
    assert stage_of(brief) == "running"
    shop.finish(brief)
    assert stage_of(brief) == "to_send"
    second = reviews.request_review(member=seller, file_ids=[results_of(brief)[1].public_id])[0]
    decided(manager, second)
    assert stage_of(brief) == "approved"
    packed(second, seller)
    assert stage_of(brief) == "handed"


def test_what_was_rejected_withdrawn_or_failed_stands_where_it_belongs(
    shop, seller, manager, campaign
):
    review = asked(shop, seller, campaign=campaign)
    reviews.withdraw(member=seller, public_id=review.public_id)
    assert stage_of(review.brief) == "to_send"
    again = reviews.request_review(member=seller, file_ids=[review.file.public_id])[0]
    decided(manager, again, "rejected")
    assert stage_of(review.brief) == "rejected"


def test_a_failed_brief_waits_for_its_seller(shop, seller, campaign, client_of):
    shop.rivya.fault("fail", times=1)
    brief = shop.submit(seller, campaign=campaign)
    shop.finish(brief)
    assert stage_of(brief) == "failed"
    waits = board(client_of(seller), campaign).context["waits"]
    assert [line.words for line in waits] == [
        "1 brief failed and waits for a change by Asha Seller"
    ]


def test_only_briefs_of_this_campaign_count(shop, seller, manager, campaign):
    shop.submit(seller)
    shop.submit(seller, campaign=made(manager, name="Kitchen"))
    assert stages.board(campaign).count == 0
    assert stages.counts([campaign])[campaign.pk]["making"] == 0


def test_its_numbers_are_the_ledgers_to_the_credit(shop, seller, manager, campaign, client_of):
    approved(shop, seller, manager, campaign=campaign, draft_count=2)
    approved(shop, seller, manager, campaign=campaign, model_id="google-imagen4")
    running = shop.submit(seller, campaign=campaign, draft_count=3)
    page = board(client_of(manager), campaign)
    entries = LedgerEntry.objects.filter(campaign=campaign)
    sums = entries.aggregate(moved=Sum("amount"), spent=Sum("spent"))
    money = page.context["money"]
    assert (money.used, money.spent) == (-sums["moved"], sums["spent"])
    assert (money.spent, money.held) == (Decimal(10), Decimal(3))
    assert money.left == 500 - 13
    assert money.per_approved == Decimal("5.00")
    cards = [card for column in page.context["columns"] for card in column.cards]
    assert sum(card.spent for card in cards) == money.spent
    assert sum(card.held for card in cards) == money.held
    [open_card] = [card for card in cards if card.brief == running]
    assert (open_card.held, open_card.spent) == (3, 0)
    cost = client_of(seller).get(reverse("campaigns:show-cost", args=[campaign.public_id]))
    assert (cost.context["sum"].used, cost.context["sum"].spent) == (money.used, money.spent)


def test_a_video_that_waits_counts_in_card_and_budget(shop, seller, manager, campaign, client_of):
    review = asked(shop, seller, campaign=campaign)
    decision = reviews.decide(
        member=manager,
        public_id=review.public_id,
        verdict=verdict(review, video=video_order(review)),
    )
    page = board(client_of(manager), campaign)
    [card] = [card for column in page.context["columns"] for card in column.cards]
    price = decision.concept.price
    assert (card.stage, card.held) == ("approved", price)
    assert page.context["money"].held == price
    after_undo(decision.concept)
    assert stage_of(review.brief) == "running"


def test_a_video_beyond_the_budget_waits_for_the_owner(shop, seller, manager, owner, client_of):
    campaign = made(manager, budget=1)
    review = asked(shop, seller, campaign=campaign)
    reviews.decide(
        member=manager,
        public_id=review.public_id,
        verdict=verdict(review, video=video_order(review)),
    )
    waits = [line.words for line in board(client_of(manager), campaign).context["waits"]]
    assert "1 video waits for a yes beyond the budget: Vikram Owner can give it" in waits
    assert "1 approved brief waits to be handed over" in waits


def test_without_an_approved_file_it_names_no_price_of_one(shop, seller, campaign, client_of):
    shop.finish(shop.submit(seller, campaign=campaign))
    page = board(client_of(seller), campaign)
    assert page.context["money"].per_approved is None
    assert "<dd>–</dd>" in page.content.decode()


def test_it_says_who_is_waited_for_the_oldest_first(
    shop, seller, manager, owner, workspace, campaign, client_of
):
    bela = make_member(workspace, Role.SELLER, name="Bela Seller", email="bela@team.example")
    changed(manager, campaign, budget=500, deciders=(owner,))
    for member in (seller, seller, bela):
        shop.finish(shop.submit(member, campaign=campaign))
    waiting = asked(shop, bela, campaign=campaign)
    changed(manager, campaign, budget=0, deciders=(owner,))
    shop.submit(seller, campaign=campaign)
    page = board(client_of(seller), campaign)
    assert [line.words for line in page.context["waits"]] == [
        "2 briefs wait for Asha Seller to send a draft for review",
        "1 brief waits for Bela Seller to send a draft for review",
        "1 brief waits for a decision by Vikram Owner",
        "1 brief waits for budget: Vikram Owner, Meera Manager can raise it",
    ]
    times = [line.since for line in page.context["waits"]]
    assert times == sorted(times)
    decision = page.context["columns"][2]
    assert (decision.stage, decision.total) == ("decision", 1)
    assert decision.cards[0].brief == waiting.brief
    assert decision.cards[0].waits == "To be decided by Vikram Owner"


def test_a_column_shows_its_first_and_leads_to_all(shop, seller, campaign, client_of, monkeypatch):
    monkeypatch.setattr(stages, "SHOWN", 2)
    names = [f"Mug {number}" for number in range(3)]
    for name in names:
        shop.submit(seller, campaign=campaign, product=name)
    browser = client_of(seller)
    page = board(browser, campaign)
    making = page.context["columns"][0]
    assert (making.total, [card.brief.product for card in making.cards]) == (3, names[:2])
    assert "Show all 3" in page.content.decode()
    everything = browser.get(making.url)
    shown = [card.brief.product for card in everything.context["page"].object_list]
    assert shown == names
    second = browser.get(f"{making.url}&page=99")
    assert second.status_code == 200


def test_an_unknown_stage_is_the_board(shop, campaign, client_of, seller):
    url = reverse("campaigns:show-campaign", args=[campaign.public_id])
    assert "columns" in client_of(seller).get(f"{url}?stage=nonsense").context


def test_it_asks_the_same_number_of_questions_however_many_briefs(
    shop, seller, manager, campaign, client_of
):
    def questions():
        browser = client_of(manager)
        found = []
        for url in (
            reverse("campaigns:show-campaign", args=[campaign.public_id]),
            reverse("campaigns:show-campaign", args=[campaign.public_id]) + "?stage=to_send",
            reverse("campaigns:index"),
        ):
            browser.get(url)
            with CaptureQueriesContext(connection) as seen:
                browser.get(url)
            found.append(len(seen))
        return found

    def fill():
        approved(shop, seller, manager, campaign=campaign)
        asked(shop, seller, campaign=campaign)
        shop.finish(shop.submit(seller, campaign=campaign, draft_count=2))

    fill()
    few = questions()
    for _round in range(3):
        fill()
    shop.submit(seller, campaign=made(manager, name="Kitchen"))
    assert questions() == few
    assert max(few) <= 25
