"""How a page with open jobs learns what changed."""

from rivya_app.generations import jobs


def live(browser, brief, version):
    return browser.get(f"/briefs/{brief.public_id}/live/", {"v": version})


def version_on(browser, brief):
    return browser.get(f"/briefs/{brief.public_id}/").context["live"].version


def test_it_answers_nothing_while_nothing_changed(shop, seller, client_of):
    brief, browser = shop.submit(seller), client_of(seller)
    assert live(browser, brief, version_on(browser, brief)).status_code == 204


def test_it_answers_the_cards_once_something_changed(shop, seller, client_of):
    brief, browser = shop.submit(seller, draft_count=2), client_of(seller)
    seen = version_on(browser, brief)
    jobs.submit(shop.job(brief).public_id)
    answer = live(browser, brief, seen)
    assert answer.status_code == 200
    assert f'id="job-{shop.job(brief).public_id}"' in answer.content.decode()


def test_it_stops_by_itself_when_nothing_is_open(shop, seller, client_of):
    brief, browser = shop.submit(seller), client_of(seller)
    seen = version_on(browser, brief)
    shop.finish(brief)
    answer = live(browser, brief, seen)
    assert answer.status_code == 200
    assert '<div id="live" hidden></div>' in answer.content.decode()
    assert browser.get(f"/briefs/{brief.public_id}/").context["live"] is None
