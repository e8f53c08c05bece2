"""Sending drafts for review from their pages, and withdrawing them."""

from datetime import timedelta

import pytest
from django.urls import reverse

from rivya_app.reviews import queue
from rivya_app.reviews.models import Review
from tests.reviewing import asked, decided, results_of


@pytest.fixture
def finished(shop, seller):
    brief = shop.submit(seller, draft_count=2)
    shop.finish(brief)
    return brief


def jobs_of(brief):
    drafts = brief.drafts.select_related("generation").order_by("position")
    return [draft.generation.public_id for draft in drafts]


def test_one_press_sends_a_draft(finished, client_of, seller):
    job = jobs_of(finished)[0]
    client = client_of(seller)
    answer = client.post(reverse("reviews:ask"), {"job": job}, follow=True)
    review = Review.objects.get()
    assert (review.requested_by, review.generation.public_id) == (seller, job)
    assert answer.redirect_chain == [(reverse("briefs:show-brief", args=[finished.public_id]), 302)]
    assert "Sent for review." in answer.content.decode()
    client.post(reverse("reviews:ask"), {"job": job})
    assert Review.objects.count() == 1


def test_several_drafts_are_ticked_on_the_briefs_page_and_sent_with_a_note_and_a_day(
    finished, client_of, seller
):
    client = client_of(seller)
    page = client.get(reverse("briefs:show-brief", args=[finished.public_id])).content.decode()
    for job in jobs_of(finished):
        assert f'name="job" value="{job}" form="several"' in page
    form = client.get(reverse("reviews:ask"), {"job": jobs_of(finished)}).content.decode()
    files = [str(file.public_id) for file in results_of(finished)]
    assert all(f'name="file" value="{file}" checked' in form for file in files)
    day = queue.today() + timedelta(days=3)
    fields = {"is_form": "1", "job": jobs_of(finished), "file": files, "note": "Left first"}
    client.post(reverse("reviews:ask"), {**fields, "due_on": day.isoformat()})
    rows = Review.objects.all()
    assert {(row.note, row.due_on) for row in rows} == {("Left first", day)}
    assert len(rows) == 2


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"due_on": "2020-01-01"}, "This day is over"),
        ({"due_on": "soon"}, "Enter a valid date"),
        ({"file": []}, "Choose at least one."),
        ({"note": "x" * 2001}, "at most 2000"),
    ],
)
def test_a_mistake_keeps_what_was_typed(finished, client_of, seller, wrong, words):
    file = str(results_of(finished)[0].public_id)
    fields = {"is_form": "1", "job": jobs_of(finished), "file": file, "note": "Left first"}
    answer = client_of(seller).post(reverse("reviews:ask"), {**fields, **wrong})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert "Left first" in page or "note" in wrong
    assert Review.objects.count() == 0


def test_of_several_results_one_has_to_choose(shop, client_of, seller):
    shop.rivya.fault("many", count=2)
    brief = shop.submit(seller)
    shop.finish(brief)
    job = jobs_of(brief)[0]
    files = results_of(brief)
    assert len(files) == 2
    client = client_of(seller)
    answer = client.post(reverse("reviews:ask"), {"job": job})
    assert answer.url == f"{reverse('reviews:ask')}?job={job}"
    assert Review.objects.count() == 0
    page = client.get(answer.url).content.decode()
    assert f'name="file" value="{files[0].public_id}"' in page
    assert 'checkbox" name="file"' in page
    assert " checked" not in page
    client.post(reverse("reviews:ask"), {"is_form": "1", "job": job, "file": files[1].public_id})
    assert Review.objects.get().file == files[1]


def test_only_results_of_the_named_jobs_are_sent(finished, shop, client_of, seller):
    other = shop.submit(seller)
    shop.finish(other)
    file = results_of(other)[0].public_id
    fields = {"is_form": "1", "job": jobs_of(finished)[0], "file": file}
    assert client_of(seller).post(reverse("reviews:ask"), fields).status_code == 422
    assert Review.objects.count() == 0


def test_a_stranger_finds_no_such_job(finished, client_of, stranger):
    for method in ("get", "post"):
        ask = getattr(client_of(stranger), method)
        assert ask(reverse("reviews:ask"), {"job": jobs_of(finished)[0]}).status_code == 404


def test_the_seller_withdraws_and_sends_again(shop, client_of, seller):
    review = asked(shop, seller)
    client = client_of(seller)
    client.post(reverse("reviews:withdraw", args=[review.public_id]))
    review.refresh_from_db()
    assert review.state == "withdrawn"
    client.post(reverse("reviews:ask"), {"job": review.generation.public_id})
    assert Review.objects.filter(state="pending").count() == 1


def test_what_was_decided_meanwhile_is_not_withdrawn(shop, client_of, seller, manager):
    review = asked(shop, seller)
    decided(manager, review)
    address = reverse("reviews:withdraw", args=[review.public_id])
    page = client_of(seller).post(address, follow=True).content.decode()
    assert "Someone already did this: Meera Manager approved it" in page
    review.refresh_from_db()
    assert review.state == "approved"
