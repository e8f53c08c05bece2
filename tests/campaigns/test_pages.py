"""The list of campaigns and the form, as managers use them and others are kept from."""

import pytest
from django.urls import reverse

from rivya_app.gateway.models import CatalogueModel
from rivya_app.reviews import checklist
from rivya_app.workspaces import campaigns
from rivya_app.workspaces.models import Campaign
from tests.campaigns.making import changed, made, typed_campaign

NEW = "/campaigns/new/"


def change_url(campaign):
    return reverse("campaigns:change", args=[campaign.public_id])


# --- The list ------------------------------------------------------------------------------------


def test_it_lists_what_is_in_use_and_the_archive_behind_a_filter(
    shop, seller, manager, stranger, client_of
):
    made(stranger, name="Elsewhere")
    made(manager, name="Kitchen", budget=100)
    old = made(manager, name="Last Diwali")
    campaigns.archive_campaign(member=manager, public_id=old.public_id)
    browser = client_of(seller)
    page = browser.get("/campaigns/").content.decode()
    assert "Kitchen" in page
    assert "Last Diwali" not in page
    assert "Elsewhere" not in page
    assert "Last Diwali" in browser.get("/campaigns/?show=archived").content.decode()
    found = browser.get("/campaigns/?show=all&q=DIWALI&sort=ends").content.decode()
    assert "Last Diwali" in found
    assert "Kitchen" not in found
    assert "Nothing matches" in browser.get("/campaigns/?q=nothing+like+it").content.decode()


def test_it_shows_counts_and_money_of_each(shop, seller, manager, client_of):
    campaign = made(manager, budget=10)
    shop.finish(shop.submit(seller, campaign=campaign, draft_count=2))
    shop.submit(seller, campaign=campaign)
    [row] = client_of(seller).get("/campaigns/").context["rows"]
    assert [(str(words), number) for words, number, _url in row.stages] == [
        ("Being made", 1),
        ("To be sent for review", 1),
    ]
    assert (row.money.spent, row.money.held, row.money.left) == (2, 1, 7)


def test_only_those_who_may_are_offered_to_make_or_change(shop, seller, manager, client_of):
    campaign = made(manager)
    board = reverse("campaigns:show-campaign", args=[campaign.public_id])
    for person, is_offered in ((seller, False), (manager, True)):
        browser = client_of(person)
        assert (f'href="{NEW}"' in browser.get("/campaigns/").content.decode()) == is_offered
        assert (change_url(campaign) in browser.get(board).content.decode()) == is_offered


# --- The form -------------------------------------------------------------------------------------


def test_it_makes_a_campaign_of_everything_typed(shop, seller, manager, client_of):
    form = typed_campaign(
        starts_on="2026-10-01",
        ends_on="2026-11-12",
        channels=["story", "social"],
        brand_notes="Warm light",
        submitters=[str(seller.public_id)],
        deciders=[str(manager.public_id)],
        makers_may_approve="on",
        still_model_id="z-image",
        video_model_id="kling-2-6",
        **{"duration-story": "10", "ratio-story": "9:16"},
    )
    answer = client_of(manager).post(NEW, form)
    campaign = Campaign.objects.get()
    board = reverse("campaigns:show-campaign", args=[campaign.public_id])
    assert (answer.status_code, answer.headers["Location"]) == (302, board)
    assert campaign.budget == 100
    assert set(campaign.channels) == {"story", "social"}
    assert list(campaign.submitters.all()) == [seller]
    assert list(campaign.deciders.all()) == [manager]
    assert campaign.makers_may_approve
    assert campaign.video_formats == {"story": {"duration": "10", "ratio": "9:16"}}
    assert campaign.checklist == []  # the usual one, which may improve
    page = client_of(seller).get(board).content.decode()
    assert "Warm light" in page
    assert "made the campaign" in page


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "This field is required"),
        ("budget", "-1", "greater than or equal to 0"),
        ("budget", "many", "Enter a number"),
        ("ends_on", "2020-01-01", "before it starts"),
        ("channels", "moon", "not one of the available choices"),
        ("submitters", "00000000-0000-4000-8000-000000000000", "not one of the available"),
        ("still_model_id", "no-such-model", "not one of the available"),
        ("duration-story", "soon", "Look at the video formats"),
        ("item-0-code", "own-0000000a", "Keep"),
    ],
)
def test_it_names_what_is_wrong_and_keeps_what_was_typed(
    shop, manager, client_of, field, value, said
):
    form = typed_campaign(starts_on="2026-10-01", brand_notes="Warm light", **{field: value})
    if field == "item-0-code":  # one row alone, and an empty one
        form = {key: text for key, text in form.items() if not key.startswith("item-")}
        form[field] = value
    answer = client_of(manager).post(NEW, form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert "Warm light" in page
    assert not Campaign.objects.exists()


def test_a_taken_name_is_said_at_the_name(shop, manager, client_of):
    made(manager, name="festive TABLE")
    answer = client_of(manager).post(NEW, typed_campaign())
    assert answer.status_code == 422
    assert "name" in answer.context["form"].errors
    assert Campaign.objects.count() == 1


def test_it_names_nobody_of_another_workspace(shop, manager, stranger, client_of):
    form = typed_campaign(deciders=[str(stranger.public_id)])
    answer = client_of(manager).post(NEW, form)
    assert answer.status_code == 422
    assert "Sana Stranger" not in answer.content.decode()
    assert not Campaign.objects.exists()


def test_lowering_the_budget_below_what_is_used_is_allowed_and_said(
    shop, seller, manager, client_of
):
    campaign = made(manager, budget=10)
    shop.submit(seller, campaign=campaign, draft_count=3)
    answer = client_of(manager).post(change_url(campaign), typed_campaign(budget="1"), follow=True)
    page = answer.content.decode()
    assert "2 credits below what is used already" in page
    assert "2 over the budget" in page
    campaign.refresh_from_db()
    assert campaign.budget == 1


def test_a_change_by_somebody_else_meanwhile_is_said_and_may_be_sent_again(
    shop, manager, owner, client_of
):
    campaign = made(manager, budget=10)
    browser = client_of(manager)
    seen = browser.get(change_url(campaign)).context["form"]["seen_at"].value()
    changed(owner, campaign, budget=50)
    form = typed_campaign(budget="20", seen_at=seen)
    answer = browser.post(change_url(campaign), form)
    assert answer.status_code == 422
    assert "Vikram Owner changed this campaign" in answer.content.decode()
    form["seen_at"] = answer.context["form"]["seen_at"].value()
    assert browser.post(change_url(campaign), form).status_code == 302
    campaign.refresh_from_db()
    assert campaign.budget == 20


def test_what_changed_is_shown_in_words(shop, seller, manager, owner, client_of):
    campaign = made(manager, budget=10)
    changed(owner, campaign, budget=25, channels=("story",))
    page = (
        client_of(seller)
        .get(reverse("campaigns:show-campaign", args=[campaign.public_id]))
        .content.decode()
    )
    assert "<del>10 credits</del> <ins>25 credits</ins>" in page
    assert "<ins>Story or reel</ins>" in page


def test_a_model_that_went_away_is_kept_and_named(shop, manager, client_of):
    campaign = made(manager, still_model_id="google-imagen4")
    CatalogueModel.objects.filter(model_id="google-imagen4").update(api_status="coming_soon")
    browser = client_of(manager)
    assert "Not open for the API yet." in browser.get(change_url(campaign)).content.decode()
    form = typed_campaign(still_model_id="google-imagen4")
    assert browser.post(change_url(campaign), form).status_code == 302


def test_archiving_asks_first_and_can_be_undone(shop, seller, manager, client_of):
    campaign = made(manager)
    url, browser = reverse("campaigns:archive", args=[campaign.public_id]), client_of(manager)
    assert browser.get(url).status_code == 200
    campaign.refresh_from_db()
    assert not campaign.is_archived
    browser.post(url, {"to": "archived"})
    campaign.refresh_from_db()
    assert campaign.is_archived
    board = reverse("campaigns:show-campaign", args=[campaign.public_id])
    assert "?campaign=" not in client_of(seller).get(board).content.decode()
    browser.post(url, {"to": "in_use"})
    assert "?campaign=" in client_of(seller).get(board).content.decode()


# --- The checklist, without a script --------------------------------------------------------------


def items_of(answer):
    return [(row.item.code, row.item.text) for row in answer.context["form"].items]


def test_buttons_add_move_and_remove_rows_and_keep_nothing_yet(shop, manager, client_of):
    browser = client_of(manager)
    usual = [item.code for item in checklist.USUAL]
    answer = browser.post(NEW, typed_campaign(brand_notes="Warm light", add_item="1"))
    assert answer.status_code == 200
    assert "Warm light" in answer.content.decode()
    assert len(items_of(answer)) == len(usual) + 1
    moved = items_of(browser.post(NEW, typed_campaign(item_down="0")))
    assert [code for code, _text in moved][:2] == [usual[1], usual[0]]
    moved = items_of(browser.post(NEW, typed_campaign(item_up="0")))
    assert [code for code, _text in moved] == usual
    fewer = browser.post(NEW, typed_campaign(remove_item="0"))
    assert [code for code, _text in items_of(fewer)] == usual[1:]
    assert "Put back the usual items" in fewer.content.decode()
    back = browser.post(NEW, typed_campaign(remove_item="0", usual_items="1"))
    assert len(items_of(back)) == len(usual)
    for nonsense in ("99", "-1", "x", ""):
        assert len(items_of(browser.post(NEW, typed_campaign(remove_item=nonsense)))) == len(usual)
    assert not Campaign.objects.exists()


def test_own_items_in_any_language_are_what_a_review_asks(shop, manager, client_of):
    form = {
        "name": "Festive table",
        "item-0-code": "",
        "item-0-text": "दीये की लौ सीधी है",
        "item-0-required": "on",
        "item-1-code": "claims",
        "item-2-code": "own-0a0b0c0d",
        "item-2-text": "  ",
    }
    assert client_of(manager).post(NEW, form).status_code == 302
    first, second = checklist.items_of(Campaign.objects.get())
    assert (checklist.words_of(first), first.is_required) == ("दीये की लौ सीधी है", True)
    assert (second.code, second.is_required) == ("claims", False)


def test_an_item_twice_or_too_long_is_said(shop, manager, client_of):
    twice = {
        "name": "Festive table",
        "item-0-code": "",
        "item-0-text": "Logo",
        "item-1-code": "",
        "item-1-text": "logo",
        "item-2-code": "",
        "item-2-text": "long " * 50,
    }
    answer = client_of(manager).post(NEW, twice)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "in the list already" in page
    assert "At most 200 characters" in page


def test_the_lengths_and_shapes_are_those_of_the_chosen_model(shop, manager, client_of):
    browser = client_of(manager)
    answer = browser.post(NEW, typed_campaign(video_model_id="sora-2", refresh="1"))
    cells = {cell.name: cell for row in answer.context["form"].formats for cell in row.cells}
    assert [value for value, _words in cells["duration-story"].choices] == ["", "10", "15"]
    assert [value for value, _words in cells["ratio-story"].choices] == [
        "",
        "landscape",
        "portrait",
    ]
    generic = browser.post(NEW, typed_campaign(refresh="1")).context["form"].formats
    assert all(cell.choices == [] for row in generic for cell in row.cells)
    wrong = browser.post(NEW, typed_campaign(video_model_id="sora-2", **{"duration-story": "5"}))
    assert wrong.status_code == 422
    assert "This model does not take “5”." in wrong.content.decode()


@pytest.mark.parametrize("language", ["en", "hi"])
def test_every_page_opens_in_both_languages(shop, seller, manager, client_of, language):
    campaign = made(manager, budget=10, brand_notes="Warm", video_model_id="kling-2-6")
    shop.submit(seller, campaign=campaign)
    manager.user.language = language
    manager.user.save()
    browser = client_of(manager)
    board = reverse("campaigns:show-campaign", args=[campaign.public_id])
    for url in (
        "/campaigns/",
        NEW,
        board,
        f"{board}?stage=making",
        f"{board}?stage=handed",
        f"{board}cost/",
        f"{board}change/",
        f"{board}archive/",
    ):
        answer = browser.get(url)
        assert answer.status_code == 200
        assert f'lang="{language}"' in answer.content.decode()
