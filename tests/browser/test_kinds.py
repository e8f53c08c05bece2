"""From a photograph to a playing film and from lines to a playing voice, in a browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from rivya_app.briefs.models import Brief
from rivya_app.library import derivatives
from rivya_app.library.models import Derivative, StoredFile
from tests.browser.forms import press_create
from tests.browser.test_references import HERE, pick, sent

PLAYS = """media => new Promise((done, fail) => {
  media.addEventListener('timeupdate', () => { if (media.currentTime > 0.1) done(true); });
  media.addEventListener('error', () => fail(media.error));
  media.muted = true;
  media.play().catch(fail);
})"""


def begin(page: Page, site: str, kind: str, model_id: str) -> None:
    page.goto(f"{site}/briefs/new/?model_id={model_id}")
    if not page.locator(f"[name=media_kind][value={kind}]").is_checked():
        page.locator(f"[name=media_kind][value={kind}]").check(force=True)
        page.locator("#model-fold summary").click()
        page.locator(f"[name=model_id][value={model_id}]").check()
    expect(page.locator(f"[name=controls_of][value={model_id}]")).to_have_count(1)
    page.get_by_label("What do you sell?").fill("Blue mug")
    page.locator("[name=draft_count][value='1']").check(force=True)


def finish(shop, page: Page) -> None:
    shop.finish(Brief.objects.get())
    for row in Derivative.objects.filter(state="pending"):
        derivatives.make(row.pk)
    page.reload()
    expect(page.locator("article.job")).to_have_attribute("data-state", "succeeded")


def test_a_photograph_becomes_a_film_that_plays(as_seller: Page, site: str, shop) -> None:
    page = as_seller
    begin(page, site, "video", "grok-imagine-video")
    page.locator("#id_points").fill("a slow turn")
    pick(page, sent("mug.png"))
    expect(page.locator(HERE)).to_have_count(1)
    expect(page.locator("#price")).to_contain_text("10 credits")
    press_create(page)
    finish(shop, page)
    (task,) = shop.rivya.tasks()
    assert [item["kind"] for item in task["params"]["referenceMediaItems"]] == ["image"]
    page.locator("article.job .job-title").click()
    film = page.locator("video").first
    expect(film).to_have_attribute("poster", re.compile("/made/poster/"))
    assert film.evaluate("film => film.autoplay") is False
    assert film.evaluate(PLAYS)


def test_lines_become_a_voice_that_plays(as_seller: Page, site: str, shop) -> None:
    page = as_seller
    begin(page, site, "audio", "elevenlabs-dialogue-v3")
    lines = page.locator("[data-lines] [data-line]")
    lines.nth(0).locator("select").select_option("Sarah")
    lines.nth(0).locator("textarea").fill("Is that the blue mug?")
    lines.nth(1).locator("select").select_option("Adam")
    lines.nth(1).locator("textarea").fill("It is. It holds three hundred millilitres.")
    press_create(page)
    finish(shop, page)
    (task,) = shop.rivya.tasks()
    assert [line["voice"] for line in task["params"]["dialogue"]] == ["Sarah", "Adam"]
    page.locator("article.job .job-title").click()
    expect(page.locator("sound-wave svg").first).to_be_visible()
    assert page.locator("audio").first.evaluate(PLAYS)


@pytest.mark.usefixtures("shop")
def test_another_model_keeps_what_it_has_too(as_seller: Page, site: str) -> None:
    page = as_seller
    begin(page, site, "image", "nano-banana-2")
    page.locator("#controls-fold summary").click()
    page.locator("[name=param_aspect_ratio]").select_option("4:3")
    page.locator("[name=param_resolution]").select_option("2K")
    page.locator("#model-fold summary").click()
    page.locator("[name=model_id][value=nano-banana-pro]").check()
    expect(page.locator("[name=controls_of][value=nano-banana-pro]")).to_have_count(1)
    expect(page.locator("[name=param_aspect_ratio]")).to_have_value("4:3")
    expect(page.locator("[name=param_resolution]")).to_have_value("2K")
    page.locator("[name=model_id][value=z-image]").check()
    expect(page.locator("[name=controls_of][value=z-image]")).to_have_count(1)
    expect(page.locator("[name=param_aspect_ratio]")).to_have_value("4:3")
    expect(page.locator("[name=param_resolution]")).to_have_count(0)


def test_a_new_attempt_shows_its_price_before_and_its_changes_after(
    as_seller: Page, site: str, shop, seller
) -> None:
    page = as_seller
    brief = shop.submit(seller, product="Blue mug", prompt="A blue mug on a table")
    shop.finish(brief)
    page.goto(f"{site}/jobs/{shop.job(brief).public_id}/")
    page.get_by_role("link", name=re.compile("Change")).first.click()
    expect(page.get_by_role("heading", name="Change and try again")).to_be_visible()
    text = page.locator("#id_prompt")
    expect(text).to_have_value("A blue mug on a table")
    text.fill("A green mug on a table")
    expect(page.locator("#price")).to_contain_text("1 credit")
    page.locator("#attempt-form button.button-primary").click()
    expect(page).to_have_url(re.compile("/briefs/"))
    shop.finish(brief)
    page.goto(f"{site}/jobs/{shop.job(brief).public_id}/")
    expect(page.locator("del").first).to_contain_text("blue")
    expect(page.locator("ins").first).to_contain_text("green")
    assert StoredFile.objects.filter(state="stored").count() == 2
