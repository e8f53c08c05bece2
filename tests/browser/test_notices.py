"""Being told on an open page, and in the browser."""

import pytest
from django.db import transaction
from playwright.sync_api import expect

from rivya_app.notices import actions
from tests.browser.test_live import hide

STUB = """
  window.told = [];
  window.Notification = class {
    static permission = localStorage.getItem("test-permission") ?? "default";
    static async requestPermission() {
      localStorage.setItem("test-permission", "granted");
      return (Notification.permission = "granted");
    }
    constructor(title, { body, tag }) { window.told.push({ title, body, tag }); }
    close() {}
  };
"""


@pytest.fixture
def tell(seller):
    def tell_of(number, kind="result_ready"):
        with transaction.atomic():
            actions.tell(
                [seller],
                kind=kind,
                facts={"title": f"Lamp {number}"},
                link="/library/",
                event_key=f"browser:{number}",
            )

    return tell_of


def look(page):
    """Come back to the tab: it asks at once."""
    hide(page, True)
    with page.expect_response(lambda answer: "/notifications/live/" in answer.url):
        hide(page, False)


def test_the_number_and_the_list_come_without_reloading(as_seller, site, tell):
    as_seller.goto(f"{site}/notifications/")
    expect(as_seller.locator("#notice-list")).to_contain_text("Nothing yet")
    tell(1)
    look(as_seller)
    expect(as_seller.locator("#unread-badge")).to_contain_text("1")
    expect(as_seller.locator("#notice-list")).to_contain_text("“Lamp 1” is ready.")
    expect(as_seller.locator("#announcer")).to_have_text("1 unread notification")
    as_seller.get_by_role("button", name="Mark all as read").click()
    expect(as_seller.locator("#unread-badge")).to_be_empty()


def test_a_browser_shows_nothing_until_it_is_told_to_and_then_once_in_all_tabs(
    as_seller, site, seller, tell
):
    as_seller.context.add_init_script(STUB)
    as_seller.goto(f"{site}/notifications/settings/")
    tell(1)
    look(as_seller)
    assert as_seller.evaluate("told") == []
    as_seller.get_by_role("button", name="Turn on in this browser").click()
    expect(as_seller.get_by_text("This browser shows what is ticked below.")).to_be_visible()
    actions.mark_all_read(member=seller)
    other = as_seller.context.new_page()
    other.goto(f"{site}/library/")
    for number in (2, 3, 4):
        tell(number)
    look(as_seller)
    look(other)
    look(as_seller)
    as_seller.wait_for_timeout(300)
    told = as_seller.evaluate("told") + other.evaluate("told")
    assert [(one["title"], one["tag"]) for one in told] == [
        ("A result is ready (3)", "notices-result_ready")
    ]
    as_seller.get_by_role("button", name="Turn off in this browser").click()
    tell(5)
    look(as_seller)
    assert len(as_seller.evaluate("told")) + len(other.evaluate("told")) == 1
