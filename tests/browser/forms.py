"""Filling in the brief's form as a seller would."""

import re

from playwright.sync_api import Page, expect

POINTS = "glazed stoneware\nholds 300 ml"


def write_brief(page: Page, site: str, *, product: str = "Blue mug", drafts: int = 1) -> None:
    """Open the form and fill in what is asked for."""
    page.goto(f"{site}/briefs/new/")
    page.get_by_label("What do you sell?").fill(product)
    page.get_by_label("What should the picture show?").fill(POINTS)
    page.get_by_role("radio", name=str(drafts), exact=True).check(force=True)


def press_create(page: Page) -> None:
    """Send the form and see the brief's own page."""
    page.get_by_role("button", name="Create the drafts").click()
    expect(page).to_have_url(re.compile(r"/briefs/[0-9a-f-]{36}/$"))


def write_own_prompt(page: Page, text: str) -> None:
    page.get_by_label("Text for the model").fill(text)
