"""Results in a real browser: looking closely, comparing, playing films and sound."""

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Page, expect

from rivya_app.generations.models import Generation
from rivya_app.library import derivatives, jobs, vault
from rivya_app.library.models import Derivative, StoredFile
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.test_everybody import wrongs
from tests.library.conftest import Server, body

PICTURES = Path(os.environ.get("PICTURES", ""))
WHERE = """() => {
  const box = document.querySelector('[data-pane] img').getBoundingClientRect();
  return [box.left, box.top, box.width, box.height].map(Math.round);
}"""
WHERE_BOTH = """() => [...document.querySelectorAll('[data-pane] img')].map(image => {
  const box = image.getBoundingClientRect(), pane = image.parentElement.getBoundingClientRect();
  return [(box.left - pane.left) / box.width, box.width / pane.width].map(n => n.toFixed(3)).join();
})"""
PLAYED = """film => new Promise(done => film.addEventListener('timeupdate', () => {
  if (film.currentTime > 0.2) done(film.currentTime);
}))"""
SOUGHT = """film => new Promise(done => {
  film.addEventListener('seeked', () => done(film.currentTime), {once: true});
  film.currentTime = 4;
})"""


@pytest.fixture
def server() -> Iterator[Server]:
    this = Server()
    yield this
    this.close()


def drawing(width: int, height: int, tint: str = "teal") -> bytes:
    out = io.BytesIO()
    image = Image.new("RGB", (width, height), tint)
    for number in range(0, width, 100):
        image.paste((250, 240, 200), (number, 0, number + 3, height))
        image.paste((20, 20, 40), (0, number, width, number + 3))
    image.save(out, "PNG")
    return out.getvalue()


def finished(shop, seller, kind="image", model_id="z-image", **params) -> Generation:
    shop.rivya.fault("instant")
    return shop.finish(shop.submit(seller, media_kind=kind, model_id=model_id, params=params))


def make_derivatives() -> None:
    for row in Derivative.objects.filter(state="pending"):
        derivatives.make(row.pk)


@pytest.fixture
def three(shop, seller, server) -> Generation:
    """A job with its own picture, a large one and one of other proportions."""
    job = finished(shop, seller, aspect_ratio="1:1")
    server.answers["/1.png"] = body(drawing(3000, 2000))
    server.answers["/2.png"] = body(drawing(600, 900, "maroon"))
    links = ["http://none.example/", f"{server.url}/1.png", f"{server.url}/2.png"]
    with transaction.atomic():
        vault.expect(
            workspace=job.workspace, made_by=seller, source=job.reference, urls=links,
            expected_kind="image", title=job.title,
        )  # fmt: skip
    for file in StoredFile.objects.filter(state="pending"):
        jobs.copy(file.pk)
    make_derivatives()
    return job


def keep(page: Page, name: str) -> None:
    if PICTURES.name:
        page.screenshot(path=PICTURES / f"{name}.png")


def look(page: Page, site: str, job: Generation, query: str = "file=2") -> None:
    page.goto(f"{site}{reverse('generations:view-results', args=[job.public_id])}?{query}")
    expect(page.locator("[data-viewer][data-live]")).to_be_visible()


def percent(page: Page, words: str) -> None:
    expect(page.locator("[data-zoom-shown]")).to_have_text(words)


def test_it_opens_from_the_job_and_gives_the_focus_back(as_seller, site, three):
    page = as_seller
    page.goto(f"{site}{reverse('generations:show-job', args=[three.public_id])}")
    keep(page, "job-three")
    page.locator("#result-2").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-pane]")).to_be_focused()
    keep(page, "viewer")
    page.keyboard.press("Escape")
    expect(page.locator("#result-2")).to_be_in_viewport()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('li').querySelector('#result-2') !== null")


def test_it_zooms_by_key_and_shows_the_picture_itself_when_it_is_near(as_seller, site, three):
    page = as_seller
    look(page, site, three)
    image = page.locator("[data-pane] img")
    left, top, width, height = page.evaluate(WHERE)
    assert abs(width / height - 1.5) < 0.01
    assert "/made/web/" in image.get_attribute("src")
    page.keyboard.press("1")
    percent(page, "100 %")
    assert page.evaluate(WHERE)[2:] == [3000, 2000]
    expect(page.locator("[data-pane] img:not([src*='/made/'])")).to_have_count(1)
    before = page.evaluate(WHERE)
    page.keyboard.press("ArrowRight")
    assert page.evaluate(WHERE)[0] < before[0]
    for _press in range(30):
        page.keyboard.press("ArrowRight")
    assert page.evaluate(WHERE)[0] == 1440 - 3000  # its right edge, and no further
    page.keyboard.press("2")
    percent(page, "200 %")
    keep(page, "viewer-200")
    page.keyboard.press("0")
    assert page.evaluate(WHERE) == [left, top, width, height]


def test_it_keeps_the_point_under_the_wheel_and_moves_by_dragging(as_seller, site, three):
    page = as_seller
    look(page, site, three)
    left, top, width, height = page.evaluate(WHERE)
    x, y = left + width * 0.25, top + height * 0.25
    page.mouse.move(x, y)
    for _turn in range(6):
        page.mouse.wheel(0, -120)
    page.wait_for_timeout(50)
    now = page.evaluate(WHERE)
    assert now[2] > 2 * width
    assert abs((x - now[0]) / now[2] - 0.25) < 0.01
    assert abs((y - now[1]) / now[3] - 0.25) < 0.01
    page.mouse.down()
    page.mouse.move(x - 80, y - 40, steps=4)
    page.mouse.up()
    after = page.evaluate(WHERE)
    assert (now[0] - after[0], now[1] - after[1]) == (80, 40)
    page.mouse.dblclick(x, y)
    percent(page, f"{round(width / 30)} %")


def test_it_turns_to_the_next_result_by_key_and_keeps_what_it_is_compared_with(
    as_seller, site, three
):
    page = as_seller
    look(page, site, three)
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**file=3")
    expect(page.locator("[data-pane]")).to_be_focused()
    expect(page.locator("[data-next]")).to_have_count(0)
    page.keyboard.press("k")
    page.wait_for_url("**file=2")
    page.select_option("#viewer-with", label="Result 1")
    page.wait_for_url("**with=*")
    page.keyboard.press("j")
    page.wait_for_url("**file=3&with=*")
    expect(page.locator("[data-pane]")).to_have_count(2)


def test_it_compares_two_of_different_sizes_part_by_part(as_seller, site, three):
    page = as_seller
    other = StoredFile.objects.get(source=three.reference, position=0)
    look(page, site, three, f"file=2&with={other.public_id}")
    keep(page, "viewer-side")
    page.locator("[data-pane]").first.focus()
    for _press in range(5):
        page.keyboard.press("+")
    page.keyboard.press("ArrowRight")
    keep(page, "viewer-side-near")
    locked = page.evaluate(WHERE_BOTH)
    page.keyboard.press("z")
    expect(page.locator("[data-lock]")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("ArrowLeft")
    apart = page.evaluate(WHERE_BOTH)
    assert apart[0] != locked[0]
    assert apart[1] == locked[1]
    page.keyboard.press("z")
    page.keyboard.press("w")
    expect(page.locator("[data-viewer]")).to_have_attribute("data-mode", "wipe")
    page.keyboard.press("0")
    wipe = page.get_by_label("Wipe: Result 2 on the left, Result 1 on the right")
    wipe.focus()
    wipe.press("End")
    assert (
        page.evaluate("getComputedStyle(document.querySelectorAll('[data-pane]')[1]).clipPath")
        == "inset(0px 0px 0px 100%)"
    )
    line = page.locator("[data-line]")
    wipe.press("Home")
    for _step in range(40):
        wipe.press("ArrowRight")
    keep(page, "viewer-wipe")
    box = line.bounding_box()
    page.mouse.move(box["x"] + 22, 400)
    page.mouse.down()
    page.mouse.move(720, 400, steps=3)
    page.mouse.up()
    assert wipe.input_value() == "50"


def test_it_works_without_a_script(browser, site, sign_in, seller, three):
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 1440, "height": 900}
    )
    sign_in(context, seller)
    page = context.new_page()
    page.goto(f"{site}{reverse('generations:view-results', args=[three.public_id])}?file=2")
    box = page.locator("[data-pane] img").bounding_box()
    assert box["width"] <= 1440
    assert box["height"] <= 900
    assert abs(box["width"] / box["height"] - 1.5) < 0.01
    page.get_by_role("link", name="200 %").click()
    assert page.locator("[data-pane] img").bounding_box()["width"] == 6000
    page.get_by_role("link", name="Fit").click()
    page.select_option("#viewer-with", label="Result 3")
    page.get_by_role("button", name="Compare").click()
    panes = [pane.bounding_box() for pane in page.locator("[data-pane]").all()]
    assert panes[1]["x"] > panes[0]["x"]
    keep(page, "viewer-no-script")
    page.get_by_role("link", name="Next result").click()
    page.get_by_role("link", name="Close").click()
    page.wait_for_url("**#result-3")
    context.close()


def test_it_turns_by_swipe_and_zooms_by_pinch_on_a_phone(browser, site, sign_in, seller, three):
    context = browser.new_context(
        viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2
    )
    sign_in(context, seller)
    page = context.new_page()
    look(page, site, three)
    keep(page, "viewer-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    for part in page.locator(
        ".viewer a:visible, .viewer button:visible, .viewer select:visible"
    ).all():
        box = part.bounding_box()
        assert min(box["width"], box["height"]) >= 40, part.inner_text()
    wide = context.new_cdp_session(page)

    def touch(kind, *points):
        wide.send("Input.dispatchTouchEvent", {
            "type": kind,
            "touchPoints": [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)],
        })  # fmt: skip

    before = page.evaluate(WHERE)
    touch("touchStart", (160, 400), (230, 400))
    for step in range(1, 8):
        touch("touchMove", (160 - 10 * step, 400), (230 + 10 * step, 400))
    touch("touchEnd")
    page.wait_for_timeout(50)
    after = page.evaluate(WHERE)
    assert after[2] == pytest.approx(before[2] * 3, rel=0.1)
    page.goto(page.url)
    expect(page.locator("[data-viewer][data-live]")).to_be_visible()
    touch("touchStart", (300, 400))
    for step in range(1, 8):
        touch("touchMove", (300 - 25 * step, 402))
    touch("touchEnd")
    page.wait_for_url("**file=3")
    context.close()


def test_it_plays_a_film_from_its_poster(as_seller, site, shop, seller):
    job = finished(shop, seller, "video", "kling-2-6", sound="true", aspect_ratio="16:9")
    make_derivatives()
    page = as_seller
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site}{reverse('briefs:of-job', args=[job.public_id])}")
    film = page.locator("video")
    expect(film).to_be_visible()
    assert not [url for url in asked if StoredFile.objects.get().url == url.removeprefix(site)]
    page.goto(f"{site}{reverse('generations:show-job', args=[job.public_id])}")
    box = film.bounding_box()
    file = StoredFile.objects.get()
    assert box["width"] / box["height"] == pytest.approx(file.width / file.height, rel=0.01)
    assert film.evaluate("film => [film.paused, film.muted, film.autoplay]") == [True, False, False]
    keep(page, "job-film")
    film.evaluate("film => film.play()")
    expect(page.locator("video")).to_have_js_property("paused", False)
    assert film.evaluate(PLAYED) > 0.2
    assert film.evaluate(SOUGHT) == pytest.approx(4, abs=0.05)


def test_it_draws_sound_seeks_in_it_and_plays_one_at_a_time(as_seller, site, shop, seller):
    job = finished(shop, seller, "audio", "suno-music")
    make_derivatives()
    page = as_seller
    page.goto(f"{site}{reverse('generations:show-job', args=[job.public_id])}")
    waves = page.get_by_role("slider")
    expect(waves).to_have_count(2)
    keep(page, "job-sound")
    box = waves.first.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 20)
    expect(waves.first).to_have_attribute("aria-valuetext", "0:15 of 0:30")
    expect(page.locator("audio").first).to_have_js_property("readyState", 4)
    waves.first.press("ArrowRight")
    expect(waves.first).to_have_attribute("aria-valuetext", "0:20 of 0:30")
    waves.first.press("Space")
    expect(page.locator("audio").first).to_have_js_property("paused", False)
    keep(page, "job-sound-playing")
    waves.nth(1).press("Enter")
    expect(page.locator("audio").nth(1)).to_have_js_property("paused", False)
    expect(page.locator("audio").first).to_have_js_property("paused", True)


@pytest.mark.parametrize(
    ("theme", "size"), [("light", DESKTOP), ("dark", {"width": 360, "height": 740})]
)
def test_it_breaks_no_rule_of_accessibility(
    browser, site, sign_in, seller, shop, three, theme, size
):
    song = finished(shop, seller, "audio", "suno-music")
    film = finished(shop, seller, "video", "kling-2-6")
    make_derivatives()
    other = StoredFile.objects.get(source=three.reference, position=0)
    views = {
        "single": ("view-results", three, "?file=2"),
        "side": ("view-results", three, f"?file=2&with={other.public_id}"),
        "wipe": ("view-results", three, f"?file=2&with={other.public_id}&mode=wipe"),
        "view-song": ("view-results", song, ""),
        "view-film": ("view-results", film, ""),
        "three": ("show-job", three, ""),
        "song": ("show-job", song, ""),
        "film": ("show-job", film, ""),
    }
    context = browser.new_context(viewport=size, color_scheme=theme)
    sign_in(context, seller)
    page = context.new_page()
    found: list[str] = []
    for name, (route, job, query) in views.items():
        page.goto(f"{site}{reverse(f'generations:{route}', args=[job.public_id])}{query}")
        page.wait_for_load_state("networkidle")
        keep(page, f"axe-{name}-{theme}")
        found += wrongs(page)
        if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
            found.append(f"{name} scrolls sideways")
    context.close()
    assert found == []
