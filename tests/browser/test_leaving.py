"""A package leaves: by a link that a stranger opens, and as an event that another system takes."""

from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect

from rivya_app.handoff import outgoing
from rivya_app.handoff.models import ShareLink
from rivya_app.handoff.outgoing_models import OutgoingEvent
from rivya_app.workspaces.models import Membership
from tests.browser.chromium import PHONE
from tests.browser.test_everybody import wrongs
from tests.handoff.conftest import receiver  # noqa: F401  a fixture
from tests.handoff.packages import CAPTION, TITLE, packed

PASSPHRASE = "three blue mugs"


@pytest.fixture
def as_owner(page: Page, site: str, owner: Membership, sign_in: Any, settings: Any) -> Page:
    settings.HANDOFF_ALLOW_PRIVATE_DESTINATIONS = True
    settings.SITE_URL = site
    cache.clear()
    page.set_default_timeout(15_000)
    page.set_default_navigation_timeout(30_000)
    sign_in(page.context, owner)
    return page


def test_a_link_is_made_and_opened_by_a_stranger(
    as_owner: Page, browser: Browser, site: str, shop: Any, seller: Any, manager: Any
) -> None:
    page, package = as_owner, packed(shop, seller, manager)
    page.goto(f"{site}/handoff/{package.public_id}/")
    page.get_by_text("Make a link", exact=True).click()
    page.get_by_label("For whom").fill("Priya at the shop")
    page.get_by_label("Passphrase").fill(PASSPHRASE)
    page.get_by_role("button", name="Make the link").click()
    link = page.locator("#shared-link").input_value()
    assert wrongs(page) == []
    page.get_by_role("link", name="Go on").click()
    expect(page.get_by_text("Priya at the shop")).to_be_visible()
    assert wrongs(page) == []
    with browser.new_context(viewport=PHONE, base_url=site) as elsewhere:
        stranger = elsewhere.new_page()
        said: list[str] = []
        stranger.on("console", lambda line: said.append(line.text))
        stranger.goto(link)
        assert wrongs(stranger) == []
        stranger.get_by_label("Passphrase").fill(PASSPHRASE)
        stranger.get_by_role("button", name="Open").click()
        expect(stranger.get_by_role("heading", name=TITLE)).to_be_visible()
        expect(stranger.get_by_text(CAPTION)).to_be_visible()
        shown = stranger.locator("article img").first
        assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
        assert wrongs(stranger) == []
        wide = stranger.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["width"]
        with stranger.expect_download() as began:
            stranger.get_by_role("link", name="Download everything").click()
        assert began.value.suggested_filename.endswith(".zip")
        assert said == []
    assert ShareLink.objects.get().download_count == 1
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("The link opens nothing any more.")).to_be_visible()


def test_another_system_is_added_tested_and_sent_a_package(
    as_owner: Page,
    site: str,
    shop: Any,
    seller: Any,
    manager: Any,
    receiver: Any,  # noqa: F811
) -> None:
    page, package = as_owner, packed(shop, seller, manager)
    page.goto(f"{site}/handoff/destinations/")
    assert wrongs(page) == []
    page.get_by_label("Name").fill("Shop system")
    page.get_by_label("Address").fill(receiver.url)
    page.get_by_role("button", name="Add it").click()
    expect(page.locator("#signing-secret")).to_be_visible()
    assert wrongs(page) == []
    page.get_by_role("link", name="Go on").click()
    page.get_by_role("button", name="Send a test").click()
    outgoing.deliver(OutgoingEvent.objects.get().pk)
    page.goto(f"{site}/handoff/{package.public_id}/")
    page.get_by_role("button", name="Send Shop system").click()
    expect(page.get_by_text("It is on its way.")).to_be_visible()
    outgoing.deliver(OutgoingEvent.objects.latest("pk").pk)
    page.reload()
    expect(page.locator("#leaving").get_by_text("Delivered")).to_be_visible()
    page.goto(f"{site}/handoff/destinations/")
    page.get_by_role("link", name="Shop system").click()
    assert wrongs(page) == []
    assert len(receiver.got) == 2
