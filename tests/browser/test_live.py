"""A page that changes by itself leaves the reader where they are."""

import re

from playwright.sync_api import expect

from rivya_app.briefs.models import Brief
from tests.browser.forms import press_create, write_brief
from tests.waiting import wait_for


def count_questions(page):
    """The addresses the page asks by itself, growing as it does."""
    asked: list[str] = []
    page.on("request", lambda request: "/live/" in request.url and asked.append(request.url))
    return asked


def hide(page, is_hidden):
    """What a tab in the background sees."""
    page.evaluate(
        """hidden => {
          Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});
          document.dispatchEvent(new Event('visibilitychange'));
        }""",
        is_hidden,
    )


def test_it_asks_one_question_for_all_open_drafts(as_seller, site):
    asked = count_questions(as_seller)
    write_brief(as_seller, site, drafts=4)
    press_create(as_seller)
    with as_seller.expect_response(lambda answer: "/live/" in answer.url) as answer:
        pass
    assert answer.value.status == 204
    assert len(asked) == 1


def test_it_keeps_still_in_a_hidden_tab_and_asks_at_once_when_seen(as_seller, site):
    write_brief(as_seller, site)
    press_create(as_seller)
    hide(as_seller, True)
    asked = count_questions(as_seller)
    as_seller.wait_for_timeout(2500)  # longer than the pause between two questions
    assert asked == []
    with as_seller.expect_request(lambda request: "/live/" in request.url, timeout=1000):
        hide(as_seller, False)


def test_it_says_so_when_not_connected_and_goes_on_by_itself(as_seller, site, complaints):
    write_brief(as_seller, site)
    press_create(as_seller)
    as_seller.route("**/live/**", lambda route: route.abort())
    expect(as_seller.locator("#offline")).to_contain_text("Not connected", timeout=15_000)
    as_seller.unroute("**/live/**")
    expect(as_seller.locator("#offline")).to_have_count(0, timeout=15_000)
    complaints.clear()  # the browser's own lines about the requests cut above


def test_it_keeps_focus_and_open_folds_when_a_card_is_replaced(as_seller, site, shop):
    write_brief(as_seller, site)
    press_create(as_seller)
    as_seller.locator("article.job .job-title").focus()
    fold = as_seller.locator("details.fold").last
    fold.locator("summary").evaluate("summary => summary.click()")
    shop.finish(Brief.objects.get())
    expect(as_seller.locator("article.job")).to_have_attribute("data-state", "succeeded")
    expect(as_seller.locator("article.job .job-title")).to_be_focused()
    expect(fold).to_have_attribute("open", "")


def test_it_counts_the_seconds_of_an_open_draft(as_seller, site):
    write_brief(as_seller, site)
    press_create(as_seller)
    since = as_seller.locator("article.job time[data-since]")
    expect(since).to_have_text(re.compile(r"^\d+ sec$"))
    first = int(since.inner_text().split()[0])
    wait_for(lambda: int(since.inner_text().split()[0]) >= first + 2)
