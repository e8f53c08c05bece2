"""The owner makes an endpoint, sees its secret once, and watches what comes in."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from rivya_app.gateway import inbox, inbox_rows
from rivya_app.gateway.webhook_models import WebhookEndpoint
from rivya_app.workspaces.models import Membership
from tests.browser.test_everybody import wrongs


@pytest.fixture
def as_owner(page: Page, site: str, owner: Membership, sign_in: Any, settings: Any) -> Any:
    settings.PUBLIC_URL = site
    settings.WEBHOOK_ALLOW_LOOPBACK = True
    page.set_default_timeout(15_000)
    page.set_default_navigation_timeout(30_000)
    sign_in(page.context, owner)
    page.goto(f"{site}/webhooks/")
    yield page
    inbox_rows.close()


def test_an_endpoint_is_made_tested_and_told(as_owner: Page, shop: Any, seller: Membership) -> None:
    page = as_owner
    page.get_by_role("button", name="Make it at Rivya").click()
    expect(page.get_by_role("heading", name="Signing secret")).to_be_visible()
    secret = page.locator("#signing-secret").input_value()
    assert secret == WebhookEndpoint.objects.get().secret.reveal()
    assert wrongs(page) == []
    page.get_by_role("link", name="Go on").click()
    assert secret not in page.content()
    page.get_by_role("button", name="Send a test").click()
    inbox.drain()
    shop.finish(shop.submit(seller))
    shop.wait_until(lambda: any(row["state"] == "succeeded" for row in shop.rivya.deliveries()))
    inbox.drain()
    page.reload()
    rows = page.get_by_role("table").first
    expect(rows).to_contain_text("webhook.test")
    expect(rows).to_contain_text("generation.succeeded")
    assert wrongs(page) == []


def test_an_endpoint_is_paused_and_removed(as_owner: Page, shop: Any) -> None:
    page = as_owner
    page.get_by_role("button", name="Make it at Rivya").click()
    page.get_by_role("link", name="Go on").click()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    assert WebhookEndpoint.objects.get().state == WebhookEndpoint.State.PAUSED
    page.get_by_text("Remove…").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("No endpoint yet")).to_be_visible()
    assert WebhookEndpoint.objects.get().state == WebhookEndpoint.State.REMOVED
