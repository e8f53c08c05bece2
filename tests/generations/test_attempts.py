"""Asking again for the same attempt: what its page says, and what never looks like a failure."""

import pytest

from rivya_app.generations import actions, jobs
from rivya_app.generations.differences import MOST_WORDS, _words
from rivya_app.generations.models import Generation


@pytest.fixture
def uncertain(shop, seller):
    """A job whose first send was cut after Rivya took it."""
    shop.rivya.fault("cut_after", on=["generations.create"])
    job = shop.job(shop.submit(seller))
    jobs.submit(job.public_id)
    shop.rivya.clear_faults()
    job.refresh_from_db()
    assert job.is_uncertain
    return job


def pages(browser, job):
    brief = job.draft.brief
    addresses = (f"/jobs/{job.public_id}/", f"/briefs/{brief.public_id}/", "/briefs/", "/")
    return [browser.get(address).content.decode() for address in addresses]


def test_an_uncertain_job_is_checking_with_rivya_everywhere_and_failed_nowhere(
    uncertain, seller, client_of
):
    browser = client_of(seller)
    for page in pages(browser, uncertain):
        assert "Checking with Rivya" in page
        assert "state-failed" not in page
    assert "Hand-thrown" in browser.get("/briefs/?state=open").content.decode()
    assert "Hand-thrown" not in browser.get("/briefs/?state=failed").content.decode()


def test_the_page_says_that_sending_again_cannot_charge_twice(uncertain, seller, client_of):
    page = client_of(seller).get(f"/jobs/{uncertain.public_id}/").content.decode()
    assert "it cannot be charged twice" in page
    assert "Send again now" in page


def test_sending_again_by_hand_finds_the_one_task_and_the_page_says_so(
    shop, uncertain, seller, client_of
):
    actions.look_now(member=seller, public_id=uncertain.public_id)
    done = shop.finish(uncertain.draft.brief)
    assert len(set(shop.sends())) == 1
    assert (len(shop.rivya.tasks()), done.submit_count) == (1, 2)
    page = client_of(seller).get(f"/jobs/{done.public_id}/").content.decode()
    assert "One job at Rivya, asked for 2 times with the same number." in page
    main_text = page.split('<details class="card fold">')[0]
    assert done.task_id not in main_text
    assert done.task_id in page


def test_a_job_that_needs_a_look_says_so_on_every_page(shop, uncertain, seller, client_of):
    Generation.objects.update(needs_look=True, look_reason="no_answer")
    for page in pages(client_of(seller), uncertain):
        assert "Needs a look" in page
        assert "state-failed" not in page


def test_the_words_of_two_texts_are_told_apart():
    pieces = [(piece.kind, piece.text) for piece in _words("a blue mug", "a green mug")]
    assert pieces == [("same", "a "), ("removed", "blue "), ("added", "green "), ("same", "mug")]


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        ("", "new", ["added"]),
        ("old", "", ["removed"]),
        ("same", "same", []),
        ("two  spaces", "two spaces", []),
        ("a " * (MOST_WORDS + 1), "b", ["removed", "added"]),
    ],
)
def test_what_is_new_what_is_gone_and_what_is_too_long_to_compare(before, after, kinds):
    assert [piece.kind for piece in _words(before, after)] == kinds


@pytest.mark.parametrize(
    ("said", "ratio"),
    [
        ("3:4", (3, 4)),
        ("1024x1536", (2, 3)),
        ("1536 × 1024", (3, 2)),
        ("portrait_16_9", (9, 16)),
        ("landscape_16_9", (16, 9)),
        ("square_hd", (1, 1)),
        ("auto", None),
        ("0:0", None),
    ],
)
def test_it_reads_proportions_however_a_model_writes_them(said, ratio):
    from rivya_app.generations.cards import _ratio_in

    assert _ratio_in(said) == ratio
