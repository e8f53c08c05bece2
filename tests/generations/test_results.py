"""What pages show of results: several of them, beside each other, here and gone."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rivya_app.generations import viewing
from rivya_app.generations.viewing import Wanted
from rivya_app.library import derivatives, jobs, uses, vault
from rivya_app.library.models import Derivative, StoredFile
from tests.library.conftest import Server, body, picture


@pytest.fixture
def server():
    this = Server()
    yield this
    this.close()


@pytest.fixture
def job(shop, seller):
    shop.rivya.fault("instant")
    return shop.finish(shop.submit(seller))


@pytest.fixture
def several(job, seller, server):
    """Two further results of the job, the last one large."""
    server.answers["/1"] = body(picture(300, 200))
    server.answers["/2"] = body(picture(2400, 1200))
    links = ["http://none.example/", f"{server.url}/1", f"{server.url}/2"]
    with transaction.atomic():
        vault.expect(
            workspace=job.workspace, made_by=seller, source=job.reference, urls=links,
            expected_kind="image", title=job.title,
        )  # fmt: skip
    for file in StoredFile.objects.filter(state="pending"):
        jobs.copy(file.pk)
    for row in Derivative.objects.filter(state="pending"):
        derivatives.make(row.pk)
    return list(StoredFile.objects.filter(source=job.reference).order_by("position"))


def page(browser, job, query="", route="view-results"):
    answer = browser.get(f"{reverse(f'generations:{route}', args=[job.public_id])}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def looked(member, job, **wanted):
    return viewing.viewer(member, job.public_id, Wanted(**wanted))


def asked(url):
    return {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}


def test_it_shows_every_result_and_leads_to_each_in_large(several, job, seller, client_of):
    html = page(client_of(seller), job, route="show-job")
    for number, file in enumerate(several, start=1):
        assert f"/view/?file={number}" in html
        assert file.download_url in html
        assert f'alt="{job.title}, result {number}"' in html
    assert several[2].web_url.endswith("/made/web/")
    assert f'src="{several[2].web_url}"' in html


def test_it_turns_from_one_result_to_the_next(several, job, seller):
    first, middle, last = (looked(seller, job, number=number) for number in (1, 2, 3))
    assert (first.previous_url, last.next_url) == ("", "")
    assert asked(middle.previous_url)["file"] == "1"
    assert asked(middle.next_url)["file"] == "3"
    assert [step.is_chosen for step in middle.steps] == [False, True, False]


def test_it_shows_the_first_where_the_address_makes_no_sense(several, job, seller, client_of):
    browser = client_of(seller)
    for query in ("?file=9", "?file=0", "?file=-1", "?file=x", "?file=²", "?with=%00", "?mode=x"):
        html = page(browser, job, query)
        assert several[0].url in html
        assert 'data-mode="side" data-zoom="fit"' in html


def test_it_compares_with_what_belongs_to_the_job_and_with_nothing_else(
    several, job, seller, shop, client_of
):
    other = shop.finish(shop.submit(seller))
    foreign = StoredFile.objects.get(source=other.reference)
    mine = looked(seller, job, number=2, beside=str(several[0].public_id))
    assert [pane.file.pk for pane in mine.panes] == [several[1].pk, several[0].pk]
    assert len(looked(seller, job, beside=str(foreign.public_id)).panes) == 1
    assert len(looked(seller, job, beside=str(several[0].public_id)).panes) == 1  # with itself
    html = page(client_of(seller), job, f"?file=2&with={several[0].public_id}&mode=wipe&zoom=200")
    assert 'data-mode="wipe" data-zoom="200"' in html
    assert 'width="600" height="400"' in html  # 300 by 200, twice as large without a script


def test_it_compares_with_the_reference_and_with_other_attempts(several, job, seller, shop):
    reference, later = shop.finish(shop.submit(seller)), shop.finish(shop.submit(seller))
    later.parent = job
    later.save(update_fields=["parent"])
    with transaction.atomic():
        uses.take(
            job.reference, StoredFile.objects.filter(source=reference.reference), title="", path=""
        )
    words = [choice.words for choice in looked(seller, job).partners]
    assert words == ["Reference 1", "Result 2", "Result 3", "Later attempt, result 1"]
    assert "Earlier attempt, result 1" in [each.words for each in looked(seller, later).partners]


def test_it_keeps_what_is_compared_while_turning_but_never_shows_it_twice(several, job, seller):
    beside = str(several[0].public_id)
    viewer = looked(seller, job, number=2, beside=beside, mode="wipe", zoom="100")
    assert asked(viewer.next_url) == {"file": "3", "with": beside, "mode": "wipe", "zoom": "100"}
    assert "with" not in asked(viewer.previous_url)


def test_it_has_nothing_to_look_at_before_a_result_is_here(shop, seller, client_of):
    job = shop.job(shop.submit(seller))
    address = reverse("generations:view-results", args=[job.public_id])
    assert client_of(seller).get(address).status_code == 404


def test_it_says_what_became_of_a_removed_result(several, job, seller, owner, client_of):
    several[1].state = "removed"
    several[1].removed_by, several[1].removed_at = owner, several[1].stored_at
    several[1].save()
    html = page(client_of(seller), job, route="show-job")
    assert several[1].removed_words in html
    assert several[1].url not in html
    assert [step.file.pk for step in looked(seller, job).steps] == [several[0].pk, several[2].pk]


def test_it_asks_the_database_as_often_for_many_results_as_for_one(
    job, seller, server, client_of, request
):
    browser = client_of(seller)
    counts = []
    for name in ("job", "several"):
        request.getfixturevalue(name)
        for route in ("view-results", "show-job"):
            page(browser, job, route=route)
            with CaptureQueriesContext(connection) as seen:
                page(browser, job, route=route)
            counts.append(len(seen))
    assert counts[:2] == counts[2:]


@pytest.mark.parametrize(("kind", "model_id"), [("video", "kling-2-6"), ("audio", "suno-music")])
def test_it_plays_recordings_in_the_page_and_names_their_downloads(
    shop, seller, client_of, kind, model_id
):
    shop.rivya.fault("instant")
    brief = shop.submit(seller, media_kind=kind, model_id=model_id, params={})
    job = shop.finish(brief)
    browser = client_of(seller)
    waiting = page(browser, job, route="show-job")
    for row in Derivative.objects.filter(state="pending"):
        derivatives.make(row.pk)
    html = page(browser, job, route="show-job")
    file = StoredFile.objects.filter(source=job.reference).earliest("position")
    assert "js/player.js" in html
    assert f'<{kind} src="{file.url}" controls' in html
    if kind == "video":
        assert f'poster="{file.poster_url}"' in html
        assert file.poster_url != file.thumbnail_url
    else:
        assert "<sound-wave" in html
        over = '<div id="live" hidden></div>'  # the page asks until the drawing is there
        assert over not in waiting
        assert over in html
    said = browser.get(file.download_url)
    said.close()
    assert said.headers["Content-Disposition"].endswith({"video": '.mp4"', "audio": '.mp3"'}[kind])
    for path in ("/", reverse("briefs:index")):
        shown = browser.get(path).content.decode()
        assert "<audio" not in shown  # nothing to press inside of a link
        assert "<video" not in shown
