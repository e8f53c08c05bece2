"""The lists of the desk: what stands in which, filters, places, and what a page costs."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rivya_app.core import clock
from rivya_app.desk import actions, listing, sources
from rivya_app.desk.listing import Filters
from rivya_app.gateway.webhook_models import InboxEvent
from rivya_app.generations.models import Generation
from rivya_app.workspaces.models import Pause
from tests.desk import troubles
from tests.webhooks import envelope, make_endpoint, tell

KINDS = (
    *("stuck", "uncertain", "waiting", "failed", "copies"),
    *("questions", "answers", "briefs", "videos", "events"),
)


def standing(member: Any) -> dict[str, list[str]]:
    """The references in each list."""
    return {
        source.kind: [row.ref for row in listing.find(member, source, Filters())]
        for source in sources.all_of_them()
    }


def page(browser: Any, **asked: str) -> Any:
    return browser.get(reverse("desk:index"), asked)


def titles(answer: Any) -> list[str]:
    return [row.item.reference for row in answer.context["rows"]]


def test_each_trouble_stands_in_one_list(shop, seller, support, client_of):
    found = {
        "failed": troubles.failed(shop, seller),
        "copies": troubles.without_file(shop, seller),
        "stuck": troubles.stuck(shop, seller),
        "uncertain": troubles.uncertain(shop, seller),
        "waiting": troubles.key_refused(shop, seller),
    }
    lists = standing(support)
    assert tuple(lists) == KINDS
    assert {kind: refs for kind, refs in lists.items() if refs} == {
        kind: [job.reference] for kind, job in found.items()
    }
    browser = client_of(support)
    for kind, job in found.items():
        answer = page(browser, kind=kind)
        assert titles(answer) == [job.reference]
        assert reverse("desk:show", args=[job.public_id]) in answer.content.decode()
        assert browser.get(reverse("desk:show", args=[job.public_id])).status_code == 200


def test_a_brief_without_credits_and_an_event_without_effect_stand_there(shop, seller, support):
    shop.rivya.set_credits(0)
    shop.workspace.credit_account.refresh_from_db()
    type(shop.workspace.credit_account).objects.update(available=0)
    brief = shop.submit(seller)
    tell(make_endpoint(shop), envelope({"id": "task", "status": "succeeded"}))
    InboxEvent.objects.update(
        state="ignored", reason="early", settled_at=clock.now(), next_try_at=None, body=""
    )
    event = InboxEvent.objects.get()
    lists = standing(support)
    assert (lists["briefs"], lists["events"]) == ([brief.reference], [f"event:{event.event_id}"])


def test_everything_queued_waits_while_work_is_paused(shop, seller, support):
    job = shop.job(shop.submit(seller))
    assert standing(support)["waiting"] == []
    Pause.objects.create(workspace=shop.workspace)
    assert standing(support)["waiting"] == [job.reference]


def test_another_workspaces_troubles_are_not_there(shop, seller, stranger):
    troubles.failed(shop, seller)
    assert not any(standing(stranger).values())


def test_the_filters_narrow_and_stay_in_the_address(shop, seller, owner, support, client_of):
    job = troubles.failed(shop, seller)
    other = troubles.failed(shop, owner, code="insufficient_credits")
    browser = client_of(support)
    narrowed = {
        "person": str(seller.public_id),
        "cause": "generation_failed",
        "age": "new",
        "model": "z-image",
        "key": str(shop.key.public_id),
    }
    for name, value in narrowed.items():
        found = titles(page(browser, kind="failed", **{name: value}))
        assert job.reference in found
        assert (other.reference in found) == (name not in ("person", "cause"))
    assert titles(page(browser, kind="failed", age="day")) == []
    assert titles(page(browser, kind="failed", sort="oldest")) == [job.reference, other.reference]
    said = page(browser, kind="failed").content.decode()
    assert "Not enough credits" in said
    assert "insufficient_credits</" not in said


def test_what_is_handled_leaves_the_list_and_only_that_list(shop, seller, support, client_of):
    troubles.slowly(shop)
    job = troubles.stuck(shop, seller)
    troubles.ended(shop, job)
    actions.mark_handled(member=support, kind="stuck", reference=job.reference)
    browser = client_of(support)
    assert titles(page(browser, kind="stuck")) == []
    assert titles(page(browser, kind="stuck", handled="yes")) == [job.reference]
    shop.finish(job.draft.brief)
    assert titles(page(browser, kind="failed")) == [job.reference]


def many(shop: Any, job: Generation, count: int) -> None:
    """Copies of a failed job, some of them of one moment."""
    moment = clock.now()
    Generation.objects.bulk_create(
        [
            Generation(
                workspace=job.workspace,
                requested_by=job.requested_by,
                workflow=job.workflow,
                api_key=job.api_key,
                title=f"Copy {number}",
                media_kind="image",
                model_id=job.model_id,
                body=job.body,
                estimated_credits=1,
                final_credits=0,
                status="failed",
                error_code="generation_failed",
                finished_at=moment,
                next_check_at=None,
            )
            for number in range(count)
        ]
    )


@pytest.mark.parametrize("sort", ["", "oldest"])
def test_the_pages_hold_every_row_once(shop, seller, support, client_of, sort):
    many(shop, troubles.failed(shop, seller), 2 * listing.PAGE_SIZE)
    browser = client_of(support)
    seen: list[str] = []
    asked = {"kind": "failed", "sort": sort}
    for _page in range(3):
        answer = page(browser, **asked)
        seen += titles(answer)
        asked["after"] = answer.context["pages"]["after"]
    assert (len(seen), len(set(seen)), asked["after"]) == (61, 61, "")
    before = answer.context["pages"]["before"]
    back = page(browser, kind="failed", sort=sort, before=before)
    assert titles(back) == seen[listing.PAGE_SIZE : 2 * listing.PAGE_SIZE]


def test_a_place_that_is_none_is_the_beginning(shop, seller, support, client_of):
    job = troubles.failed(shop, seller)
    for word in ("x", "2026-01-01~x", f"{clock.now().isoformat()}~x", "~"):
        assert titles(page(client_of(support), kind="failed", after=word)) == [job.reference]


def queries_of(browser: Any, kind: str) -> int:
    page(browser, kind=kind)  # whatever is cached is cached now
    with CaptureQueriesContext(
        connection,
    ) as captured:
        page(browser, kind=kind)
    return len(captured)


def test_a_page_costs_the_same_however_long_the_list_is(shop, seller, support, client_of):
    job = troubles.failed(shop, seller)
    troubles.stuck(shop, seller)
    browser = client_of(support)
    few = queries_of(browser, "failed")
    many(shop, job, 3 * listing.PAGE_SIZE)
    assert queries_of(browser, "failed") == few


def test_the_first_page_of_support_leads_to_the_desk(shop, seller, support, owner, client_of):
    troubles.failed(shop, seller)
    for member in (support, owner):
        said = client_of(member).get(reverse("home")).content.decode()
        assert f"{reverse('desk:index')}?kind=failed" in said
    assert reverse("desk:index") not in client_of(seller).get(reverse("home")).content.decode()
