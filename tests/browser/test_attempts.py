"""A draft tried again with changes, from the brief to what changed, in a real browser."""

from playwright.sync_api import expect


def test_it_tries_a_draft_again_with_changes(as_seller, site, shop, seller):
    shop.rivya.fault("instant")
    brief = shop.submit(seller)
    shop.finish(brief)
    page = as_seller
    page.goto(f"{site}/briefs/{brief.public_id}/")
    page.get_by_role("link", name="Change and try again").click()
    page.get_by_role("textbox", name="Text for the model").fill("A green mug on a marble table")
    page.locator("#model-fold > summary").click()
    page.locator("[name=model_id][value='google-imagen4']").check()
    expect(page.locator("#controls [name=controls_of]")).to_have_value("google-imagen4")
    expect(page.locator("#price")).to_contain_text("8 credits")
    expect(page.locator("#chosen-model")).to_have_text("Google Imagen 4")
    page.get_by_role("button", name="Start this attempt").click()
    page.wait_for_url(f"**/briefs/{brief.public_id}/")
    job = shop.finish(brief)
    assert (job.model_id, job.draft.attempt) == ("google-imagen4", 2)
    page.goto(f"{site}/jobs/{job.public_id}/")
    expect(page.locator("ins").first).to_contain_text("green")
    expect(page.locator("del").first).to_contain_text("blue")
