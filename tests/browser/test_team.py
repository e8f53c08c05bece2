"""The team's pages before every eye, and an invitation taken from its letter to the first page."""

import re

import pytest
from playwright.sync_api import expect

from rivya_app.workspaces.models import Workspace
from tests.browser.chromium import PHONE
from tests.browser.test_everybody import SMALLEST, open_page, wrongs
from tests.cast import PASSWORD
from tests.workspaces.inviting import invited, link_of


def pages_of(person):
    return [
        "/team/",
        "/team/invite/",
        "/team/leave/",
        "/team/settings/",
        "/team/audit/",
        "/team/audit/?since=2000-01-01&until=2000-01-02",
        f"/team/{person.public_id}/roles/",
        f"/team/{person.public_id}/remove/",
    ]


def confirmed(page, site):
    """Gives the password where an old sign-in is asked for it."""
    page.goto(f"{site}/team/invite/")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url("**/team/invite/")
    return page


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("hi", "dark")])
def test_the_teams_pages_break_no_rule_and_fit_a_small_screen(
    browser, site, owner, seller, sign_in, language, theme
):
    invited(owner)
    owner.user.language = language
    owner.user.save()
    page = open_page(browser, site, language=language, color_scheme=theme, viewport=SMALLEST)
    sign_in(page.context, owner)
    confirmed(page, site)
    found = []
    for path in pages_of(seller):
        page.goto(f"{site}{path}")
        found += wrongs(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= SMALLEST["width"], path
    assert found == []
    page.context.close()


def test_an_invitation_leads_from_the_letter_to_the_first_page(browser, site, owner):
    row = invited(owner, language="hi")
    page = open_page(browser, site, viewport=PHONE)
    page.context.clear_cookies()
    page.goto(f"{site}{link_of(row)}")
    expect(page).to_have_url(f"{site}/invitations/")
    assert wrongs(page) == []
    page.fill("input[name=name]", "Nila Sen")
    for name in ("password1", "password2"):
        page.fill(f"input[name={name}]", PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url(f"{site}/")
    expect(page.locator(".flash")).to_contain_text(
        str(Workspace.objects.get(pk=owner.workspace_id))
    )
    assert re.search(r'<html lang="hi"', page.content())
    page.context.close()
