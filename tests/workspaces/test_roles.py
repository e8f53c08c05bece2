"""Support repairs, and starts nothing that costs."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse

from rivya_app.briefs import actions as briefs
from rivya_app.briefs.models import Brief
from rivya_app.credits.models import LedgerEntry
from rivya_app.reviews import actions as reviews
from tests import reviewing
from tests.shop import typed, wanted

pytestmark = pytest.mark.django_db


def spent(act):
    """Whether the act went through, and how many entries it wrote."""
    before = LedgerEntry.objects.count()
    try:
        act()
    except (PermissionDenied, Http404):
        return LedgerEntry.objects.count() - before
    raise AssertionError("nobody refused it")


def test_no_act_that_costs_is_theirs(shop, seller, manager, support):
    brief = shop.submit(seller)
    shop.finish(brief)
    review = reviewing.asked(shop, seller)
    order = reviewing.video_order(review)
    film = reviewing.decided(manager, review, video=order).concept
    pending = reviewing.asked(shop, seller)
    acts = (
        lambda: briefs.submit_brief(member=support, wanted=wanted()),
        lambda: briefs.resume(member=support, public_id=brief.public_id),
        lambda: briefs.new_attempt(
            member=support, public_id=brief.public_id, position=1, attempt=2
        ),
        lambda: reviews.decide(
            member=support,
            public_id=pending.public_id,
            verdict=reviewing.verdict(pending, video=reviewing.video_order(pending)),
        ),
        lambda: reviews.try_video_again(member=support, public_id=film.public_id),
        lambda: reviews.let_video_through(member=support, public_id=film.public_id),
    )
    assert [spent(act) for act in acts] == [0] * len(acts)


def test_no_page_offers_them_one(client_of, shop, seller, support):
    brief = shop.submit(seller)
    shop.finish(brief)
    browser = client_of(support)
    for name in ("home", "briefs:index"):
        assert reverse("briefs:new") not in browser.get(reverse(name)).content.decode()
    page = browser.get(reverse("briefs:show-brief", args=[brief.public_id])).content.decode()
    assert reverse("briefs:new-attempt", args=[brief.public_id, 1]) not in page
    assert browser.post(reverse("briefs:new"), typed()).status_code == 403
    assert Brief.objects.count() == 1


def test_support_looks_after_a_job_without_a_second_charge(client_of, shop, seller, support):
    job = shop.job(shop.submit(seller))
    before = LedgerEntry.objects.count()
    answer = client_of(support).post(reverse("generations:look-now", args=[job.public_id]))
    assert answer.status_code < 400
    assert LedgerEntry.objects.count() == before


def test_a_seller_does_all_of_it_but_decide(shop, seller):
    brief = shop.submit(seller)
    shop.finish(brief)
    briefs.new_attempt(member=seller, public_id=brief.public_id, position=1, attempt=2)
    review = reviewing.asked(shop, seller)
    with pytest.raises(Http404):
        reviewing.decided(seller, review)
