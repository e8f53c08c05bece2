"""A narrowed list shows its first briefs and says so; a whole list is counted to its end."""

import pytest

from rivya_app.briefs import listing
from rivya_app.briefs.models import Brief


@pytest.fixture
def several(shop, seller, monkeypatch):
    monkeypatch.setattr(listing, "MOST_FOUND", 2)
    monkeypatch.setattr(listing, "PAGE_SIZE", 1)
    return [shop.submit(seller) for _brief in range(4)]


def test_it_counts_a_narrowed_list_no_further_than_its_pages_go(several, seller, client_of):
    page = client_of(seller).get("/briefs/?state=open")
    assert page.context["page"].paginator.num_pages == 2
    assert "The first 2 briefs of more" in page.content.decode()


def test_it_counts_all_where_nothing_was_asked_for(several, seller, client_of):
    page = client_of(seller).get("/briefs/")
    assert page.context["page"].paginator.num_pages == 4
    assert "4 briefs" in page.content.decode()


def test_it_says_how_many_where_all_found_are_shown(several, seller, client_of):
    Brief.objects.filter(pk=several[0].pk).update(product="A red bowl")
    page = client_of(seller).get("/briefs/?q=red")
    assert "1 brief" in page.content.decode()
    assert "of more" not in page.content.decode()


def test_it_finds_briefs_that_wait_for_credits_on_either_side(several, shop, seller, client_of):
    Brief.objects.filter(pk=several[0].pk).update(state=Brief.State.NEEDS_CREDITS)
    shop.rivya.fault("no_credits", times=1)
    shop.wait_until(lambda: shop.job(several[1]).finished_at or shop.job(several[2]).finished_at)
    found = listing.find(seller, listing.Filters(state="low_credits"))
    assert several[0] in found
    assert len(found) == 2


def test_it_calls_a_brief_failed_when_every_draft_failed(shop, seller):
    shop.rivya.fault("fail", times=3)
    lost = shop.submit(seller, draft_count=2)
    shop.finish(lost)
    half = shop.submit(seller, draft_count=2)
    shop.finish(half)
    assert list(listing.find(seller, listing.Filters(state="failed"))) == [lost]
    assert list(listing.find(seller, listing.Filters(state="succeeded"))) == [half]
    waiting = shop.submit(seller)
    assert list(listing.find(seller, listing.Filters(state="open"))) == [waiting]
