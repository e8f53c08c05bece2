"""An owner makes a workflow, tries it and sees its result, with a mouse on a small screen too."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from rivya_app.gateway.models import Workflow
from rivya_app.generations.models import Generation
from rivya_app.workspaces.models import Membership
from tests.browser.test_everybody import SMALLEST, wrongs


@pytest.fixture
def as_owner(page: Page, site: str, shop: Any, owner: Membership, sign_in: Any) -> Page:
    page.set_default_timeout(30_000)
    page.set_default_navigation_timeout(60_000)
    page.set_viewport_size(SMALLEST)  # type: ignore[arg-type]
    sign_in(page.context, owner)
    page.goto(f"{site}/workflows/")
    return page


def is_sound(page: Page) -> bool:
    is_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return wrongs(page) == [] and not is_wide


def test_a_workflow_is_made_tried_and_run(as_owner: Page, shop: Any) -> None:
    page = as_owner
    assert is_sound(page)
    page.get_by_role("link", name="New workflow").click()
    assert is_sound(page)
    page.get_by_label("Name").fill("Banners")
    # What the chosen reference rule means for the models comes without a new page.
    page.locator("[name=reference][value=required]").check()
    expect(page.locator("[name=model_id][value=z-image]")).to_be_disabled()
    page.locator("[name=reference][value=none]").check()
    expect(page.locator("[name=model_id][value=z-image]")).to_be_enabled()
    page.locator("[name=model_id][value=z-image]").check()
    page.get_by_role("button", name="Make the workflow").click()
    expect(page.get_by_role("heading", name="Eight questions, answered")).to_be_visible()
    assert is_sound(page)
    page.get_by_role("link", name="Try it").click()
    page.get_by_role("button", name="Check it, send nothing").click()
    expect(page.get_by_role("button", name="Run once for 1 credit")).to_be_visible()
    assert is_sound(page)
    assert not Generation.objects.exists()
    page.get_by_role("button", name="Run once for 1 credit").dblclick()
    expect(page.get_by_role("heading", name="Last run on trial")).to_be_visible()
    assert Generation.objects.get().workflow == Workflow.objects.get(name="Banners")
    shop.wait_until(lambda: Generation.objects.get().status == "succeeded")
    expect(page.locator(".job")).to_contain_text("Succeeded")
    assert is_sound(page)
