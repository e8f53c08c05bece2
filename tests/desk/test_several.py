"""One act for several things: the preview is what happens, and each row says what came of it."""

from typing import Any

from django.urls import reverse

from rivya_app.desk import bulk
from rivya_app.desk.models import Handled
from rivya_app.generations.models import Generation
from tests.desk import troubles
from tests.desk.test_lists import many
from tests.shop import Shop

URL = reverse("desk:several")


def preview(browser: Any, act: str, kind: str, refs: list[str], **more: str) -> Any:
    return browser.post(URL, {"act": act, "kind": kind, "ref": refs, **more})


def confirm(browser: Any, shown: Any, act: str, kind: str, **more: str) -> Any:
    refs = [line.reference for line in shown.context["able"]]
    return browser.post(URL, {"act": act, "kind": kind, "ref": refs, "confirmed": "1", **more})


def held(shop: Shop) -> int:
    shop.workspace.credit_account.refresh_from_db()
    return int(shop.workspace.credit_account.held)


def test_the_preview_is_what_happens(shop, seller, support, client_of):
    unsure = troubles.uncertain(shop, seller)
    sure = [troubles.key_refused(shop, seller) for _number in range(2)]
    refs = [job.reference for job in (*sure, unsure)]
    browser = client_of(support)
    shown = preview(browser, "release", "waiting", [*refs, "generation:nothing", "brief:x"])
    assert [line.reference for line in shown.context["able"]] == refs[:2]
    assert len(shown.context["left_out"]) == 3
    assert held(shop) == 3  # looking changes nothing
    assert confirm(browser, shown, "release", "waiting").status_code == 422  # no reason
    done = confirm(browser, shown, "release", "waiting", reason="The key is gone")
    assert [line.reference for line in done.context["changed"]] == refs[:2]
    assert held(shop) == 1
    again = confirm(browser, shown, "release", "waiting", reason="The key is gone")
    assert (again.context["changed"], len(again.context["left_out"])) == ([], 2)
    assert held(shop) == 1


def test_one_that_went_on_meanwhile_holds_up_no_other(shop, seller, support, client_of):
    first, second = troubles.failed(shop, seller), troubles.stuck(shop, seller)
    third = troubles.stuck(shop, seller)
    browser = client_of(support)
    for job in (second, third):
        troubles.later(job)
    shown = preview(browser, "ask", "stuck", [second.reference, third.reference])
    shop.rivya.finish(second.task_id, "succeeded")
    Generation.objects.filter(pk=second.pk).update(
        status="failed", finished_at=first.finished_at, next_check_at=None, needs_look=False
    )
    done = confirm(browser, shown, "ask", "stuck")
    assert [line.reference for line in done.context["changed"]] == [third.reference]
    assert [line.why for line in done.context["left_out"]] == ["The job is over."]


def test_the_press_carries_names_and_not_the_filter(shop, seller, support, client_of):
    job = troubles.failed(shop, seller)
    browser = client_of(support)
    shown = preview(browser, "handle", "failed", [], all="1")
    later = troubles.failed(shop, seller)
    confirm(browser, shown, "handle", "failed", all="1")
    assert [mark.reference for mark in Handled.objects.all()] == [job.reference]
    assert later.reference != job.reference


def test_it_takes_no_more_than_it_says(shop, seller, support, client_of):
    many(shop, troubles.failed(shop, seller), bulk.MOST_AT_ONCE + 5)
    browser = client_of(support)
    shown = preview(browser, "handle", "failed", [], all="1")
    assert (len(shown.context["able"]), shown.context["is_full"]) == (bulk.MOST_AT_ONCE, True)
    confirm(browser, shown, "handle", "failed")
    assert Handled.objects.count() == bulk.MOST_AT_ONCE


def test_what_the_list_does_not_have_cannot_be_asked_for(shop, seller, support, client_of):
    job = troubles.stuck(shop, seller)
    browser = client_of(support)
    for act in ("copy", "release_unsure", "nothing"):
        answer = preview(browser, act, "stuck", [job.reference], confirmed="1")
        assert (answer.status_code, answer.url) == (302, reverse("desk:index"))


def test_another_workspaces_things_are_left_out(shop, seller, stranger, client_of):
    job = troubles.failed(shop, seller)
    browser = client_of(stranger)
    shown = preview(browser, "handle", "failed", [job.reference])
    assert shown.context["able"] == []
    assert job.title not in shown.content.decode()
    browser.post(URL, {"act": "handle", "kind": "failed", "ref": job.reference, "confirmed": "1"})
    assert not Handled.objects.exists()
