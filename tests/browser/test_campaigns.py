"""Campaigns before a real browser: what a brief takes over, and the checklist in place."""

import re

from playwright.sync_api import Page, expect

from rivya_app.reviews import checklist
from rivya_app.workspaces.models import Campaign
from tests.campaigns.making import made


def test_a_chosen_campaign_brings_its_start_and_keeps_what_is_typed(as_seller: Page, site, manager):
    made(
        manager,
        budget=5,
        still_model_id="google-imagen4",
        channels=("banner",),
        brand_notes="Only brass.",
    )
    page = as_seller
    page.goto(f"{site}/briefs/new/")
    page.get_by_label("What do you sell?").fill("Brass lamp")
    page.get_by_label("What should the picture show?").fill("warm light")
    page.get_by_label("Campaign").focus()
    page.get_by_label("Campaign").select_option(label="Festive table")
    expect(page.locator(".brand-notes")).to_contain_text("Only brass.")
    expect(page.locator("[name=model_id]:checked")).to_have_value("google-imagen4")
    expect(page.locator("[name=channel]:checked")).to_have_value("banner")
    expect(page.get_by_label("What do you sell?")).to_have_value("Brass lamp")
    expect(page.locator("#id_prompt")).to_have_value(re.compile("Brand: Only brass"))
    expect(page.locator("#price")).to_contain_text("does not cover this")
    expect(page.get_by_label("Campaign")).to_be_focused()


def test_the_checklist_and_the_formats_change_in_place(
    page: Page, site, sign_in, manager, complaints
):
    sign_in(page.context, manager)
    page.goto(f"{site}/campaigns/new/")
    page.get_by_label("Name", exact=True).fill("Kitchen")
    first = checklist.words_of(checklist.USUAL[0])
    page.get_by_role("button", name=f"Move “{first}” down").click()
    expect(page.locator(".item").nth(1)).to_contain_text(first)
    expect(page.get_by_role("button", name=f"Move “{first}” down")).to_be_focused()
    page.get_by_role("button", name="Add an item").click()
    expect(page.get_by_placeholder("What to look at")).to_be_focused()
    page.keyboard.type("The lid is on")
    page.get_by_label("Model for videos").select_option("sora-2")
    page.get_by_text("Video length and shape by channel").click()
    expect(page.locator("#id_duration-story")).to_contain_text("15")
    page.locator("#id_duration-story").select_option("15")
    page.get_by_role("button", name="Make the campaign").click()
    expect(page.get_by_role("heading", name="Kitchen")).to_be_visible()
    campaign = Campaign.objects.get()
    assert [item.code for item in checklist.items_of(campaign)][:2] == ["claims", "product"]
    assert checklist.items_of(campaign)[-1].text == "The lid is on"
    assert campaign.video_formats == {"story": {"duration": "15"}}


def test_the_board_is_whole_on_a_phone(
    page: Page, site, sign_in, shop, seller, manager, complaints
):
    campaign = made(manager, budget=100)
    for number in range(5):
        shop.submit(seller, campaign=campaign, product=f"Mug {number}")
    sign_in(page.context, seller)
    page.set_viewport_size({"width": 360, "height": 720})
    page.goto(f"{site}/campaigns/{campaign.public_id}/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    expect(page.locator(".board-card:visible")).to_have_count(3)
    page.get_by_role("link", name="Show all 5").click()
    expect(page.locator(".board-card:visible")).to_have_count(5)
