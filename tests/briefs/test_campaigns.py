"""Briefs of a campaign: who may submit to it, what it suggests, what its budget lets through."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from rivya_app.briefs import actions, prompts
from rivya_app.briefs.models import Brief
from rivya_app.credits import ledger, wallet
from rivya_app.credits.models import LedgerEntry
from rivya_app.gateway.models import CatalogueModel
from rivya_app.generations.models import Generation
from rivya_app.notices.models import Notice
from rivya_app.workspaces import campaigns
from rivya_app.workspaces.models import Role
from tests.campaigns.making import changed, made
from tests.cast import make_member
from tests.shop import typed

NEW = "/briefs/new/"
KIND = "/briefs/new/kind/"
PRICE = "/briefs/new/price/"


@pytest.fixture
def other_seller(workspace):
    return make_member(workspace, Role.SELLER, name="Bela Seller", email="bela@team.example")


def form_of(answer):
    return answer.context["form"]


# --- Who may submit ---------------------------------------------------------------------------


def test_the_form_offers_only_what_is_open_to_the_person(
    shop, seller, other_seller, manager, client_of
):
    made(manager, name="Open to all")
    made(manager, name="Asha's alone", submitters=(seller,))
    away = made(manager, name="Put away")
    campaigns.archive_campaign(member=manager, public_id=away.public_id)
    mine = client_of(seller).get(NEW).content.decode()
    theirs = client_of(other_seller).get(NEW).content.decode()
    assert "Open to all" in mine
    assert "Asha&#x27;s alone" in mine
    assert "Put away" not in mine
    assert "Open to all" in theirs
    assert "Asha&#x27;s alone" not in theirs


def test_a_campaign_that_is_not_open_is_a_wrong_field(
    shop, seller, other_seller, manager, client_of
):
    campaign = made(manager, submitters=(seller,))
    form = typed(campaign=str(campaign.public_id))
    answer = client_of(other_seller).post(NEW, form)
    assert answer.status_code == 422
    assert "takes no briefs from you" in answer.content.decode()
    assert "tea drinkers" in answer.content.decode()
    assert not Brief.objects.exists()
    assert client_of(seller).post(NEW, form).status_code == 302
    assert Brief.objects.get().campaign == campaign


def test_the_act_refuses_it_whatever_the_form_said(shop, seller, other_seller, manager, stranger):
    campaign = made(manager, submitters=(seller,))
    elsewhere = made(stranger, name="Elsewhere")
    for member, forged in ((other_seller, campaign), (seller, elsewhere)):
        with pytest.raises(PermissionDenied):
            shop.submit(member, campaign=forged)
    assert not Brief.objects.exists()
    assert shop.submit(seller, campaign=campaign).campaign == campaign


def test_nobody_else_asks_for_more_at_the_cost_of_a_campaign(
    shop, seller, other_seller, manager, client_of
):
    campaign = made(manager, submitters=(seller,))
    brief = shop.submit(seller, campaign=campaign)
    shop.finish(brief)
    again = f"/briefs/{brief.public_id}/drafts/1/attempts/"
    browser = client_of(other_seller)
    assert browser.get(again).status_code == 403
    assert browser.post(again, {"attempt": "2"}).status_code == 403
    assert browser.post(f"/briefs/{brief.public_id}/resume/").status_code == 403
    assert "attempts/" not in browser.get(f"/briefs/{brief.public_id}/").content.decode()
    assert Generation.objects.count() == 1
    assert client_of(seller).post(again, {"attempt": "2"}).status_code == 302
    assert Generation.objects.count() == 2


def test_an_archived_campaign_starts_nothing_more(shop, seller, owner, manager, client_of):
    campaign = made(manager)
    brief = shop.submit(seller, campaign=campaign)
    shop.finish(brief)
    campaigns.archive_campaign(member=manager, public_id=campaign.public_id)
    again = f"/briefs/{brief.public_id}/drafts/1/attempts/"
    for person in (seller, owner):
        assert client_of(person).post(again, {"attempt": "2"}).status_code == 403
    page = client_of(seller).get(f"/briefs/{brief.public_id}/").content.decode()
    assert "archived: nothing new is started" in page


# --- What it suggests ----------------------------------------------------------------------------


def test_a_form_asked_for_with_a_campaign_starts_from_it(shop, seller, manager, client_of):
    campaign = made(
        manager,
        channels=("story",),
        still_model_id="google-imagen4",
        video_model_id="kling-2-6",
        video_formats={"story": {"duration": "10", "ratio": "9:16"}},
        brand_notes="Deep red, brass, no people.",
    )
    browser = client_of(seller)
    form = form_of(browser.get(f"{NEW}?campaign={campaign.public_id}"))
    assert (form.model.model_id, form["channel"].value()) == ("google-imagen4", "story")
    assert form.chosen_campaign == campaign
    page = browser.get(f"{NEW}?kind=video&campaign={campaign.public_id}")
    assert form_of(page).model.model_id == "kling-2-6"
    params = form_of(page).controls.wire_params()
    assert (params["duration"], params["aspect_ratio"]) == ("10", "9:16")
    assert "Deep red, brass, no people." in page.content.decode()


def test_a_campaign_of_another_workspace_is_not_found_by_the_form(
    shop, seller, stranger, client_of
):
    elsewhere = made(stranger)
    assert client_of(seller).get(f"{NEW}?campaign={elsewhere.public_id}").status_code == 404
    assert client_of(seller).get(f"{NEW}?campaign=nonsense").status_code == 404


def test_a_campaign_one_may_not_submit_to_suggests_nothing(
    shop, seller, other_seller, manager, client_of
):
    campaign = made(manager, submitters=(seller,), still_model_id="google-imagen4")
    answer = client_of(other_seller).get(f"{NEW}?campaign={campaign.public_id}")
    assert answer.status_code == 200
    assert form_of(answer).model.model_id == "z-image"


def posted(campaign, before=None, **fields):
    """The form as it is posted once another campaign is chosen on it."""
    hidden = {"campaign_of": str(before.public_id) if before else "", "channel_of": "marketplace"}
    chosen = str(campaign.public_id) if campaign else ""
    return typed(**{**hidden, "campaign": chosen, "controls_of": "z-image", **fields})


def test_what_stood_there_by_itself_follows_the_campaign(shop, seller, manager, client_of):
    first = made(manager, still_model_id="google-imagen4", channels=("banner",))
    second = made(manager, name="Kitchen", still_model_id="nano-banana", channels=("social",))
    browser = client_of(seller)
    form = form_of(browser.post(KIND, posted(first)))
    assert (form.model.model_id, form["channel"].value()) == ("google-imagen4", "banner")
    on_first = {"model_id": "google-imagen4", "channel": "banner", "channel_of": "banner"}
    on_first["controls_of"] = "google-imagen4"
    form = form_of(browser.post(KIND, posted(second, first, **on_first)))
    assert (form.model.model_id, form["channel"].value()) == ("nano-banana", "social")
    form = form_of(browser.post(KIND, posted(None, first, **on_first)))
    assert (form.model.model_id, form["channel"].value()) == ("z-image", "marketplace")


def test_what_a_person_chose_or_typed_stays(shop, seller, manager, client_of):
    campaign = made(manager, still_model_id="google-imagen4", channels=("banner",))
    chosen = {"model_id": "nano-banana", "channel": "story", "prompt": "My own words"}
    page = client_of(seller).post(KIND, posted(campaign, controls_of="nano-banana", **chosen))
    form = form_of(page)
    assert (form.model.model_id, form["channel"].value()) == ("nano-banana", "story")
    text = page.content.decode()
    assert "Hand-thrown blue mug" in text
    assert "tea drinkers" in text
    assert "glazed stoneware" in text
    assert form["prompt"].value() == "My own words"


def test_a_video_takes_the_format_of_its_channel_and_follows_the_channel(
    shop, seller, manager, client_of
):
    campaign = made(
        manager,
        channels=("story", "banner"),
        video_model_id="kling-2-6",
        video_formats={
            "story": {"duration": "10", "ratio": "9:16"},
            "banner": {"duration": "5", "ratio": "16:9"},
        },
    )
    browser = client_of(seller)
    video = {"media_kind": "video", "model_id": "z-image", "channel": "story"}
    form = form_of(browser.post(KIND, posted(campaign, campaign, **video)))
    assert form.model.model_id == "kling-2-6"
    shown = form.controls.wire_params_so_far()
    assert (shown["duration"], shown["aspect_ratio"]) == ("10", "9:16")
    on_page = {
        "media_kind": "video",
        "model_id": "kling-2-6",
        "controls_of": "kling-2-6",
        "channel": "banner",
        "channel_of": "story",
        "param_duration": "10",
        "param_aspect_ratio": "1:1",  # chosen by the person
    }
    form = form_of(browser.post(KIND, posted(campaign, campaign, **on_page)))
    shown = form.controls.wire_params_so_far()
    assert (shown["duration"], shown["aspect_ratio"]) == ("5", "1:1")


def test_without_a_script_a_button_takes_over_what_the_campaign_suggests(
    shop, seller, manager, client_of
):
    campaign = made(manager, still_model_id="google-imagen4", brand_notes="Only brass.")
    answer = client_of(seller).post(NEW, posted(campaign, refresh="1"))
    assert answer.status_code == 200
    assert form_of(answer).model.model_id == "google-imagen4"
    assert "Only brass." in answer.content.decode()
    assert "tea drinkers" in answer.content.decode()
    assert not Brief.objects.exists()


def test_sending_takes_what_is_on_the_page_and_not_what_a_campaign_would_suggest(
    shop, seller, manager, client_of
):
    campaign = made(manager, still_model_id="google-imagen4")
    client_of(seller).post(NEW, posted(campaign))
    brief = Brief.objects.get()
    assert (brief.campaign, brief.model_id) == (campaign, "z-image")


def test_a_model_that_cannot_be_chosen_any_more_is_not_suggested(shop, seller, manager, client_of):
    campaign = made(manager, still_model_id="google-imagen4")
    CatalogueModel.objects.filter(model_id="google-imagen4").update(api_status="coming_soon")
    form = form_of(client_of(seller).get(f"{NEW}?campaign={campaign.public_id}"))
    assert form.model.model_id == "z-image"


def test_brand_notes_go_into_the_suggested_text_and_give_way_to_its_limit():
    asked = {
        "product": "Mug",
        "points": "blue",
        "audience": "",
        "channel": "shop",
        "style": "studio",
        "language": "en",
    }
    text = prompts.suggest(**asked, brand_notes="Deep red,\nbrass")
    assert text.endswith("Brand: Deep red, brass.")
    plain = prompts.suggest(**asked)
    short = prompts.suggest(**asked, brand_notes="very " * 400, limit=len(plain) + 40)
    assert short.startswith(plain)
    assert len(short) <= len(plain) + 40
    assert "Brand" not in prompts.suggest(**asked, brand_notes="red", is_spoken=True)


# --- Its budget -----------------------------------------------------------------------------------


def test_a_brief_beyond_the_budget_is_kept_and_says_why(shop, seller, manager, owner, client_of):
    campaign = made(manager, budget=1)
    browser = client_of(seller)
    place = browser.post(NEW, typed(campaign=str(campaign.public_id), draft_count="2")).headers[
        "Location"
    ]
    brief = Brief.objects.get()
    assert brief.state == Brief.State.NEEDS_BUDGET
    assert (brief.needed_credits, brief.balance_seen) == (2, 1)
    assert not Generation.objects.exists()
    assert not LedgerEntry.objects.filter(kind="hold").exists()
    page = browser.get(place).content.decode()
    assert "Not enough left: the budget of Festive table" in page
    assert "Vikram Owner, Meera Manager can raise it" in page
    assert reverse("campaigns:change", args=[campaign.public_id]) not in page
    theirs = client_of(manager).get(place).content.decode()
    assert reverse("campaigns:change", args=[campaign.public_id]) in theirs


def test_once_it_is_raised_the_brief_starts_by_one_press(shop, seller, manager, client_of):
    campaign = made(manager, budget=1)
    brief = shop.submit(seller, campaign=campaign, draft_count=2)
    browser, place = client_of(seller), f"/briefs/{brief.public_id}/"
    browser.post(f"{place}resume/")
    assert not Generation.objects.exists()
    changed(manager, campaign, budget=2)
    assert "There is room again" in browser.get(place).content.decode()
    for _press in range(2):
        browser.post(f"{place}resume/")
    brief.refresh_from_db()
    assert Generation.objects.count() == 2
    assert (brief.state, brief.waiting_positions) == ("started", [])


def test_a_new_attempt_beyond_the_budget_keeps_its_changes(shop, seller, manager, client_of):
    campaign = made(manager, budget=1)
    brief = shop.submit(seller, campaign=campaign)
    shop.finish(brief)
    browser, place = client_of(seller), f"/briefs/{brief.public_id}/"
    wanted = {
        "attempt": "2",
        "model_id": "z-image",
        "prompt": "A red mug",
        "controls_of": "z-image",
    }
    browser.post(f"{place}drafts/1/attempts/", {**wanted, "param_aspect_ratio": "3:4"})
    brief.refresh_from_db()
    assert brief.state == Brief.State.NEEDS_BUDGET
    changed(manager, campaign, budget=5)
    browser.post(f"{place}resume/")
    newest = shop.job(brief)
    assert Generation.objects.count() == 2
    assert "A red mug" in newest.body


def test_managers_and_owners_are_told_once(shop, seller, manager, owner):
    campaign = made(manager, budget=0)
    brief = shop.submit(seller, campaign=campaign)
    actions.resume(member=seller, public_id=brief.public_id)
    told = Notice.objects.filter(kind="over_budget")
    assert {notice.member for notice in told} == {manager, owner}
    assert told.count() == 2
    assert "Festive table" in told[0].sentence
    assert not Notice.objects.filter(kind="low_credits").exists()


def test_a_budget_that_reaches_still_needs_credits(shop, seller, manager, owner):
    campaign = made(manager, budget=1000)
    shop.rivya.set_credits(0)
    wallet.read(shop.workspace, cause="test")
    brief = shop.submit(seller, campaign=campaign)
    assert brief.state == Brief.State.NEEDS_CREDITS
    assert not Notice.objects.filter(kind="over_budget").exists()


def test_the_price_says_what_is_left_of_the_budget_and_warns(shop, seller, manager, client_of):
    campaign = made(manager, budget=3)
    browser = client_of(seller)
    page = browser.post(PRICE, typed(campaign=str(campaign.public_id), draft_count="2"))
    assert page.context["price"].budget_after == 1
    assert "Campaign budget after" in page.content.decode()
    assert "does not cover this" not in page.content.decode()
    page = browser.post(PRICE, typed(campaign=str(campaign.public_id), draft_count="4"))
    assert page.context["price"].budget_after == -1
    assert "The budget of Festive table does not cover this" in page.content.decode()
    assert "Campaign budget" not in browser.post(PRICE, typed()).content.decode()


def test_more_than_was_held_may_be_reserved_and_is_shown(shop, seller, manager, client_of):
    campaign = made(manager, budget=1)
    shop.submit(seller, campaign=campaign)
    job = Generation.objects.get()
    with transaction.atomic():
        ledger.confirm_reserved(job.reference, 4)
    page = client_of(seller).get(reverse("campaigns:show-campaign", args=[campaign.public_id]))
    assert (page.context["money"].over, page.context["money"].left) == (3, 0)
    waiting = shop.submit(seller, campaign=campaign)
    text = client_of(seller).get(f"/briefs/{waiting.public_id}/").content.decode()
    assert "nothing; 3 credits over it" in text


# --- Where it is named ----------------------------------------------------------------------------


def test_lists_and_pages_lead_to_the_campaign_and_narrow_to_it(shop, seller, manager, client_of):
    campaign = made(manager)
    mine = shop.submit(seller, campaign=campaign, product="Brass lamp")
    shop.submit(seller, product="Plain mug")
    board = reverse("campaigns:show-campaign", args=[campaign.public_id])
    browser = client_of(seller)
    assert f'href="{board}"' in browser.get(f"/briefs/{mine.public_id}/").content.decode()
    everything = browser.get("/briefs/").content.decode()
    assert f'href="{board}"' in everything
    assert "Plain mug" in everything
    narrowed = browser.get(f"/briefs/?campaign={campaign.public_id}").content.decode()
    assert "Brass lamp" in narrowed
    assert "Plain mug" not in narrowed
    assert "Plain mug" in browser.get("/briefs/?campaign=nonsense").content.decode()


def test_the_list_finds_what_waits_for_budget(shop, seller, manager, client_of):
    shop.submit(seller, campaign=made(manager, budget=0), product="Brass lamp")
    shop.submit(seller, product="Plain mug")
    page = client_of(seller).get("/briefs/?state=over_budget").content.decode()
    assert "Brass lamp" in page
    assert "Plain mug" not in page
    assert "Waiting for budget" in page
