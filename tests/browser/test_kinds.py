"""The form follows the kind and the model, keeps what is typed, and says when a model went away."""

from playwright.sync_api import expect

from rivya_app.gateway.models import CatalogueModel

DIALOGUE = "elevenlabs-dialogue-v3"


def choose_dialogue(page, site):
    page.goto(f"{site}/briefs/new/")
    page.get_by_label("What do you sell?").fill("Blue mug")
    page.get_by_role("radio", name="Sound").check(force=True)
    expect(page.get_by_label("What should be said or heard?")).to_be_visible()
    page.locator("#model-fold summary").click()
    page.locator(f"[value={DIALOGUE}]").check()
    expect(page.locator("[data-line]")).to_have_count(2)


def test_it_keeps_what_is_typed_when_the_kind_changes(as_seller, site):
    choose_dialogue(as_seller, site)
    expect(as_seller.get_by_label("What do you sell?")).to_have_value("Blue mug")
    expect(as_seller.locator("#prompt-unneeded")).to_be_visible()
    expect(as_seller.locator("#id_prompt")).to_have_value("")
    expect(as_seller.locator("#price")).to_contain_text("at least 28 credits")


def test_it_adds_moves_and_removes_lines(as_seller, site):
    choose_dialogue(as_seller, site)
    texts = as_seller.locator("[data-line] textarea")
    texts.nth(0).fill("First")
    texts.nth(1).fill("Second")
    as_seller.get_by_role("button", name="Add a line").click()
    expect(texts).to_have_count(3)
    expect(texts.nth(2)).to_be_focused()
    as_seller.get_by_role("button", name="Move this line down").first.click()
    expect(texts.nth(0)).to_have_value("Second")
    as_seller.get_by_role("button", name="Remove this line").nth(2).click()
    expect(texts).to_have_count(2)
    expect(texts.nth(1)).to_have_value("First")


def test_it_says_that_the_model_of_a_kept_draft_went_and_goes_on_with_another(as_seller, site):
    choose_dialogue(as_seller, site)
    as_seller.locator("[data-line] textarea").first.fill("Namaste!")
    CatalogueModel.objects.filter(model_id=DIALOGUE).update(gone_at="2026-01-01T00:00Z")
    as_seller.on("dialog", lambda dialog: dialog.accept())
    as_seller.goto(f"{site}/briefs/")
    as_seller.goto(f"{site}/briefs/new/")
    expect(as_seller.locator("#lost-model")).to_contain_text("no longer lists this model")
    expect(as_seller.locator("[data-line] textarea").first).to_have_value("Namaste!")
    as_seller.locator("[data-switch]").click()
    expect(as_seller.locator("#lost-model")).to_have_count(0)
    expect(as_seller.locator("[data-chosen-model]")).to_have_text("ElevenLabs Turbo 2.5")
    expect(as_seller.get_by_label("What do you sell?")).to_have_value("Blue mug")
