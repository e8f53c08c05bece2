"""Deciding in a real browser: by keys alone, by thumb alone, looking closely, pinning, undoing."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from rivya_app.briefs import actions as briefs
from rivya_app.library import derivatives
from rivya_app.library.models import Derivative
from rivya_app.reviews import actions
from rivya_app.reviews.models import Decision, Pin, Review, VideoConcept
from rivya_app.workspaces.models import Campaign
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.test_everybody import wrongs
from tests.reviewing import asked, results_of

PICTURES = Path(os.environ.get("PICTURES", ""))
TWENTY = 20
SHOWN = """key => new Promise(done => {
  const before = document.querySelector('main').dataset.review, began = performance.now();
  const look = () => {
    const main = document.querySelector('main'), image = main.querySelector('[data-pane] img');
    if (main.dataset.review === before || !(image.complete && image.naturalWidth)) {
      return requestAnimationFrame(look);
    }
    requestAnimationFrame(() => done(performance.now() - began));
  };
  document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
  look();
})"""


@pytest.fixture
def twenty(shop, seller) -> list[Review]:
    """Twenty drafts of five briefs, all sent for review, in the order of the list."""
    shop.rivya.fault("instant")
    made = [shop.submit(seller, product=f"Mug {number}", draft_count=4) for number in range(5)]
    for brief in made:
        shop.finish(brief)
    make_derivatives()
    ids = [file.public_id for brief in made for file in results_of(brief)]
    actions.request_review(member=seller, file_ids=ids)
    return list(Review.objects.order_by("created_at", "id"))


@pytest.fixture
def pair(shop, seller, workspace) -> list[Review]:
    """Two attempts at a draft, in a campaign that makes videos; both sent for review."""
    shop.rivya.fault("instant")
    campaign = Campaign.objects.create(
        workspace=workspace, name="Diwali", video_model_id="kling-2-6"
    )
    brief = shop.submit(seller, campaign=campaign)
    shop.finish(brief)
    briefs.new_attempt(member=seller, public_id=brief.public_id, position=1, attempt=2)
    shop.finish(brief)
    make_derivatives()
    ids = [file.public_id for file in results_of(brief)]
    return sorted(actions.request_review(member=seller, file_ids=ids), key=lambda one: one.pk)


def make_derivatives() -> None:
    for row in Derivative.objects.filter(state="pending"):
        derivatives.make(row.pk)


@pytest.fixture
def as_manager(page: Page, manager, sign_in, complaints) -> Iterator[Page]:
    page.set_default_timeout(10_000)
    page.set_default_navigation_timeout(30_000)
    sign_in(page.context, manager)
    yield page
    page.wait_for_load_state("networkidle")  # what is fetched ahead must not outlive the test


def keep(page: Page, name: str) -> None:
    if PICTURES.name:
        page.screenshot(path=PICTURES / f"{name}.png")


def address(review: Review, query: str = "") -> str:
    return reverse("reviews:show-review", args=[review.public_id]) + query


def open_review(page: Page, site: str, review: Review, query: str = "") -> None:
    page.goto(f"{site}{address(review, query)}")
    expect(page.locator("main.is-live")).to_be_visible()


def shown(page: Page) -> str:
    return str(page.locator("main").get_attribute("data-review"))


def wait_for_another(page: Page, before: str) -> None:
    """The next review, or the list after the last one."""
    page.wait_for_function(
        "before => document.querySelector('main').dataset.review !== before", arg=before
    )


def wanted_kind(number: int) -> str:
    return ("approved", "changes_wanted", "rejected")[number % 3]


def kinds_decided() -> dict[str, int]:
    kinds = list(Decision.objects.values_list("kind", flat=True))
    return {kind: kinds.count(kind) for kind in set(kinds)}


EXPECTED = {"approved": 7, "changes_wanted": 7, "rejected": 6}


def test_twenty_are_decided_by_keys_alone(as_manager, site, twenty):
    page = as_manager
    page.goto(f"{site}{reverse('reviews:queue')}")
    page.get_by_role("link", name="Review one by one").focus()
    page.keyboard.press("Enter")
    expect(page.locator("main.is-live")).to_be_visible()
    for number in range(TWENTY):
        before = shown(page)
        if wanted_kind(number) == "approved":
            for key in "1234a":
                page.keyboard.press(key)
        else:
            page.keyboard.press("c" if wanted_kind(number) == "changes_wanted" else "r")
            page.keyboard.type("Just a janitor's zebra")  # every key means a letter here
            page.keyboard.press("Control+Enter")
        wait_for_another(page, before)
    expect(page).to_have_url(re.compile(r"/reviews/$"))
    assert kinds_decided() == EXPECTED
    notes = set(Decision.objects.exclude(kind="approved").values_list("note", flat=True))
    assert notes == {"Just a janitor's zebra"}


def test_twenty_are_decided_by_thumb_alone(browser, site, sign_in, manager, twenty):
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    sign_in(context, manager)
    page = context.new_page()
    open_review(page, site, twenty[0])
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    for button in page.locator(".review-bar button").all():
        box = button.bounding_box()
        assert box["height"] >= 48
        assert box["y"] + box["height"] <= PHONE["height"]
    keep(page, "review-phone")
    for number in range(TWENTY):
        before = shown(page)
        if wanted_kind(number) == "approved":
            for item in range(1, 5):
                page.locator(f"label[for=check-{item}]").tap()
        else:
            page.locator("#id_note").tap()
            page.keyboard.type("Larger")
        page.locator(f"[data-decide={wanted_kind(number)}]").tap()
        wait_for_another(page, before)
    assert kinds_decided() == EXPECTED
    page.wait_for_load_state("networkidle")
    context.close()


def test_the_next_picture_is_there_at_once(as_manager, site, twenty):
    page = as_manager
    open_review(page, site, twenty[0])
    times = []
    for _step in range(8):
        page.wait_for_timeout(900)
        times.append(page.evaluate(SHOWN, "j"))
    os.write(2, f"J to the next picture, ms: {sorted(round(time) for time in times)}\n".encode())
    expect(page.locator("main")).to_have_attribute("data-review", str(twenty[8].public_id))
    expect(page.locator("[data-pane]").first).to_be_focused()
    expect(page.locator("#announcer")).to_contain_text("9 of 20")
    page.go_back()
    expect(page.locator("main")).to_have_attribute("data-review", str(twenty[7].public_id))


def test_a_leads_to_what_is_missing_and_keys_can_be_switched_off(as_manager, site, pair):
    page = as_manager
    open_review(page, site, pair[0])
    page.keyboard.press("a")
    expect(page.locator("#check-1")).to_be_focused()
    for key in "1234a":
        page.keyboard.press(key)
    expect(page.locator("[data-decide=approved]")).to_be_focused()  # a video would be ordered
    assert Decision.objects.count() == 0
    page.keyboard.press("Control+j")
    assert shown(page) == str(pair[0].public_id)
    page.locator("[data-pane]").first.focus()
    page.keyboard.press("?")
    expect(page.locator("#review-keys")).to_be_visible()
    keep(page, "review-keys")
    page.locator("[data-keys-on]").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.wait_for_timeout(200)
    assert shown(page) == str(pair[0].public_id)
    page.reload()
    page.keyboard.press("j")
    page.wait_for_timeout(200)
    assert shown(page) == str(pair[0].public_id)
    page.locator("[data-decide=approved]").focus()
    page.keyboard.press("Enter")
    wait_for_another(page, str(pair[0].public_id))
    assert VideoConcept.objects.count() == 1


def test_what_is_typed_stays_while_one_looks_elsewhere(as_manager, site, pair):
    page = as_manager
    open_review(page, site, pair[0])
    page.keyboard.press("2")
    page.locator("#id_note").fill("The rim")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    wait_for_another(page, str(pair[0].public_id))
    expect(page.locator("#id_note")).to_have_value("")
    page.keyboard.press("k")
    wait_for_another(page, str(pair[1].public_id))
    expect(page.locator("#id_note")).to_have_value("The rim")
    expect(page.locator("#check-2")).to_be_checked()


def test_undo_by_key_and_by_itself(as_manager, site, pair, owner):
    actions.change_settings(member=owner, makers_may_approve=False, undo_seconds=8)
    page = as_manager
    open_review(page, site, pair[0])
    page.locator("#id_note").fill("No.")
    page.locator("[data-decide=rejected]").click()
    wait_for_another(page, str(pair[0].public_id))
    expect(page.locator("[data-undo]")).to_contain_text("Rejected")
    keep(page, "review-undo")
    page.keyboard.press("u")
    wait_for_another(page, str(pair[1].public_id))
    assert Review.objects.get(pk=pair[0].pk).is_pending
    page.locator("#id_note").fill("No.")
    page.locator("[data-decide=rejected]").click()
    wait_for_another(page, str(pair[0].public_id))
    expect(page.locator("[data-undo]")).to_be_visible()
    expect(page.locator("[data-undo]")).to_have_count(0, timeout=20_000)


def test_a_refusal_leads_to_the_field_and_keeps_the_rest(as_manager, site, pair):
    page = as_manager
    open_review(page, site, pair[0])
    page.keyboard.press("1")
    page.locator("[data-decide=approved]").click()
    expect(page.locator("#check-2")).to_be_focused()
    expect(page.locator("#check-1")).to_be_checked()
    expect(page.locator("#check-2")).to_have_attribute("aria-invalid", "true")


def test_the_price_follows_the_model(as_manager, site, pair):
    page = as_manager
    open_review(page, site, pair[0])
    expect(page.locator("#bar-price")).to_contain_text("55 credits")
    page.select_option("#id_model_id", "kling-3-0")
    expect(page.locator("#bar-price")).to_contain_text("90 credits")
    expect(page.locator("#id_price_seen")).to_have_value("90.00")
    expect(page.locator("#id_param_duration option")).to_have_count(13)
    expect(page.locator("#prompt-count [data-limit]")).to_have_text(" / 2,000")
    page.locator("#id_with_video").uncheck()
    expect(page.locator(".bar-cost")).to_contain_text("Approving costs no credits.")


def test_it_is_wiped_by_keys_and_four_go_together(as_manager, site, pair, shop, seller):
    brief = pair[0].brief
    for number in (3, 4):
        briefs.new_attempt(member=seller, public_id=brief.public_id, position=1, attempt=number)
        shop.finish(brief)
    files = results_of(brief)
    page = as_manager
    open_review(page, site, pair[0], f"?with={files[1].public_id}&mode=wipe")
    wipe = page.get_by_label("Wipe: Draft 1 on the left, Attempt 2 on the right")
    wipe.focus()
    wipe.press("End")
    clip = "getComputedStyle(document.querySelectorAll('[data-pane]')[1]).clipPath"
    assert page.evaluate(clip) == "inset(0px 0px 0px 100%)"
    page.locator("[data-pane]").first.focus()
    page.keyboard.press("w")
    expect(page.locator("[data-viewer]")).to_have_attribute("data-mode", "side")
    for count, name in ((3, "Attempt 3"), (4, "Attempt 4")):
        page.get_by_role("link", name=name).click()
        expect(page.locator("[data-pane]")).to_have_count(count)
    page.locator("[data-pane]").first.focus()
    for _press in range(4):
        page.keyboard.press("+")
    sizes = "[...document.querySelectorAll('[data-pane] img')].map(i => i.getBoundingClientRect().width / i.parentElement.clientWidth)"  # noqa: E501
    locked = page.evaluate(sizes)
    assert max(locked) - min(locked) < 0.01
    page.keyboard.press("z")
    page.keyboard.press("+")
    apart = page.evaluate(sizes)
    keep(page, "review-four")
    expect(page.locator("[data-lock]")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("z")
    assert apart != locked


def test_pins_by_keys_and_by_mouse_whatever_the_zoom(as_manager, site, pair):
    page = as_manager
    open_review(page, site, pair[0])
    page.locator("#id_note").fill("Kept")
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    for _press in range(2):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator("#pin_pin_note")).to_be_focused()
    page.keyboard.type("The handle")
    page.get_by_role("button", name="Save the pin").click()
    expect(page.locator("#pin-1")).to_contain_text("The handle")
    expect(page.locator("#id_note")).to_have_value("Kept")
    first = Pin.objects.get()
    assert (float(first.x), float(first.y)) == (70, 49)
    for _press in range(5):
        page.keyboard.press("+")
    image = page.locator("[data-pane] img").bounding_box()
    page.get_by_role("button", name="Pin P").click()
    page.mouse.click(image["x"] + image["width"] * 0.45, image["y"] + image["height"] * 0.55)
    expect(page.locator("#pin_pin_note")).to_be_focused()
    page.keyboard.type("The foot")
    page.get_by_role("button", name="Save the pin").click()
    expect(page.locator("#pin-2")).to_contain_text("The foot")
    second = Pin.objects.latest("id")
    assert float(second.x) == pytest.approx(45, abs=0.5)
    assert float(second.y) == pytest.approx(55, abs=0.5)
    dot = page.locator("[data-dot='pin-2'] circle").bounding_box()
    assert dot["width"] == pytest.approx(30, abs=3)  # px, whatever the zoom
    assert dot["x"] + dot["width"] / 2 == pytest.approx(image["x"] + image["width"] * 0.45, abs=4)
    keep(page, "review-pins")
    page.locator("[data-dot='pin-1']").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#pin-1")).to_be_focused()
    page.locator("#pin-2 summary").click()
    page.locator("#pin-2").get_by_role("button", name="Remove").click()
    expect(page.locator("#pin-2")).to_have_count(0)
    assert Pin.objects.count() == 1


def test_it_turns_by_swipe_but_not_while_zoomed(browser, site, sign_in, manager, pair):
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    sign_in(context, manager)
    page = context.new_page()
    open_review(page, site, pair[0])
    wire = context.new_cdp_session(page)

    def swipe() -> None:
        points = [{"x": 300 - 25 * step, "y": 300 + step // 4} for step in range(9)]
        wire.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points[:1]})
        for point in points[1:]:
            wire.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
        wire.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    page.get_by_role("link", name="200 %").tap()
    swipe()
    page.wait_for_timeout(300)
    assert shown(page) == str(pair[0].public_id)
    page.get_by_role("link", name="Fit").click()  # the end of a swipe swallows a tap
    swipe()
    wait_for_another(page, str(pair[0].public_id))
    assert shown(page) == str(pair[1].public_id)
    page.wait_for_load_state("networkidle")
    context.close()


def test_it_works_without_a_script(browser, site, sign_in, manager, pair):
    context = browser.new_context(java_script_enabled=False, viewport=DESKTOP)
    sign_in(context, manager)
    page = context.new_page()
    page.goto(f"{site}{address(pair[0])}")
    page.locator("#pin-new summary").click()
    page.locator("#pin_x").fill("25")
    page.locator("#pin_pin_note").fill("The rim")
    page.get_by_role("button", name="Save the pin").click()
    image = page.locator("[data-pane] img").bounding_box()
    dot = page.locator("[data-dot='pin-1'] circle").bounding_box()
    side = min(image["width"], image["height"])  # the picture is square, its place may be wider
    left = image["x"] + (image["width"] - side) / 2
    assert dot["x"] + dot["width"] / 2 == pytest.approx(left + side * 0.25, abs=4)
    keep(page, "review-no-script")
    page.select_option("#id_model_id", "kling-3-0")
    page.get_by_role("button", name="Show the price of these settings").click()
    expect(page.locator("#video-price")).to_contain_text("90 credits")
    page.get_by_role("button", name="Changes").click()
    expect(page).to_have_url(re.compile(str(pair[1].public_id)))
    page.get_by_role("button", name="Undo").click()
    expect(page).to_have_url(re.compile(str(pair[0].public_id)))
    context.close()


@pytest.mark.parametrize(
    ("theme", "size"), [("light", DESKTOP), ("dark", {"width": 360, "height": 740})]
)
def test_it_breaks_no_rule_of_accessibility(
    browser, site, sign_in, manager, seller, shop, pair, theme, size
):
    films = [
        asked(shop, seller, product=name, media_kind=kind, model_id=model, params={})
        for name, kind, model in (("Film", "video", "kling-2-6"), ("Jingle", "audio", "suno-music"))
    ]
    make_derivatives()
    context = browser.new_context(viewport=size, color_scheme=theme)
    sign_in(context, manager)
    page = context.new_page()
    found = []
    beside = f"?with={pair[1].file.public_id}&mode=wipe"
    for review, query in [(pair[0], ""), (pair[0], beside), *((film, "") for film in films)]:
        open_review(page, site, review, query)
        found += wrongs(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.locator("#id_note").fill("No.")
    page.locator("[data-decide=rejected]").click()
    wait_for_another(page, str(films[1].public_id))
    open_review(page, site, films[1])
    found += wrongs(page)
    page.wait_for_load_state("networkidle")
    context.close()
    assert found == []
