"""From the form to the picture on the screen, in a browser."""

import hashlib
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from rivya_app.briefs.models import Brief
from rivya_app.credits import wallet
from rivya_app.generations.models import Generation
from rivya_app.library.models import StoredFile
from tests.browser.forms import press_create, write_brief, write_own_prompt


def test_it_shows_a_draft_from_queued_to_its_picture_without_reloading(as_seller, site, shop):
    write_brief(as_seller, site)
    press_create(as_seller)
    as_seller.evaluate("window.stays = true")
    card = as_seller.locator("article.job")
    expect(card).to_have_attribute("data-state", "queued")
    shop.finish(Brief.objects.get())
    expect(card).to_have_attribute("data-state", "succeeded")
    picture = card.get_by_role("img")
    expect(picture).to_have_attribute("alt", "Draft 1 of Blue mug")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    assert as_seller.evaluate("window.stays") is True
    expect(as_seller.locator("#announcer")).to_contain_text("Blue mug is ready")
    expect(as_seller.locator("#unread-badge")).to_contain_text("1")


def test_it_asks_no_more_once_nothing_is_open(as_seller, site, shop):
    write_brief(as_seller, site)
    press_create(as_seller)
    shop.finish(Brief.objects.get())
    expect(as_seller.locator("#live[data-url]")).to_have_count(0)
    asked: list[str] = []
    as_seller.on("request", lambda request: asked.append(request.url))
    as_seller.wait_for_timeout(2500)  # longer than the pause between two questions
    assert asked == []


def test_it_hands_over_the_very_bytes_it_stored(as_seller, site, shop):
    write_brief(as_seller, site)
    press_create(as_seller)
    shop.finish(Brief.objects.get())
    with as_seller.expect_download() as download:
        as_seller.get_by_role("link", name="Download").click()
    content = Path(download.value.path()).read_bytes()
    assert hashlib.sha256(content).hexdigest() == StoredFile.objects.get().sha256
    assert download.value.suggested_filename.lower().startswith("blue")


def test_it_makes_one_brief_of_a_double_click(as_seller, site):
    write_brief(as_seller, site)
    as_seller.get_by_role("button", name="Create the drafts").dblclick()
    expect(as_seller.get_by_role("heading", name="Blue mug", level=1)).to_be_visible()
    assert (Brief.objects.count(), Generation.objects.count()) == (1, 1)


def test_it_makes_one_brief_of_going_back_and_sending_again(as_seller, site):
    write_brief(as_seller, site)
    press_create(as_seller)
    as_seller.go_back()
    as_seller.get_by_role("button", name="Create the drafts").click()
    expect(as_seller.get_by_role("heading", name="Blue mug", level=1)).to_be_visible()
    assert (Brief.objects.count(), Generation.objects.count()) == (1, 1)


def test_it_makes_another_brief_of_going_back_and_changing_the_words(as_seller, site):
    write_brief(as_seller, site)
    press_create(as_seller)
    as_seller.go_back()
    as_seller.get_by_label("What do you sell?").fill("Green mug")
    press_create(as_seller)
    expect(as_seller.get_by_role("heading", name="Green mug", level=1)).to_be_visible()
    assert Brief.objects.count() == 2


def test_it_explains_a_failed_draft_and_offers_a_new_attempt(as_seller, site, shop):
    shop.rivya.fault("fail", times=1)
    write_brief(as_seller, site)
    press_create(as_seller)
    shop.finish(Brief.objects.get())
    card = as_seller.locator("article.job")
    expect(card).to_have_attribute("data-state", "failed")
    expect(card).to_contain_text("none were taken in the end")
    as_seller.get_by_role("button", name="Same again").click()
    expect(as_seller.get_by_role("link", name="Draft 1 · attempt 2")).to_be_visible()
    shop.finish(Brief.objects.get())
    expect(as_seller.locator("article.job[data-state=succeeded]")).to_have_count(1)


def test_it_names_balance_need_and_owner_when_credits_are_low(as_seller, site, shop):
    shop.rivya.set_credits(1)
    wallet.read(shop.workspace, cause="test")
    write_brief(as_seller, site, drafts=4)
    expect(as_seller.locator("#price")).to_contain_text("does not cover this")
    press_create(as_seller)
    message = as_seller.get_by_role("group", name="Not enough credits")
    expect(message).to_contain_text("4 credits")
    expect(message).to_contain_text("1 credit")
    expect(message).to_contain_text("Vikram Owner")
    assert shop.rivya.tasks() == []
    shop.rivya.set_credits(100)
    wallet.read(shop.workspace, cause="test")
    as_seller.get_by_role("button", name="Try again").click()
    expect(as_seller.locator("article.job")).to_have_count(4)


def test_it_works_without_javascript(browser: Browser, site, shop, seller, sign_in):
    context = browser.new_context(java_script_enabled=False)
    sign_in(context, seller)
    page = context.new_page()
    page.set_default_timeout(10_000)
    write_brief(page, site)
    page.get_by_text("Change", exact=True).click()
    page.get_by_role("radio", name="4o Image").check()
    page.get_by_role("button", name="Show this model’s settings").click()
    page.get_by_text("Settings of 4o Image").click()
    page.get_by_label("Picture size").or_(page.locator("[name=param_size]")).first.select_option(
        "3:2"
    )
    press_create(page)
    shop.finish(Brief.objects.get())
    page.reload()
    expect(page.get_by_role("img", name="Draft 1")).to_be_visible()
    brief = Brief.objects.get()
    assert (brief.model_id, brief.params["size"]) == ("4o-image", "3:2")
    assert "Blue mug" in brief.prompt
    context.close()


def test_it_makes_one_brief_of_going_back_without_javascript(
    browser: Browser, site, seller, sign_in
):
    context = browser.new_context(java_script_enabled=False)
    sign_in(context, seller)
    page = context.new_page()
    page.goto(site)  # as one gets to the form; its cookies are part of what the browser keeps by
    write_brief(page, site)
    press_create(page)
    page.go_back()
    press_create(page)
    assert (Brief.objects.count(), Generation.objects.count()) == (1, 1)
    context.close()


@pytest.mark.parametrize("typed", ["", "My own words for the model"])
def test_it_sends_the_suggested_text_unless_the_person_wrote_their_own(as_seller, site, typed):
    write_brief(as_seller, site)
    expect(as_seller.get_by_label("Text for the model")).to_have_value(re.compile("Blue mug"))
    if typed:
        write_own_prompt(as_seller, typed)
        as_seller.get_by_label("What do you sell?").fill("Green mug")
    press_create(as_seller)
    sent = Brief.objects.get().prompt
    assert sent == typed if typed else "Blue mug" in sent
