"""What a seller types is kept, counted and pointed at."""

import re

from playwright.sync_api import expect

from rivya_app.briefs.models import Brief
from tests.browser.forms import press_create, write_brief


def test_it_points_at_the_first_wrong_field_and_keeps_the_others(as_seller, site, complaints):
    as_seller.goto(f"{site}/briefs/new/")
    as_seller.get_by_label("What do you sell?").fill("Blue mug")
    as_seller.get_by_role("radio", name="Festive").check(force=True)
    as_seller.get_by_role("button", name="Create the drafts").click()
    expect(as_seller.get_by_role("alert")).to_contain_text("What should the picture show?")
    expect(as_seller.get_by_label("What should the picture show?")).to_be_focused()
    expect(as_seller.get_by_label("What do you sell?")).to_have_value("Blue mug")
    expect(as_seller.get_by_role("radio", name="Festive")).to_be_checked()
    complaints.clear()  # the browser's own line about the 422
    assert not Brief.objects.exists()


def test_it_brings_back_what_was_typed_before_the_page_was_left(as_seller, site):
    as_seller.on("dialog", lambda dialog: dialog.accept())
    write_brief(as_seller, site)
    as_seller.goto(f"{site}/briefs/")
    as_seller.goto(f"{site}/briefs/new/")
    expect(as_seller.get_by_label("What do you sell?")).to_have_value("Blue mug")


def test_it_warns_before_typed_words_are_lost(as_seller, site):
    asked = []
    as_seller.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    write_brief(as_seller, site)
    as_seller.get_by_role("link", name="Briefs").first.click()
    expect(as_seller).to_have_url(re.compile("/briefs/$"))
    assert asked == ["beforeunload"]


def test_it_starts_empty_again_once_a_brief_was_sent(as_seller, site):
    write_brief(as_seller, site)
    press_create(as_seller)
    as_seller.goto(f"{site}/briefs/new/")
    expect(as_seller.get_by_label("What do you sell?")).to_have_value("")


def test_it_follows_the_chosen_model_with_settings_price_and_limit(as_seller, site):
    write_brief(as_seller, site, drafts=2)
    expect(as_seller.locator("#prompt-count")).to_contain_text("/ 1,000")
    as_seller.get_by_text("Change", exact=True).click()
    as_seller.get_by_role("radio", name="Google Imagen 4", exact=False).first.check()
    expect(as_seller.locator("#price")).to_contain_text("16 credits")
    expect(as_seller.locator("#prompt-count")).to_contain_text("/ 5,000")
    as_seller.locator("#controls-fold summary").click()
    expect(as_seller.locator("[name=param_negative_prompt]")).to_be_visible()


def test_it_marks_a_text_that_is_too_long(as_seller, site):
    write_brief(as_seller, site)
    as_seller.get_by_label("Text for the model").fill("x" * 1001)
    expect(as_seller.locator("#prompt-count")).to_have_class(re.compile("is-over"))
    as_seller.get_by_role("button", name="Use the suggested text again").click()
    expect(as_seller.get_by_label("Text for the model")).to_have_value(re.compile("Blue mug"))
